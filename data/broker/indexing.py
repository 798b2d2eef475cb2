"""The index of texts reads on while nobody waits for the writer: small pieces, with gaps between them."""

from __future__ import annotations

import asyncio

from data.broker.core import Core
from data.store import searching

PIECE = 1000
"""Rows that are read in one transaction: some ten milliseconds."""
GAP_S = 0.02
LOOK_S = 2.0


class Indexing:
    """What came in is found at once, row by row; read into the index it is found quickly."""

    def __init__(self, core: Core) -> None:
        self._core = core
        core.beside("indexing", self._read_for_ever)

    async def _read_for_ever(self) -> None:
        store, health = self._core.store, self._core.health
        while True:
            # a first load has the writer for itself: what it brings is read when it has ended
            if health.state != "idle" or not await store.read(searching.unread):
                await asyncio.sleep(LOOK_S)
                continue
            await store.write(lambda database: searching.read_on(database, PIECE))
            await asyncio.sleep(GAP_S)
