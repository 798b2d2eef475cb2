"""Sending: record the attempt, send the stored bytes, read back, record the outcome. One command at a time, oldest first.

Nothing is begun while the accounting system is known to be away, so what waits for it can still be taken back. An attempt whose
outcome proves nothing makes the command UNKNOWN; before any second attempt the peer is asked for the command id, whatever the age
of the key. Whoever let it through is looked at once more just before its bytes leave. What cannot be read is parked: nothing else
waits for it.
"""

from __future__ import annotations

import asyncio
import random
import sqlite3
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import TypeVar

import structlog
from sqlite_utils import Database

from arqueue.control.commands import Dispute, Resolve, items_of
from arqueue.control.states import FAILED, CommandState
from arqueue.errors import ArqueueError, ConfigInvalid, Conflict, NeedsLogin, Offline, PeerGarbled
from arqueue.model.clock import Clock
from data.peers.contract import Absent, Capabilities, Done, Outcome, Partial, Peer, Rejected, Stale, Unknown
from data.store import mirror, outbox, queue
from data.store.audit import SYSTEM
from data.store.outbox import Stored
from data.store.queue import Delta
from data.store.store import Store
from data.sync.catching_up import WHOLE_S, as_now, catch_up
from data.sync.health import Health
from data.sync.parking import park_unsound
from data.sync.verdict import Verdict, plain, shows, unread, with_figures

log = structlog.get_logger()
_Answer = TypeVar("_Answer")
STALL_S = 5.0
"""An attempt that was recorded longer ago than this is claimed again instead of sent: the process was asleep."""
_WAITS = (1.0, 2.0, 5.0, 15.0, 60.0, 300.0)
_FRESH_S = 5.0
_HELD_S = 5.0
"""Until it is asked again whether money may move."""
_SHORTEST_S = 0.05
_READINGS = 3
"""So often what is posted is read back while pulls overtake it; then its figures wait for a look-up."""
_OURS = frozenset({Dispute.op, Resolve.op})
_REFUSALS = frozenset({"conflict", "rejected"})


