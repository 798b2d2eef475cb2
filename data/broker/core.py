"""The broker's heart: store, peer, puller, sender, and what they tell each other. Faces are somebody else's business."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import Callable, Coroutine
from datetime import UTC, date, datetime
from typing import Any

import structlog
from sqlite_utils import Database

from arqueue.errors import ArqueueError, ConfigInvalid, Invalid, Offline, Refused, StoreRefused, StoreReplaced
from arqueue.model.clock import Clock
from arqueue.model.people import People, Person
from arqueue.settings import Settings
from data.broker import protocol
from data.broker.applying import Terms
from data.broker.days import Days, began
from data.broker.ledger import NOTHING_KNOWN, Ledger, from_text, to_text
from data.broker.matching import Matcher
from data.broker.reading import Reader
from data.broker.reranking import Reranker
from data.broker.roster import Roster
from data.peers.contract import Peer, Probe
from data.store import audit, authority, outbox, queue
from data.store.audit import Actor
from data.store.instants import Instant, see_start
from data.store.queue import Delta
from data.store.store import Store
from data.sync.health import Health
from data.sync.pull import Puller
from data.sync.push import Sender
from data.sync.reconcile import Reconciler

log = structlog.get_logger()
_LOOK_S = 0.5
PEOPLE_HINT = "correct it: until then no money moves; `arqueue doctor` looks at it again"
_STORE_WAIT_S = 1.0


class Core:
    """One company's work, kept going: pull at intervals, send when there is something, re-rank when the date moves."""

    def __init__(self, settings: Settings, people: People, store: Store, peer: Peer, clock: Clock) -> None:
        self.settings, self.store, self.peer, self.clock = settings, store, peer, clock
        self._roster = Roster(settings.people_file, people, changed=self._people_changed)
        self.health = Health(changed=lambda: self.on_status())
        self.ledger: Ledger = NOTHING_KNOWN
        self.cash_terms = Terms.of(settings.cash)
        self.matcher = Matcher()
        self._business_date: date | None = settings.demo.business_date if settings.demo else None
        self._moved = asyncio.Event()
        self._pull_asked = asyncio.Event()
        self._full = False
        self._rows = 0
        self._pulling = asyncio.Lock()
        self._tasks: list[asyncio.Task[None]] = []
        self._loop = asyncio.get_running_loop()
        self._beside: list[tuple[str, Callable[[], Coroutine[Any, Any, None]]]] = []
        self.on_pulled: Callable[[], None] = lambda: None
        self.on_status: Callable[[], None] = lambda: None
        self.on_changed: Callable[[Delta], None] = lambda delta: None
        self.on_command: Callable[[str], None] = lambda command_id: None
        shared: dict[str, Any] = {"today": self.today, "base_currency": lambda: self.ledger.currency}
        self.puller = Puller(
            store, peer, clock, self.health, changed=lambda delta: self.on_changed(delta), **shared
        )
        self.sender = Sender(
            store,
            peer,
            clock,
            self.health,
            capabilities=lambda: self.ledger.capabilities,
            withdrawn=lambda connection, row: authority.withdrawn(
                connection, row, self.people, Instant.of(clock)
            ),
            changed=lambda delta: self.on_changed(delta),
            moved=self._command_moved,
            **shared,
        )
        self.reconciler = Reconciler(
            store,
            peer,
            clock,
            self.health,
            self.puller,
            capabilities=lambda: self.ledger.capabilities,
            changed=lambda delta: self.on_changed(delta),
            moved=self._command_moved,
            **shared,
        )
        self.reranker = Reranker(store, lambda delta: self.on_changed(delta))
        self.days = Days(
            store, self.puller, self.reranker, self.today, is_ready=lambda: self.ledger is not NOTHING_KNOWN
        )
        self._opened = asyncio.Event()

    async def start(self) -> None:
        """Remember what the ledger last said of itself, and begin, with what a crash left. A store that was put back from a
        backup opens when the ledger was asked what was posted since."""
        try:
            await self._see_start()
        except StoreReplaced:
            raise
        except StoreRefused as error:
            # without room it is read all the same; the sender tries again before it begins
            log.warning("start not recorded", code=error.code, message=error.message)
        await self._remember()
        await self.reconciler.look()
        if self.reconciler.is_open:
            self._opened.set()
        self._tasks = [
            asyncio.create_task(self._pull_for_ever(), name="puller"),
            asyncio.create_task(self._send_for_ever(), name="sender"),
            *(asyncio.create_task(work(), name=name) for name, work in self._beside),
        ]

    @property
    def people(self) -> People:
        """Who may do what, as the people file says now."""
        return self._roster.now()

    def _people_changed(self) -> None:
        """It may have been noticed in a thread of the store."""
        with contextlib.suppress(RuntimeError):  # nobody listens yet, or any more
            self._loop.call_soon_threadsafe(self.on_status)

    def beside(self, name: str, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Something else that begins with the broker and ends with it."""
        self._beside.append((name, work))

    async def _see_start(self) -> None:
        """Before anything is decided. Raises StoreRefused."""
        now = Instant.of(self.clock)
        await self.store.write(lambda database: see_start(database, now))

    async def _recover(self) -> None:
        """What was being sent when the sender stopped has an unknown outcome."""
        at, boot_s, boot_id = self.clock.stamp(), self.clock.boot_s(), self.clock.boot_id
        recovered = await self.store.write(
            lambda database: outbox.recover(database, at=at, boot_s=boot_s, boot_id=boot_id)
        )
        if recovered:
            log.info("recovered", commands=recovered)

    async def _send_for_ever(self) -> None:
        """A store that cannot be written (a full disk) stops the sender; it begins anew when there is room, with a look-up of
        what it was doing."""
        await self._opened.wait()
        while True:
            try:
                await self._see_start()
                await self._recover()
                await self.sender.run()
            except StoreReplaced:
                raise  # the broker ends: nothing that it would write is kept
            except StoreRefused as error:
                log.warning("sender stopped", code=error.code, message=error.message)
                self.health.failing(error)
                await asyncio.sleep(_STORE_WAIT_S)

    async def stop(self) -> None:
        """End both; what was being sent is looked up at the next start."""
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task
        await self.matcher.stop()
        await self.peer.close()

    def failed_task(self) -> BaseException | None:
        """Why a task ended that never should; None while all is well."""
        for task in self._tasks:
            if task.done() and not task.cancelled():
                return task.exception()
        return None

    def today(self) -> date:
        """The business date: the company's own zone, or what a demo company was set to."""
        return self._business_date or self.clock.today(self.settings.zone)

    def today_began(self, connection: sqlite3.Connection) -> str:
        """The instant (UTC, ISO 8601) at which the business date began: midnight in the company's zone. In a demo company when
        its date was last moved; empty where it never was: then all was done on it."""
        if self._business_date is None:
            return began(self.clock.now(), self.settings.zone)
        return _got(connection, "business_date_at") or ""

    def act_as(self, person_id: str) -> Person:
        """Another person, in a demo company only. Raises Refused, NotFound."""
        if self.settings.demo is None:
            raise Refused(
                "acting as somebody else is for demo companies",
                "log in as that person",
                rule="demo companies only",
            )
        return self.people.get(person_id)

    def stored(self, command_id: str, delta: Delta | None) -> None:
        """A command was stored or changed: send it, show it."""
        self.sender.wake()
        self._command_moved(command_id)
        if delta and delta.ids:
            self.on_changed(delta)

    def moved_event(self) -> asyncio.Event:
        """Set when any command takes its next step."""
        return self._moved

    def _command_moved(self, command_id: str) -> None:
        self._moved.set()
        self._moved = asyncio.Event()
        self.on_command(command_id)
        self.on_status()

    async def status(self, person: Person) -> protocol.Status:
        """What the status line of that person shows."""
        today, health = self.today(), self.health

        def look(connection: Any) -> tuple[dict[str, int], dict[str, int], int]:
            reader = Reader(connection, person, today)
            return outbox.counts(connection), reader.counts(), queue.generation(connection)

        flying, views, generation = await self.store.read(look)
        sync: protocol.SyncStatus = {
            "state": health.state,
            "last_ok": health.last_ok,
            "age_s": self._age(),
            "done": health.done,
            "remaining": health.remaining,
            "quarantined": health.quarantined,
        }
        error = health.error
        if not self.reconciler.is_open and (error is None or not isinstance(error, Offline)):
            error = self.reconciler.closed
        if error is not None:
            sync["error"] = {"code": error.code, "message": error.message, "hint": error.hint}
        found: protocol.Status = {
            "sync": sync,
            "outbox": {
                "pending": flying["pending"],
                "queued": flying["queued"],
                "sending": flying["sending"],
                "unknown": flying["unknown"],
                "failed": flying["failed"],
            },
            "counts": views,
            "business_date": today.isoformat(),
            "generation": generation,
        }
        if fault := self.people.fault:
            found["people"] = {"code": ConfigInvalid.code, "message": fault, "hint": PEOPLE_HINT}
        return found

    def _age(self) -> int | None:
        if self.health.last_ok is None:
            return None
        if self.health.last_ok_boot_s is not None:
            return int(self.clock.boot_s() - self.health.last_ok_boot_s)
        return int(
            (self.clock.now().astimezone(UTC) - datetime.fromisoformat(self.health.last_ok)).total_seconds()
        )

    def sync_soon(self, *, full: bool = False) -> None:
        """Pull and push at once, without waiting for it."""
        self._full = self._full or full
        self._pull_asked.set()
        self.sender.wake()

    async def sync_now(self, *, full: bool = False) -> protocol.SyncDone:
        """Pull and push, and what that did. Raises the accounting system's error."""
        started, before, sent, failed = self.clock.boot_s(), self._rows, self.sender.sent, self.sender.failed
        self.sender.wake()
        pulled = await self._pull_once(full=full)
        self.sender.wake()
        await self._all_sent()
        return {
            "pulled": self._rows - before,  # with those of a pull that was under way when this was asked
            "pushed": self.sender.sent - sent,
            "failed": self.sender.failed - failed,
            "cursor": pulled.cursor,
            "seconds": round(self.clock.boot_s() - started, 3),
        }

    async def _all_sent(self) -> None:
        """Until nothing is due and nothing is being sent. Raises the error that keeps the sender from sending."""
        while True:
            moved = self.moved_event()
            waiting = await self.store.read(
                lambda connection: outbox.due(connection, self.clock.boot_s(), self.clock.boot_id)
            )
            if waiting is None and not (await self.store.read(outbox.counts))["sending"]:
                return
            if self.health.error is not None:
                raise self.health.error
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_S):
                    await moved.wait()

    async def set_business_date(self, day: date, actor: Actor) -> None:
        """Move a demo company's date, here and in its sandbox, and rank anew. Raises Invalid."""
        if day < self.today():
            raise Invalid(f"set: {day} is before {self.today()}", "a business date only moves forward")
        moved = day != self.today()  # a pull may hear the new date from the ledger before it is stored here
        set_date = getattr(self.peer, "set_business_date", None)
        if set_date is not None:
            await set_date(day)
        at = self.clock.stamp()

        def work(database: Database) -> None:
            _put(database, "business_date", day.isoformat())
            if moved:
                _put(database, "business_date_at", at)
            audit.write(database, actor, "business date", at=at, detail=day.isoformat())

        await self.store.write(work)
        self._business_date = day
        await self._follow_the_date()

    async def _follow_the_date(self) -> None:
        if await self.days.follow():
            self.on_status()

    async def _pull_for_ever(self) -> None:
        wait, said = self.settings.broker.sync_seconds, ""
        while True:
            full, self._full = self._full, False
            self._pull_asked.clear()
            try:
                await self._follow_the_date()  # first, since it needs no ledger
                await self._pull_once(full=full)
                self.sender.wake()
                said = ""
            except StoreReplaced:
                raise
            except ArqueueError as error:
                if error.message != said:  # once, not every few seconds for a whole weekend
                    log.warning("pull failed", code=error.code, message=error.message)
                said = error.message
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self._pull_asked.wait()

    async def _pull_once(self, *, full: bool) -> Any:
        async with self._pulling:
            try:
                await self._learn(await self.peer.probe())
                await self._reopen()
            except ArqueueError as error:
                self.health.failing(error)
                raise
            pulled = await self.puller.pull(full=full)
            self._rows += pulled.rows
        await self._follow_the_date()
        last = self.health.last_ok
        if last:
            await self.store.write(lambda database: _put(database, "last_ok", last))
        self.on_pulled()
        try:
            await self.reconciler.daily(full=full)
        except ArqueueError as error:
            self.health.failing(error)
            raise
        return pulled

    async def _reopen(self) -> None:
        if not self.reconciler.is_open:
            await self.reconciler.reopen()
            self._opened.set()
            self.on_status()

    def require_open(self) -> None:
        """Raises Refused while nobody may act, since the store was put back from a backup and the ledger was not asked yet."""
        if not self.reconciler.is_open:
            raise self.reconciler.closed

    async def _learn(self, probe: Probe) -> None:
        """Keep what the ledger says of itself: a broker that starts without it still knows limits, reasons and currency."""
        self.ledger = Ledger(probe.company, probe.capabilities, probe.methods, probe.currency)
        if self.settings.demo is not None and probe.business_date and probe.business_date > self.today():
            self._business_date = probe.business_date
        said = to_text(self.ledger)
        known = await self.store.read(lambda connection: _got(connection, "probe"))
        if known != said:
            await self.store.write(lambda database: _put(database, "probe", said))

    async def _remember(self) -> None:
        found = await self.store.read(
            lambda connection: {key: _got(connection, key) for key in ("probe", "business_date", "last_ok")}
        )
        if found["probe"]:
            self.ledger = from_text(found["probe"])
        if found["business_date"] and self.settings.demo is not None:
            self._business_date = date.fromisoformat(found["business_date"])
        if found["last_ok"]:
            self.health.state, self.health.last_ok = "idle", found["last_ok"]


def _put(database: Database, key: str, value: str) -> None:
    database.conn.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))


def _got(connection: Any, key: str) -> str | None:
    found = connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    return str(found[0]) if found else None
