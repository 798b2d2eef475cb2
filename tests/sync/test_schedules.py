"""Whatever is lost, late or killed, in any order: an order is posted once or never, and what the store says of it is so.

Hypothesis draws the schedule: people order and take back, answers are lost before or after they count, orders arrive late,
processes and machines die, the ledger is away or read meanwhile. The sender, the store and the puller are the real ones.
"""

from __future__ import annotations

import asyncio
import logging
import tempfile
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
import structlog
from hypothesis import given, settings
from hypothesis import strategies as st

from arqueue.control.commands import Annotate, ApplyPayment, Command, Line, items_of
from arqueue.control.states import FINAL, CommandState
from arqueue.errors import ArqueueError
from arqueue.model.ledger import Item
from arqueue.model.money import Money
from data.store import outbox
from data.store.outbox import Stored
from tests.store.books import ANNA, AT, INVOICE, OTHER, PAYMENT, adjust, company
from tests.sync.rig import Rig, Time
from tests.sync.scripted_peer import Crash, Fault, Guard, ScriptedPeer
from tests.unit.books import TODAY, item, party

S = CommandState
NEVER = (S.REJECTED, S.CONFLICT, S.CANCELLED, S.DECLINED, S.EXPIRED, S.PENDING)
SUBMIT = [*Fault, *[Fault.OK] * 6]
FIND = [Fault.OK] * 4 + [Fault.LOST_BEFORE, Fault.AWAY, Fault.BROKEN]
READ = [Fault.OK] * 4 + [Fault.AWAY, Fault.LOGIN]


@dataclass
class Order:
    """Somebody wants so much moved."""

    what: str
    target: str
    minor: int


@dataclass
class Schedule:
    """What happens, step by step, and which faults the calls meet."""

    guard: Guard
    actions: list[tuple[str, int]]
    orders: list[Order]
    submit: list[Fault]
    find: list[Fault]
    probe: list[Fault]
    late_s: float
    deadline_s: float


ACTIONS = [
    "order",
    "order",
    "step",
    "step",
    "step",
    "wait",
    "wait long",
    "undo",
    "pull",
    "restart",
    "reboot",
    "nudge",
]


@st.composite
def schedules(draw: st.DrawFn) -> Schedule:
    """Short enough to read when one fails."""
    amounts = st.integers(1, 40).map(lambda units: units * 100)
    orders = st.builds(
        Order,
        st.sampled_from(["apply", "apply both", "adjust", "note"]),
        st.sampled_from([INVOICE, OTHER, "item:x"]),
        amounts,
    )
    return Schedule(
        guard=draw(st.sampled_from(list(Guard))),
        actions=draw(
            st.lists(st.tuples(st.sampled_from(ACTIONS), st.integers(0, 5)), min_size=4, max_size=40)
        ),
        orders=draw(st.lists(orders, min_size=1, max_size=8)),
        submit=draw(st.lists(st.sampled_from(SUBMIT), max_size=12)),
        find=draw(st.lists(st.sampled_from(FIND), max_size=8)),
        probe=draw(st.lists(st.sampled_from(READ), max_size=6)),
        late_s=draw(st.sampled_from([0.5, 10.0, 59.0])),
        deadline_s=draw(st.sampled_from([0.0, 30.0])),
    )


def command_of(order: Order) -> Command:
    """As a form would make it."""
    amount = Money(order.minor, "EUR")
    match order.what:
        case "apply":
            return ApplyPayment(PAYMENT, (Line(order.target, amount),), TODAY)
        case "apply both":
            return ApplyPayment(PAYMENT, (Line(INVOICE, amount), Line(OTHER, amount)), TODAY)
        case "adjust":
            return adjust(amount.text, order.target)
        case _:
            return Annotate(order.target, f"called about {amount}")


