"""What another business date does to the queue, and another way of deriving it; the ledger is not asked."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import structlog
from sqlite_utils import Database

from arqueue.work.derive import DERIVATION
from data.broker.reranking import Reranker
from data.store import dates, mirror, ranking
from data.store.store import Store
from data.sync.pull import Puller

log = structlog.get_logger()
_KEY: Final = "derived_on"
_LONG: Final = timedelta(days=4)
"""A broker that stood still for longer, or a date before the last one, is worth a line in the log."""


class Days:
    """Follows the date of the company's zone. ``is_ready`` says whether what deriving needs of the ledger is known."""

    def __init__(
        self,
        store: Store,
        puller: Puller,
        reranker: Reranker,
        today: Callable[[], date],
        *,
        is_ready: Callable[[], bool],
    ) -> None:
        self._store, self._puller, self._reranker = store, puller, reranker
        self._today, self._is_ready = today, is_ready
        self._turn = asyncio.Lock()
        self._derived_on: date | None = None
        self._loading_on: date | None = None
        """On which date the mirror was still without its first load, which derives everything."""

    async def follow(self) -> bool:
        """Whose work begins or ends with the date is looked at again, and every age is another: all is ranked anew. Whether there
        was any need. A clock that jumps, either way, is another date like any; rows that were derived another way are derived
        anew, all of them."""
        async with self._turn:
            today = self._today()
            if self._derived_on == today or not self._is_ready():
                return False
            loaded, said, text = await self._store.read(_state)
            if not loaded:
                self._loading_on = self._loading_on or today
                return False
            await self._derive(said, today)
            await self._reranker.rank(today, text)
            await self._store.write(lambda database: _note(database, today))
            self._derived_on = today
            return True

    async def _derive(self, said: str, today: date) -> None:
        before, _, version = said.partition(" ")
        if said and version == str(DERIVATION):
            last = date.fromisoformat(before)
        elif self._loading_on is not None and not said:
            last = self._loading_on
        else:
            log.info("derived anew", was=version, now=DERIVATION)
            await self._puller.derive_all()
            return
        if last == today:
            return
        if not timedelta(0) < today - last <= _LONG:
            log.warning("the business date jumped", before=last.isoformat(), today=today.isoformat())
        parties = await self._store.read(lambda connection: dates.changing(connection, last, today))
        await self._puller.derive(parties)


def began(now: datetime, zone: str) -> str:
    """The instant (UTC, ISO 8601) at which the date of ``now`` began in a zone: the first midnight, where a clock shows two."""
    there = ZoneInfo(zone)
    midnight = datetime.combine(now.astimezone(there).date(), time(), there)
    return midnight.astimezone(UTC).isoformat(timespec="microseconds")


def _state(connection: sqlite3.Connection) -> tuple[bool, str, str]:
    """Whether the mirror was ever loaded; the date and the way of the last derivation; the strategy that is wanted."""
    found = connection.execute("SELECT value FROM meta WHERE key = ?", (_KEY,)).fetchone()
    return mirror.is_loaded(connection), str(found[0]) if found else "", ranking.chosen(connection)


def _note(database: Database, today: date) -> None:
    database.conn.execute(
        "INSERT OR REPLACE INTO meta VALUES (?, ?)", (_KEY, f"{today.isoformat()} {DERIVATION}")
    )
