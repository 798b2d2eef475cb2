"""The index of texts reads on while nobody waits for the writer: small pieces, with gaps between them."""

from __future__ import annotations

import asyncio
from typing import Final

from sqlite_utils import Database

from data.broker.core import Core
from data.store import searching

PIECES: Final = (50, 100, 1000)
"""How many rows one transaction reads: at least, at first, at most."""
BRISK_S, SLOW_S = 0.005, 0.015
"""A piece grows while one is brisk and shrinks when it was slow: a person never waits long for the writer."""
GAP_S = 0.02
LOOK_S = 2.0


class Indexing:
    """What came in is found at once, row by row; read into the index it is found quickly."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._piece = PIECES[1]
        core.beside("indexing", self._read_for_ever)

    async def _read_for_ever(self) -> None:
        store, health = self._core.store, self._core.health
        while True:
            # a first load has the writer for itself: what it brings is read when it has ended
            if health.state != "idle" or not await store.read(searching.unread):
                await asyncio.sleep(LOOK_S)
                continue
            self._piece = next_piece(self._piece, await store.write(self._read_on))
            await asyncio.sleep(GAP_S)

    def _read_on(self, database: Database) -> float:
        """A piece; how many seconds it took."""
        began_s = self._core.clock.boot_s()
        searching.read_on(database, self._piece)
        return self._core.clock.boot_s() - began_s


def next_piece(piece: int, took_s: float) -> int:
    """How many rows to read next."""
    least, _, most = PIECES
    if took_s > SLOW_S:
        return max(least, piece // 2)
    return min(most, piece * 3 // 2) if took_s < BRISK_S else piece
