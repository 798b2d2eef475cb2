"""Wrong amounts, items and advices in cash application: each is an error in words with a remedy, and neither store nor ledger has
anything of it afterwards."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from arqueue.errors import ArqueueError, Invalid, Refused
from tests.broker.company import Company, Ran, until

_PARTY = "party:5"
_FAILED = {"invalid", "refused"}


@dataclass(frozen=True, slots=True)
class Document:
    """One in the ledger."""

    id: str
    number: str


def document(firm: Company, kind: str, amount: str, **more: Any) -> Document:
    """Made by accounting and known to nobody here yet."""
    body = {"party": _PARTY, "amount": amount, "currency": "EUR", **more}
    row = firm.account("POST", f"/v1/accountant/{kind}", body)["rows"][0]
    return Document(row["id"], row["number"])


@dataclass(frozen=True, slots=True)
class Case:
    """A payment of 100.00 and two invoices and a credit note that it may go with."""

    firm: Company
    payment: Document
    one: Document
    two: Document
    note: Document

    def residuals(self) -> list[str]:
        """What the ledger says is open."""
        return [self.firm.row(each.id)["residual"] for each in (self.payment, self.one, self.two, self.note)]

    def stored(self) -> int:
        """Commands in the store."""
        return int(self.firm.ask("outbox")["total"])

    @contextmanager
    def untouched(self) -> Iterator[None]:
        """Neither the ledger nor the store has anything of what happens inside."""
        before = (self.residuals(), self.stored())
        yield
        assert (self.residuals(), self.stored()) == before


@pytest.fixture(scope="module")
def case(firm: Company) -> Case:
    """Nothing in this file that uses it changes it."""
    made = Case(
        firm,
        document(firm, "payments", "100.00"),
        document(firm, "invoices", "80.00"),
        document(firm, "invoices", "60.00"),
        document(firm, "credits", "10.00"),
    )
    firm.ask("sync", wait=True)
    return made


def refused(ran: Ran, *named: str) -> None:
    """Status 1, an error that names what is wrong, and a remedy; for a person and for a program."""
    assert ran.status == 1, (ran.out, ran.err)
    error = ran.json["error"]
    assert error["code"] in _FAILED, error
    assert error["hint"]
    assert "→" in ran.err
    for words in named:
        assert words in error["message"], error


# ---- amounts

AMOUNTS = {
    "nothing": "0",
    "nothing with cents": "0.00",
    "less than nothing": "-1.00",
    "less than nothing, small": "-0.00",
    "a comma": "1,00",
    "thousands apart": "1,000.00",
    "an exponent": "1e1",
    "not a number": "NaN",
    "no end": "Infinity",
    "a third of a cent": "1.001",
    "words": "ten",
    "figures of another script": "١٢",
    "a blank within": "1 0",
    "hexadecimal": "0x10",
    "thirty figures": "9" * 30,
    "more figures than anybody has": "9" * 400,
    "more than is open": "80.01",
}


@pytest.mark.parametrize("text", AMOUNTS.values(), ids=AMOUNTS)
def test_an_amount_that_is_none_is_applied_to_nothing(case: Case, text: str) -> None:
    """On the command line: to an invoice beside one that is right, which is not paid either."""
    with case.untouched():
        to = ("--to", f"{case.two.number}=10.00", "--to", f"{case.one.number}={text}")
        refused(case.firm.door("apply", case.payment.number, *to, "--format", "json"))


@pytest.mark.parametrize("text", AMOUNTS.values(), ids=AMOUNTS)
@pytest.mark.parametrize("place", ["line", "discount", "short", "credit"])
def test_an_amount_that_is_none_is_refused_wherever_it_stands(case: Case, place: str, text: str) -> None:
    """By the broker, whatever a face lets through: as what is paid, as discount, as write-off, as what is netted."""
    line: dict[str, Any] = {"item": case.one.id, "amount": "70.00"}
    order: dict[str, Any] = {"op": "settle", "payment": case.payment.id, "lines": [line]}
    if place == "line":
        line["amount"] = text
    elif place == "discount":
        line["discount"] = text if text.strip("0.") else "-1.00"  # no discount is none
    elif place == "short":
        line["short"] = {"how": "writeoff", "reason": "SMALL", "amount": text}
    else:
        order["credits"] = [{"item": case.note.id, "amount": text}]
    with case.untouched():
        seen = said(case.firm, "submit", intent=f"bad-{place}-0001", command=order)
        assert seen.code in _FAILED
        assert seen.hint, seen.message
        if seen.code == "invalid":
            assert said(case.firm, "review", command=order).message == seen.message
        else:
            review = case.firm.ask("review", command=order)
            assert (review["verdict"], review["rule"]) == ("refused", "positive amounts") or review["reason"]


def said(firm: Company, method: str, **params: Any) -> ArqueueError:
    """What the broker refuses with."""
    with pytest.raises(ArqueueError) as caught:
        firm.ask(method, **params)
    return caught.value


def test_more_than_the_payment_has_is_not_applied(case: Case) -> None:
    """Each line fits, together they do not: the error has both sums."""
    with case.untouched():
        to = ("--to", f"{case.one.number}=80.00", "--to", f"{case.two.number}=20.01")
        refused(case.firm.door("apply", case.payment.number, *to, "--format", "json"), "100.01", "100.00")


# ---- items


def test_a_payment_in_another_currency_is_not_applied(case: Case) -> None:
    """Both currencies are named, and where it can be done."""
    dollars = document(case.firm, "payments", "80.00", currency="USD")
    case.firm.ask("sync", wait=True)
    with case.untouched():
        to = ("--to", f"{case.one.number}=80.00")
        refused(case.firm.door("apply", dollars.number, *to, "--format", "json"), "EUR", "USD")
        assert case.firm.row(dollars.id)["residual"] == "-80.00"


def test_closed_items_are_not_applied_to_or_from(case: Case) -> None:
    """An invoice that is paid takes nothing, a payment that is used up gives nothing; each is named."""
    firm = case.firm
    paid, used = document(firm, "invoices", "50.00"), document(firm, "payments", "50.00")
    body = {"credit": used.id, "debit": paid.id, "amount": "50.00"}
    firm.account("POST", "/v1/accountant/applications", body)
    firm.ask("sync", wait=True)
    with case.untouched():
        to = ("--to", f"{case.two.number}=1.00", "--to", f"{paid.number}=1.00")
        refused(firm.door("apply", case.payment.number, *to, "--format", "json"), paid.number)
        refused(
            firm.door("apply", used.number, "--to", f"{case.one.number}=1.00", "--format", "json"),
            used.number,
        )
        refused(firm.door("suggest", paid.number, "--format", "json"), paid.number)
        assert [firm.row(each.id)["residual"] for each in (paid, used)] == ["0.00", "0.00"]


WRONG = {
    "an invoice as the payment": lambda case: (case.one, case.two),
    "a payment as the invoice": lambda case: (case.note, case.payment),
    "itself": lambda case: (case.payment, case.payment),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_an_item_on_the_wrong_side_is_not_applied(case: Case, wrong: str) -> None:
    """It is named."""
    source, target = WRONG[wrong](case)
    with case.untouched():
        ran = case.firm.door("apply", source.number, "--to", f"{target.number}=1.00", "--format", "json")
        refused(ran)
        assert source.number in ran.err or target.number in ran.err


def test_an_item_that_is_named_twice_is_not_applied_to(case: Case) -> None:
    """Also when one name is its number and the other its id."""
    with case.untouched():
        to = ("--to", f"{case.one.number}=10.00", "--to", f"{case.one.id}=10.00")
        refused(case.firm.door("apply", case.payment.number, *to, "--format", "json"), "named twice")


# ---- what happens meanwhile


def test_an_item_that_was_paid_meanwhile_is_a_conflict_and_none_of_the_order_is_posted(firm: Company) -> None:
    """Accounting takes other money for one of three invoices: status 1, the new residual in words, and the ledger as it was."""
    one, two, three = (document(firm, "invoices", amount) for amount in ("500.00", "300.00", "200.00"))
    payment, other = document(firm, "payments", "1000.00"), document(firm, "payments", "250.00")
    firm.ask("sync", wait=True)
    firm.faults(*({"kind": "status", "path": path, "times": 0} for path in ("/v1/changes", "/v1/census")))
    try:
        until(lambda: firm.ask("status")["sync"].get("error"), "nothing is read any more")
        body = {"credit": other.id, "debit": two.id, "amount": "250.00"}
        firm.account("POST", "/v1/accountant/applications", body)
        ran = firm.door(
            *("apply", payment.number, "--to", f"{one.number}=490.00", "--to", f"{two.number}=300.00"),
            *("--to", f"{three.number}=195.50", "--discount", f"{one.number}=10.00"),
            *("--short", f"{three.number}=writeoff:SMALL", "--wait", "--format", "json"),
        )
    finally:
        firm.faults()
    assert ran.status == 1, ran.err
    order, error = (json.loads(line) for line in ran.out.splitlines())
    assert "50.00 EUR is open" in error["error"]["message"]
    first, *rest = order["commands"]
    assert [row["state"] for row in (first, *rest)] == ["conflict"] * 3
    assert two.number in first["outcome"]
    assert "50.00 EUR is open" in first["outcome"]
    assert "→" in ran.err
    assert [firm.postings(row["id"]) for row in (first, *rest)] == [0, 0, 0]
    firm.ask("sync", wait=True)
    documents = (one, two, three, payment)
    assert [firm.row(each.id)["residual"] for each in documents] == ["500.00", "50.00", "200.00", "-1000.00"]
    assert [firm.ask("show", id=each.id)["item"]["open"] for each in documents] == [
        *("500.00", "50.00", "200.00", "-1000.00")
    ]
    rows = firm.ask("window", act_as="sue", view="failure", limit=256)["rows"]
    (row,) = [each for each in rows if each["command_id"] == first["id"]]
    assert "50.00 EUR is open" in " ".join(reason["words"] for reason in row["reasons"])


# ---- texts

MEBIBYTE = 1 << 20


def test_a_remittance_text_of_a_megabyte_is_read(firm: Company) -> None:
    """It comes from the ledger, the invoice is found in it, and the broker answers as ever."""
    invoice = document(firm, "invoices", "77.31")
    words = f"pays {invoice.number} and thanks "
    payment = document(firm, "payments", "77.31", text=words + "x y z " * (MEBIBYTE // 6))
    firm.ask("sync", wait=True)
    ran = firm.door("suggest", payment.number, "--format", "json")
    assert ran.status == 0, ran.err
    assert [line["number"] for line in ran.json[0]["lines"]] == [invoice.number]
    assert firm.door("show", payment.number).status == 0


def test_ten_thousand_numbers_in_a_text_are_no_hindrance(firm: Company) -> None:
    """Whatever they look like: the one invoice that is meant is among them and comes to the amount."""
    invoice = document(firm, "invoices", "78.32")
    numbers = " ".join([invoice.number, *(f"{n:07d}" for n in range(9_000_000, 9_010_000))])
    payment = document(firm, "payments", "78.32", text=numbers)
    firm.ask("sync", wait=True)
    ran = firm.door("suggest", payment.number, "--format", "json")
    assert ran.status == 0, ran.err
    assert [line["number"] for line in ran.json[0]["lines"]] == [invoice.number]


def test_an_advice_of_ten_thousand_lines_is_matched_line_by_line(firm: Company, tmp_path: Path) -> None:
    """Of the lines that name nothing open the error of none is fatal; the payment's own line counts."""
    invoice, payment = document(firm, "invoices", "79.33"), document(firm, "payments", "79.33")
    firm.ask("sync", wait=True)
    file = tmp_path / "advice.csv"
    lines = [f"GONE-{n:06d},1.00" for n in range(10_000)]
    file.write_text("\n".join(["invoice,amount", f"{invoice.number},79.33", *lines]), "utf-8")
    before = firm.ask("outbox")["total"]
    ran = firm.door("suggest", payment.number, "--remittance", str(file), "--format", "json")
    assert ran.status == 0, ran.err
    assert [line["number"] for line in ran.json[0]["lines"]] == [invoice.number]
    assert firm.ask("outbox")["total"] == before


