"""What of a posted command stands, where the ledger did not name what it made."""

from __future__ import annotations

from typing import Any

from sqlite_utils import Database

from arqueue.control.commands import Adjust, Unapply
from arqueue.control.states import CommandState
from arqueue.model.ledger import Allocation, ItemKind
from data.store import reversing
from data.store.outbox import Stored
from tests.store.books import INVOICE, OTHER, PAYMENT, add, adjust, apply_to, move, start, take
from tests.unit.books import TODAY, item, money


def posted(books: Database, command: Any) -> Stored:
    """A command that the ledger has, under references that name nothing here."""
    return move(books, start(books, add(books, command)), CommandState.POSTED, refs=["move 4711"])


def allocation(key: str, credit: str, debit: str, amount: str, **changes: Any) -> Allocation:
    """What is applied."""
    values: dict[str, Any] = {"on": TODAY, "version": "1"}
    return Allocation(
        id=f"rec:{key}", credit_item=credit, debit_item=debit, amount=money(amount), **(values | changes)
    )


def test_an_application_is_what_is_between_its_items(books: Database) -> None:
    """Of the same pair the same amount; one that was taken back does not stand."""
    row = posted(books, apply_to((INVOICE, "60.00")))
    take(
        books,
        allocation("1", PAYMENT, INVOICE, "20.00"),
        allocation("2", PAYMENT, INVOICE, "60.00"),
        allocation("3", PAYMENT, OTHER, "60.00"),
    )
    assert reversing.standing(books.conn, row) == ("rec:2",)
    take(books, allocation("2", PAYMENT, INVOICE, "60.00", version="2", void=True), cursor="2")
    assert reversing.standing(books.conn, row) == ("rec:1",)


def test_a_write_off_is_what_stands_between_its_item_and_an_entry(books: Database) -> None:
    """On either side, and never what a payment paid."""
    entry = item("w", "-10.00", kind=ItemKind.JOURNAL)
    take(
        books, entry, allocation("1", PAYMENT, INVOICE, "10.00"), allocation("2", "item:w", INVOICE, "10.00")
    )
    assert reversing.standing(books.conn, posted(books, adjust("10.00"))) == ("rec:2",)
    other = Adjust(PAYMENT, money("10.00"), "small", "method:small", TODAY)
    assert reversing.standing(books.conn, posted(books, other)) == ()


def test_what_is_being_taken_back_stands_no_more(books: Database) -> None:
    """From when it is ordered."""
    row = posted(books, apply_to((INVOICE, "60.00")))
    take(books, allocation("1", PAYMENT, INVOICE, "60.00"))
    assert reversing.standing(books.conn, row) == ("rec:1",)
    add(books, Unapply("rec:1", PAYMENT, INVOICE, money("60.00"), TODAY))
    assert reversing.standing(books.conn, row) == ()
