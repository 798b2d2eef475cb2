"""The queue as it was: any instant since the first sync, ranked as it was ranked then."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlite_utils import Database

from arqueue.control.commands import Escalate
from arqueue.control.states import CommandState
from arqueue.errors import NotFound
from data.store import erasing, history, queue, ranking, recording
from data.store.opening import transaction
from tests.store.books import AT, INVOICE, SUE, add, move
from tests.unit.books import TODAY

LATER = "9999-01-01T00:00:00.000000+00:00"


def begin(books: Database) -> None:
    """The first sync came to its end."""
    books.conn.execute("INSERT OR REPLACE INTO meta VALUES ('last_ok', ?)", (AT,))


def instants(books: Database) -> str:
    """Now, by the store's own clock, a moment after whatever was written before."""
    (now,) = books.conn.execute(f"SELECT {recording.NOW}").fetchone()
    while books.conn.execute(f"SELECT {recording.NOW}").fetchone()[0] <= now:
        pass
    return str(now)


def shown(books: Database) -> list[tuple[str, int]]:
    """Ids and scores as they are now, in their order."""
    order = ranking.current(books.conn)
    assert order is not None
    rows = books.conn.execute(f"SELECT id, score FROM {order.source}").fetchall()
    return sorted((row[0], row[1]) for row in rows)


def then(books: Database, at: str) -> list[tuple[str, int]]:
    """The same as the history has it."""
    return sorted((row.columns["id"], row.score) for row in history.as_of(books.conn, at).rows)


def test_a_first_load_is_recorded_nowhere(books: Database) -> None:
    """It costs nothing, and nothing was before it."""
    assert books.conn.execute("SELECT count(*) FROM work").fetchone()[0] > 0
    assert books.conn.execute("SELECT count(*) FROM work_history").fetchone() == (0,)
    with pytest.raises(NotFound) as refused:
        history.as_of(books.conn, LATER)
    assert "first sync" in refused.value.hint


def test_what_was_before_the_history_is_not_made_up(books: Database) -> None:
    """The refusal says since when it is known."""
    begin(books)
    with pytest.raises(NotFound, match="is not known"):
        history.as_of(books.conn, "2000-01-01T00:00:00.000000+00:00")


def test_rows_that_changed_came_and_went_are_shown_as_they_were(books: Database) -> None:
    """At each instant what the queue showed then, with its scores."""
    begin(books)
    seen = []
    for step in range(4):
        seen.append((instants(books), shown(books)))
        row = add(books, Escalate(INVOICE, "sue", f"look {step}"))
        seen.append((instants(books), shown(books)))
        if step % 2:
            move(books, row, CommandState.CANCELLED)
            with transaction(books):
                queue.refresh(books, {"party:1"}, TODAY, "EUR")
    for at, rows in seen:
        assert then(books, at) == rows
    assert then(books, LATER) == shown(books)


def test_it_is_ranked_by_the_day_and_strategy_of_then(books: Database) -> None:
    """Another day, other ages, other scores: the old ones are what was seen."""
    begin(books)
    at, before = instants(books), shown(books)
    with transaction(books):
        ranking.begin(books.conn, TODAY + timedelta(days=40))
    assert shown(books) != before
    assert history.as_of(books.conn, at).day == TODAY
    assert then(books, at) == before


def test_a_change_that_changes_nothing_is_not_recorded(books: Database) -> None:
    """A refresh writes only what differs, and so does the history."""
    begin(books)
    books.conn.execute("UPDATE work SET amount = amount")
    assert books.conn.execute("SELECT count(*) FROM work_history").fetchone() == (0,)


def test_a_column_that_comes_later_is_recorded_too(books: Database) -> None:
    """The triggers are made from the columns that there are."""
    begin(books)
    books.conn.execute("ALTER TABLE work ADD COLUMN mood TEXT")
    recording.watch(books.conn)
    books.conn.execute("UPDATE work SET mood = 'bright'")
    at = instants(books)
    books.conn.execute("UPDATE work SET mood = 'grim'")
    assert {row.columns["mood"] for row in history.as_of(books.conn, at).rows} == {"bright"}


def test_what_was_said_is_erased_from_the_past_too(books: Database) -> None:
    """A row of then has no words that the audit has not."""
    begin(books)
    row = add(books, Escalate(INVOICE, "sue", "she weeps"))
    row = move(books, row, CommandState.CANCELLED)
    with transaction(books):
        queue.refresh(books, {"party:1"}, TODAY, "EUR")
    assert "she weeps" in json.dumps(books.conn.execute("SELECT words FROM work_history").fetchall())
    with transaction(books):
        erasing.erase(books, [row], SUE, subject=row.id, why="asked", at=AT)
    assert "she weeps" not in json.dumps(books.conn.execute("SELECT words FROM work_history").fetchall())


@settings(max_examples=20)
@given(st.integers(1, 5))
def test_what_is_too_old_goes_a_few_rows_at_a_time(limit: int) -> None:
    """And the history then begins where it was cut."""
    database = Database(memory=True)
    database.conn.executescript(
        "CREATE TABLE work_history (n INTEGER PRIMARY KEY, at TEXT, work_id TEXT);"
        "CREATE TABLE order_history (n INTEGER PRIMARY KEY, at TEXT);"
        "INSERT INTO order_history (at) VALUES ('2026-01'), ('2026-03'), ('2026-07');"
        "CREATE TABLE history_began (one INTEGER, at TEXT); INSERT INTO history_began VALUES (1, '2026-01');"
    )
    database.conn.executemany(
        "INSERT INTO work_history (at, work_id) VALUES (?, 'w')", [(f"2026-0{n}",) for n in range(1, 10)]
    )
    gone = 0
    while some := recording.forget(database.conn, "2026-06", limit=limit):
        assert some <= limit
        gone += some
    assert gone == 5
    assert not recording.is_older(database.conn, "2026-06")
    assert database.conn.execute("SELECT at FROM order_history").fetchall() == [("2026-03",), ("2026-07",)]
    assert database.conn.execute("SELECT at FROM history_began").fetchone() == ("2026-06",)
