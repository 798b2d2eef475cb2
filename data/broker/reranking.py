"""A whole new order of the queue: computed beside everybody's work, copied in short transactions, shown in one step."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Final, TypeVar

import structlog
from sqlite_utils import Database

from data.store import queue, ranking
from data.store.queue import Delta
from data.store.ranking import Entry, Lane, Ranking
from data.store.store import Store

T = TypeVar("T")
log = structlog.get_logger()
_AT_ONCE: Final = 20_000
"""So few rows are ranked in one transaction."""
_FIRST, _LEAST, _MOST = 500, 200, 20_000
_WRITE_S: Final = 0.005
"""How long a transaction of copying may hold the writer; the next one is longer or shorter by that."""
_GAP_S: Final = 0.002


@dataclass(slots=True)
class Computed:
    """All entries of an order in little room: three numbers each, and a number for the lane."""

    lanes: dict[Lane, int] = field(default_factory=dict)
    numbers: array[int] = field(default_factory=lambda: array("q"))

    def add(self, entry: Entry) -> None:
        """One more, in order."""
        down, small, seq, lane = entry
        self.numbers.extend((down, small, seq, self.lanes.setdefault(lane, len(self.lanes))))

    def __len__(self) -> int:
        return len(self.numbers) // 4

    def part(self, start: int, stop: int) -> Iterator[Entry]:
        """Entries from a place on, up to another."""
        lanes = list(self.lanes)
        for at in range(start * 4, min(stop * 4, len(self.numbers)), 4):
            down, small, seq, lane = self.numbers[at : at + 4]
            yield Entry(down, small, seq, lanes[lane])


class Reranker:
    """Builds one order at a time."""

    def __init__(self, store: Store, changed: Callable[[Delta], None]) -> None:
        self._store, self._changed = store, changed
        self._turn = asyncio.Lock()
        self.longest_write_s = 0.0
        """The longest that the last order kept the writer."""

    async def rank(self, day: date, text: str | None = None) -> bool:
        """Rank everything anew for a business date, by another strategy where its text is given; whether there was any need."""
        async with self._turn:
            self.longest_write_s = 0.0
            now = await self._store.read(ranking.current)
            if now is None or (now.day == day and text in (None, now.text)):
                await self._clear()
                return False
            text = now.text if text is None else text
            if await self._store.read(lambda connection: ranking.size(connection, now)) <= _AT_ONCE:
                await self._write(lambda database: ranking.at_once(database.conn, day, text))
            else:
                await self._build(day, text)
            self._changed(Delta((), await self._store.read(queue.generation)))
            return True

    async def _build(self, day: date, text: str) -> None:
        new = await self._write(lambda database: ranking.start(database.conn, day, text))
        found = await self._store.read(partial(_computed, new=new))
        done, size = 0, _FIRST
        while done < len(found):
            entries = list(found.part(done, done + size))
            _, took = await self._timed(partial(_copied, new=new, entries=entries))
            done += len(entries)
            size = _next_size(size, took)
            await asyncio.sleep(_GAP_S)  # a person's action gets its turn
        await self._write(lambda database: ranking.flip(database.conn, new))
        log.info(
            "ranked",
            rows=len(found),
            day=day.isoformat(),
            longest_write_ms=round(self.longest_write_s * 1000),
        )
        await self._clear()

    async def _clear(self) -> None:
        """What is not shown any more, bit by bit; also what a crash left."""
        await self._write(lambda database: ranking.abandon(database.conn))
        cleared, size = False, _FIRST
        while not cleared:
            cleared, took = await self._timed(partial(_cleared, size=size))
            size = _next_size(size, took)
            await asyncio.sleep(_GAP_S)

    async def _write(self, work: Callable[[Database], T]) -> T:
        found, _ = await self._timed(work)
        return found

    async def _timed(self, work: Callable[[Database], T]) -> tuple[T, float]:
        """With how long the writer was kept: from the beginning of the work until its commit was told."""
        began = 0.0

        def begun(database: Database) -> T:
            nonlocal began
            began = time.perf_counter()
            return work(database)

        found = await self._store.write(begun)
        took = time.perf_counter() - began
        self.longest_write_s = max(self.longest_write_s, took)
        return found, took


def _next_size(size: int, took: float) -> int:
    """How many rows the next transaction may move, by how long the last one took."""
    return max(_LEAST, min(_MOST, int(size * _WRITE_S / max(took, 0.001)), size * 2))


def _computed(connection: sqlite3.Connection, new: Ranking) -> Computed:
    found = Computed()
    for entry in ranking.computed(connection, new):
        found.add(entry)
    return found


def _copied(database: Database, new: Ranking, entries: list[Entry]) -> None:
    ranking.copy(database.conn, new, entries)


def _cleared(database: Database, size: int) -> bool:
    return ranking.clear(database.conn, size)
