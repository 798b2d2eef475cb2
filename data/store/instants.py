"""Now, by both clocks, and how old something is by them.

Ages count from the boot clock while the machine is up. What is older than this start of the machine has a stamp of a wall clock
only: it is compared with the wall clock as it was when this start was first seen, counted on by the boot clock. So a wall clock
that somebody sets while the machine is up makes nothing older or younger.
"""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Self

from sqlite_utils import Database

from arqueue.model.clock import Clock

_KEY = "boot"
"""In ``meta``: when this start of the machine was first seen, by all clocks."""


@dataclass(frozen=True, slots=True)
class Instant:
    """Now, by the wall clock (UTC) and by the boot clock (seconds)."""

    at: str
    boot_s: float
    boot_id: str

    @classmethod
    def of(cls, clock: Clock) -> Self:
        """What the clocks say."""
        return cls(clock.stamp(), clock.boot_s(), clock.boot_id)

    def age_s(self, at: str, boot_s: float, boot_id: str) -> float:
        """How old something is at least, in seconds."""
        if boot_id == self.boot_id:
            return self.boot_s - boot_s
        passed = datetime.fromisoformat(self.at) - datetime.fromisoformat(at)
        return max(passed.total_seconds(), self.boot_s)

    def before(self, seconds: float) -> str:
        """The stamp of so many seconds ago."""
        moment = datetime.fromisoformat(self.at) - timedelta(seconds=seconds)
        return moment.isoformat(timespec="microseconds")

    def steady(self, connection: sqlite3.Connection) -> Self:
        """The same, whatever was done to the wall clock since this start of the machine was first seen."""
        seen = _seen(connection)
        if seen is None or not seen.same_start(self):
            return self
        return replace(self, at=seen.before(seen.boot_s - self.boot_s))

    def same_start(self, later: Instant) -> bool:
        """Whether the machine was not started in between. Where a start has no name, its clock went back."""
        return later.boot_id == self.boot_id and later.boot_s >= self.boot_s


def see_start(database: Database, now: Instant) -> None:
    """Remember how late it was when this start of the machine was first seen. To be called inside a transaction, before
    anything is decided."""
    seen = _seen(database.conn)
    if seen is None or not seen.same_start(now):
        words = json.dumps([now.at, now.boot_s, now.boot_id])
        database.conn.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (_KEY, words))


def _seen(connection: sqlite3.Connection) -> Instant | None:
    found = connection.execute("SELECT value FROM meta WHERE key = ?", (_KEY,)).fetchone()
    return Instant(*json.loads(found[0])) if found else None
