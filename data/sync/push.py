"""Sending: record the attempt, send the stored bytes, read back, record the outcome. One command at a time, oldest first.

Nothing is begun while the accounting system is known to be away, so what waits for it can still be taken back. An attempt whose
outcome proves nothing makes the command UNKNOWN; before any second attempt the peer is asked for the command id.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

import structlog
from sqlite_utils import Database

from arqueue.control.commands import items_of
from arqueue.control.states import CommandState
from arqueue.errors import ArqueueError, NeedsLogin, Offline
from arqueue.model.clock import Clock
from arqueue.model.ledger import Entity
from arqueue.model.text import clean_line
from data.peers.contract import Absent, Capabilities, Done, Outcome, Partial, Peer, Rejected, Stale, Unknown
from data.store import mirror, outbox, queue
from data.store.audit import SYSTEM
from data.store.outbox import Stored
from data.store.queue import Delta
from data.store.store import Store
from data.sync.health import Health

log = structlog.get_logger()
STALL_S = 5.0
"""An attempt that was recorded longer ago than this is claimed again instead of sent: the process was asleep."""
_WAITS = (1.0, 2.0, 5.0, 15.0, 60.0, 300.0)
_FRESH_S = 5.0


@dataclass(frozen=True, slots=True)
class _Verdict:
    """An outcome in the words of the store."""

    state: CommandState
    name: str
    words: str
    refs: Sequence[str] = ()
    entities: Sequence[Entity] = ()
    wait_s: float | None = None
    stop: bool = False


class Sender:
    """The only sender. ``changed`` and ``moved`` are told what the queue and the outbox show differently."""

    def __init__(
        self,
        store: Store,
        peer: Peer,
        clock: Clock,
        health: Health,
        *,
        capabilities: Callable[[], Capabilities],
        today: Callable[[], date],
        base_currency: Callable[[], str],
        changed: Callable[[Delta], None],
        moved: Callable[[str], None],
    ) -> None:
        self._store, self._peer, self._clock, self._health = store, peer, clock, health
        self._capabilities, self._today, self._base_currency = capabilities, today, base_currency
        self._changed, self._moved = changed, moved
        self._wake = asyncio.Event()
        self._chance = random.Random()
        self._seen_boot_s: float | None = None
        self._refused_login = False
        self.sent = self.failed = 0

    def wake(self) -> None:
        """There may be something to send."""
        self._wake.set()

    async def run(self) -> None:
        """Send for ever; what goes wrong is recorded, waited for and tried again."""
        away = 0
        while True:
            self._wake.clear()
            try:
                busy = await self.step()
                away = 0
            except (Offline, NeedsLogin) as error:
                self._health.failing(error)
                busy, away = False, away + 1
            if not busy:
                await self._sleep(away)

    async def _sleep(self, away: int) -> None:
        """Until somebody wakes us, or the next try is due."""
        due = await self._store.read(lambda connection: outbox.next_wake(connection, self._clock.boot_id))
        waits = [_WAITS[min(away - 1, len(_WAITS) - 1)]] if away else []
        if due is not None:
            waits.append(max(0.05, due - self._clock.boot_s()))
        try:
            async with asyncio.timeout(min(waits) if waits else None):
                await self._wake.wait()
        except TimeoutError:
            pass

    async def step(self) -> bool:
        """Carry one command one step on; False when nothing is due. Raises Offline or NeedsLogin before anything is begun."""
        clock = self._clock
        row = await self._store.read(lambda connection: outbox.due(connection, clock.boot_s(), clock.boot_id))
        if row is None:
            return False
        await self._reachable()
        started = await self._begin(row)
        if clock.boot_s() - (started.last_boot_s or 0.0) > STALL_S:
            verdict = _Verdict(
                CommandState.UNKNOWN, "unknown", "stalled before sending; looked up first", wait_s=0.0
            )
        else:
            verdict = await self._attempt(row, started)
        await self._end(started, verdict)
        return True

    async def _reachable(self) -> None:
        """Ask who is there unless somebody answered just now."""
        now = self._clock.boot_s()
        last = max(self._seen_boot_s or 0.0, self._health.last_ok_boot_s or 0.0)
        if self._health.error is not None or now - last > _FRESH_S or self._refused_login:
            await self._peer.probe()
            self._seen_boot_s, self._refused_login = self._clock.boot_s(), False

    async def _begin(self, row: Stored) -> Stored:
        at, boot_s, boot_id = self._clock.stamp(), self._clock.boot_s(), self._clock.boot_id
        started = await self._store.write(
            lambda database: outbox.start_attempt(database, row, at=at, boot_s=boot_s, boot_id=boot_id)
        )
        self._moved(row.id)
        return started

    async def _attempt(self, before: Stored, started: Stored) -> _Verdict:
        order = started.order
        try:
            if before.attempts:
                found = await self._peer.find(order)
                if not isinstance(found, Absent):
                    return self._judge(found, started)
                if wait := self._flight_left(before):
                    words = "the accounting system does not know it yet; it may still be on its way"
                    return _Verdict(CommandState.UNKNOWN, "unknown", words, wait_s=wait)
            return self._judge(await self._peer.submit(order), started)
        except ArqueueError as error:
            # a connector raises only where nothing can have been received; still the outcome is not proved here
            self._health.failing(error)
            stop = isinstance(error, NeedsLogin)
            return _Verdict(
                CommandState.UNKNOWN, "unknown", error.message, wait_s=self._wait(started), stop=stop
            )

    def _flight_left(self, before: Stored) -> float | None:
        """How long a look-up that found nothing is not to be believed yet."""
        if before.boot_id != self._clock.boot_id or before.last_boot_s is None:
            return None
        left = self._capabilities().flight_s - (self._clock.boot_s() - before.last_boot_s)
        return left if left > 0 else None

    def _wait(self, started: Stored) -> float:
        step = _WAITS[min(started.attempts - 1, len(_WAITS) - 1)]
        return step * (0.8 + 0.4 * self._chance.random())

    def _judge(self, outcome: Outcome | Absent, started: Stored) -> _Verdict:
        match outcome:
            case Done():
                return _Verdict(
                    CommandState.POSTED, "posted", "posted and read back", outcome.refs, outcome.entities
                )
            case Partial():
                words = f"posted in part: {clean_line(outcome.words)}"
                wait = self._wait(started)
                return _Verdict(CommandState.UNKNOWN, "partial", words, outcome.refs, outcome.entities, wait)
            case Stale():
                return _Verdict(
                    CommandState.CONFLICT, "conflict", clean_line(outcome.words), (), outcome.entities
                )
            case Rejected():
                words = f"{outcome.code.value}: {clean_line(outcome.words)}"
                return _Verdict(CommandState.REJECTED, "rejected", words, (), outcome.entities)
            case Unknown():
                wait = outcome.retry_after_s if outcome.retry_after_s is not None else self._wait(started)
                return _Verdict(
                    CommandState.UNKNOWN, "unknown", clean_line(outcome.words), wait_s=wait, stop=outcome.stop
                )
            case Absent():
                return _Verdict(CommandState.UNKNOWN, "unknown", "not found", wait_s=self._wait(started))

    async def _end(self, started: Stored, verdict: _Verdict) -> None:
        """The outcome, the ledger's new figures and the work that follows from both, in one transaction."""
        at, today, base = self._clock.stamp(), self._today(), self._base_currency()
        not_before = None if verdict.wait_s is None else self._clock.boot_s() + verdict.wait_s

        def work(database: Database) -> Delta:
            outbox.end_attempt(database, started, verdict.name, verdict.words)
            outbox.move(
                database,
                started,
                verdict.state,
                SYSTEM,
                at=at,
                outcome=verdict.words,
                refs=verdict.refs,
                not_before_boot_s=not_before,
            )
            touched = mirror.store_entities(database, verdict.entities)
            parties = touched.parties | queue.parties_of(database.conn, items_of(started.order.command))
            if started.party_id is not None:
                parties.add(started.party_id)
            return queue.refresh(database, parties, today, base)

        delta = await self._store.write(work)
        log.info("command", id=started.id, op=started.op, attempt=started.attempts, outcome=verdict.name)
        self._refused_login = verdict.stop
        if verdict.state is CommandState.POSTED:
            self.sent, self._seen_boot_s = self.sent + 1, self._clock.boot_s()
        elif verdict.state is not CommandState.UNKNOWN:
            self.failed += 1
        self._moved(started.id)
        if delta.ids:
            self._changed(delta)
