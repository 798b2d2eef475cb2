"""Items whose figures came with an answer that something newer may have overtaken: they are asked for again."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from datetime import date

from sqlite_utils import Database

from arqueue.errors import ArqueueError
from arqueue.model.ledger import Entity
from data.peers.contract import Peer
from data.store import mirror, queue
from data.store.queue import Delta
from data.store.store import Store
from data.sync.health import Health

WHOLE_S = 120.0
"""The longest that all requests of one order, or for what it moved, may take together; each has its own deadline."""


async def as_now(peer: Peer, ids: Iterable[str]) -> Sequence[Entity]:
    """How the ledger has these now; nothing where it does not say: the next pull will."""
    try:
        async with asyncio.timeout(WHOLE_S):
            return (await peer.get(list(ids))).upserts
    except (TimeoutError, ArqueueError):
        return ()


async def catch_up(
    store: Store, peer: Peer, health: Health, items: Sequence[str], *, at: str, today: date, base: str
) -> Delta:
    """Ask for items again that changed while an answer was on its way, unless they change once more meanwhile: then the pull
    that changed them has the newer ones."""
    seen = await store.read(lambda connection: mirror.versions(connection, items))
    found = await as_now(peer, items)

    def work(database: Database) -> Delta:
        here = mirror.versions(database.conn, items)
        fresh = [entity for entity in found if here.get(entity.id) == seen.get(entity.id)]
        touched = mirror.store_entities(database, fresh, at=at)
        health.read_back.update(entity.id for entity in fresh)
        return queue.refresh(database, touched.parties, today, base)

    return await store.write(work)
