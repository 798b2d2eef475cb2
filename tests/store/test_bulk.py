"""A first load: indexes are away while it runs and there when it is over, whatever comes between."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlite_utils import Database

from data.store import bulk
from data.store.opening import open_writer, transaction
from tests.store.books import company, take


@pytest.fixture
def empty(tmp_path: Path) -> Database:
    """A store without a row."""
    tmp_path.chmod(0o700)
    return open_writer(tmp_path / "store.sqlite")


def indexes(database: Database) -> dict[str, str]:
    """The indexes that somebody wrote, by name."""
    return dict(
        database.conn.execute("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL")
    )


def begin(database: Database) -> None:
    """Set them aside."""
    with transaction(database):
        bulk.begin(database)


def end(database: Database) -> None:
    """Make them again, each in a transaction of its own."""
    for statement in bulk.pending(database.conn):
        with transaction(database):
            bulk.restore(database, statement)


def test_all_indexes_are_back_after_the_load(empty: Database) -> None:
    """The very same, over the rows that came meanwhile."""
    before = indexes(empty)
    begin(empty)
    assert {"item_open", "item_number", "allocation_credit"}.isdisjoint(indexes(empty))
    take(empty, *company())
    end(empty)
    assert indexes(empty) == before
    assert bulk.pending(empty.conn) == []


def test_a_load_that_is_begun_twice_loses_none(empty: Database) -> None:
    """A crash may come at once; the second beginning finds nothing to set aside and forgets nothing."""
    before = indexes(empty)
    begin(empty)
    begin(empty)
    end(empty)
    assert indexes(empty) == before


def test_a_crash_between_two_indexes_leaves_the_rest_to_be_made(empty: Database) -> None:
    """What is made is not made again."""
    before = indexes(empty)
    begin(empty)
    first, *rest = bulk.pending(empty.conn)
    with transaction(empty):
        bulk.restore(empty, first)
    assert bulk.pending(empty.conn) == rest
    end(empty)
    assert indexes(empty) == before


def test_a_mirror_with_rows_keeps_its_indexes(empty: Database) -> None:
    """Reading everything anew is no first load: people work on it meanwhile."""
    take(empty, *company())
    before = indexes(empty)
    begin(empty)
    assert indexes(empty) == before
