"""A broker's store, puller and sender around a peer, with a clock that a test sets; it can lose its power and start again."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from arqueue.control.commands import Command
from arqueue.control.states import EDGES, CommandState
from arqueue.errors import NeedsLogin, Offline
from arqueue.model.clock import Clock
from arqueue.model.ledger import Item
from arqueue.model.money import Money
from data.peers.contract import Capabilities, Peer
from data.store import outbox, queue
from data.store.outbox import Stored
from data.store.queue import Delta
from data.store.rows import item_of
from data.store.store import Store
from data.sync.health import Health
from data.sync.pull import Puller
from data.sync.push import Sender
from tests.store.books import ANNA, AT, new_command
from tests.unit.books import TODAY


@dataclass(slots=True)
class Time:
    """True time in seconds, and the boot that counts it."""

    s: float = 1_000_000.0
    booted: float = 0.0
    boot: int = 1

    def clock(self) -> Clock:
        """As a process started now sees it."""
        booted = self.booted
        return Clock(
            now=lambda: datetime(2026, 11, 21, tzinfo=UTC) + timedelta(seconds=self.s - 1_000_000.0),
            boot_s=lambda: self.s - booted,
            boot_id=f"boot-{self.boot}",
        )

    def pass_(self, seconds: float) -> None:
        """It goes by."""
        self.s += seconds

    def reboot(self, downtime: float = 3.0) -> None:
        """The machine starts again; its boot clock begins at nothing."""
        self.s += downtime
        self.booted, self.boot = self.s, self.boot + 1


@dataclass(slots=True)
class Rig:
    """One company. ``flight_s`` is what the connector promises."""

    path: Path
    peer: Peer
    time: Time
    flight_s: int = 60
    store: Store = field(init=False)
    clock: Clock = field(init=False)
    health: Health = field(init=False)
    puller: Puller = field(init=False)
    sender: Sender = field(init=False)
    deltas: list[Delta] = field(default_factory=list)
    moved: list[str] = field(default_factory=list)
    withdrawn: Callable[[Stored], str] = field(default=lambda row: "")
    """Why a command may not be sent any more."""

    def __post_init__(self) -> None:
        self._open()

    def _open(self) -> None:
        self.store, self.clock, self.health = Store(self.path), self.time.clock(), Health()
        shared: dict[str, Any] = {
            "today": lambda: TODAY,
            "base_currency": lambda: "EUR",
            "changed": self.deltas.append,
        }
        self.puller = Puller(self.store, self.peer, self.clock, self.health, **shared)
        self.sender = Sender(
            self.store,
            self.peer,
            self.clock,
            self.health,
            capabilities=lambda: Capabilities(
                operations={}, overlap_s=0, tombstones=True, key_lifetime_s=None, flight_s=self.flight_s
            ),
            moved=self.moved.append,
            withdrawn=lambda connection, row: self.withdrawn(row),
            **shared,
        )

    async def start(self) -> int:
        """What a broker does first."""
        clock = self.clock
        return await self.store.write(
            lambda database: outbox.recover(
                database, at=clock.stamp(), boot_s=clock.boot_s(), boot_id=clock.boot_id
            )
        )

    async def restart(self, *, reboot: bool = False) -> int:
        """The process ended, however; another one begins."""
        self.close()
        if reboot:
            self.time.reboot()
        self._open()
        return await self.start()

    def close(self) -> None:
        """Let go of the store."""
        self.store.close()

    async def order(self, command: Command, **changes: Any) -> Stored:
        """Store a command."""

        def work(database: Any) -> Stored:
            new = new_command(database.conn, command, **changes)
            outbox.add(database, new, ANNA, at=AT)
            queue.refresh(database, {new.party_id or ""}, TODAY, "EUR")
            return outbox.get(database.conn, new.order.id)

        return await self.store.write(work)

    async def step(self) -> bool:
        """One step of the sender; being away is no step."""
        try:
            return await self.sender.step()
        except (Offline, NeedsLogin) as error:
            self.health.failing(error)
            return False

    async def settle(self, limit: int = 400) -> None:
        """Step, and let time pass as the sender asks for it, until nothing is left to send."""
        for _ in range(limit):
            if await self.step():
                continue
            if not await self.waiting():
                return
            rest = await self.sender.rest_s(0)
            self.time.pass_(1.0 if rest is None else rest)
        raise AssertionError(
            f"not settled: {[(row.op, row.state, row.outcome) for row in await self.waiting()]}"
        )

    async def waiting(self) -> list[Stored]:
        """What is to be sent or looked up."""
        states = [state.value for state in EDGES if state is not CommandState.PENDING]
        rows, _ = await self.store.read(lambda connection: outbox.listing(connection, states, 1000, 0))
        return rows

    async def all(self) -> list[Stored]:
        """Every command, oldest first."""
        rows, _ = await self.store.read(lambda connection: outbox.listing(connection, (), 1000, 0))
        return rows[::-1]

    async def get(self, row: Stored) -> Stored:
        """As it is now."""
        return await self.store.read(lambda connection: outbox.get(connection, row.id))

    async def read(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Straight from the store."""
        return await self.store.read(lambda connection: connection.execute(sql, values).fetchall())

    async def items(self) -> dict[str, Item]:
        """The mirror."""

        def look(connection: Any) -> dict[str, Item]:
            cursor = connection.cursor()
            cursor.row_factory = sqlite3.Row
            return {row["id"]: item_of(row) for row in cursor.execute("SELECT * FROM item")}

        return await self.store.read(look)

    async def open(self, key: str) -> Money:
        """What the screen shows as open."""
        item = (await self.items())[key]
        (seen,) = await self.store.read(lambda connection: queue.with_open(connection, [item]))
        return seen.open

    async def work(self) -> set[str]:
        """The queue's rows by id."""
        return {row[0] for row in await self.read("SELECT id FROM work")}
