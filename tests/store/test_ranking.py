"""The kept order: any position, any row, through any change, also while another order is being built."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlite_utils import Database

from arqueue.strategy_file import default_text
from data.store import places, queue, ranking
from data.store.opening import open_writer, transaction
from data.store.places import Order
from data.store.ranking import Entry, Ranking, band, edges
from tests.store.books import take
from tests.unit.books import TODAY, item, party

KINDS = ("overdue", "payment", "dispute")
Given = tuple[str, int | None, str | None, date | None, int]
ROWS = st.lists(
    st.tuples(
        st.sampled_from(KINDS),
        st.one_of(st.sampled_from([None, 0, 500_000]), st.integers(0, 10**8)),
        st.sampled_from([None, "anna", "ben"]),
        st.sampled_from([None, None, TODAY + timedelta(days=1), TODAY + timedelta(days=40)]),
        st.integers(0, 100),
    ),
    max_size=12,
)
OTHER = (
    default_text()
    .replace("points = 45", "points = 1")
    .replace("[1, 5]", "[1, 90]")
    .replace("[3, 15]", "[3, 91]")
)
PARTY = "party:1"


def put(connection: sqlite3.Connection, rows: Sequence[Given]) -> None:
    """These rows instead of whatever the customer had, with their places."""
    before = ranking.entries(connection, PARTY)
    connection.execute("DELETE FROM work")
    for number, (kind, base, assignee, until, age) in enumerate(rows):
        day = (TODAY - timedelta(days=age)).isoformat()
        connection.execute(
            "INSERT INTO work (id, kind, party_id, subject, amount, currency, since, due, base_minor, base_currency,"
            " assignee, snoozed_until) VALUES (?, ?, ?, '', 1, 'EUR', ?, ?, ?, 'EUR', ?, ?)",
            (f"w{number}", kind, PARTY, day, day, base, assignee, until.isoformat() if until else None),
        )
    ranking.follow(connection, before, ranking.entries(connection, PARTY))


def agrees(connection: sqlite3.Connection) -> None:
    """Windows and places of every choice of lanes are those of the rows put in order one by one."""
    order = ranking.current(connection)
    assert order is not None
    entries = sorted(ranking.computed(connection, order), key=lambda each: each[:3])
    lanes = places.lanes(connection)
    for chosen in (
        lambda lane: True,
        lambda lane: lane.kind == "payment",
        lambda lane: lane.assignee == "anna",
    ):
        mine = [number for number, lane in lanes.items() if chosen(lane) and not lane.asleep]
        wanted = [each for each in entries if chosen(each.lane) and not each.lane.asleep]
        found = Order.of(connection, order, mine)
        assert found.total == len(wanted)
        for place, entry in enumerate(wanted):
            assert found.window(place, 3) == [each.seq for each in wanted[place : place + 3]]
            assert found.position(entry) == place
        assert found.window(len(wanted), 3) == []
    assert ranking.size(connection, order) == len(entries)


def opened(directory: str) -> Database:
    """An empty store."""
    return open_writer(Path(directory) / "store" / "arqueue.sqlite")


@settings(max_examples=10)
@given(st.lists(ROWS, min_size=1, max_size=4))
def test_any_position_is_where_the_row_stands(changes: list[list[Given]]) -> None:
    """After each change."""
    with tempfile.TemporaryDirectory() as directory:
        database = opened(directory)
        ranking.begin(database.conn, TODAY)
        for rows in changes:
            put(database.conn, rows)
            agrees(database.conn)
        database.close()


@settings(max_examples=10)
@given(ROWS, ROWS, ROWS, ROWS, st.integers(0, 30))
def test_changes_go_to_the_order_that_is_being_built(
    first: list[Given],
    early: list[Given],
    half: list[Given],
    late: list[Given],
    cut: int,
) -> None:
    """Before it is computed, between two parts of the copy, and after the last; what is shown then is as if built at once."""
    with tempfile.TemporaryDirectory() as directory:
        database = opened(directory)
        connection = database.conn
        ranking.begin(connection, TODAY)
        put(connection, first)
        new = ranking.start(connection, TODAY + timedelta(days=3), OTHER)
        put(connection, early)
        computed: list[Entry] = list(ranking.computed(connection, new))
        ranking.copy(connection, new, computed[:cut])
        put(connection, half)
        ranking.copy(connection, new, computed[cut:])
        put(connection, late)
        agrees(connection)
        ranking.flip(connection, new)
        assert ranking.current(connection) == Ranking(new.gen, TODAY + timedelta(days=3), OTHER)
        agrees(connection)
        while not ranking.clear(connection, 3):
            agrees(connection)
        assert connection.execute("SELECT DISTINCT gen FROM rank").fetchall() in ([], [(new.gen,)])
        database.close()


@given(st.one_of(st.integers(-(10**15), 10**15), st.integers(-70, 70)), st.integers(-100, 100))
def test_bands_follow_the_size(small: int, by: int) -> None:
    """Each size lies within the edges of its band, and a larger one in no lower band."""
    low, high = edges(band(small))
    assert low <= small <= high
    assert (band(small + by) >= band(small)) if by >= 0 else (band(small + by) <= band(small))


def test_an_order_that_a_crash_left_half_built_goes(books: Database) -> None:
    """The one that is shown stays."""
    with transaction(books):
        shown = ranking.current(books.conn)
        new = ranking.start(books.conn, TODAY, OTHER)
        ranking.copy(books.conn, new, ranking.computed(books.conn, new))
    with transaction(books):
        ranking.abandon(books.conn)
        while not ranking.clear(books.conn):
            pass
    assert ranking.current(books.conn) == shown
    agrees(books.conn)


def test_a_short_order_follows_the_date_at_once(books: Database) -> None:
    """Whoever derives on another date finds it."""
    with transaction(books):
        queue.refresh(books, [], TODAY + timedelta(days=9), "EUR")
    order = ranking.current(books.conn)
    assert order is not None
    assert order.day == TODAY + timedelta(days=9)
    agrees(books.conn)


@pytest.mark.parametrize("to", ["party:1", "party:3"])
def test_a_row_that_goes_to_another_customer_takes_its_place_along(database: Database, to: str) -> None:
    """Whichever of the two is looked at first: it stands in the order once."""
    disputed = item("d", "10.00", party_id="party:2", dispute="price")
    take(database, *(party(key) for key in "123"), disputed)
    take(database, replace(disputed, party_id=to, version="2"), cursor="2")
    with transaction(database):
        queue.refresh(database, ["party:2", to], TODAY, "EUR")
    rows = database.conn.execute("SELECT party_id FROM work WHERE kind = 'dispute'").fetchall()
    assert rows == [(to,)]
    agrees(database.conn)
