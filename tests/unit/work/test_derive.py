"""What of a customer's items is work: each appears as it should, once, with reasons that add up."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arqueue.cash.covering import covers
from arqueue.model.ledger import ItemKind, ItemState, OpenItem, Party
from arqueue.model.money import Money
from arqueue.model.work import WorkItem, WorkKind
from arqueue.strategy_file import default
from arqueue.work.derive import Customer, Trouble, derive
from arqueue.work.judge import judged
from tests.unit.books import TODAY, item, money, open_item, open_items, party


def rows_of(*items: OpenItem, who: Party | None = None, troubles: tuple[Trouble, ...] = ()) -> list[WorkItem]:
    """The work of a customer in a EUR company."""
    found = derive(Customer("party:1", who or party(), items, troubles), TODAY, base_currency="EUR")
    return judged(found, default(), TODAY)


def only(rows: list[WorkItem]) -> WorkItem:
    """The one row there is."""
    (row,) = rows
    return row


def words(row: WorkItem) -> str:
    """All reasons in words."""
    return "; ".join(reason.words for reason in row.reasons)


def late(key: str, residual: str, days: int, currency: str = "EUR", **changes: Any) -> OpenItem:
    """An invoice so many days past due."""
    return open_item(key, residual, currency, due_date=TODAY - timedelta(days=days), **changes)


def test_an_unapplied_payment_is_work() -> None:
    """With the amount as the customer paid it, counted from the day it came."""
    row = only(rows_of(open_item("7", "-120.00", doc_date=TODAY - timedelta(days=3))))
    assert (row.id, row.kind, row.amount, row.item_id) == (
        "payment/item:7",
        WorkKind.PAYMENT,
        money("120.00"),
        "item:7",
    )
    assert row.since == TODAY - timedelta(days=3)
    assert "waiting 3 d" in words(row)


def test_a_dispute_is_as_old_as_it_is_known_to_be() -> None:
    """From when it was opened here; where only the ledger knows of it, from its document on."""
    old = open_item("i", "90.00", dispute="price", doc_date=TODAY - timedelta(days=100))
    opened = Customer("party:1", party(), [old], disputed={"item:i": TODAY - timedelta(days=12)})
    ours = only(judged(derive(opened, TODAY, base_currency="EUR"), default(), TODAY))
    assert "open 12 d" in words(ours)
    assert ours.since == TODAY - timedelta(days=12)
    assert "open 100 d" in words(only(rows_of(old)))


@pytest.mark.parametrize("kind", [ItemKind.CREDIT, ItemKind.JOURNAL])
def test_a_credit_note_is_no_payment_to_apply(kind: ItemKind) -> None:
    """It nets what is overdue, and is not a row of its own."""
    assert rows_of(open_item("7", "-120.00", kind=kind)) == []


def test_a_payment_wholly_under_way_is_done_with() -> None:
    """What is being applied needs nobody."""
    assert rows_of(OpenItem(item("7", "-120.00"), Money.zero("EUR"))) == []


def test_a_negative_invoice_is_a_credit_and_is_not_chased() -> None:
    """Whatever the ledger calls it, the sign decides."""
    assert rows_of(late("1", "-50.00", 40, kind=ItemKind.INVOICE)) == []


def test_a_payment_dated_ahead_does_not_wait_yet() -> None:
    """It waits from its own day on."""
    row = only(rows_of(open_item("7", "-1.00", doc_date=TODAY + timedelta(days=4))))
    assert row.since == TODAY + timedelta(days=4)
    assert "waiting" not in words(row)


def test_due_today_is_not_overdue() -> None:
    """The day after is."""
    assert rows_of(late("1", "10.00", 0)) == []
    assert only(rows_of(late("1", "10.00", 1))).kind is WorkKind.OVERDUE


def test_overdue_items_are_one_row_a_currency() -> None:
    """Currencies never add up."""
    rows = rows_of(late("1", "10.00", 5), late("2", "20.00", 50), late("3", "900", 9, "JPY"))
    assert {(row.id, row.amount, row.subject) for row in rows} == {
        ("overdue/party:1/EUR", money("30.00"), "2 items"),
        ("overdue/party:1/JPY", money("900", "JPY"), "N-3"),
    }


def test_disputed_items_are_not_chased() -> None:
    """They are a dispute, and leave the overdue row."""
    rows = rows_of(late("1", "10.00", 45, dispute="price"), late("2", "20.00", 10))
    by_kind = {row.kind: row for row in rows}
    assert by_kind[WorkKind.OVERDUE].amount == money("20.00")
    assert by_kind[WorkKind.DISPUTE].amount == money("10.00")
    assert "disputed: price" in words(by_kind[WorkKind.DISPUTE])


def test_a_disputes_age_is_one_number() -> None:
    """The column and the words count from the same day."""
    row = only(rows_of(late("1", "10.00", 5, dispute="price", doc_date=TODAY - timedelta(days=65))))
    assert (TODAY - row.since).days == 65
    assert "open 65 d" in words(row)


@pytest.mark.parametrize("state", [ItemState.VOID, ItemState.DRAFT, ItemState.CLOSED])
def test_what_is_not_open_is_no_work(state: ItemState) -> None:
    """Whatever its residual says."""
    assert rows_of(late("1", "10.00", 40, state=state)) == []


def test_unapplied_money_that_covers_the_debt_holds_the_chase_back() -> None:
    """The row says so and falls; money in another currency covers nothing."""
    debt, part = late("1", "100.00", 40), open_item("7", "-30.00")
    score = {row.kind: row.score for row in rows_of(debt)}[WorkKind.OVERDUE]
    covered = {row.kind: row for row in rows_of(debt, open_item("7", "-100.00"))}[WorkKind.OVERDUE]
    in_part = {row.kind: row for row in rows_of(debt, part)}[WorkKind.OVERDUE]
    foreign = {row.kind: row for row in rows_of(debt, open_item("7", "-999999", "JPY"))}[WorkKind.OVERDUE]
    assert covered.score < 0 < score
    assert "apply first: N-7 100.00 unapplied may cover it" in words(covered)
    assert in_part.score == score - 15
    assert foreign.score == score


def covered(*items: OpenItem) -> WorkItem:
    """The overdue row of a customer whose family's items are these."""
    own = [each for each in items if each.item.party_id == "party:1"]
    customer = Customer("party:1", party(), own, covers=covers(items, TODAY))
    found = judged(derive(customer, TODAY), default(), TODAY)
    return only([row for row in found if row.kind is WorkKind.OVERDUE])