class World:
    """One schedule's run."""

    def __init__(self, schedule: Schedule, directory: str) -> None:
        self.schedule, self.time = schedule, Time()
        self.peer = ScriptedPeer(
            now=lambda: self.time.s,
            wait=self.time.pass_,
            guard=schedule.guard,
            late_s=schedule.late_s,
            deadline_s=schedule.deadline_s,
            page_rows=3,
        )
        self.peer.book(*company(), party("2"), item("x", "30.00", party_id="party:2"))
        self.rig = Rig(Path(directory) / "store" / "arqueue.sqlite", self.peer, self.time)
        self.orders = deque(schedule.orders)
        self.acknowledged: list[Stored] = []

    async def run(self) -> None:
        """Everything that happens, then peace, then the reckoning."""
        peer, schedule = self.peer, self.schedule
        await self.rig.start()
        await self.rig.puller.pull()
        peer.submit_faults, peer.find_faults = deque(schedule.submit), deque(schedule.find)
        peer.probe_faults = deque(schedule.probe)
        for action, number in schedule.actions:
            try:
                await self.act(action, number)
            except Crash:
                await self.rig.restart(reboot=bool(number % 2))
        for faults in (peer.submit_faults, peer.find_faults, peer.probe_faults, peer.read_faults):
            faults.clear()
        await self.rig.settle()
        await self.rig.puller.pull(full=True)
        await self.check()

    async def act(self, action: str, number: int) -> None:
        """One thing happens."""
        match action:
            case "order" if self.orders:
                await self.order(command_of(self.orders.popleft()))
            case "step":
                await self.rig.step()
            case "wait":
                self.time.pass_(0.5 + number)
            case "wait long":
                self.time.pass_(20.0 * number)
            case "undo" if self.acknowledged:
                await self.undo(self.acknowledged[number % len(self.acknowledged)])
            case "pull":
                with suppress(ArqueueError):
                    await self.rig.puller.pull(full=number == 0)
            case "restart" | "reboot":
                await self.rig.restart(reboot=action == "reboot")
            case "nudge":
                sql = "UPDATE command SET not_before_boot_s = NULL WHERE state = 'unknown'"
                await self.rig.store.write(lambda database: database.conn.execute(sql))

    async def order(self, command: Command) -> None:
        """Stored if it fits into what is open, as the broker decides it."""
        wanted = {PAYMENT: 0}
        if isinstance(command, ApplyPayment):
            wanted = {line.item: line.amount.minor for line in command.lines}
            wanted[PAYMENT] = sum(wanted.values())
        elif items_of(command):
            wanted = {items_of(command)[0]: getattr(command, "amount", Money.zero("EUR")).minor}
        for key, minor in wanted.items():
            if abs((await self.rig.open(key)).minor) < minor:
                return
        self.acknowledged.append(await self.rig.order(command))

    async def undo(self, row: Stored) -> None:
        """Somebody changes their mind."""
        with suppress(ArqueueError):
            await self.rig.store.write(
                lambda database: outbox.undo(database, row.id, ANNA, may_undo_others=True, at=AT)
            )

    async def check(self) -> None:
        """The invariants, by the ledger's own books."""
        rig, peer = self.rig, self.peer
        rows = {row.id: row for row in await rig.all()}
        assert {row.id for row in self.acknowledged} == rows.keys(), "what was acknowledged is there"
        for row in rows.values():
            posted = peer.posted(row.id)
            assert row.state in FINAL, f"{row.op} ends: {row.state} {row.outcome}"
            assert len(posted) == (1 if row.state is S.POSTED else 0), (
                f"{row.op} is {row.state}: {len(posted)} postings"
            )
            assert peer.bodies.get(row.id, set()) <= {row.body}, "the same bytes each time"
            assert row.state is not S.CANCELLED or not row.attempts
        assert {each.order_id for each in peer.postings} <= rows.keys(), (
            "nothing is posted that nobody ordered"
        )
        self._check_turns(list(rows))
        mirror = await rig.items()
        for key, there in peer.rows.items():
            if isinstance(there, Item):
                assert mirror[key] == there, "the mirror is the ledger"
                assert (await rig.open(key)) == there.residual, "nothing is under way any more"
                assert there.residual.minor * there.total.minor >= 0, "nothing is paid twice"
        chain = await rig.read("SELECT count(*) FROM audit")
        assert chain[0][0] >= len(rows)

    def _check_turns(self, ids: list[str]) -> None:
        """On each item in the order in which it was ordered."""
        place = {key: number for number, key in enumerate(ids)}
        for key in (PAYMENT, INVOICE, OTHER, "item:x"):
            turns = [place[each.order_id] for each in self.peer.postings if key in each.items]
            assert turns == sorted(turns), f"turns on {key}"


@pytest.fixture(autouse=True, scope="module")
def _quiet() -> Iterator[None]:
    """Thousands of log lines help nobody."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    yield
    structlog.reset_defaults()


@pytest.mark.timeout(300)
@settings(max_examples=120)
@given(schedules())
def test_an_order_is_posted_once_or_never_and_the_store_knows_which(schedule: Schedule) -> None:
    """Under every schedule: what is POSTED is in the ledger once, what is refused or taken back is not, everything ends, and
    the mirror is the ledger."""
    with tempfile.TemporaryDirectory() as directory:
        world = World(schedule, directory)
        try:
            asyncio.run(world.run())
        finally:
            world.rig.close()
