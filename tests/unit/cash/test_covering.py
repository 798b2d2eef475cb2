"""What is probably paid already: the likely match is found at a glance, and never more is said to be paid than there is money."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arqueue.cash.covering import Cover, covers
from arqueue.model.ledger import ItemKind, OpenItem
from tests.unit.books import TODAY, open_item, open_items


def paid(amount: str, text: str = "", key: str = "p", **changes: Any) -> OpenItem:
    """An unapplied payment."""
    return open_item(key, f"-{amount}", changes.pop("currency", "EUR"), text=text, **changes)


def owed(key: str, amount: str, **changes: Any) -> OpenItem:
    """An open invoice INV-<key>, late unless it is said otherwise."""
    number = changes.pop("number", f"INV-{key}")
    return open_item(key, amount, changes.pop("currency", "EUR"), number=number, **changes)


def later(days: int) -> dict[str, Any]:
    """Due in so many days."""
    return {"due_date": TODAY + timedelta(days=days)}


def keys(cover: Cover) -> list[str]:
    """The debits of a cover."""
    return [each.item.id.removeprefix("item:") for each in cover.items]


def only(*items: OpenItem) -> list[str]:
    """What the one payment among these probably pays."""
    found = covers(items, TODAY)
    assert len(found) <= 1
    return keys(found[0]) if found else []


@pytest.mark.parametrize(
    "text", ["INV-1004", "inv 1004, thanks", "0001004", "RE1004/2", "invoice no. 1004 and 9999"]
)
def test_a_number_in_the_text_names_an_invoice(text: str) -> None:
    """With its prefix or without, zeros lost or added; the amount comes near to it."""
    assert only(paid("98.00", text), owed("1004", "100.00"), owed("1005", "98.50")) == ["1004"]


def test_the_customers_own_reference_and_order_name_it_too() -> None:
    """Many customers quote their numbers, not ours."""
    one, other = owed("1", "10.00", reference="PR-77001"), owed("2", "30.00", purchase_order="PO-55002")
    assert only(paid("10.00", "pr 77001"), one, other) == ["1"]
    assert only(paid("29.00", "55002"), one, other) == ["2"]


def test_what_is_named_is_paid_as_far_as_the_money_goes() -> None:
    """Whole items, the oldest due first."""
    items = [owed("1001", "60.00"), owed("1002", "60.00", **later(-20)), owed("1003", "60.00", **later(-5))]
    assert only(paid("130.00", "1001 1002 1003"), *items) == ["1002", "1001"]


def test_one_item_to_the_cent_is_found_on_ones_own_account_first() -> None:
    """Then in the family."""
    own, other = owed("1", "50.00"), owed("2", "50.00", party_id="party:2", **later(-90))
    assert only(paid("50.00"), other, own) == ["1"]
    assert only(paid("50.00"), other) == ["2"]
    assert only(paid("50.01"), other, own) == []


def test_all_that_is_overdue_is_found_as_a_sum() -> None:
    """What is not due yet, or disputed, is not part of it."""
    items = [owed("1", "10.00"), owed("2", "20.00"), owed("3", "30.00"), owed("4", "40.00")]
    rest = [owed("5", "7.00", **later(5)), owed("6", "9.00", dispute="price")]
    assert only(paid("100.00"), *items, *rest) == ["1", "2", "3", "4"]


def test_the_balance_is_found_as_a_sum() -> None:
    """All there is, due or not."""
    items = [owed(str(key), f"{key}1.00", **later(key)) for key in range(1, 6)]
    assert only(paid("155.00"), *items) == ["1", "2", "3", "4", "5"]


def test_a_head_office_pays_what_is_overdue_of_a_branch_or_of_all() -> None:
    """Each account's sum, and the family's."""
    north = [owed(f"n{key}", "11.00", party_id="party:2") for key in range(4)]
    south = [owed(f"s{key}", "13.00", party_id="party:3") for key in range(4)]
    assert only(paid("52.00"), *north, *south) == ["s0", "s1", "s2", "s3"]
    assert len(only(paid("96.00"), *north, *south)) == 8


@pytest.mark.parametrize(
    "amount,expected",
    [
        ("30.00", "12"),
        ("78.00", "123"),
        ("1008.00", "1345"),
        ("61.00", "14"),
        ("68.00", "23"),
        ("970.00", "245"),
    ],
)
def test_a_few_items_are_found(amount: str, expected: str) -> None:
    """The oldest ones, all but one, any two, any three."""
    amounts = ["10.00", "20.00", "48.00", "51.00", "899.00"]
    items = [owed(str(key), each, **later(key)) for key, each in enumerate(amounts, 1)]
    assert "".join(only(paid(amount), *items)) == expected


def test_each_debit_is_paid_once_and_strong_evidence_is_served_first() -> None:
    """The payment that names an invoice has it, whichever came first; the other one of the same amount takes the next."""
    items = [owed("1001", "50.00", **later(-90)), owed("1002", "50.00")]
    plain = paid("50.00", key="a", doc_date=TODAY - timedelta(days=9))
    named = paid("50.00", "INV-1001", key="b", doc_date=TODAY)
    found = {cover.payment.item.id: keys(cover) for cover in covers([plain, named, *items], TODAY)}
    assert found == {"item:b": ["1001"], "item:a": ["1002"]}


def test_money_in_another_currency_pays_nothing() -> None:
    """Not even what it names."""
    assert only(paid("50", "INV-1001", currency="JPY"), owed("1001", "50.00")) == []


def test_a_credit_note_is_no_money() -> None:
    """It nets, and says nothing about what was paid."""
    assert only(paid("50.00", kind=ItemKind.CREDIT), owed("1", "50.00")) == []


def test_an_amount_like_none_pays_nothing() -> None:
    """Nothing is guessed: five invoices may come to it by chance, and nobody looks."""
    items = [owed(str(key), f"{key * 7}.13") for key in range(1, 30)]
    assert only(paid("12345.67"), *items) == []


@st.composite
def families(draw: st.DrawFn) -> list[OpenItem]:
    """Debits and payments in two currencies."""
    return [
        draw(open_items(key=str(number), debit=draw(st.booleans()), currencies=("EUR", "JPY")))
        for number in range(draw(st.integers(0, 14)))
    ]


@given(families())
def test_whatever_there_is_nothing_is_covered_twice_or_across_currencies(items: list[OpenItem]) -> None:
    """Each payment and each debit at most once, and the money reaches at least nine tenths of what it is said to pay."""
    found = covers(items, TODAY)
    debits = [each.item.id for cover in found for each in cover.items]
    assert len(set(debits)) == len(debits)
    assert len({cover.payment.item.id for cover in found}) == len(found)
    for cover in found:
        assert cover.items
        assert {each.open.currency for each in cover.items} == {cover.payment.open.currency}
        assert -cover.payment.open.minor * 10 >= 9 * sum(each.open.minor for each in cover.items)


@given(families(), st.randoms())
def test_the_same_family_is_covered_the_same_way(items: list[OpenItem], chance: Any) -> None:
    """In whatever order its items come."""
    shuffled = list(items)
    chance.shuffle(shuffled)
    one, other = (
        {(cover.payment.item.id, *keys(cover)) for cover in covers(each, TODAY)} for each in (items, shuffled)
    )
    assert one == other