def test_what_a_payment_probably_pays_is_named_and_not_chased() -> None:
    """The payment, its amount and its likely match first of all; the row falls below every row to be chased."""
    debts = late("1", "1400.00", 95, number="INV-1004"), late("2", "1000.00", 40, number="INV-1007")
    row = covered(*debts, open_item("7", "-2400.00", number="PAY-7001"))
    assert row.reasons[0].words == "apply first: PAY-7001 2,400.00 probably pays INV-1004, INV-1007"
    assert row.amount == money("2400.00")
    assert row.score < 0 < covered(*debts).score


def test_a_payment_of_the_head_office_holds_the_chase_of_a_branch() -> None:
    """Whoever of the family it was booked on."""
    row = covered(late("1", "50.00", 40), open_item("7", "-50.00", party_id="party:head"))
    assert row.reasons[0].words == "apply first: N-7 50.00 probably pays N-1"


def test_what_is_paid_in_part_is_still_chased() -> None:
    """The row says which part, and stays among the others."""
    row = covered(late("1", "50.00", 40), late("2", "70.00", 90), open_item("7", "-50.00"))
    assert "apply first: N-7 50.00 probably pays N-1" in words(row)
    assert row.score > 0


def test_many_payments_and_many_items_are_said_in_few_words() -> None:
    """Three numbers a payment, two payments a row."""
    debts = [late(str(key), f"{key}.00", 40, number=f"INV-{key}") for key in range(1001, 1006)]
    more = [late(str(key), f"{key}.00", 40, number=f"INV-{key}") for key in range(2001, 2003)]
    cash = [
        open_item("a", "-5015.00", text="1001-1005 1002 1003 1004"),
        open_item("b", "-2001.00", text="2001"),
        open_item("c", "-2002.00", text="2002"),
    ]
    assert covered(*debts, *more, *cash).reasons[0].words == (
        "apply first: N-a 5,015.00 probably pays INV-1001, INV-1002, INV-1003 and 2 more;"
        " N-b 2,001.00 probably pays INV-2001; 1 more payment"
    )


def test_a_year_in_a_remittance_text_names_no_invoice() -> None:
    """The running number does."""
    invoice = open_item("1", "80.00", number="INV-2026-0815", due_date=None)
    year = only(rows_of(invoice, open_item("7", "-10.00", text="thanks, 2026")))
    named = only(rows_of(invoice, open_item("7", "-10.00", text="invoice 0815")))
    assert "names an open invoice" not in words(year)
    assert "names an open invoice" in words(named)


