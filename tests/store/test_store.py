"""The store behind its threads: all or nothing, never into a file that is no longer the store, never in the way of readers."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import shutil
import sqlite3
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from sqlite_utils import Database

from arqueue.errors import StoreRefused, StoreReplaced
from data.store.opening import open_writer, transaction
from data.store.store import Store

KEY = "SELECT value FROM cursor WHERE feed = ?"


@pytest_asyncio.fixture
async def store(path: Path) -> AsyncIterator[Store]:
    """An open store, closed in the end."""
    opened = Store(path)
    yield opened
    opened.close()


def put(database: Database, key: str, value: str = "x") -> None:
    """A row anywhere."""
    database.conn.execute("INSERT OR REPLACE INTO cursor VALUES (?, ?, 't')", (key, value))


def got(connection: sqlite3.Connection, key: str) -> str | None:
    """That row."""
    found = connection.execute(KEY, (key,)).fetchone()
    return found[0] if found else None


async def test_a_write_is_there_when_it_returns(store: Store, path: Path) -> None:
    """For readers of this process and for whoever opens the file next."""
    await store.write(lambda database: put(database, "a"))
    assert await store.read(lambda connection: got(connection, "a")) == "x"
    other = sqlite3.connect(path)
    assert got(other, "a") == "x"
    other.close()


async def test_an_error_in_the_middle_leaves_nothing(store: Store) -> None:
    """Not the rows before it, and no open transaction for the next write to fall over."""

    def work(database: Database) -> None:
        put(database, "a")
        with database.atomic():
            put(database, "b")
        raise RuntimeError("middle")

    with pytest.raises(RuntimeError, match="middle"):
        await store.write(work)
    assert await store.read(lambda connection: got(connection, "a")) is None
    await store.write(lambda database: put(database, "c"))
    assert await store.read(lambda connection: got(connection, "c")) == "x"


def test_a_commit_that_fails_leaves_no_transaction_open(database: Database) -> None:
    """The disk may be full for a minute; the store is not broken for ever."""

    def work() -> None:
        with transaction(database):
            database.conn.execute("PRAGMA defer_foreign_keys = 1")
            database.conn.execute("INSERT INTO effect VALUES ('nobody', 'item:1', 1)")

    with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"):
        work()
    assert not database.conn.in_transaction
    with transaction(database):
        put(database, "a")
    assert got(database.conn, "a") == "x"


async def test_a_reader_sees_one_moment(store: Store) -> None:
    """What is written while it looks is not in its picture, and it holds nobody up."""
    looking, written = threading.Event(), threading.Event()

    def look(connection: sqlite3.Connection) -> tuple[str | None, str | None]:
        before = got(connection, "a")
        looking.set()
        assert written.wait(10)
        return before, got(connection, "a")

    await store.write(lambda database: put(database, "a", "old"))
    reading = asyncio.create_task(store.read(look))
    await asyncio.to_thread(looking.wait, 10)
    await store.write(lambda database: put(database, "a", "new"))
    written.set()
    assert await reading == ("old", "old")
    assert await store.read(lambda connection: got(connection, "a")) == "new"


async def test_a_reader_cannot_write(store: Store) -> None:
    """Whatever it is given to do."""
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        await store.read(lambda connection: connection.execute("DELETE FROM meta"))
    assert await store.read(lambda connection: got(connection, "a")) is None


async def test_a_write_is_finished_even_if_its_caller_is_gone(store: Store) -> None:
    """A face that hangs up in the middle leaves a whole row or none."""
    inside, go_on = threading.Event(), threading.Event()

    def work(database: Database) -> None:
        put(database, "a")
        inside.set()
        assert go_on.wait(10)

    task = asyncio.create_task(store.write(work))
    await asyncio.to_thread(inside.wait, 10)
    task.cancel()
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    await store.write(lambda database: put(database, "b"))
    assert await store.read(lambda connection: got(connection, "a")) == "x"


@pytest.mark.parametrize("what", ["", "-wal"])
@pytest.mark.parametrize("how", ["deleted", "replaced", "moved away"])
async def test_a_file_that_was_replaced_is_never_written_to(
    store: Store, path: Path, what: str, how: str
) -> None:
    """The store or its write-ahead log: what an old handle writes is lost, so nothing is acknowledged."""
    await store.write(lambda database: put(database, "a"))
    file = path.with_name(path.name + what)
    if how == "replaced":
        copy = file.with_name("copy")
        shutil.copy(file, copy)
        copy.replace(file)
    elif how == "deleted":
        file.unlink()
    else:
        file.rename(file.with_name("elsewhere"))
    with pytest.raises(StoreRefused, match="was replaced") as caught:
        await store.write(lambda database: put(database, "b"))
    assert caught.value.hint


async def test_a_file_replaced_in_the_middle_of_a_write_is_noticed_before_it_counts(
    store: Store, path: Path
) -> None:
    """The last look is just before the commit."""

    def work(database: Database) -> None:
        put(database, "a")
        shutil.copy(path, path.with_name("copy"))
        path.with_name("copy").replace(path)

    with pytest.raises(StoreRefused, match="was replaced"):
        await store.write(work)


def of_another_epoch(path: Path) -> Path:
    """A copy that began a new epoch."""
    copy = path.with_name("copy")
    shutil.copy(path, copy)
    with contextlib.closing(sqlite3.connect(copy, isolation_level=None)) as other:
        other.execute("UPDATE meta SET value = '2' WHERE key = 'epoch'")
        other.execute("PRAGMA journal_mode = DELETE")
    return copy


def write_over(path: Path, new: bytes) -> None:
    """As ``cp`` does: the file stays the file, with another content."""
    before = path.stat().st_ino
    path.write_bytes(new)
    assert path.stat().st_ino == before


def content(path: Path) -> bytes:
    """What is in a file."""
    return path.read_bytes()


async def test_another_epoch_copied_over_the_file_is_never_written_to(path: Path) -> None:
    """The same inode, other pages: SQLite would not notice, and mix them with those that it knows."""
    store = Store(path)
    await store.write(lambda database: put(database, "a"))
    await store.fold()
    copy = of_another_epoch(path)
    await store.write(lambda database: put(database, "in the log only"))
    write_over(path, content(copy))
    with pytest.raises(StoreReplaced, match="was written over"):
        await store.write(lambda database: put(database, "b"))
    store.close()
    assert content(path) == content(copy), "what was put there is left as it is"
    assert content(path.with_name(f"{path.name}-wal.left"))


async def test_a_file_written_over_in_the_middle_of_a_write_is_noticed_before_it_counts(
    store: Store, path: Path
) -> None:
    """The last look is just before the commit."""

    def work(database: Database) -> None:
        put(database, "a")
        write_over(path, content(path) + b"\0" * 4096)

    with pytest.raises(StoreReplaced, match="was written over"):
        await store.write(work)


@pytest.mark.parametrize("what", ["store_id", "epoch"])
async def test_a_store_that_says_it_is_another_is_never_written_to(
    store: Store, path: Path, what: str
) -> None:
    """Somebody began a new epoch behind the broker's back."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("UPDATE meta SET value = '7' WHERE key = ?", (what,))
    with pytest.raises(StoreReplaced, match="another epoch"):
        await store.write(lambda database: put(database, "b"))