class Sender:
    """The only sender. ``changed`` and ``moved`` are told what the queue and the outbox show differently; ``withdrawn`` says why
    a command may not be sent any more (empty when it may), and raises ConfigInvalid while nobody can say."""

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
        withdrawn: Callable[[sqlite3.Connection, Stored], str] = lambda connection, row: "",
    ) -> None:
        self._store, self._peer, self._clock, self._health = store, peer, clock, health
        self._withdrawn = withdrawn
        self._capabilities, self._today, self._base_currency = capabilities, today, base_currency
        self._changed, self._moved = changed, moved
        self._wake = asyncio.Event()
        self._chance = random.Random()
        self._seen_boot_s: float | None = None
        self._must_probe = False
        self._paused_until = 0.0
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
        try:
            async with asyncio.timeout(await self.rest_s(away)):
                await self._wake.wait()
        except TimeoutError:
            pass

    async def rest_s(self, away: int) -> float | None:
        """How long there is nothing to do, in seconds; None until somebody wakes us. ``away`` counts how often in a row the
        accounting system could not be reached: then its return is waited for, whatever else is due."""
        if away:
            return _WAITS[min(away - 1, len(_WAITS) - 1)]
        if self._is_paused():
            return max(_SHORTEST_S, self._paused_until - self._clock.boot_s())
        due = await self._store.read(lambda connection: outbox.next_wake(connection, self._clock.boot_id))
        return None if due is None else max(_SHORTEST_S, due - self._clock.boot_s())

    async def step(self) -> bool:
        """Carry one command one step on; False when nothing is due. Raises Offline or NeedsLogin before anything is begun."""
        clock = self._clock
        row = await self._store.read(lambda connection: outbox.due(connection, clock.boot_s(), clock.boot_id))
        if row is None or (self._is_paused() and not _is_asked_for(row)):
            return False
        if await self._parked(row):
            return True
        await self._reachable()
        try:
            started = await self._begin(row)
        except Conflict:
            return True  # taken back, or put off, since it was read
        except ConfigInvalid as error:
            self._health.failing(error)
            self._paused_until = clock.boot_s() + _HELD_S
            return False
        if started is not None:
            moved = list({row.target, *items_of(row.order.command)})
            seen = await self._store.read(lambda connection: mirror.versions(connection, moved))
            verdict = await self._attempt(row, started)
            if verdict.entities and verdict.name in _REFUSALS:
                # under its key a refusal of an earlier copy is repeated with the rows of then, also where a backup that was put
                # back knows of no earlier copy; what is posted was just read back
                seen, verdict = await self._read_again(moved, verdict)
            readings = 0
            while not await self._end(started, verdict, seen):
                readings += 1
                if readings == _READINGS:
                    verdict = unread(verdict, self._wait(started))
                else:
                    seen, verdict = await self._read_again(moved, verdict)
        return True

    async def _read_again(self, items: Sequence[str], verdict: Verdict) -> tuple[dict[str, str], Verdict]:
        """The versions of these items here, and then how the ledger has what the verdict brought."""
        seen = await self._store.read(lambda connection: mirror.versions(connection, items))
        fresh = await as_now(self._peer, {*items, *(each.id for each in verdict.entities)})
        return seen, replace(verdict, entities=fresh)

    async def _parked(self, row: Stored) -> bool:
        """Whether its bytes are not what was decided: then it waits where it is, for a person."""
        today, base = self._today(), self._base_currency()
        delta = await park_unsound(self._store, row, self._clock, today, base)
        if delta is not None:
            self._tell(row.id, delta)
        return delta is not None

    def _is_paused(self) -> bool:
        return self._clock.boot_s() < self._paused_until

    async def _reachable(self) -> None:
        """Ask who is there unless somebody answered just now."""
        now = self._clock.boot_s()
        last = max(self._seen_boot_s or 0.0, self._health.last_ok_boot_s or 0.0)
        if self._health.error is not None or now - last > _FRESH_S or self._must_probe:
            await self._peer.probe()
            self._seen_boot_s, self._must_probe = self._clock.boot_s(), False

    async def _begin(self, row: Stored) -> Stored | None:
        """Record the attempt; None where it is declined instead, because whoever let it through may not any more. Raises
        Conflict, ConfigInvalid."""
        at, boot_s, boot_id = self._clock.stamp(), self._clock.boot_s(), self._clock.boot_id

        def work(database: Database) -> Stored | Delta:
            if not row.attempts and (words := self._withdrawn(database.conn, row)):
                return self._turn_back(database, row, words, at)
            return outbox.start_attempt(database, row, at=at, boot_s=boot_s, boot_id=boot_id)

        begun = await self._store.write(work)
        if isinstance(begun, Stored):
            self._moved(row.id)
            return begun
        log.warning("authority withdrawn", id=row.id, op=row.op)
        self.failed += 1
        self._tell(row.id, begun)
        return None

    def _turn_back(self, database: Database, row: Stored, words: str, at: str) -> Delta:
        """Nothing of it was sent, and nothing will be; what waits behind it is not asked for any more."""
        said = plain(f"not sent: {words}")
        outbox.move(database, row, CommandState.DECLINED, SYSTEM, at=at, outcome=said)
        outbox.expire_behind(database, row, at=at)
        parties = queue.parties_of(database.conn, items_of(row.order.command))
        return queue.refresh(
            database, parties | ({row.party_id or ""} - {""}), self._today(), self._base_currency()
        )

    def _tell(self, command_id: str, delta: Delta) -> None:
        self._moved(command_id)
        self._changed(delta)  # a row says how its order stands, also where nothing else of it is another

    async def _attempt(self, before: Stored, started: Stored) -> Verdict:
        """One try: a first one sends; a later one looks up, and sends again only what is proved not to be there."""
        if before.attempts:
            # as it is when the question leaves: while a slow answer is on its way the order may still arrive
            wait = self._flight_left(before)
            found = await self._proof(started, self._peer.find(started.order))
            if not isinstance(found, Absent):
                return self._judge(found, started)
            if wait:
                words = "the accounting system does not know it yet; it may still be on its way"
                return Verdict(CommandState.UNKNOWN, "unknown", words, wait_s=wait)
            if verdict := await self._still_allowed(started):
                return verdict
            started = await self._mark_sent(started)
        if verdict := await self._unsent(started):
            return verdict
        if self._clock.boot_s() - (started.sent_boot_s or 0.0) > STALL_S:
            words = "stalled before sending; looked up first"
            return Verdict(CommandState.UNKNOWN, "unknown", words, wait_s=0.0)
        outcome: Outcome | Absent = await self._proof(started, self._peer.submit(started.order))
        if before.attempts and isinstance(outcome, Stale | Rejected):
            # what stands in its way may be its own earlier copy, come late
            found = await self._proof(started, self._peer.find(started.order))
            outcome = outcome if isinstance(found, Absent) else found
        return replace(self._judge(outcome, started), sent=True)

    async def _still_allowed(self, started: Stored) -> Verdict | None:
        """Before it is sent again, which the look-up before proved to be needed: None when it may be."""
        try:
            words = await self._store.read(lambda connection: self._withdrawn(connection, started))
        except ConfigInvalid as error:
            self._health.failing(error)
            return Verdict(CommandState.UNKNOWN, "unknown", plain(error.message), wait_s=_HELD_S)
        if not words:
            return None
        said = f"the accounting system does not have it, and it is not sent again: {words}"
        return Verdict(CommandState.REJECTED, "rejected", plain(said))

    async def _unsent(self, started: Stored) -> Verdict | None:
        """What is settled without sending it: what was ordered together with a command that came to nothing, since it was decided
        as if that one were done; and what this accounting system has no place for, which is ours alone."""
        before = await self._store.read(lambda connection: outbox.stands_on(connection, started))
        for earlier in before:
            if earlier.state in FAILED:
                words = f"not sent: {earlier.words} was ordered together with it and is {earlier.state.value}"
                return Verdict(CommandState.CONFLICT, "conflict", plain(words), behind=True)
        if started.op in _OURS and not self._capabilities().supports(started.op):
            return Verdict(
                CommandState.POSTED, "posted", "kept here: the accounting system holds no disputes"
            )
        return None

    async def _proof(self, started: Stored, asked: Awaitable[_Answer]) -> _Answer | Unknown:
        """What the connector says; where it raises, nothing is proved."""
        try:
            async with asyncio.timeout(WHOLE_S):
                return await asked
        except TimeoutError:
            return Unknown(f"the accounting system was not done with it in {WHOLE_S:g} s")
        except ArqueueError as error:
            self._health.failing(error)
            return Unknown(error.message, stop=isinstance(error, NeedsLogin))
        except Exception as error:
            # a fault of the connector's own: this order is not proved, and the others are not to wait for it
            log.exception("connector failed", id=started.id, op=started.op)
            return Unknown(f"the connector failed: {type(error).__name__}")

    async def _mark_sent(self, started: Stored) -> Stored:
        boot_s, boot_id = self._clock.boot_s(), self._clock.boot_id
        return await self._store.write(
            lambda database: outbox.mark_sent(database, started, boot_s=boot_s, boot_id=boot_id)
        )

    def _flight_left(self, before: Stored) -> float | None:
        """How long a look-up that found nothing is not to be believed yet. What left before this boot left at least as long ago
        as this boot is old."""
        now = self._clock.boot_s()
        sent = before.sent_boot_s
        if sent is None or before.sent_boot_id != self._clock.boot_id or sent > now:
            sent = 0.0
        left = self._capabilities().flight_s - (now - sent)
        return left if left > 0 else None

    def _wait(self, started: Stored) -> float:
        step = _WAITS[min(started.attempts - 1, len(_WAITS) - 1)]
        return step * (0.8 + 0.4 * self._chance.random())

    def _judge(self, outcome: Outcome | Absent, started: Stored) -> Verdict:
        match outcome:
            case Done():
                refs = tuple(plain(ref) for ref in outcome.refs)
                return Verdict(CommandState.POSTED, "posted", "posted and read back", refs, outcome.entities)
            case Partial():
                # proved, both ways: looking it up again brings nothing, and the rest needs a new decision
                words = f"posted in part, the rest is not posted: {plain(outcome.words)}"
                refs = tuple(plain(ref) for ref in outcome.refs)
                return Verdict(CommandState.CONFLICT, "partial", words, refs, outcome.entities)
            case Stale():
                words = plain(with_figures(outcome, started.order))
                return Verdict(CommandState.CONFLICT, "conflict", words, (), outcome.entities)
            case Rejected():
                words = f"{outcome.code.value}: {plain(outcome.words)}"
                return Verdict(CommandState.REJECTED, "rejected", words, (), outcome.entities)
            case Unknown():
                wait = outcome.retry_after_s if outcome.retry_after_s is not None else self._wait(started)
                words = plain(outcome.words)
                return Verdict(CommandState.UNKNOWN, "unknown", words, wait_s=wait, stop=outcome.stop)
            case Absent():
                return Verdict(CommandState.UNKNOWN, "unknown", "not found", wait_s=self._wait(started))

    async def _end(self, started: Stored, verdict: Verdict, seen: Mapping[str, str]) -> bool:
        """The outcome, the ledger's new figures and the work that follows from both, in one transaction. Items that a pull
        changed since they were ``seen`` are not set back to what a slow answer says: they are asked for again. Posted without
        the figures of what it moved it would count for nothing until the next page: then nothing is written, and False."""
        overtaken: list[str] = []
        at, today, base = self._clock.stamp(), self._today(), self._base_currency()
        now, boot_id = self._clock.boot_s(), self._clock.boot_id
        not_before = None if verdict.wait_s is None else now + verdict.wait_s

        def work(database: Database) -> Delta | None:
            here = mirror.versions(database.conn, list(seen))
            overtaken[:] = [item for item, version in seen.items() if here.get(item) != version]
            fresh = [entity for entity in verdict.entities if entity.id not in overtaken]
            if verdict.state is CommandState.POSTED and not shows(fresh, here, started.order.command):
                return None
            if verdict.sent and verdict.state is CommandState.UNKNOWN:
                outbox.mark_sent(database, started, boot_s=now, boot_id=boot_id)
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
            if verdict.behind:
                outbox.hush(database, started)
            if verdict.state in (CommandState.REJECTED, CommandState.CONFLICT):
                outbox.expire_behind(database, started, at=at)
            touched = mirror.store_entities(database, fresh, at=at)
            self._health.read_back.update(entity.id for entity in fresh)
            parties = touched.parties | queue.parties_of(database.conn, items_of(started.order.command))
            if started.party_id is not None:
                parties.add(started.party_id)
            return queue.refresh(database, parties, today, base)

        delta = await self._store.write(work)
        if delta is None:
            return False
        log.info("command", id=started.id, op=started.op, attempt=started.attempts, outcome=verdict.name)
        # where nothing is proved the accounting system may be away; where every order would fare alike, no other is begun before
        # this one's next try
        self._must_probe = verdict.state is CommandState.UNKNOWN
        if verdict.stop and self._health.error is None:
            self._health.failing(
                PeerGarbled(verdict.words, "sending pauses; see what answers at that address")
            )
        self._paused_until = (not_before or 0.0) if verdict.stop else 0.0
        if verdict.state is CommandState.POSTED:
            self.sent, self._seen_boot_s = self.sent + 1, self._clock.boot_s()
        elif verdict.state is not CommandState.UNKNOWN:
            self.failed += 1
        self._tell(started.id, delta)
        if overtaken and verdict.entities:
            await self._catch_up(overtaken)
        return True

    async def _catch_up(self, items: Sequence[str]) -> None:
        at, today, base = self._clock.stamp(), self._today(), self._base_currency()
        delta = await catch_up(self._store, self._peer, self._health, items, at=at, today=today, base=base)
        if delta.ids:
            self._changed(delta)


def _is_asked_for(row: Stored) -> bool:
    """Whether a person wants it tried again now."""
    return bool(row.attempts) and row.not_before_boot_s is None
