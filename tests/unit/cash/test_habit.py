"""Habits: what a customer's past payments were examples of."""

from __future__ import annotations

from datetime import timedelta

import pytest

from arqueue.cash.habit import Habit, learn
from arqueue.model.ledger import Allocation, Item, ItemKind
from arqueue.model.money import Money
from tests.unit.books import TODAY, item, money


def invoice(key: str, day: int, total: str = "100.00", residual: str = "0.00") -> Item:
    """One of so many days after the beginning, due a month later, paid unless said otherwise."""
    on = TODAY - timedelta(days=400 - day)
    return item(
        key,
        residual,
        number=f"INV-{key}",
        doc_date=on,
        due_date=on + timedelta(days=30),
        total=money(total),
    )


def payment(key: str, day: int, total: str) -> Item:
    """A payment, all of it applied."""
    on = TODAY - timedelta(days=400 - day)
    return item(key, "0.00", kind=ItemKind.PAYMENT, doc_date=on, total=money(f"-{total}"))


def applied(credit: Item, *debits: Item, amount: Money | None = None) -> list[Allocation]:
    """A payment to its invoices."""
    return [
        Allocation(
            id=f"{credit.id}-{debit.id}",
            credit_item=credit.id,
            debit_item=debit.id,
            amount=amount or debit.total,
            on=credit.doc_date,
            version="1",
        )
        for debit in debits
    ]


def test_nothing_is_known_of_nobody() -> None:
    """No payments, or only such as settled the one thing that was open."""
    alone, paid = invoice("1", 0), payment("p", 20, "100.00")
    assert learn([], []) == Habit()
    assert learn([alone, paid], applied(paid, alone)).seen == 0


def test_who_pays_the_oldest_is_known_by_it() -> None:
    """Two at a time, the oldest of what is open."""
    invoices = [invoice(str(number), number) for number in range(10)]
    payments = [payment(f"p{number}", 40 + number, "200.00") for number in range(4)]
    made = [
        each
        for number, credit in enumerate(payments)
        for each in applied(credit, *invoices[2 * number : 2 * number + 2])
    ]
    habit = learn(
        [*invoices[:8], invoice("8", 8, residual="100.00"), invoice("9", 9, residual="100.00"), *payments],
        made,
    )
    assert (habit.seen, habit.oldest_first, habit.single, habit.by_statement) == (4, 1.0, 0.0, 0.0)


def test_who_pays_out_of_order_does_not_pay_the_oldest() -> None:
    """One document a payment, the newest first."""
    invoices = [invoice(str(number), number) for number in range(4)]
    payments = [payment(f"p{number}", 40 + number, "100.00") for number in range(3)]
    made = [each for number, credit in enumerate(payments) for each in applied(credit, invoices[3 - number])]
    left = invoice("0", 0, residual="100.00")
    habit = learn([left, *invoices[1:], *payments], made)
    assert (habit.seen, habit.single, habit.oldest_first) == (3, 1.0, 0.0)


def test_who_pays_all_that_is_due_pays_by_statement() -> None:
    """What is not due yet stays open."""
    due = [invoice(str(number), number) for number in range(3)]
    later = invoice("9", 30, residual="100.00")
    credit = payment("p", 35, "300.00")
    habit = learn([*due, later, credit], applied(credit, *due))
    assert (habit.seen, habit.by_statement) == (1, 1.0)


def test_who_pays_a_month_pays_by_statement() -> None:
    """All invoices of one month, though an older one is open."""
    older = invoice("old", 1, residual="100.00")
    month = [invoice("a", 60), invoice("b", 62)]
    credit = payment("p", 70, "200.00")
    habit = learn([older, *month, credit], applied(credit, *month))
    assert (habit.seen, habit.by_statement, habit.oldest_first) == (1, 1.0, 0.0)


def test_who_takes_the_discount_is_known_by_it() -> None:
    """The invoice is closed by less than its total."""
    invoices = [invoice("1", 0), invoice("2", 1, residual="100.00")]
    credit = payment("p", 5, "98.00")
    habit = learn([*invoices, credit], applied(credit, invoices[0], amount=money("98.00")))
    assert habit.net_of_discount == 1.0


def test_who_pays_round_amounts_is_known_by_it() -> None:
    """Five hundred on account of other amounts; a round invoice paid in full is no such thing."""
    open_one = invoice("1", 0, "730.20", residual="230.20")
    whole = invoice("2", 1, "500.00")
    first, second = payment("p", 5, "500.00"), payment("q", 6, "500.00")
    items = [open_one, whole, first, second, invoice("3", 2, residual="100.00")]
    assert learn(items, applied(first, open_one, amount=money("500.00"))).rounds == 1.0
    assert learn(items, applied(second, whole)).rounds == 0.0


@pytest.mark.parametrize("spoilt", ["void", "unknown debit", "credit note"])
def test_what_is_no_payment_teaches_nothing(spoilt: str) -> None:
    """Void allocations, debits that are not there, credit notes."""
    invoices = [invoice("1", 0), invoice("2", 1, residual="100.00")]
    credit = payment("p", 5, "100.00")
    (made,) = applied(credit, invoices[0])
    values = {
        name: getattr(made, name) for name in ("id", "credit_item", "debit_item", "amount", "on", "version")
    }
    if spoilt == "void":
        values["void"] = True
    elif spoilt == "unknown debit":
        values["debit_item"] = "item:gone"
    else:
        credit = item("p", "0.00", kind=ItemKind.CREDIT, total=money("-100.00"))
    assert learn([*invoices, credit], [Allocation(**values)]) == Habit()


def test_ten_thousand_documents_are_learned_from() -> None:
    """Each pair is the oldest that is open; only the latest payments count."""
    invoices = [invoice(str(number), number // 40, residual="0.00") for number in range(10_000)]
    left = invoice("left", 250, residual="100.00")
    payments = [payment(f"p{number}", 260, "200.00") for number in range(5_000)]
    made = [
        each
        for number, credit in enumerate(payments)
        for each in applied(credit, *invoices[2 * number : 2 * number + 2])
    ]
    habit = learn([*invoices, left, *payments], made)
    assert habit.seen == 200
