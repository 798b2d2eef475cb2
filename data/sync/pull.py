"""Pulling: pages of the feed into the mirror, work derived in the same transaction, the cursor never ahead of what is stored."""

from __future__ import annotations

import asyncio
import sqlite3
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

import structlog
from sqlite_utils import Database

from arqueue.errors import ArqueueError, PeerGarbled
from arqueue.model.clock import Clock
from arqueue.model.money import Money
from data.peers.contract import CensusRow, Page, Peer
from data.store import bulk, mirror, queue
from data.store.queue import QUARANTINE, Delta
from data.store.store import Store
from data.sync.health import Health

log = structlog.get_logger()
CENSUS_EVERY_S = 24 * 3600.0
_SLICE = 500
_FEW = 20
"""Open items looked at again in one transaction: some 20 ms, so that a person's action seldom waits longer."""
_GET = 200
_ROOMS = (100, 25, 1000)
_BRISK_S, _SLOW_S = 0.01, 0.03
"""How many rows one transaction takes in: at first, at least, at most; it grows while one is brisk and shrinks when it was slow,
so that a person's order waits for some 50 ms at most, on any disk."""
_LOOKS = 5


@dataclass(frozen=True, slots=True)
class Pulled:
    """What one pull did."""

    rows: int
    cursor: str


