"""The store behind its threads: one that writes, a few that read. The event loop never waits in SQLite.

A write is one transaction, begun and ended in the writer's thread, so that none is ever open across an await; before it begins,
and again before it ends, the files at the path must still be the files that were opened: what is written to others is lost. The
same file with another content is found by its stamp, which only this writer's own commits move, and by the store's id and epoch.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from sqlite_utils import Database

from arqueue.errors import StoreRefused, StoreReplaced
from data.store import watching
from data.store.disk import Ballast, has_room, release
from data.store.opening import open_reader, open_writer, transaction

T = TypeVar("T")
_READERS = 3
_NO_ROOM = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE})


class Store:
    """The only way to the SQLite file in this process. Raises StoreRefused when it may not be used."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="store-writer")
        self._pool = ThreadPoolExecutor(_READERS, thread_name_prefix="store-reader")
        self._local = threading.local()
        self._open: list[Database] = []
        self._lock = threading.Lock()
        try:
            self._database = self._writer.submit(_opened, path).result()
        except BaseException:
            self._writer.shutdown()
            self._pool.shutdown()
            raise
        self._identity = _identity(path)
        self._stamp = _stamp(path)
        self._name = self._writer.submit(lambda: _name(self._database.conn)).result()
        self._writer.submit(lambda: watching.begin(self._database.conn)).result()
        self._shown: int | None = 0
        self._ballast = Ballast(path.parent)

    @property
    def shown(self) -> int | None:
        """A number that is another after each change of what the queue shows; None while one is being committed. What was read
        from beginning to end under one number is what the store holds as long as this is the number."""
        return self._shown

    async def write(self, work: Callable[[Database], T]) -> T:
        """Run in one transaction, durable when this returns."""
        return await asyncio.get_running_loop().run_in_executor(self._writer, self._in_transaction, work)

    async def read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run over one consistent snapshot; cannot write."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._in_snapshot, work)

    async def fold(self) -> None:
        """Bring the log into the file and empty it: what was erased stays in neither. A reader that is at work is waited for by
        the next time."""
        await asyncio.get_running_loop().run_in_executor(self._writer, self._fold)

    def _in_transaction(self, work: Callable[[Database], T]) -> T:
        """Where the disk is full the reserve is given up, and the work is done once more: it left nothing behind."""
        try:
            result = self._once(work)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode not in _NO_ROOM:
                raise
            if not self._ballast.release():
                raise _no_room(error) from error
            try:
                return self._once(work)
            except sqlite3.OperationalError as again:
                raise _no_room(again) from again
        if not self._ballast.is_held:
            self._ballast.renew()
        return result

    def _once(self, work: Callable[[Database], T]) -> T:
        self._check_identity()
        self._check_content()
        try:
            with transaction(self._database) as database:
                if _name(database.conn) != self._name:
                    raise self._replaced("is another store, or another epoch of it, than when it was opened")
                result = work(database)
                self._check_identity()
                self._check_content()
                if watching.count(database.conn) != self._shown:
                    self._shown = None  # from here on a reader may meet either
        finally:
            self._shown = watching.count(self._database.conn)
        self._stamp = _stamp(self.path)  # a commit may bring the log into the file
        return result

    def _in_snapshot(self, work: Callable[[sqlite3.Connection], T]) -> T:
        connection = self._reader().conn
        connection.execute("BEGIN")
        try:
            return work(connection)
        finally:
            connection.execute("COMMIT")

    def _reader(self) -> Database:
        reader: Database | None = getattr(self._local, "reader", None)
        if reader is None:
            reader = open_reader(self.path, "ro")
            with self._lock:
                self._open.append(reader)
            self._check_identity()
            self._local.reader = reader
        return reader

    def _check_identity(self) -> None:
        if _identity(self.path) != self._identity:
            raise self._replaced("was replaced while it was in use")

    def _check_content(self) -> None:
        if _stamp(self.path) != self._stamp:
            raise self._replaced("was written over while it was in use")

    def _replaced(self, how: str) -> StoreReplaced:
        return StoreReplaced(
            f"{self.path} {how}",
            "stop the broker, put the right file back (see `arqueue restore`), start it again",
        )

    def close(self) -> None:
        """Finish what is under way, fold the WAL into the file, and let go."""
        self._pool.shutdown(wait=True)
        for reader in self._open:
            reader.conn.close()
        self._writer.submit(self._close_writer).result()
        self._writer.shutdown(wait=True)

    def _fold(self) -> None:
        self._database.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._stamp = _stamp(self.path)

    def _close_writer(self) -> None:
        if _stamp(self.path) == self._stamp:
            self._fold()
        elif _identity(self.path) == self._identity:
            self._leave_as_it_is()
        self._database.conn.close()

    def _leave_as_it_is(self) -> None:
        """Somebody wrote another store over the file: under a new inode SQLite does not fold our log into it, and beside it the
        log is nobody's."""
        copy = self.path.with_name(f"{self.path.name}.put")
        shutil.copy2(self.path, copy)
        copy.replace(self.path)
        Path(f"{self.path}-wal").replace(f"{self.path}-wal.left")


def _no_room(error: sqlite3.OperationalError) -> StoreRefused:
    return StoreRefused(
        f"nothing could be written: {error}", "make room on the disk; what was there before is kept"
    )


def _stamp(path: Path) -> tuple[int, int] | None:
    """Size and time of the last change of the file. In write-ahead mode nothing but a checkpoint writes to it, and only this
    process's writer makes those: SQLite itself would go on with the pages that it knows, and mix two stores."""
    try:
        file = path.stat()
    except FileNotFoundError:
        return None
    return file.st_size, file.st_mtime_ns


def _name(connection: sqlite3.Connection) -> dict[str, str]:
    """Which store it says that it is, and which epoch of it."""
    found = connection.execute("SELECT key, value FROM meta WHERE key IN ('store_id', 'epoch')")
    return dict(found.fetchall())


def _opened(path: Path) -> Database:
    """Opening takes some room: a full disk gives up the reserve for it."""
    try:
        return open_writer(path)
    except StoreRefused:
        if has_room(path.parent) or not release(path.parent):
            raise
        return open_writer(path)


def _identity(path: Path) -> tuple[int, ...] | None:
    """Device and inode of the file and of its write-ahead log, where what was committed last is."""
    try:
        file, log = os.lstat(path), os.lstat(f"{path}-wal")
    except FileNotFoundError:
        return None
    return (file.st_dev, file.st_ino, log.st_dev, log.st_ino)
