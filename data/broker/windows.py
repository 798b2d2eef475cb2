"""Windows as they go out. A row is made into JSON once for everybody, and again when anything that it is made of is another; a
window of a plain view is kept as long as nothing that the queue shows has changed."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Hashable, Sequence
from typing import Final

from arqueue.model.people import Person
from data.broker.core import Core
from data.broker.frames import Packed
from data.broker.listing import Listing
from data.broker.requests import WindowRequest
from data.store import queue

_ROWS: Final = 4096
"""Rows that are kept, some 3 kB each."""
_ROOM: Final = 16 * 1024 * 1024
"""Bytes of windows that are kept."""


class Painted:
    """Rows as JSON, by their numbers in the store. One that is kept is compared with all that it was made of."""

    def __init__(self) -> None:
        self._kept: OrderedDict[int, tuple[Hashable, Hashable, bytes]] = OrderedDict()
        self._keeping = threading.Lock()

    def rows(self, listing: Listing, seqs: Sequence[int]) -> bytes:
        """These rows of the listing, in that sequence, as a JSON array."""
        order = listing.ranking
        under = (listing.today, order.day, order.text)
        return b"[" + b",".join(self._row(listing, under, facts) for facts in listing.facts_of(seqs)) + b"]"

    def _row(self, listing: Listing, under: Hashable, facts: sqlite3.Row) -> bytes:
        seq, made_of = facts["seq"], tuple(facts)
        kept = self._kept.get(seq)
        if kept is not None and kept[:2] == (under, made_of):
            return kept[2]
        made = json.dumps(listing.paint(facts), separators=(",", ":")).encode()
        with self._keeping:
            self._kept[seq] = (under, made_of, made)
            self._kept.move_to_end(seq)
            if len(self._kept) > _ROWS:
                self._kept.popitem(last=False)
        return made


class Windows:
    """Answers windows of plain views: those of the same rows are one for all who see them."""

    def __init__(self, core: Core, painted: Painted) -> None:
        self._core, self._painted = core, painted
        self._kept: OrderedDict[Hashable, Packed] = OrderedDict()
        self._shown: int | None = None
        self._held = 0
        self._keeping = threading.Lock()
        self._aside = asyncio.Semaphore(1)

    async def window(self, person: Person, asked: WindowRequest) -> Packed:
        """Rows of a view in rank order. What nobody waits for is made one after another, and leaves readers for who waits."""
        today = self._core.today()
        place = (asked.view, asked.offset, asked.limit, today)
        mine = (person.id, person.roles, *place)
        if (kept := self._get(self._core.store.shown, mine)) is not None:
            return kept

        def look(connection: sqlite3.Connection) -> Packed:
            before = self._core.store.shown  # nothing was read yet: the snapshot is not older
            listing = Listing(connection, person, today)
            order = listing.order(asked.view)
            ours = (order.gen, order.lanes, *place[1:])
            found = self._get(before, ours)
            if found is None:
                rows = self._painted.rows(listing, order.window(asked.offset, asked.limit))
                generation = queue.generation(connection)
                found = packed(rows, asked.offset, order.total, order.total, generation)
            if before == self._core.store.shown:  # and not newer
                self._keep(before, {mine: found, ours: found})
            return found

        if not asked.aside:
            return await self._core.store.read(look)
        async with self._aside:
            if (kept := self._get(self._core.store.shown, mine)) is not None:
                return kept  # whoever came before asked for the same
            return await self._core.store.read(look)

    def _get(self, shown: int | None, key: Hashable) -> Packed | None:
        with self._keeping:
            return self._kept.get(key) if shown is not None and shown == self._shown else None

    def _keep(self, shown: int | None, made: dict[Hashable, Packed]) -> None:
        with self._keeping:
            if shown is None or (self._shown is not None and shown < self._shown):
                return
            if shown != self._shown:
                self._kept.clear()
                self._shown, self._held = shown, 0
            for key, window in made.items():
                self._held += len(window.body) * (key not in self._kept)
                self._kept[key] = window
            while self._held > _ROOM:
                _, gone = self._kept.popitem(last=False)
                self._held -= len(gone.body)


def packed(
    rows: bytes, offset: int, total: int, every: int, generation: int, more: bool | None = None
) -> Packed:
    """A ``protocol.Window`` whose rows are JSON already."""
    rest = {"offset": offset, "total": total, "all": every, "generation": generation}
    if more is not None:
        rest["more"] = more
    return Packed(b'{"rows":' + rows + b"," + json.dumps(rest, separators=(",", ":")).encode()[1:])
