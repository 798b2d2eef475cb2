"""Cash application from the command line: everything that belongs to a payment in one line, one record a command."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.broker.company import Company


def document(firm: Company, kind: str, amount: str, party: str = "party:4") -> str:
    """The number of a new document made by accounting, synced."""
    body = {"party": party, "amount": amount, "currency": "EUR"}
    number = firm.account("POST", f"/v1/accountant/{kind}", body)["rows"][0]["number"]
    firm.ask("sync", wait=True)
    return str(number)


def item(firm: Company, number: str) -> dict[str, Any]:
    """As the broker shows it, checked against the ledger's own figure."""
    row: dict[str, Any] = firm.ask("show", id=number)["item"]
    assert firm.row(row["id"])["residual"] == row["residual"]
    return row


def test_a_payment_is_settled_in_one_line(firm: Company) -> None:
    """Netted credit, discount, write-off, dispute and refund: one line of id and state a command, the ledger has it all."""
    one, two, three = (document(firm, "invoices", amount) for amount in ("500.00", "300.00", "200.00"))
    credit, payment = document(firm, "credits", "60.00"), document(firm, "payments", "900.00")
    ran = firm.cli(
        *("apply", payment, "--to", f"{one}=490.00", "--to", f"{two}=296.00", "--to", f"{three}=150.00"),
        *("--discount", f"{one}=10.00", "--credit", f"{credit}=60.00", "--short", f"{two}=writeoff:small"),
        *(
            "--short",
            f"{three}=dispute:not delivered",
            "--rest",
            "refund",
            "--note",
            "asked by mail",
            "--wait",
        ),
    )
    assert ran.status == 0, ran.err
    lines = [line.split() for line in ran.out.splitlines()]
    assert [state for _, state in lines] == ["posted"] * 6
    assert {len(key) for key, _ in lines} == {32}
    assert [item(firm, number)["open"] for number in (one, two, three, credit, payment)] == [
        *("0.00", "0.00", "50.00", "0.00", "-24.00")
    ]
    assert item(firm, three)["dispute"] == "not delivered"
    assert "refund of 24.00 EUR requested: asked by mail" in ran.err


def test_an_order_of_several_is_one_object_with_all_of_them(firm: Company) -> None:
    """As JSON the first command with all in ``commands``, as CSV a row each; one that needs approval is no failure."""
    invoice, payment = document(firm, "invoices", "500.00"), document(firm, "payments", "400.00")
    words = ("apply", payment, "--to", f"{invoice}=400.00", "--short", f"{invoice}=writeoff:PRICE")
    ran = firm.cli(*words, "--wait", "--format", "json", "--intent", f"one-order-{payment}")
    assert ran.status == 0, ran.err
    made = ran.json
    assert [row["state"] for row in made["commands"]] == ["posted", "pending"]
    assert (made["id"], made["state"]) == (made["commands"][0]["id"], "posted")
    assert "waits for approval" in ran.err
    again = firm.cli(*words, "--format", "csv", "--intent", f"one-order-{payment}")
    rows = [line.split(",")[0] for line in again.out.splitlines()]
    assert rows == ["id", *(row["id"] for row in made["commands"])]
    undone = firm.cli("undo", made["id"])
    assert undone.status == 0
    assert f"taken back with it: {made['commands'][1]['words']}" in undone.err
    assert item(firm, invoice)["open"] == "100.00"


def test_the_worst_outcome_is_the_exit_status(firm: Company) -> None:
    """The application is posted, of the write-off behind it nobody knows: exit status 4, both are printed."""
    invoice, payment = document(firm, "invoices", "100.00"), document(firm, "payments", "95.00")
    firm.faults({"kind": "status", "path": "/v1/orders", "method": "POST", "status": 403, "skip": 1})
    try:
        ran = firm.cli(
            *("apply", payment, "--to", f"{invoice}=95.00", "--short", f"{invoice}=writeoff:SMALL", "--wait")
        )
        assert firm.hits() == 1
    finally:
        firm.faults()
    assert [line.split()[1] for line in ran.out.splitlines()] == ["posted", "unknown"]
    assert (ran.status, "→" in ran.err) == (4, True)