def test_an_amount_is_large_only_in_the_companys_currency() -> None:
    """1,000,000 JPY without a rate has no size; with the ledger's own rate it has that of 6,100 EUR."""
    plain = only(rows_of(late("1", "1000000", 1, "JPY")))
    assert not any(reason.rule.startswith("large") for reason in plain.reasons)
    rated = only(rows_of(late("1", "1000000", 1, "JPY", residual_base=money("6100.00"))))
    assert "6,100 EUR" in words(rated)


def test_only_the_open_share_of_an_amount_has_a_size() -> None:
    """Half of a payment under way is half as large, whichever side it is on."""
    for sign in ("", "-"):
        made = item("1", f"{sign}1000000", "JPY", residual_base=money(f"{sign}6100.01"))
        half = OpenItem(made, Money(made.residual.minor // 2, "JPY"))
        row = only(rows_of(half))
        assert "3,050 EUR" in words(row)


def test_over_its_limit_counts_credits_and_foreign_debts() -> None:
    """What is unapplied makes room; a debt in yen counts at the ledger's rate."""
    who = party(credit_limit=money("100.00"))
    yen = late("2", "10000", 10, "JPY", residual_base=money("61.00"))

    def over(*items: OpenItem) -> bool:
        rows = rows_of(*items, who=who)
        return any("over its credit limit" in words(row) for row in rows if row.kind is WorkKind.OVERDUE)

    assert not over(late("1", "100.00", 10))
    assert over(late("1", "100.01", 10))
    assert over(late("1", "50.00", 10), yen)
    assert not over(late("1", "150.00", 10), open_item("7", "-60.00"))


def test_a_vanished_customer_still_has_its_work() -> None:
    """Money does not vanish with the record."""
    rows = derive(Customer("party:1", None, (late("1", "10.00", 3),)), TODAY)
    assert [row.kind for row in rows] == [WorkKind.OVERDUE]


def test_what_did_not_work_and_what_was_handed_up_are_rows() -> None:
    """With their words, their owner and their command."""
    trouble = Trouble(
        id="failure/abc",
        kind=WorkKind.FAILURE,
        item_id="item:1",
        subject="apply",
        words="apply rejected: closed period",
        amount=money("10.00"),
        since=TODAY,
        owner="anna",
        command_id="abc",
    )
    row = only(rows_of(troubles=(trouble,)))
    assert (row.owner, row.command_id, row.kind) == ("anna", "abc", WorkKind.FAILURE)
    assert "apply rejected: closed period" in words(row)


@st.composite
def customers(draw: st.DrawFn) -> list[OpenItem]:
    """Debits and credits in two currencies."""
    return [
        draw(open_items(key=str(number), debit=draw(st.booleans()), currencies=("EUR", "JPY")))
        for number in range(draw(st.integers(0, 8)))
    ]


@given(customers())
def test_every_open_item_appears_as_it_should(items: list[OpenItem]) -> None:
    """Each open payment once, each open disputed debit once, each late undisputed debit in its overdue row, nothing else."""
    rows = rows_of(*items)
    live = [each for each in items if each.item.state is ItemState.OPEN and each.open.minor]
    payments = {each.item.id for each in live if each.item.kind is ItemKind.PAYMENT and each.open.minor < 0}
    disputes = {each.item.id for each in live if each.item.dispute and each.open.minor > 0}
    late_by_currency: Counter[str] = Counter()
    for each in live:
        due = each.item.due_date
        if due and due < TODAY and each.open.minor > 0 and not each.item.dispute:
            late_by_currency[each.open.currency] += each.open.minor
    assert len({row.id for row in rows}) == len(rows)
    assert {row.item_id for row in rows if row.kind is WorkKind.PAYMENT} == payments
    assert {row.item_id for row in rows if row.kind is WorkKind.DISPUTE} == disputes
    assert {
        row.amount.currency: row.amount.minor for row in rows if row.kind is WorkKind.OVERDUE
    } == late_by_currency
    assert all(row.amount.minor > 0 for row in rows)


@given(customers())
def test_the_arithmetic_of_a_rank_adds_up(items: list[OpenItem]) -> None:
    """The score is the sum of the reasons shown, each reason once, the weightiest first but a bare "unapplied" last."""
    for row in rows_of(*items):
        assert row.score == sum(reason.points for reason in row.reasons)
        assert len({reason.rule for reason in row.reasons}) == len(row.reasons)
        weights = [abs(reason.points) for reason in row.reasons if reason.rule != "unapplied"]
        assert "unapplied" not in {reason.rule for reason in row.reasons[:-1]}
        assert weights == sorted(weights, reverse=True)
        assert all("{" not in reason.words for reason in row.reasons)