ADVICES = {
    "more than a mebibyte": ("invoice,amount\n" + "INV-7001,450.10\n" * 70_000).encode(),
    "nothing": b"",
    "blanks": b" \n\t\n" * 100,
    "bytes of no text": bytes(range(256)) * 64,
    "half a document": b'<?xml version="1.0"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.054.001.08"><Bk',
    "entities in entities": (
        b'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]><Document>&b;</Document>'
    ),
    "an amount that is none": b"invoice,amount\nINV-7001,many\n",
}


@pytest.mark.parametrize("advice", ADVICES)
def test_an_advice_that_is_none_is_refused_with_its_name(firm: Company, tmp_path: Path, advice: str) -> None:
    """Status 1 with what is wrong and a remedy; the payment's own suggestions are there as before."""
    file = tmp_path / "advice.txt"
    file.write_bytes(ADVICES[advice])
    ran = firm.door("suggest", "PAY-7001", "--remittance", str(file), "--format", "json")
    refused(ran, "advice")
    assert firm.door("suggest", "PAY-7001", "--format", "json").json


@pytest.mark.parametrize("amount", ["-450.10", "0", "-0.00", "99999999.99"])
def test_an_advice_with_a_strange_amount_is_never_sure(firm: Company, tmp_path: Path, amount: str) -> None:
    """What it names may be proposed, for a person to judge; nothing posts it by itself."""
    file = tmp_path / "advice.csv"
    file.write_text(f"invoice,amount\nINV-7001,{amount}\n", "utf-8")
    ran = firm.door("suggest", "PAY-7001", "--remittance", str(file), "--format", "json")
    assert ran.status == 0, ran.err
    assert {row["sure"] for row in ran.json} == {False}


def test_a_file_that_is_not_there_is_wrong_usage(firm: Company, tmp_path: Path) -> None:
    """Status 2, as for any option."""
    ran = firm.door("suggest", "PAY-7001", "--remittance", str(tmp_path / "none.csv"), "--format", "json")
    assert (ran.status, ran.json["error"]["code"]) == (2, "usage")


def test_an_order_of_ten_thousand_lines_is_refused_at_once(case: Case) -> None:
    """The bound is named; nothing is stored."""
    lines = [{"item": f"item:{n}", "amount": "0.01"} for n in range(10_000)]
    with case.untouched():
        order = {"op": "apply", "payment": case.payment.id, "lines": lines}
        error = said(case.firm, "submit", intent="ten-thousand-lines", command=order)
        assert isinstance(error, Invalid | Refused)
        assert "lines" in error.message
        assert error.hint