def test_a_suggestion_is_taken_with_a_difference(firm: Company) -> None:
    """--short says what becomes of a line of the suggestion, by its number."""
    invoice = document(firm, "invoices", "333.21", "party:11")
    payment = document(firm, "payments", "330.00", "party:11")
    suggested = firm.cli("suggest", payment, "--format", "json").json
    rank = next(
        row["rank"]
        for row in suggested
        if [(line["number"], line["amount"]) for line in row["lines"]] == [(invoice, "330.00")]
    )
    ran = firm.cli(
        *("apply", payment, "--suggestion", str(rank), "--short", f"{invoice}=dispute:price", "--wait")
    )
    assert ran.status == 0, ran.err
    assert (item(firm, invoice)["open"], item(firm, invoice)["dispute"]) == ("3.21", "price")


def test_a_payment_is_applied_as_its_remittance_says(firm: Company, tmp_path: Path) -> None:
    """A file of one invoice and amount a line: its part payments are what no sum could tell."""
    one, two = (document(firm, "invoices", amount, "party:12") for amount in ("410.10", "520.20"))
    payment = document(firm, "payments", "600.00", "party:12")
    advice = tmp_path / "advice.csv"
    advice.write_text(f"invoice;amount\n{one};350,00\n{two};250,00\n", "utf-8")
    ran = firm.cli("apply", payment, "--suggestion", "1", "--remittance", str(advice), "--wait")
    assert ran.status == 0, ran.err
    assert (item(firm, one)["open"], item(firm, two)["open"]) == ("60.10", "270.20")


def test_what_of_a_remittance_is_not_followed_is_said_as_it_is_applied(firm: Company, tmp_path: Path) -> None:
    """The same words as `arqueue suggest` has."""
    invoice, payment = (document(firm, kind, "77.10", "party:12") for kind in ("invoices", "payments"))
    advice = tmp_path / "advice.csv"
    advice.write_text(f"invoice;amount;currency\n{invoice};77,10;SEK\n", "utf-8")
    ran = firm.cli("apply", payment, "--suggestion", "1", "--remittance", str(advice), "--wait")
    assert ran.status == 0, ran.err
    assert "the advice is in SEK, the payment in EUR: its amounts are left out" in ran.err


def test_an_allocation_is_moved(firm: Company) -> None:
    """Whole, to the invoice that it belongs to."""
    wrong, right = document(firm, "invoices", "100.00"), document(firm, "invoices", "100.00")
    payment = document(firm, "payments", "100.00")
    assert firm.cli("apply", payment, "--to", f"{wrong}=100.00", "--wait").status == 0
    (allocation,) = firm.ask("show", id=payment)["applied"]
    ran = firm.cli("move", allocation["id"], "--to", right, "--wait", "--format", "json")
    assert ran.status == 0, ran.err
    assert [row["op"] for row in ran.json["commands"]] == ["unapply", "apply"]
    assert (item(firm, wrong)["open"], item(firm, right)["open"]) == ("100.00", "0.00")


@pytest.mark.parametrize(
    "ending", [("--as", "valid"), ("--as=invalid",), ("--outcome", "valid")], ids=" ".join
)
def test_a_dispute_is_opened_and_resolved(firm: Company, ending: tuple[str, ...]) -> None:
    """`dispute ITEM` opens, `dispute resolve ITEM` ends; there --as says how, and before the command still as whom to act."""
    invoice = document(firm, "invoices", "80.00")
    assert firm.cli("dispute", "--reason", "price", invoice, "--amount", "30.00", "--wait").status == 0
    assert item(firm, invoice)["dispute"] == "price"
    ran = firm.cli("dispute", "resolve", invoice, *ending, "--wait", "--format", "json", act_as="ben")
    assert (ran.status, ran.json["state"], ran.json["actor"]) == (0, "posted", "ben")
    assert item(firm, invoice)["dispute"] == ""


