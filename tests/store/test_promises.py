"""Promises in the store: judged in the transaction that changes what they are about, at midnight, and kept as they were."""

from __future__ import annotations

import sqlite3
from datetime import date, timedelta

import pytest
from sqlite_utils import Database

from arqueue.model.ledger import ItemKind
from arqueue.work.promises import Promise
from data.peers.contract import Page
from data.store import dates, mirror, promises, queue, snoozes
from data.store.opening import transaction
from tests.store.books import ANNA, AT, take
from tests.unit.books import TODAY, item, money, party

DAY = timedelta(days=1)
CUSTOMER = "party:1"


def promise(database: Database, amount: str = "80.00", until: date = TODAY, **debits: int) -> None:
    """Of the invoice ``i``; the payment that is there already is not what was promised."""
    about = {f"item:{key}": minor for key, minor in (debits or {"i": 8000}).items()}
    made = Promise(money(amount), until, until, 0, about, frozenset({"item:p"}))
    with transaction(database):
        promises.record(database, ANNA, CUSTOMER, made, before="", why="by phone", at=AT)
        queue.refresh(database, {CUSTOMER}, TODAY, "EUR")


def on(database: Database, day: date) -> None:
    """The date moves on to that day."""
    with transaction(database):
        queue.refresh(database, dates.changing(database.conn, TODAY, day), day, "EUR")


def state(database: Database) -> str | None:
    """What rules know of it."""
    (found,) = database.conn.execute("SELECT promise_state FROM work WHERE kind = 'overdue'").fetchone()
    return None if found is None else str(found)


def test_midnight_breaks_it_and_looks_at_nobody_else(books: Database) -> None:
    """Not before its last day is over, and a day that goes back takes it back."""
    promise(books, until=TODAY + DAY)
    assert state(books) == "open"
    assert CUSTOMER not in dates.changing(books.conn, TODAY, TODAY + DAY)
    on(books, TODAY + 2 * DAY)
    assert state(books) == "broken"
    with transaction(books):
        queue.refresh(books, dates.changing(books.conn, TODAY + 2 * DAY, TODAY), TODAY, "EUR")
    assert state(books) == "open"


@pytest.mark.parametrize("left, became", [("80.00", "broken"), ("30.00", "partly kept"), ("0.00", "kept")])
def test_a_page_of_the_feed_that_pays_it_keeps_it_at_once(books: Database, left: str, became: str) -> None:
    """In the transaction that stores the page; the day judges what is left."""
    promise(books)
    take(books, item("i", left, version="2"), cursor="2")
    assert state(books) == ("kept" if became == "kept" else "open")
    on(books, TODAY + DAY)
    assert state(books) == became


def test_a_payment_that_is_taken_back_opens_it_again(books: Database) -> None:
    """Kept is what the ledger says now."""
    promise(books)
    for version, left in (("2", "0.00"), ("3", "80.00")):
        take(books, item("i", left, version=version), cursor=version)
    assert state(books) == "open"
    on(books, TODAY + DAY)
    assert state(books) == "broken"


def test_a_payment_that_came_since_and_waits_breaks_none(books: Database) -> None:
    """In the transaction that stores it, on a day when it is broken already; what was there before does not count."""
    promise(books)
    on(books, TODAY + DAY)
    assert state(books) == "broken"
    come = item("n", "-80.00", kind=ItemKind.PAYMENT, doc_date=TODAY)
    with transaction(books):
        touched = mirror.store_page(books, Page("2", False, (come,)), feed=True, at=AT)
        queue.refresh(books, touched.parties, TODAY + DAY, "EUR")
    assert state(books) == "covered"


def test_a_head_office_that_pays_breaks_none_of_its_branch(books: Database) -> None:
    """Its money waits on its own account."""
    take(books, party("1", parent_id="party:9", version="2"), party("9"), cursor="2")
    promise(books, "51.00", j=5000, i=8000)
    take(books, item("h", "-80.00", party_id="party:9", doc_date=TODAY, text="N-i"), cursor="3")
    on(books, TODAY + DAY)
    assert state(books) == "covered"


def test_a_promise_that_is_broken_wakes_the_row(books: Database) -> None:
    """And says so; put to sleep after that it sleeps until its day."""
    row, until = "overdue/party:1/EUR", TODAY + 9 * DAY
    promise(books)
    with transaction(books):
        snoozes.snooze(books, ANNA, row, CUSTOMER, until, "", today=TODAY, at=AT)
        queue.refresh(books, {CUSTOMER}, TODAY, "EUR")
    assert sleeps(books) == until.isoformat()
    on(books, TODAY + DAY)
    assert sleeps(books) is None
    (woken,) = snoozes.of_party(books.conn, CUSTOMER, TODAY + DAY, {row: "broken"})
    assert woken.woke == f"the promise of 80.00 EUR by {TODAY} is broken"
    with transaction(books):
        snoozes.snooze(books, ANNA, row, CUSTOMER, until, "", today=TODAY + DAY, at=AT)
        queue.refresh(books, {CUSTOMER}, TODAY + DAY, "EUR")
    assert sleeps(books) == until.isoformat()


def sleeps(database: Database) -> str | None:
    """Until when the account sleeps."""
    (until,) = database.conn.execute("SELECT snoozed_until FROM work WHERE kind = 'overdue'").fetchone()
    return None if until is None else str(until)


def test_the_newest_of_a_currency_counts_until_it_is_withdrawn(books: Database) -> None:
    """Another currency has its own."""
    promise(books)
    promise(books, "50.00")
    (stands,) = promises.standing(books.conn, CUSTOMER).values()
    assert stands.amount == money("50.00")
    with transaction(books):
        promises.withdraw(books, ANNA, CUSTOMER, stands, before="open", why="", at=AT)
        queue.refresh(books, {CUSTOMER}, TODAY, "EUR")
    assert not promises.standing(books.conn, CUSTOMER)
    assert state(books) is None
    assert not promises.all_standing(books.conn, 10)
    assert len(promises.of_party(books.conn, CUSTOMER)) == 3


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE promise SET amount = 1",
        "UPDATE promise SET until = '2030-01-01'",
        "UPDATE promise SET why = 'other words'",
        "DELETE FROM promise",
        "INSERT OR REPLACE INTO promise SELECT * FROM promise",
    ],
)
def test_what_was_promised_is_rewritten_by_nobody(books: Database, sql: str) -> None:
    """Not by whoever holds the store either; its words alone can be erased."""
    promise(books)
    with pytest.raises(sqlite3.IntegrityError):
        books.conn.execute(sql)
    books.conn.execute("UPDATE promise SET why = ''")


def test_the_audit_says_who_recorded_what(books: Database) -> None:
    """In the transaction of the promise."""
    promise(books)
    found = books.conn.execute("SELECT person, what, detail FROM audit ORDER BY seq DESC LIMIT 1").fetchone()
    assert found == ("anna", "promised", f"party:1: 80.00 EUR by {TODAY}")
