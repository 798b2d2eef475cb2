"""One schedule: a company, its people, its ledger and everything that happens to them, drawn from a seed and stepped."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache
from itertools import accumulate
from types import SimpleNamespace
from typing import Any, cast

import pytest

from arqueue.control.commands import Order, unseal
from data.broker.ledger import Ledger
from data.peers.contract import PeerSettings
from data.peers.sandbox.connector import SandboxPeer
from data.store import audit, backup, stored
from data.sync import catching_up, pull, push, reconcile
from data.sync.health import Health
from data.sync.pull import Puller
from tests.faults.simulator.broker import TODAY, Broker
from tests.faults.simulator.clock import Time
from tests.faults.simulator.faces import Faces
from tests.faults.simulator.invariants.watch import Watch
from tests.faults.simulator.ledger import Books, Kind
from tests.faults.simulator.memory import Memory
from tests.faults.simulator.network import DEADLINE_S, LATEST_S, Wire
from tests.faults.simulator.plans import plan
from tests.faults.simulator.staff import Staff
from tests.faults.simulator.tasks import Deadline, Killed, Moment, Task, sleep, to_thread

LAG_S = 60.0
FLIGHT_S = int(LATEST_S + LAG_S)
"""What the connector promises: the latest request has arrived by then, and what it booked can be looked up."""
_PEACE_STEPS = 6000
_STEP_S = 0.001
"""So long does a step take."""


class World:
    """The company of one seed. ``run`` raises ``Broken`` with the invariant that does not hold."""

    def __init__(
        self,
        seed: int,
        stage: Stage,
        *,
        trace: Callable[[str], None] | None = None,
        chance: random.Random | None = None,
    ) -> None:
        self.seed, self.chance, self._trace = seed, chance or random.Random(seed), trace
        self.plan = plan(self.chance)
        self.time, self.staff = Time(), Staff()
        self.store, self.ledger, self.peer = stage.store, stage.ledger, stage.peer
        self.books = Books(
            self.plan.kind,
            lag_s=self.chance.choice([0.0, 0.0, LAG_S]),
            key_s=self.chance.choice([120.0, 1200.0, 3600.0]),
        )
        self.wire = Wire(
            self.books, self.time, self.chance, self.plan.rate, self.plan.favourites, note=self.say
        )
        self.watch = Watch(self)
        self.wire.sending = self.watch.sending
        self.faces = Faces(self)
        self.tasks: list[Task] = []
        self.steps = 0
        self.died = 0
        self.restored = 0
        self.pull_s = self.plan.pull_s
        self._happenings = self._happenings_of()
        self._die_in: int | None = None

    # ---- what happens

    def run(self) -> None:
        """Trouble, then peace, then the reckoning."""
        liked = ", ".join(self.plan.favourites)
        self.say(
            f"seed {self.seed}: ledger with {self.plan.kind}; {self.plan.theme}; faults {self.plan.rate}: {liked}"
        )
        self.begin_work()
        names, weights = list(self.plan.weights), list(self.plan.weights.values())
        names.append("go on")
        weights.append(1.0)
        mounting = list(accumulate(weights))
        for _ in range(self.plan.steps):
            self.happen(self.chance.choices(names, cum_weights=mounting)[0])
            self.watch.check()
        self.make_peace()

    def begin_work(self) -> None:
        """The broker starts."""
        self.store.before_commit = self._before_commit
        self.peer._http = cast(Any, self.wire)
        self._start()

    def happen(self, what: str) -> None:
        """One of the things that a plan weighs, or one step of whoever can go on."""
        self.steps += 1
        try:
            self._happenings[what]()
        except Killed:
            self._end(reboot=False)
        self.wire.arrive()

    def _happenings_of(self) -> dict[str, Callable[[], object]]:
        chance = self.chance
        return {
            "go on": self._go_on,
            "time": lambda: self._pass(chance.choice([0.5, 3.0, 6.0, 40.0, 400.0])),
            "stall": lambda: self._pass(chance.choice([6.0, 100.0, 1000.0, 5000.0])),
            "sleep": lambda: self._pass(chance.choice([25.0, 80.0]) * 3600),
            "order": self._order,
            "step": self.faces.step,
            "kill": self._kill,
            "reboot": lambda: self._end(reboot=True),
            "wall": self._set_the_clock,
            "staff": self._edit_people,
            "books": self._accountant,
            "period": self._close_or_open,
            "grow old": lambda: self.begin("grow old", self.broker.steps.grow_old()),
            "backup": self._back_up,
            "restore": self._restore,
            "restore in flight": self._restore_in_flight,
        }

    def _order(self) -> None:
        self.faces.order()

    def _kill(self) -> None:
        self._die_in = self.chance.choice([None, None, 0, 1])
        if self._die_in is None:
            self._end(reboot=False)

    def _set_the_clock(self) -> None:
        self.time.set_wall(self.chance.choice([-90000.0, -3600.0, 3600.0, 90000.0, 400000.0]))
        self.say(f"wall clock is wrong by {self.time.skew:.0f} s")

    def _edit_people(self) -> None:
        self.say(self.staff.change(self.chance, self.time.s))
        self.broker.sender.wake()

    def _go_on(self) -> None:
        ready = [task for task in self.tasks if task.ready]
        if not ready:
            self._pass_until()
            return
        self._step(self.chance.choice(ready))

    def _step(self, task: Task) -> None:
        self.time.s += _STEP_S
        task.step(self.chance)
        self.watch.between(task)
        if self._trace:
            self.say(f"{task.name}: {'done' if task.done else task.waits.what if task.waits else 'pause'}")
        if task.done:
            self.tasks.remove(task)

    def _pass(self, seconds: float) -> None:
        self.time.s += seconds
        self.say(f"{seconds:g} s pass")

    def _pass_until(self) -> None:
        """To the next thing that is due."""
        due = [self.wire.events[0][0]] if self.wire.events else []
        due += [task.until for task in self.tasks if task.until is not None]
        self.time.s = max(self.time.s, min(due, default=self.time.s + 60.0))

    def _accountant(self) -> None:
        row = self.books.items[self.chance.choice(list(self.books.items))]
        by = self.chance.choice([0, 100, 500, abs(row.residual)])
        if not self.plan.kind.compares:
            by = 0  # what others move there, no order of ours can know of
        if by <= abs(row.residual):
            self.books.accountant(row.id, by)
            self.say(f"the accountant moves {row.id} by {by}")

    def _close_or_open(self) -> None:
        """The period of an item is closed, or opened again."""
        item = self.chance.choice(list(self.books.items))
        self.books.locked ^= {item}
        self.say(f"the period of {item} is {'closed' if item in self.books.locked else 'open'}")

    def _before_commit(self) -> None:
        """The process may end with a transaction open."""
        if self._die_in is not None:
            if self._die_in == 0:
                self._die_in = None
                self.say("killed before a commit")
                raise Killed
            self._die_in -= 1

    def _end(self, *, reboot: bool) -> None:
        self.say("the machine starts again" if reboot else "killed")
        self._halt()
        self.died += 1
        self.time.s += self.chance.choice([0.2, 3.0, 120.0])
        if reboot:
            self.time.reboot()
        self._start()
        self.faces.come_back()

    def _halt(self) -> None:
        self._die_in = None
        for task in self.tasks:
            task.kill()
        self.tasks.clear()

    def _back_up(self) -> None:
        self.store.back_up()
        self.say("a backup is taken")

    def _restore(self, *, pauses: Sequence[float] = (3.0, 120.0, 4000.0)) -> None:
        """The last backup takes the store's place, as ``data.store.backup`` does it; what was there can be read, or not."""
        if not self.store.has_backup:
            return
        is_there = self.chance.random() < 0.7
        self.say(f"the backup is put back; what was there can {'' if is_there else 'not '}be read")
        self._halt()
        connection, clock = self.store.connection, self.time.clock()
        ended = backup.taken_back(connection) if is_there else {}
        self.store.put_back()
        self.watch.put_back()
        self.restored += 1
        totals, actor = backup.totals_of(connection), audit.SYSTEM
        self.store.at_once(
            lambda database: backup.begin_again(
                database, totals, 1 + self.restored, ended, name="backup", actor=actor, clock=clock
            )
        )
        self.watch.began_again(ended)
        self.time.s += self.chance.choice(pauses)
        self._start()
        self.faces.know_nothing()

    def _restore_in_flight(self) -> None:
        """While something is on its way that its sender waits for no more."""
        late = any(when - self.time.s > DEADLINE_S for when, _, _ in self.wire.events)
        if late and self.broker.reconciler.is_open:
            self._restore(pauses=(3.0, 60.0))

    def make_peace(self) -> None:
        """Nothing goes wrong any more; everything comes to its end."""
        self.say("peace")
        self.wire.peace, self._die_in = True, None
        self.staff.mend(self.time.s)
        self.pull_s = 3000.0
        for n in range(_PEACE_STEPS):
            self.wire.arrive()
            ready = [task for task in self.tasks if task.ready]
            if ready:
                self._step(ready[n % len(ready)])
                self.watch.check()
                continue
            if not self.wire.events and self.watch.all_ended() and not self.faces.busy():
                break
            self._pass_until()
        self.begin("last pull", self.broker.puller.pull(full=True))
        while self.tasks and any(task.name == "last pull" for task in self.tasks):
            (task,) = [each for each in self.tasks if each.name == "last pull"]
            self._step(task)
        self.watch.check()
        self.watch.at_the_end()

    def tally(self) -> Counter[str]:
        """What happened, in numbers."""
        rows = self.watch.rows.values()
        counts = Counter({"schedules": 1, "deaths": self.died, "commits": self.store.commits})
        counts += Counter(
            {
                "backups put back": self.restored,
                "orphans adopted": len(self.watch.lost.keys() & self.books.bookings),
            }
        )
        counts += Counter(f"ordered: {row.op}" for row in self.watch.rows.values())
        counts += Counter(
            commands=len(rows), bookings=len(self.books.order), attempts=sum(r.attempts for r in rows)
        )
        counts += Counter(f"ended {row.state.value}" for row in rows)
        counts += Counter({f"met: {fault.value}": count for fault, count in self.wire.met.items()})
        counts[f"ledger with {self.plan.kind.value}"] += 1
        counts[f"theme: {self.plan.theme.value}"] += 1
        return counts

    def _start(self) -> None:
        """A process begins."""
        self.broker = Broker(self)
        self.begin("sender", self.broker.send())
        self.begin("puller", self.broker.pull())

    def begin(self, name: str, coroutine: Coroutine[Any, Any, Any]) -> Task:
        """Something runs beside the others."""
        task = Task(name, coroutine, self.time, Moment("begin"), at=self.time.s)
        self.tasks.append(task)
        return task

    def say(self, words: str) -> None:
        """For whoever replays it."""
        if self._trace:
            self._trace(f"{self.time.s:10.1f}  {words}")


