"""An account that is kept from one payment to the next tells the same as one that is read for each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arqueue.cash.account import OpenAccount
from arqueue.cash.case import PaymentCase
from arqueue.cash.suggest import suggest
from arqueue.model.ledger import ItemKind, OpenItem
from arqueue.model.money import Money
from tests.unit.books import TODAY, open_item
from tests.unit.cash.test_suggest_rules import cases, never


@st.composite
def payments(draw: st.DrawFn, case: PaymentCase) -> OpenItem:
    """Another one of the same customers: another day, amount, payer or currency; it may be among the open credits."""
    amount = draw(st.sampled_from([50, 100, 500, 1000, 1400]) | st.integers(1, 4000))
    item = replace(
        case.payment.item,
        id=draw(st.sampled_from(["item:p", "item:other", *[each.item.id for each in case.credits]])),
        party_id=draw(st.sampled_from(["party:1", "party:2", "party:3"])),
        doc_date=TODAY - timedelta(days=draw(st.sampled_from([0, 1, 20, 60]))),
        text=draw(st.sampled_from(["", "INV-1001", "PO-77001"])),
    )
    return OpenItem(item, Money(-amount, draw(st.sampled_from(["EUR", "EUR", "USD"]))))


@settings(max_examples=150)
@given(st.data())
def test_one_payment_after_the_other_is_matched_as_if_each_were_the_first(data: st.DataObject) -> None:
    """Nothing of an earlier payment stays in the account."""
    first = data.draw(cases())
    kept = OpenAccount(first.debits, first.credits)
    for payment in (first.payment, *[data.draw(payments(first)) for _ in range(4)], first.payment):
        case = replace(first, payment=payment)
        assert suggest(replace(case, account=kept), never) == suggest(case, never)


def test_an_account_of_other_items_is_refused() -> None:
    """Equal items would do, but nobody could tell at a glance that they are."""
    debits = [open_item("1", "100.00")]
    with pytest.raises(ValueError, match="not of these"):
        PaymentCase(
            payment=open_item("p", "-100.00"),
            today=TODAY,
            debits=debits,
            account=OpenAccount(list(debits)),
        )


def test_a_payment_is_not_netted_with_itself() -> None:
    """It is among the open credits of the account that is kept, as it is for every other payment."""
    payment = open_item("p", "-100.00", kind=ItemKind.PAYMENT)
    other = open_item("q", "-50.00", kind=ItemKind.PAYMENT)
    debits, credits = [open_item("1", "100.00"), open_item("2", "150.00")], [payment, other]
    case = PaymentCase(
        payment=payment,
        today=TODAY,
        debits=debits,
        credits=credits,
        account=OpenAccount(debits, credits),
    )
    ways = [{line.item for line in way.lines} for way in suggest(case, never).ways]
    assert {"item:1"} in ways
    assert {"item:2", "item:q"} in ways
    assert not any(payment.item.id in way for way in ways)


class Counted(list[OpenItem]):
    """A list that tells how often it was read through."""

    read = 0

    def __iter__(self) -> Iterator[OpenItem]:
        self.read += 1
        return super().__iter__()

    def __reversed__(self) -> Iterator[OpenItem]:
        self.read += 1
        return super().__reversed__()


def test_what_is_open_is_read_once() -> None:
    """However many payments are matched with it."""
    debits = Counted([open_item(str(at), f"{100 + at}.00") for at in range(9)])
    kept = OpenAccount(debits)
    for amount in ("-100.00", "-205.00", "-7.00"):
        payment = open_item("p", amount)
        assert suggest(PaymentCase(payment=payment, today=TODAY, debits=debits, account=kept), never).ways
    assert debits.read == 1


def test_of_an_account_that_is_kept_long_no_more_and_more_is_kept() -> None:
    """Every day and payer makes a selection of its own."""
    debits = [open_item("1", "100.00", doc_date=TODAY), open_item("2", "90.00")]
    account = OpenAccount(debits)
    owed = account.in_currency("EUR").debits
    for number in range(1000):
        owed.selected(number, [0])
        owed.with_rest(number // 2 + 1, 0)
        owed.foreign(f"party:{number}")
    assert max(len(vars(owed)[name]) for name in ("_selections", "_by_rest", "_units", "_foreign")) <= 64