def test_a_payment_is_identified(firm: Company) -> None:
    """By the customer's code."""
    payment = document(firm, "payments", "12.00")
    ran = firm.cli("identify", payment, "--customer", "C-00003", "--wait")
    assert ran.status == 0, ran.err
    assert item(firm, payment)["party_id"] == "party:3"


def test_a_payment_that_is_used_up_says_so(firm: Company) -> None:
    """Instead of nothing at all."""
    invoice, payment = document(firm, "invoices", "20.00"), document(firm, "payments", "20.00")
    assert firm.cli("apply", payment, "--to", f"{invoice}=20.00", "--wait").status == 0
    assert f"nothing of {payment} is left to apply" in firm.cli("suggest", payment).err


REFUSED: list[tuple[int, str, tuple[str, ...]]] = [
    (1, "invalid", ("apply", "PAY-7081", "--to", "INV-7081=1.00", "--discount", "INV-7081")),
    (1, "invalid", ("apply", "PAY-7081", "--to", "INV-7081=1.00", "--discount", "INV-7082=1.00")),
    (1, "invalid", ("apply", "PAY-7081", "--to", "INV-7081=1.00", "--discount", "INV-7081=1,00")),
    (1, "invalid", ("apply", "PAY-7081", "--to", "INV-7081=1.00", "--short", "INV-7081=forget")),
    (1, "invalid", ("apply", "PAY-7081", "--to", "INV-7081=1.00", "--short", "INV-7081=writeoff:")),
    (1, "invalid", ("apply", "PAY-7081", "--to", "INV-7081=1.00", "--short", "INV-7082=open")),
    (1, "refused", ("apply", "PAY-7081", "--to", "INV-7081=1.00", "--short", "INV-7081=writeoff:NOPE")),
    (1, "invalid", ("apply", "PAY-7081", "--to", "INV-7081=1.00", "--short", "INV-7081=dispute")),
    (1, "refused", ("apply", "PAY-7081", "--to", "INV-7081=1.00", "--discount", "INV-7081=9999.00")),
    (1, "refused", ("apply", "PAY-7081", "--to", "INV-7081=1.00", "--credit", "INV-7082=1.00")),
    (1, "not_found", ("apply", "PAY-7081", "--to", "INV-7081=1.00", "--credit", "CN-none=1.00")),
    (2, "usage", ("apply", "PAY-7081", "--to", "INV-7081=1.00", "--rest", "keep")),
    (1, "not_found", ("move", "allocation:999999", "--to", "INV-7081")),
    (2, "usage", ("move", "allocation:1")),
    (1, "refused", ("dispute", "INV-7081", "--reason", " ")),
    (1, "refused", ("dispute", "PAY-7081", "--reason", "price")),
    (1, "refused", ("dispute", "resolve", "INV-7081", "--outcome", "valid")),
    (2, "usage", ("dispute", "INV-7081")),
    (2, "usage", ("dispute", "resolve", "INV-7081", "--outcome", "perhaps")),
    (1, "refused", ("identify", "INV-7081", "--customer", "C-00003")),
    (1, "not_found", ("identify", "PAY-7081", "--customer", "C-none")),
]


@pytest.mark.parametrize("status, code, words", REFUSED, ids=[" ".join(words) for _, _, words in REFUSED])
def test_what_is_refused_says_why_and_what_to_do(
    firm: Company, status: int, code: str, words: tuple[str, ...]
) -> None:
    """In words with a hint, and as JSON; nothing is stored."""
    before = firm.ask("outbox")["total"]
    ran = firm.door(*words, "--format", "json")
    assert (ran.status, ran.json["error"]["code"]) == (status, code), ran.err
    assert "→" in ran.err
    assert firm.ask("outbox")["total"] == before
