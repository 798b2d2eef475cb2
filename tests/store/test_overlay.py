"""What a new order expects of items on which others are under way, and what is open of them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlite_utils import Database

from arqueue.control.commands import Expected, Identify
from arqueue.control.states import CommandState
from data.store import outbox, overlay
from data.store.opening import transaction
from data.store.rows import item_of
from data.store.stored import Stored
from tests.store.books import (
    ANNA,
    AT,
    INVOICE,
    PAYMENT,
    add,
    adjust,
    apply_to,
    move,
    new_command,
    start,
    take,
)
from tests.store.test_mirror import one
from tests.unit.books import TODAY, item, money

S = CommandState


def expected(books: Database, key: str) -> Expected:
    """What an order decided now would expect."""
    return overlay.expected(books.conn, [item_of(one(books, "item", key))])[key]


def shown(books: Database, residual: str) -> None:
    """A page of the feed shows so much open of the invoice, under a new version."""
    take(books, item(INVOICE.removeprefix("item:"), residual, total=money("80.00"), version="2"), cursor="9")


def unknown(books: Database) -> Stored:
    """A write-off of 30.00 whose outcome nobody knows."""
    return move(books, start(books, add(books, adjust("30.00"))), S.UNKNOWN)


def test_what_a_page_shows_already_is_not_taken_once_more(books: Database) -> None:
    """The write-off was posted, the page came before its outcome: the ledger will have what the page says."""
    unknown(books)
    assert expected(books, INVOICE) == Expected("", money("50.00"))
    shown(books, "50.00")
    assert expected(books, INVOICE) == Expected("", money("50.00"))


def test_what_somebody_else_moved_stops_an_order_whose_outcome_is_not_known(books: Database) -> None:
    """It was posted before that, or is refused: either way the ledger stays as it is."""
    unknown(books)
    shown(books, "40.00")
    assert expected(books, INVOICE) == Expected("", money("40.00"))


def test_each_order_on_its_way_counts_as_far_as_it_finds_what_it_expects(books: Database) -> None:
    """Of three in a row the first is in the ledger already: the two behind it go on from there."""
    unknown(books)
    add(books, adjust("5.00"))
    add(books, adjust("1.00"))
    shown(books, "50.00")
    assert expected(books, INVOICE) == Expected("", money("44.00"))


def test_an_order_that_will_be_refused_takes_nothing(books: Database) -> None:
    """Somebody else moved the item since it was decided, and nothing of it was sent."""
    add(books, adjust("30.00"))
    shown(books, "70.00")
    assert expected(books, INVOICE) == Expected("", money("70.00"))


def test_what_is_open_stays_careful(books: Database) -> None:
    """Until the outcome is known nobody can take what may have been taken."""
    unknown(books)
    shown(books, "50.00")
    (seen,) = overlay.with_open(books.conn, [item_of(one(books, "item", INVOICE))])
    assert seen.open == money("20.00")


@pytest.mark.parametrize("state", [S.PENDING, S.QUEUED])
def test_nothing_is_open_of_a_payment_on_its_way_to_another_customer(
    books: Database, state: CommandState
) -> None:
    """Whoever applies it now would apply what is gone."""
    with transaction(books):
        new = new_command(books.conn, Identify(PAYMENT, "party:2", TODAY), state=state)
        outbox.add(books, replace(new, amount=money("100.00")), ANNA, at=AT)
    (seen,) = overlay.with_open(books.conn, [item_of(one(books, "item", PAYMENT))])
    assert not seen.open.minor
    assert overlay.pending(books.conn, [PAYMENT], but=new.order.id) == {}


def test_bytes_that_cannot_be_read_stop_no_decision(books: Database) -> None:
    """A parked order is taken for one that may still come."""
    row = add(books, apply_to((INVOICE, "30.00")))
    with transaction(books):
        books.conn.execute("DROP TRIGGER command_immutable")
        books.conn.execute("UPDATE command SET body = x'00' WHERE id = ?", (row.id,))
    assert expected(books, INVOICE) == Expected("", money("50.00"))
