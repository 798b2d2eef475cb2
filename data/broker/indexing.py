"""The index of texts reads on while nobody waits for the writer: small pieces, with gaps between them."""

from __future__ import annotations

import asyncio

import structlog

from arqueue.errors import StoreRefused, StoreReplaced
from data.broker.core import Core
from data.store import searching

log = structlog.get_logger()
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
        while True:
            try:
                read = await self._read_on()
            except StoreReplaced:
                raise
            except StoreRefused as error:  # a full disk: what is not read yet is found row by row
                log.warning("the index of texts waits", code=error.code)
                read = False
            await asyncio.sleep(GAP_S if read else LOOK_S)

    async def _read_on(self) -> bool:
        """A piece, where there is one. A first load has the writer for itself: what it brings is read when it has ended."""
        store, health = self._core.store, self._core.health
        if health.state != "idle" or not await store.read(searching.unread):
            return False
        await store.write(lambda database: searching.read_on(database, PIECE))
        return True
