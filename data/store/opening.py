"""Opening the store: pragmas asserted, modes checked, one writer that alone checkpoints, readers that cannot write.

SQLite before 3.51.3 can corrupt a WAL when two connections checkpoint at once; here only the writer ever does.
"""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from sqlite_utils import Database

from arqueue.errors import StoreRefused
from data.store import recording
from data.store.disk import has_room, require_local
from data.store.migrations import migrations

_WRITER = {
    "journal_mode": "wal",
    "synchronous": 2,
    "foreign_keys": 1,
    "trusted_schema": 0,
    "busy_timeout": 5000,
    "wal_autocheckpoint": 1000,
    "journal_size_limit": 16 * 1024 * 1024,
    "temp_store": 2,
    "recursive_triggers": 1,
    "secure_delete": 1,
}
"""Without recursive triggers INSERT OR REPLACE deletes rows behind the back of the triggers that keep them. With secure_delete
what is erased leaves the file too."""
_READER = {
    "synchronous": 2,
    "foreign_keys": 1,
    "trusted_schema": 0,
    "busy_timeout": 5000,
    "wal_autocheckpoint": 0,
    "temp_store": 2,
    "query_only": 1,
}


def open_writer(path: Path) -> Database:
    """The one connection that writes, brought to the newest schema. Raises StoreRefused."""
    _check_folder(path.parent)
    require_local(path.parent)
    _check_file(path)
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    try:
        _set(connection, _WRITER)
        database = Database(connection, execute_plugins=False)
        _apply_migrations(database)
        (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        if found != "ok":
            raise StoreRefused(
                f"the store {path} is damaged: {found}", "restore the newest backup with `arqueue restore`"
            )
    except sqlite3.DatabaseError as error:
        connection.close()
        raise _unreadable(path, error) from error
    except BaseException:
        connection.close()
        raise
    return database


def open_reader(path: Path, mode: Literal["rw", "ro"] = "rw") -> Database:
    """A connection that cannot write and never checkpoints while it is open. With ``ro``, for who reads beside a writer, not when
    it is closed either: it is not this one that tidies up, and of another file put at the path it leaves every byte."""
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}", uri=True, isolation_level=None, check_same_thread=False
    )
    try:
        _set(connection, _READER)
    except BaseException:
        connection.close()
        raise
    return Database(connection, execute_plugins=False, recursive_triggers=False)


@contextmanager
def transaction(database: Database) -> Iterator[Database]:
    """All or nothing, with the write lock taken at once: a deferred transaction that upgrades fails without waiting.
    sqlite-utils nests inside by savepoints."""
    database.conn.execute("BEGIN IMMEDIATE")
    try:
        yield database
        database.conn.execute("COMMIT")
    except BaseException:
        # a COMMIT that failed (disk full) leaves the transaction open
        if database.conn.in_transaction:
            database.conn.execute("ROLLBACK")
        raise


def _set(connection: sqlite3.Connection, wanted: dict[str, Any]) -> None:
    """Set each pragma and read it back: SQLite ignores what it does not understand."""
    for name, value in wanted.items():
        connection.execute(f"PRAGMA {name}={value}")
        (found,) = connection.execute(f"PRAGMA {name}").fetchone()
        if found != value:
            raise StoreRefused(
                f"SQLite answers {name}={found!r} where {value!r} was asked for",
                "the store must be on a local file system (ext4, xfs, btrfs, zfs)",
            )


def _apply_migrations(database: Database) -> None:
    """Newer schemas than ours are refused: an older program must not write to them."""
    empty = Database(memory=True)
    known = {migration.name for migration in migrations.pending(empty)}
    empty.close()
    unknown = {applied.name for applied in migrations.applied(database)} - known
    if unknown:
        raise StoreRefused(
            f"the store was written by a newer arqueue ({', '.join(sorted(unknown))})",
            "install that version again",
        )
    if migrations.pending(database):
        migrations.apply(database)
        with transaction(database):
            recording.watch(database.conn)


def _check_folder(folder: Path) -> None:
    """Whoever can write the folder can replace the store, so nobody else may."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    status = folder.stat()
    if status.st_uid != os.geteuid():
        raise StoreRefused(
            f"{folder} belongs to uid {status.st_uid}, not to you", "run the broker as its owner"
        )
    if stat.S_IMODE(status.st_mode) & 0o022:
        raise StoreRefused(f"{folder} can be written by others", f"run: chmod go-w {folder}")


def _check_file(path: Path) -> None:
    """A file of ours, for us alone; made where there is none."""
    try:
        status = path.lstat()
    except FileNotFoundError:
        path.touch(mode=0o600)
        status = path.lstat()
    if not stat.S_ISREG(status.st_mode):
        raise StoreRefused(f"{path} is not a plain file", "name the folder of the store itself as `dir`")
    if status.st_uid != os.geteuid():
        raise StoreRefused(
            f"{path} belongs to uid {status.st_uid}, not to you", "run the broker as its owner"
        )
    if stat.S_IMODE(status.st_mode) & 0o022:
        raise StoreRefused(
            f"{path} could be written by others",
            f"see that it is as it should be, then run: chmod 600 {path}",
        )
    path.chmod(0o600)
    with path.open("rb") as file:
        head = file.read(16)
    if head and head != b"SQLite format 3\x00":
        raise StoreRefused(f"{path} is not an SQLite file", "name the right folder as `dir`")


def _unreadable(path: Path, error: sqlite3.DatabaseError) -> StoreRefused:
    if error.sqlite_errorname.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return StoreRefused(
            f"the store {path} is in use by another program", "end that program and start again"
        )
    if not has_room(path.parent):
        return StoreRefused(
            f"there is no room on the disk of the store {path}", "make room and start again: nothing is lost"
        )
    return StoreRefused(
        f"the store {path} cannot be read: {error}", "restore the newest backup with `arqueue restore`"
    )