async def test_many_writes_with_their_own_checkpoints_are_no_replacement(store: Store, path: Path) -> None:
    """The file changes by our own hand."""
    before = len(content(path))
    for number in range(40):
        await store.write(functools.partial(put, key=f"k{number}", value="x" * 200_000))
    assert len(content(path)) > before
    await store.fold()
    await store.write(lambda database: put(database, "after"))


async def test_a_reader_never_opens_another_file(store: Store, path: Path, tmp_path: Path) -> None:
    """Readers open late; what lies at the path by then may be another company's."""
    other = tmp_path / "other" / "arqueue.sqlite"
    open_writer(other).close()
    other.replace(path)
    with pytest.raises(StoreRefused, match="was replaced"):
        await store.read(lambda connection: got(connection, "a"))


async def test_a_reader_that_opens_late_brings_no_log_into_what_was_put_there(path: Path) -> None:
    """A backup over a running store: beside it lies the log of another file, which SQLite takes for its own."""
    store = Store(path)
    await store.write(lambda database: put(database, "in the log only"))
    backup = path.with_name("backup")
    backup.write_bytes(content(path))
    before = content(backup)
    backup.replace(path)
    with pytest.raises(StoreReplaced, match="was replaced"):
        await store.read(lambda connection: got(connection, "in the log only"))
    store.close()
    assert content(path) == before


async def test_closing_folds_everything_into_the_file(path: Path) -> None:
    """A copy of the one file is then the whole store."""
    store = Store(path)
    await store.write(lambda database: put(database, "a"))
    await store.read(lambda connection: got(connection, "a"))
    store.close()
    assert {each.name for each in path.parent.iterdir()} == {path.name, "ballast"}
    again = Store(path)
    assert await again.read(lambda connection: got(connection, "a")) == "x"
    again.close()


def test_a_store_that_cannot_be_opened_leaves_no_threads(path: Path) -> None:
    """The broker says why and ends."""
    path.parent.mkdir(mode=0o700)
    path.write_bytes(b"no store, but long enough")
    before = threading.active_count()
    with pytest.raises(StoreRefused):
        Store(path)
    assert threading.active_count() == before
