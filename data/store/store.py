"""The store behind its threads: one that writes, a few that read. The event loop never waits in SQLite.

A write is one transaction, begun and ended in the writer's thread, so that none is ever open across an await; before it begins,
and again before it ends, the files at the path must still be the files that were opened: what is written to others is lost.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from sqlite_utils import Database

from arqueue.errors import StoreRefused, StoreReplaced
from data.store.disk import Ballast
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
            self._database = self._writer.submit(open_writer, path).result()
        except BaseException:
            self._writer.shutdown()
            self._pool.shutdown()
            raise
        self._identity = _identity(path)
        self._ballast = Ballast(path.parent)

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
        with transaction(self._database) as database:
            result = work(database)
            self._check_identity()
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
            reader = open_reader(self.path)
            with self._lock:
                self._open.append(reader)
            self._check_identity()
            self._local.reader = reader
        return reader

    def _check_identity(self) -> None:
        if _identity(self.path) != self._identity:
            raise StoreReplaced(
                f"{self.path} was replaced while it was in use",
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

    def _close_writer(self) -> None:
        self._fold()
        self._database.conn.close()


def _no_room(error: sqlite3.OperationalError) -> StoreRefused:
    return StoreRefused(
        f"nothing could be written: {error}", "make room on the disk; what was there before is kept"
    )


def _identity(path: Path) -> tuple[int, ...] | None:
    """Device and inode of the file and of its write-ahead log, where what was committed last is."""
    try:
        file, log = os.lstat(path), os.lstat(f"{path}-wal")
    except FileNotFoundError:
        return None
    return (file.st_dev, file.st_ino, log.st_dev, log.st_ino)
