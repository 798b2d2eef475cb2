"""The store for a schedule: the real schema, triggers and statements on one SQLite database in memory, made once a process.

A transaction is a savepoint inside one that is rolled back when the schedule ends, and a backup is a savepoint that a restore
goes back to; so each schedule begins with the same company, and statements stay prepared.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from sqlite_utils import Database

from data.store.migrations import migrations
from tests.faults.simulator.tasks import Moment

T = TypeVar("T")


class Memory:
    """What ``data.store.store.Store`` is to the broker. ``before_commit`` may end the process."""

    def __init__(self) -> None:
        connection = sqlite3.connect(":memory:", isolation_level=None, cached_statements=1000)
        for pragma in ("foreign_keys = 1", "trusted_schema = 0", "recursive_triggers = 1", "temp_store = 2"):
            connection.execute(f"PRAGMA {pragma}")
        self.database = Database(connection, execute_plugins=False)
        migrations.apply(self.database)
        connection.execute("UPDATE meta SET value = 'simulated' WHERE key = 'store_id'")  # ids derive from it
        self.path = Path("/dev/null")
        self.before_commit: Callable[[], None] = lambda: None
        self.working = False
        self.commits = 0
        self.has_backup = False

    @property
    def connection(self) -> sqlite3.Connection:
        """For those who only look."""
        return self.database.conn

    async def write(self, work: Callable[[Database], T]) -> T:
        """One transaction, with a moment before and one after it."""
        await Moment("to write")
        result = self.at_once(work)
        await Moment("written")
        return result

    async def read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """One snapshot."""
        await Moment("to read")
        return work(self.connection)

    def at_once(self, work: Callable[[Database], T]) -> T:
        """One transaction."""
        connection = self.connection
        connection.execute("SAVEPOINT work")
        self.working = True
        try:
            result = work(self.database)
            self.before_commit()
        except BaseException:
            connection.execute("ROLLBACK TO work")
            raise
        finally:
            self.working = False
            connection.execute("RELEASE work")
        self.commits += 1
        return result

    # ---- what only the story does

    def begin(self) -> None:
        """A schedule begins."""
        self.connection.execute("BEGIN")
        self.commits, self.has_backup = 0, False

    def end(self) -> None:
        """Everything is as it was before the schedule."""
        self.connection.execute("ROLLBACK")

    def back_up(self) -> None:
        """Remember this state; an earlier one is forgotten."""
        self.connection.execute("SAVEPOINT backup")
        self.has_backup = True

    def put_back(self) -> None:
        """As it was at the last backup."""
        self.connection.execute("ROLLBACK TO backup")
        self.commits += 1