class Puller:
    """Brings the mirror up to the ledger. ``today`` and ``base_currency`` are asked anew for each page."""

    def __init__(
        self,
        store: Store,
        peer: Peer,
        clock: Clock,
        health: Health,
        *,
        today: Callable[[], date],
        base_currency: Callable[[], str],
        changed: Callable[[Delta], None],
    ) -> None:
        self._store, self._peer, self._clock, self._health = store, peer, clock, health
        self._today, self._base_currency, self._changed = today, base_currency, changed
        self._census_due = True
        self._census_boot_s: float | None = None
        self._again: set[str] = set()
        self._room = _ROOMS[0]
        """So many rows are taken in at once."""

    async def pull(self, *, full: bool = False) -> Pulled:
        """All pages there are; a census after an error, after a full pull, and daily. Raises what the peer raises,
        with everything before it stored."""
        try:
            if full:
                await self._store.write(lambda database: mirror.forget_cursor(database))
                self._census_due = True
            done = await self._pages()
            if self._census_is_due():
                done += await self.take_census()
        except ArqueueError as error:
            self._census_due = True
            self._health.failing(error)
            raise
        self._health.well(self._clock.stamp(), self._clock.boot_s())
        cursor = await self._store.read(mirror.read_cursor)
        return Pulled(done, cursor or "")

    async def _pages(self) -> int:
        cursor = await self._store.read(mirror.read_cursor)
        first, done = not await self._store.read(mirror.is_loaded), 0
        self._health.quarantined = await self._store.read(mirror.quarantined)
        whole_since = self._clock.stamp() if cursor is None else None
        if first:
            await self._store.write(bulk.begin)
        while True:
            self._health.read_back.clear()
            page = await self._peer.pull(cursor, self._known)
            if page.more and page.cursor == cursor:
                raise PeerGarbled(
                    "the accounting system says that more follows, and leads nowhere",
                    "tell whoever runs it; what came before is here",
                )
            done += await self._take(page, feed=True, derive=not first)
            if done or page.more:
                self._health.pulling(done, page.remaining)
            cursor = page.cursor
            if not page.more:
                break
            await asyncio.sleep(0)  # a person's action gets its turn between two pages
        done += await self._ask_again()
        if whole_since is not None:
            await self._forget_quarantine(whole_since)
        if await self._store.read(mirror.is_sweeping):
            done += await self._sweep()
        if first:
            for statement in await self._store.read(bulk.pending):
                await self._store.write(partial(bulk.restore, statement=statement))
            await self.derive_all()
            at = self._clock.stamp()
            await self._store.write(lambda database: mirror.mark_loaded(database, at))
        return done

    async def _known(self, kind: str, ids: Sequence[str]) -> Mapping[str, str]:
        return await self._store.read(lambda connection: mirror.known(connection, kind, ids))

    async def _take(self, page: Page, *, feed: bool, derive: bool = True) -> int:
        """A page, its work and its cursor in one transaction, or a large one in several, of which the last moves the cursor."""
        done = 0
        while page.upserts[self._room :]:
            piece, page = mirror.divide(page, self._room)
            done += await self._take_piece(piece, feed=feed, derive=derive, moves=False)
            await asyncio.sleep(0)  # a person's action gets its turn between two pieces
        return done + await self._take_piece(page, feed=feed, derive=derive, moves=feed)

    async def _take_piece(self, page: Page, *, feed: bool, derive: bool, moves: bool) -> int:
        """Rows and their work in one transaction; the next piece is larger when it was brisk and smaller when it was slow. On a
        first load work is derived once, at the end. Rows that an order's outcome brought while the page was on its way may be
        newer than the page: they are asked for again."""
        at, today, base = self._clock.stamp(), self._today(), self._base_currency()

        def work(database: Database) -> tuple[mirror.Touched, Delta | None, int, float]:
            began_s = self._clock.boot_s()
            touched = mirror.store_page(
                database, page, feed=feed, at=at, newer=self._health.read_back, moves=moves
            )
            # with the cursor that passes them; asked once too often is no harm
            self._again |= set(touched.skipped)
            parties = touched.parties | ({QUARANTINE} if touched.quarantine else set())
            delta = queue.refresh(database, parties, today, base) if derive else None
            return touched, delta, mirror.quarantined(database.conn), self._clock.boot_s() - began_s

        touched, delta, self._health.quarantined, took_s = await self._store.write(work)
        self._room = _next_room(self._room, took_s)
        if delta and (delta.ids or touched.changed):
            self._changed(delta)
        return touched.changed

    async def _ask_again(self) -> int:
        """Rows that were left alone, as they are now. What an error keeps from being asked is found by the census after it."""
        asked, self._again = sorted(self._again), set()
        done = await self._get(asked)
        self._census_due = self._census_due or bool(self._again)
        return done

    async def _get(self, ids: Sequence[str]) -> int:
        done = 0
        for start in range(0, len(ids), _GET):
            self._health.read_back.clear()
            page = await self._peer.get(ids[start : start + _GET])
            done += await self._take(page, feed=False)
        return done

    async def _sweep(self) -> int:
        """After a reading of everything: what it did not meet is asked for by its id, and leaves the mirror only where the ledger
        says that it is gone. What came in meanwhile is marked as met."""
        done = 0
        while rest := await self._store.read(lambda connection: mirror.unmet(connection, _GET)):
            done += await self._get(rest)
            await self._store.write(partial(mirror.mark, ids=rest))
            await asyncio.sleep(0)  # a person's action gets its turn between two slices
        await self._store.write(mirror.end_sweep)
        if done:
            log.info("swept", rows=done)
        return done

    async def _forget_quarantine(self, before: str) -> None:
        """Everything was read since: a row that was set aside before, and not again, is no more."""
        today, base = self._today(), self._base_currency()

        def work(database: Database) -> tuple[Delta | None, int]:
            cleared = mirror.clear_quarantine(database, before)
            delta = queue.refresh(database, [QUARANTINE], today, base) if cleared else None
            return delta, mirror.quarantined(database.conn)

        delta, self._health.quarantined = await self._store.write(work)
        if delta and delta.ids:
            self._changed(delta)

    async def derive_all(self) -> None:
        """Look at every customer again: after a first load, and when what derives work is another."""
        slices = await self._store.read(lambda connection: queue.slices(connection, _SLICE))
        await self._derive(slices)

    async def derive(self, parties: Sequence[str]) -> None:
        """Look at these customers again, a few at a time."""
        await self._derive([parties[start : start + _FEW] for start in range(0, len(parties), _FEW)])

    async def _derive(self, slices: Sequence[Sequence[str]]) -> None:
        today, base = self._today(), self._base_currency()
        for parties in ([QUARANTINE], *slices):
            work = partial(queue.refresh, parties=parties, today=today, base_currency=base)
            delta = await self._store.write(work)
            if delta.ids:
                self._changed(delta)

    def _census_is_due(self) -> bool:
        then = self._census_boot_s
        return self._census_due or then is None or self._clock.boot_s() - then > CENSUS_EVERY_S

    async def take_census(self) -> int:
        """Compare every open item with the ledger; what differs is fetched, what is gone is buried. Returns how many changed."""
        census = await self._peer.census()
        ours = await self._store.read(mirror.open_items)
        ask = await asyncio.to_thread(_differences, census, ours)  # of a million: people go on meanwhile
        done = await self._get(ask)
        done += await self._ask_again()
        if ask:
            log.info("census", open_there=len(census), open_here=len(ours), differed=len(ask), changed=done)
        self._census_due, self._census_boot_s = bool(self._again), self._clock.boot_s()
        return done

    async def disagreement(self) -> str:
        """The control total: in words how the open residuals here and in the ledger differ, by currency; empty where they agree.
        What differs only since the ledger moves on is fetched on the way."""
        words = ""
        for _ in range(_LOOKS):
            await self.take_census()
            census, (ours, aside) = await self._peer.census(), await self._store.read(_totals)
            theirs: Counter[str] = Counter()
            for row in census:
                if row.id not in aside:
                    theirs[row.residual.currency] += row.residual.minor
            words = ", ".join(
                f"{Money(theirs[each], each)} {each} are open there, {Money(ours[each], each)} here"
                for each in sorted({*theirs, *ours})
                if theirs[each] != ours[each]
            )
            if not words:
                break
        return words


def _next_room(room: int, took_s: float) -> int:
    _, least, most = _ROOMS
    if took_s > _SLOW_S:
        return max(least, room // 2)
    return min(most, room * 2) if took_s < _BRISK_S else room


def _totals(connection: sqlite3.Connection) -> tuple[Counter[str], set[str]]:
    """What the mirror holds open by currency, and the rows that could not be taken in."""
    aside = {row[0] for row in connection.execute("SELECT entity_id FROM quarantine")}
    totals: Counter[str] = Counter()
    for key, currency, residual in connection.execute(
        "SELECT id, currency, residual FROM item WHERE state = 'open' AND residual <> 0"
    ):
        if key not in aside:
            totals[currency] += residual
    return totals, aside


def _differences(census: Sequence[CensusRow], ours: dict[str, tuple[str, int]]) -> list[str]:
    """Ids whose version or residual differ, and ids that only one side holds open."""
    theirs = {row.id: (row.version, row.residual.minor) for row in census}
    return sorted(
        {key for key, seen in theirs.items() if ours.get(key) != seen} | (ours.keys() - theirs.keys())
    )
