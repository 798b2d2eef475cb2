"""The audit: nothing is changed, nothing is taken out, and whoever tries with another tool is found out."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlite_utils import Database

from data.store import audit
from data.store.opening import open_writer, transaction
from tests.store.books import ANNA, AT

ROWS = 6
COLUMNS = ("seq", "at", "person", "uid", "what", "command_id", "detail", "prev", "hash", "form", "text_hash")


@pytest.fixture
def chain(database: Database) -> Database:
    """A few rows."""
    with transaction(database):
        for number in range(ROWS):
            said = {"detail": "d", "text": "ß " * number}
            audit.write(database, ANNA, f"did {number}", at=AT, command_id=f"c{number}", **said)
    return database


def unguarded(database: Database) -> sqlite3.Connection:
    """Somebody with the sqlite3 program: the triggers are gone."""
    for name in ("audit_fixed", "audit_kept"):
        database.conn.execute(f"DROP TRIGGER {name}")
    return database.conn


def test_an_untouched_chain_holds(chain: Database) -> None:
    """Empty or not."""
    assert audit.first_bad_row(chain) is None


def test_an_empty_chain_holds(database: Database) -> None:
    """Nothing was done yet."""
    assert audit.first_bad_row(database) is None


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE audit SET detail = 'nothing happened' WHERE seq = 3",
        "DELETE FROM audit WHERE seq = 3",
        "DELETE FROM audit",
        (
            "INSERT OR REPLACE INTO audit SELECT seq, at, person, uid, what, '', detail, prev, hash, form, text_hash FROM audit"
            " WHERE seq = 3"
        ),
        "UPDATE audit SET seq = 99 WHERE seq = 3",
    ],
)
def test_the_audit_only_grows(chain: Database, sql: str) -> None:
    """By the store's own connection, with whatever statement."""
    before = chain.conn.execute("SELECT * FROM audit").fetchall()
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        chain.conn.execute(sql)
    assert chain.conn.execute("SELECT * FROM audit").fetchall() == before


@pytest.fixture(scope="module")
def open_chain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A chain without its triggers, that every example starts from."""
    database = open_writer(tmp_path_factory.mktemp("audit") / "store" / "arqueue.sqlite")
    with transaction(database):
        for number in range(ROWS):
            said = {"detail": "d", "text": "ß" * (number + 1)}
            audit.write(database, ANNA, f"did {number}", at=AT, command_id=f"c{number}", **said)
    unguarded(database)
    yield database
    database.close()


@given(data=st.data())
def test_any_changed_value_is_found_at_its_row(open_chain: Database, data: st.DataObject) -> None:
    """A flipped bit in any column of any row, down to the number of the row."""
    connection = open_chain.conn
    seq, column = data.draw(st.integers(1, ROWS)), data.draw(st.sampled_from(COLUMNS))
    (value,) = connection.execute(f"SELECT {column} FROM audit WHERE seq = ?", (seq,)).fetchone()
    connection.execute("BEGIN")
    try:
        changed = connection.execute(
            f"UPDATE OR IGNORE audit SET {column} = ? WHERE seq = ?", (flipped(value, data), seq)
        ).rowcount
        bad = audit.first_bad_row(open_chain)
    finally:
        connection.execute("ROLLBACK")
    if changed:  # else another row has that number already
        assert bad is not None
        assert bad == seq or column == "seq"


def flipped(value: Any, data: st.DataObject) -> Any:
    """The value with one bit another, or one character where bits would make no text."""
    if isinstance(value, int):
        return value ^ (1 << data.draw(st.integers(0, 12)))
    place = data.draw(st.integers(0, len(value) - 1))
    other = chr(ord(value[place]) ^ (1 << data.draw(st.integers(0, 6))))
    return value[:place] + (other if other != "\0" else "x") + value[place + 1 :]


@pytest.mark.parametrize("seq", range(1, ROWS))
def test_a_row_that_is_taken_out_is_missed(chain: Database, seq: int) -> None:
    """At the row that follows it. (The newest rows taken out together are missed only by whoever kept the last hash.)"""
    unguarded(chain).execute("DELETE FROM audit WHERE seq = ?", (seq,))
    assert audit.first_bad_row(chain) == seq + 1


def test_rows_that_change_places_are_found(chain: Database) -> None:
    """Their order is part of what they say."""
    connection = unguarded(chain)
    for old, new in ((2, 900), (3, 2), (900, 3)):
        connection.execute("UPDATE audit SET seq = ? WHERE seq = ?", (new, old))
    assert audit.first_bad_row(chain) == 2


def test_a_step_rolled_back_leaves_no_gap(chain: Database) -> None:
    """Numbers follow one another whatever failed between them."""

    def work() -> None:
        with transaction(chain):
            audit.write(chain, ANNA, "never", at=AT)
            raise RuntimeError("no")

    with pytest.raises(RuntimeError, match="no"):
        work()
    with transaction(chain):
        audit.write(chain, ANNA, "after", at=AT)
    assert audit.first_bad_row(chain) is None
    assert chain.conn.execute("SELECT max(seq) FROM audit").fetchone() == (ROWS + 1,)