class Stage:
    """What schedules share in one process: the store with a company in it, and the connector."""

    def __init__(self) -> None:
        self.store = Memory()
        self.peer = SandboxPeer(PeerSettings(kind="sandbox", url="http://127.0.0.1:1"))
        time, books = Time(), Books(Kind.VERSIONED)
        self.peer._http = cast(Any, Wire(books, time, random.Random(0), 0.0, []))
        probe = _at_once(self.peer.probe())
        capabilities = replace(probe.capabilities, flight_s=FLIGHT_S)
        self.ledger = Ledger(probe.company, capabilities, probe.methods, probe.currency)
        puller = Puller(
            cast(Any, self.store),
            self.peer,
            time.clock(),
            Health(),
            today=lambda: TODAY,
            base_currency=lambda: "EUR",
            changed=lambda delta: None,
        )
        with _stepped():
            _at_once(puller.pull())

    @contextmanager
    def world(self, seed: int, **options: Any) -> Iterator[World]:
        """A schedule, after which everything is as before."""
        world = World(seed, self, **options)  # whoever draws may end here: then nothing was begun
        self.store.begin()
        try:
            with _stepped():
                yield world
        finally:
            for task in world.tasks:
                task.kill()
            self.store.before_commit = lambda: None
            self.store.end()


@contextmanager
def _stepped() -> Iterator[None]:
    """Whatever the product waits for is a moment of the schedule."""
    waits = SimpleNamespace(Event=asyncio.Event, timeout=Deadline, sleep=sleep)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stored, "unseal", _unseal)
        for module in (push, catching_up, reconcile):
            patch.setattr(module, "asyncio", waits)
        patch.setattr(pull, "asyncio", SimpleNamespace(sleep=asyncio.sleep, to_thread=to_thread))
        patch.setattr(reconcile, "_WAIT_S", 1e9)
        yield


@lru_cache(maxsize=512)
def _unseal(body: bytes) -> Order:
    """The same bytes are the same order, whoever reads them how often."""
    return unseal(body)


def _at_once(coroutine: Coroutine[Any, Any, Any]) -> Any:
    while True:
        try:
            coroutine.send(None)
        except StopIteration as end:
            return end.value
