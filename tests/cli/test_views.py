"""Filters, orders, columns and one's own views, on the command line."""

from __future__ import annotations

import pytest

from tests.broker.company import Company


def test_a_filter_asks_for_what_it_says(firm: Company) -> None:
    """The same line as on the screen, under either name."""
    found = firm.door(
        "list", "--filter", "kind:payment,overdue amount>1000 -currency:GBP", "--format", "json"
    ).json
    assert found
    assert {row["kind"] for row in found} <= {"payment", "overdue"}
    assert all(abs(float(row["amount"])) > 1000 and row["currency"] != "GBP" for row in found)
    again = firm.door(
        "list", "--where", "kind:payment,overdue amount>1000 -currency:GBP", "--format", "json"
    ).json
    assert again == found


def test_an_invoice_is_found_in_its_account(firm: Company) -> None:
    """By the number of a document inside it, or a part of that."""
    row = next(row for row in firm.door("list", "--view", "overdue", "--format", "json").json)
    shown = firm.door("show", row["id"], "--format", "json").json
    number = shown["account"]["items"][0]["number"]
    found = firm.door("list", "--filter", f"kind:overdue {number[-4:]}", "--format", "json").json
    assert row["id"] in {each["id"] for each in found}


@pytest.mark.parametrize(
    "sort, key", [("age", lambda row: -row["age_days"]), ("customer", lambda row: row["party"].casefold())]
)
def test_another_order_is_of_the_same_rows(firm: Company, sort: str, key: object) -> None:
    """And a minus turns it round."""
    rows = firm.door("list", "--sort", sort, "--limit", "500", "--format", "json").json
    best = firm.door("list", "--limit", "500", "--format", "json").json
    assert {row["id"] for row in rows} == {row["id"] for row in best}
    assert [key(row) for row in rows] == sorted(map(key, rows))  # type: ignore[operator, call-overload]
    turned = firm.door("list", "--sort", f"-{sort}", "--limit", "500", "--format", "json").json
    assert [key(row) for row in turned] == sorted(map(key, rows), reverse=True)  # type: ignore[operator, call-overload]


def test_columns_are_chosen(firm: Company) -> None:
    """By the names that views use, or those of the fields."""
    ran = firm.door("list", "--columns", "customer,amount,item_id", "--limit", "1", "--format", "csv")
    assert ran.out.splitlines()[0] == "party,amount,currency,item_id"


def test_a_view_is_kept_listed_shown_and_forgotten(firm: Company) -> None:
    """What was saved is what the list shows under its name."""
    kept = firm.door(
        "view", "save", "Big", "--view", "overdue", "--filter", "amount>=1000.00", "--sort", "-amount",
        "--columns", "customer,amount", "--format", "json",
    ).json  # fmt: skip
    assert kept["filter"] == "amount>=1000"
    assert [each["name"] for each in firm.door("view", "list", "--format", "json").json] == ["Big"]
    shown = firm.door("list", "--view", "Big", "--format", "json").json
    assert [list(row) for row in shown[:1]] == [["party", "amount", "currency"]]
    assert all(float(row["amount"]) >= 1000 for row in shown)
    changed = firm.door("view", "change", "Big", "--name", "Large", "--digit", "9", "--format", "json").json
    assert (changed["name"], changed["digit"], changed["columns"]) == ("Large", 9, ["customer", "amount"])
    assert firm.door("view", "change", "Big", "--digit", "1").status == 1
    assert firm.door("view", "change", "Large").status == 2
    assert firm.door("view", "change", "Large", "--name", "Big").status == 0
    assert firm.door("view", "remove", "Big").status == 0
    assert firm.door("view", "remove", "Big").status == 1


def test_a_list_without_rows_says_how_to_widen_it(firm: Company) -> None:
    """Term by term, as commands that can be typed."""
    ran = firm.door("list", "--view", "overdue", "--filter", "amount>999999999 kind:overdue")
    assert ran.status == 0
    assert "no row matches amount>999999999 kind:overdue; view overdue holds" in ran.err
    assert "wider: --filter kind:overdue (" in ran.err
    assert "--filter 'amount>999999999'" not in ran.err  # without the other term it is as empty
    ran = firm.door("list", "--filter", "amount>999999999 age>99999 kind:overdue")
    assert "no single term does it; wider: --filter kind:overdue (" in ran.err
    ran = firm.door("list", "--filter", "amount>999999999 age>99999 due<1970-01-01")
    assert "without one or two of its terms there is no row either" in ran.err


@pytest.mark.parametrize(
    "words, said",
    [
        (("--filter", "kidn:dispute"), 'nothing called "kidn"'),
        (("--filter", "x" * 10_000), "10,000 characters"),
        (("--sort", "random"), "there is no order 'random'"),
        (("--columns", "colour"), "there is no column 'colour'"),
    ],
)
def test_bad_input_names_what_is_wrong(firm: Company, words: tuple[str, str], said: str) -> None:
    """Before anything is asked; exit status 1."""
    ran = firm.door("list", *words)
    assert ran.status == 1
    assert said in ran.err
