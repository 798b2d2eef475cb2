"""One life of the broker's process: the real sender, puller and services, wired as ``data.broker.core.Core`` wires them."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from contextlib import suppress
from datetime import date
from sqlite3 import Connection
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

from arqueue.errors import ArqueueError
from arqueue.model.people import People
from arqueue.settings import CashSection
from data.broker.core import Core
from data.broker.service import Service
from data.broker.session import Session
from data.broker.stepping import Steps
from data.peers.contract import Peer
from data.store import authority, backup, outbox
from data.store.instants import Instant, see_start
from data.store.queue import Delta
from data.store.store import Store
from data.store.stored import Stored
from data.sync.health import Health
from data.sync.pull import Puller
from data.sync.push import Sender
from data.sync.reconcile import Reconciler
from tests.faults.simulator.tasks import Moment

if TYPE_CHECKING:
    from tests.faults.simulator.world import World

TODAY = date(2026, 11, 21)


class SteppedSender(Sender):
    """The sender, whose rest is a moment of the schedule."""

    now: Callable[[], float]

    async def _sleep(self, away: int) -> None:
        rest = await self.rest_s(away)
        until = None if rest is None else self.now() + rest
        wake, now = self._wake, self.now
        await Moment("rest", lambda: wake.is_set() or (until is not None and now() >= until), until)


class Broker:
    """What the services see as the core."""

    settings = SimpleNamespace(cash=CashSection(), store_dir="/", demo=None, agenda_folder=None)
    cash_terms = matcher = None

    def __init__(self, world: World) -> None:
        self._world = world
        self.ledger = world.ledger
        self.store = cast(Store, world.store)
        self.clock, self.health = world.time.clock(), Health()
        world.store.at_once(lambda database: see_start(database, Instant.of(self.clock)))
        shared: dict[str, Any] = {
            "today": self.today,
            "base_currency": lambda: "EUR",
            "changed": lambda delta: None,
        }
        peer: Peer = world.peer
        self.sender = SteppedSender(
            self.store,
            peer,
            self.clock,
            self.health,
            capabilities=lambda: self.ledger.capabilities,
            withdrawn=self._withdrawn,
            moved=lambda command_id: None,
            **shared,
        )
        self.sender.now = lambda: world.time.s
        self.sender._chance = world.chance
        self.puller = Puller(self.store, peer, self.clock, self.health, **shared)
        self.reconciler = Reconciler(
            self.store,
            peer,
            self.clock,
            self.health,
            self.puller,
            capabilities=lambda: self.ledger.capabilities,
            moved=lambda command_id: None,
            **shared,
        )
        self.reconciler._mark = backup.mark_of(world.store.connection)
        core = cast(Core, self)
        self.steps, self.service = Steps(core), Service(core)
        self.service._check_room = lambda: None  # type: ignore[method-assign]

    async def send(self) -> None:
        """For ever, once the store is open."""
        clock = self.clock
        await Moment("to be open", lambda: self.reconciler.is_open)
        await self.store.write(
            lambda database: outbox.recover(
                database, at=clock.stamp(), boot_s=clock.boot_s(), boot_id=clock.boot_id
            )
        )
        await self.sender.run()

    async def pull(self) -> None:
        """For ever."""
        time = self._world.time
        while True:
            until = time.s + (self._world.pull_s if self.reconciler.is_open else 2.0)
            await Moment("pull", lambda until=until: time.s >= until, until)  # type: ignore[misc]
            with suppress(ArqueueError):
                await self._world.peer.probe()
                await self.reconciler.reopen()
                await self.puller.pull()
                await self.reconciler.daily()
            self.sender.wake()

    def session(self, person: str) -> Session:
        """Somebody's face."""
        return Session(1000, person, lambda: self.people)

    def _withdrawn(self, connection: Connection, row: Stored) -> str:
        return authority.withdrawn(connection, row, self.people, Instant.of(self.clock))

    # ---- what the services ask of the core

    @property
    def people(self) -> People:
        """As the file says now."""
        return self._world.staff.now

    def today(self) -> date:
        """The business date."""
        return TODAY

    def require_open(self) -> None:
        """Raises Refused while a store that was put back is not open."""
        if not self.reconciler.is_open:
            raise self.reconciler.closed

    def beside(self, name: str, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """What runs beside is begun by the schedule."""

    def on_pulled(self) -> None:
        """Nobody waits for it."""

    def on_changed(self, delta: Delta) -> None:
        """Nobody looks."""

    def stored(self, command_id: str, delta: Delta | None) -> None:
        """There is something to send."""
        self.sender.wake()
