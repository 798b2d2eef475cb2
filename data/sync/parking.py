"""A command whose stored bytes are not what was decided, or cannot be read, is parked: it waits where it is, for a person, and
nothing else waits for it."""

from __future__ import annotations

from datetime import date

import structlog
from sqlite_utils import Database

from arqueue.model.clock import Clock
from data.store import outbox, queue
from data.store.outbox import Stored
from data.store.queue import Delta
from data.store.store import Store

log = structlog.get_logger()
_PARKED_S = 24 * 3600.0


async def park_unsound(store: Store, row: Stored, clock: Clock, today: date, base: str) -> Delta | None:
    """What the queue shows differently where it was parked; None for a sound one."""
    words = await store.read(lambda connection: outbox.unsound(connection, row))
    if not words:
        return None
    until, at = clock.boot_s() + _PARKED_S, clock.stamp()

    def work(database: Database) -> Delta:
        outbox.park(database, row, words, until_boot_s=until, boot_id=clock.boot_id, at=at)
        return queue.refresh(database, {row.party_id or ""} - {""}, today, base)

    delta = await store.write(work)
    log.error("command parked", id=row.id, op=row.op)
    return delta
