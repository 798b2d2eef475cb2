"""A small accounting system in memory, whose answers a test can lose, delay or refuse; what it has booked it never forgets."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from enum import StrEnum

from arqueue.control.commands import (
    Adjust,
    Annotate,
    ApplyPayment,
    Escalate,
    Line,
    Order,
    Unapply,
    effects,
    items_of,
    unseal,
)
from arqueue.errors import NeedsLogin, PeerUnreachable
from arqueue.model.ledger import (
    AdjustmentMethod,
    Allocation,
    Entity,
    Item,
    ItemState,
    Note,
    Party,
)
from arqueue.model.money import Money
from data.peers import contract
from data.peers.contract import (
    Absent,
    Capabilities,
    CensusRow,
    Done,
    Idempotency,
    Operation,
    Outcome,
    Page,
    Partial,
    Probe,
    Quarantined,
    Rejected,
    Rejection,
    Stale,
    Support,
    Unknown,
)

OPERATIONS = ("apply", "unapply", "adjust", "annotate", "escalate")


class Guard(StrEnum):
    """What keeps the ledger from booking an order twice."""

    KEY = "key"
    """It knows order ids and repeats its answer."""
    COMPARE = "compare"
    """It compares what the order expects, and knows no ids."""
    NONE = "none"
    """Nothing: whatever comes is booked."""


class Fault(StrEnum):
    """What befalls one call."""

    OK = "ok"
    LOST_BEFORE = "lost before"
    """The order never arrives."""
    LOST_AFTER = "lost after"
    """It is booked, and the answer does not come."""
    LATE = "late"
    """It arrives after we gave up waiting, within the flight time."""
    AWAY = "away"
    LOGIN = "login"
    STOP = "stop"
    """A page of another system, or a redirection: every order would fare alike."""
    BUSY = "busy"
    BROKEN = "broken"
    """The connector itself has a fault."""
    CRASH_BEFORE = "crash before"
    """Our process dies before the order leaves."""
    CRASH_AFTER = "crash after"
    """Our process dies after it was booked."""
    CRASH_LATE = "crash late"
    """Our process dies, and the order arrives later."""


class Crash(BaseException):
    """The power goes. Nothing may catch it."""


@dataclass(frozen=True, slots=True)
class Posting:
    """What was booked, for which order, from which bytes."""

    order_id: str
    body: bytes
    items: tuple[str, ...]


@dataclass
class ScriptedPeer:
    """A connector and the ledger behind it. ``now`` is the true time in seconds; faults are taken one a call."""

    now: Callable[[], float]
    guard: Guard = Guard.KEY
    flight_s: int = 60
    late_s: float = 50.0
    """When a late order arrives, counted from when we gave up."""
    deadline_s: float = 0.0
    """How long we wait for an answer that does not come."""
    wait: Callable[[float], None] = field(default=lambda seconds: None)
    """Lets the true time pass."""
    page_rows: int = 100
    retry_after_s: float = 30.0
    rows: dict[str, Entity] = field(default_factory=dict)
    bad: dict[str, str] = field(default_factory=dict)
    """Ids whose rows cannot be read, with the reason."""
    postings: list[Posting] = field(default_factory=list)
    booked_at: datetime = datetime(2026, 11, 21, 9, tzinfo=UTC)
    """When, as it is told."""
    amounts: dict[str, Money] = field(default_factory=dict)
    """What it says of orders whose entries somebody changed."""
    left: dict[str, str] = field(default_factory=dict)
    """By order the customer whose payment went to another."""
    bodies: dict[str, set[bytes]] = field(default_factory=dict)
    """Every body that ever left for an order."""
    calls: list[str] = field(default_factory=list)
    submit_faults: deque[Fault] = field(default_factory=deque)
    find_faults: deque[Fault] = field(default_factory=deque)
    read_faults: deque[Fault] = field(default_factory=deque)
    probe_faults: deque[Fault] = field(default_factory=deque)
    refuse: dict[str, Rejection] = field(default_factory=dict)
    """Targets on which every order is refused."""
    partial: bool = False
    """Applications book their first line only."""
    between: Callable[[str], None] = field(default=lambda call: None)
    """Called when an answer to a reading is ready, before it is handed over."""
    _changes: list[str] = field(default_factory=list)
    _answers: dict[str, Outcome] = field(default_factory=dict)
    _flying: list[tuple[float, Order]] = field(default_factory=list)
    _serial: int = 0

    # ---- the accountant's side

    def book(self, *entities: Entity) -> None:
        """Write rows; each gets the next version."""
        for entity in entities:
            self._serial += 1
            self.rows[entity.id] = replace(entity, version=str(self._serial))
            self._changed(entity.id)

    def delete(self, key: str) -> None:
        """A row goes; the feed says so."""
        del self.rows[key]
        self._changed(key)

    def forget(self, key: str) -> None:
        """A row goes and nobody says so, as in most systems."""
        del self.rows[key]
        self._changes = [each for each in self._changes if each != key]

    def set_residual(self, key: str, minor: int) -> None:
        """Somebody else applied or adjusted."""
        item = self.item(key)
        self.book(
            replace(
                item,
                residual=Money(minor, item.residual.currency),
                state=ItemState.OPEN if minor else ItemState.CLOSED,
            )
        )

    def item(self, key: str) -> Item:
        """An item as the ledger has it."""
        found = self.rows[key]
        assert isinstance(found, Item)
        return found

    def posted(self, order_id: str) -> list[Posting]:
        """What was booked for an order."""
        self.arrive()
        return [each for each in self.postings if each.order_id == order_id]

    def arrive(self) -> None:
        """What was on its way and has had its time is carried out now."""
        due = [each for each in self._flying if each[0] <= self.now()]
        self._flying = [each for each in self._flying if each[0] > self.now()]
        for _, order in sorted(due, key=lambda each: each[0]):
            self._carry_out(order)

    # ---- the connector

    async def probe(self) -> Probe:
        """Who answers."""
        self.calls.append("probe")
        self._fail(self._next(self.probe_faults))
        operation = Operation(support=Support.NATIVE, idempotency=Idempotency.KEY)
        return Probe(
            product="scripted",
            company="Test",
            currency="EUR",
            zone="UTC",
            business_date=None,
            capabilities=Capabilities(
                operations=dict.fromkeys(OPERATIONS, operation),
                overlap_s=0,
                tombstones=True,
                key_lifetime_s=None,
                flight_s=self.flight_s,
                listed=frozenset(OPERATIONS),
            ),
            methods=(AdjustmentMethod(id="method:small", code="small", name="Small", account="6800"),),
        )

    async def pull(self, cursor: str | None, known: contract.Known = contract.nothing_known) -> Page:
        """Changes after a place, as things are now."""
        self.calls.append("pull")
        self.arrive()
        fault = self._next(self.read_faults)
        self._fail(fault)
        start = int(cursor or 0)
        last = {key: place for place, key in enumerate(self._changes)}
        places = sorted(place for place in last.values() if place >= start)
        chosen = places[: self.page_rows]
        more = len(places) > len(chosen)
        end = chosen[-1] + 1 if chosen else max(start, len(self._changes))
        page = self._page(
            [self._changes[place] for place in chosen], str(end), more, len(places) - len(chosen)
        )
        self.between("pull")
        return page

    async def census(self) -> Sequence[CensusRow]:
        """Every open item."""
        self.calls.append("census")
        self.arrive()
        self._fail(self._next(self.read_faults))
        return [
            CensusRow(each.id, each.version, each.residual)
            for each in self.rows.values()
            if isinstance(each, Item) and each.state is ItemState.OPEN and each.residual.minor
        ]

    async def get(self, ids: Sequence[str]) -> Page:
        """These, as they are now."""
        self.calls.append("get")
        self.arrive()
        self._fail(self._next(self.read_faults))
        page = self._page(ids, "", False, 0)
        self.between("get")
        return page

    async def ours(self, since: datetime | None) -> Sequence[contract.Posting]:
        """What was booked, by the reference that every posting carries."""
        self.calls.append("ours")
        self.arrive()
        self._fail(self._next(self.read_faults))
        told = [self._told(each) for each in self.postings]
        told = [each for each in told if since is None or each.at >= since.isoformat()]
        self.between("ours")
        return told

    def _told(self, posting: Posting) -> contract.Posting:
        order = unseal(posting.body)
        moved = max((amount for amount in effects(order.command).values()), default=None)
        return contract.Posting(
            command_id=posting.order_id,
            op=order.command.op,
            at=self.booked_at.isoformat(),
            amount=self.amounts.get(posting.order_id, moved),
            about=posting.items[0] if posting.items else "",
            party=self.left.get(posting.order_id, ""),
            actor=order.actor,
        )

    async def submit(self, order: Order) -> Outcome:
        """Carry it out, or meet the next fault."""
        self.calls.append(f"submit {order.id}")
        self.arrive()
        fault = self._next(self.submit_faults)
        self._fail(fault)
        if fault is Fault.CRASH_BEFORE:
            raise Crash
        self.bodies.setdefault(order.id, set()).add(order.body)
        match fault:
            case Fault.LOST_BEFORE:
                self.wait(self.deadline_s)
                return Unknown("the connection broke")
            case Fault.LATE | Fault.CRASH_LATE:
                self.wait(self.deadline_s)
                self._flying.append((self.now() + self.late_s, order))
            case Fault.STOP:
                return Unknown("a redirection", stop=True)
            case Fault.BUSY:
                return Unknown("429", retry_after_s=self.retry_after_s)
        if fault is Fault.CRASH_LATE:
            raise Crash
        if fault is Fault.LATE:
            return Unknown("no answer in time")
        outcome = self._carry_out(order)
        if fault is Fault.CRASH_AFTER:
            raise Crash
        return Unknown("the answer was lost") if fault is Fault.LOST_AFTER else outcome

    async def find(self, order: Order) -> Done | Partial | Rejected | Absent | Unknown:
        """By its id, which every posting carries as a reference."""
        self.calls.append(f"find {order.id}")
        self.arrive()
        fault = self._next(self.find_faults)
        self._fail(fault)
        if fault is not Fault.OK:
            return Unknown("no answer to the look-up")
        saved = self._answers.get(order.id)
        if isinstance(saved, Done | Partial):
            return replace(saved, entities=self._now_of(order))
        return saved if isinstance(saved, Rejected) and self.guard is Guard.KEY else Absent()

    async def close(self) -> None:
        """Nothing to let go of."""

    # ---- inside

    def _changed(self, key: str) -> None:
        self._changes.append(key)

    def _page(self, ids: Sequence[str], cursor: str, more: bool, remaining: int) -> Page:
        return Page(
            cursor,
            more,
            tuple(self.rows[key] for key in ids if key in self.rows and key not in self.bad),
            tuple(key for key in ids if key not in self.rows),
            tuple(
                Quarantined(key, self.bad[key], "{}") for key in ids if key in self.bad and key in self.rows
            ),
            remaining,
        )

    @staticmethod
    def _next(faults: deque[Fault]) -> Fault:
        return faults.popleft() if faults else Fault.OK

    @staticmethod
    def _fail(fault: Fault) -> None:
        match fault:
            case Fault.AWAY:
                raise PeerUnreachable("nobody answers", "wait")
            case Fault.LOGIN:
                raise NeedsLogin("the token is not accepted", "give another one")
            case Fault.BROKEN:
                raise KeyError("residual")

    def _carry_out(self, order: Order) -> Outcome:
        if self.guard is Guard.KEY and order.id in self._answers:
            saved = self._answers[order.id]
            return replace(saved, entities=self._now_of(order)) if isinstance(saved, Done) else saved
        outcome = self._decide(order) or self._book(order)
        if isinstance(outcome, Done | Partial) or self.guard is Guard.KEY:
            self._answers[order.id] = outcome
        return outcome

    def _decide(self, order: Order) -> Outcome | None:
        command = order.command
        target = getattr(command, "target", None) or items_of(command)[0]
        if target in self.refuse:
            return Rejected(self.refuse[target], "not here")
        for key in items_of(command):
            if key not in self.rows:
                return Rejected(Rejection.NOT_FOUND, f"{key} is gone")
        if self.guard is not Guard.NONE:
            for key, seen in order.expect.items():
                item = self.item(key)
                if item.residual != seen.residual or seen.version not in ("", item.version):
                    return Stale(f"{item.number} changed", self._now_of(order))
        for key, moved in effects(command).items():
            if moved.minor > abs(self.item(key).residual.minor) and self.guard is not Guard.NONE:
                return Rejected(Rejection.INSUFFICIENT, f"{key} has less", self._now_of(order))
        return None

    def _book(self, order: Order) -> Outcome:
        command, refs = order.command, []
        match command:
            case ApplyPayment():
                lines = command.lines[:1] if self.partial and len(command.lines) > 1 else command.lines
                for line in lines:
                    refs.append(
                        self._allocate(command.payment, line.item, line.amount, command.on.isoformat())
                    )
                self.postings.append(Posting(order.id, order.body, items_of(command)))
                if lines != command.lines:
                    left: tuple[Line, ...] = command.lines[1:]
                    return Partial(tuple(refs), lines, left, "the rest failed", self._now_of(order))
                return Done(tuple(refs), self._now_of(order))
            case Unapply():
                for key in (command.credit_item, command.debit_item):
                    self._move(key, -command.amount.minor)
            case Adjust():
                self._move(command.item, command.amount.minor)
            case Annotate() | Escalate():
                words = command.text if isinstance(command, Annotate) else command.why
                note = Note(
                    id=f"note:{len(self.rows)}",
                    target=command.target,
                    author=order.actor,
                    at=datetime(2026, 11, 21, tzinfo=UTC),
                    text=words,
                    version="",
                    command_id=order.id,
                )
                self.book(note)
                refs.append(note.id)
        self.postings.append(Posting(order.id, order.body, items_of(command)))
        return Done((*refs, f"entry:{len(self.postings)}"), self._now_of(order))

    def _allocate(self, credit: str, debit: str, amount: Money, on: str) -> str:
        self._move(credit, amount.minor)
        self._move(debit, amount.minor)
        key = f"allocation:{len(self.rows)}"
        self.book(
            Allocation(
                id=key,
                credit_item=credit,
                debit_item=debit,
                amount=amount,
                on=date.fromisoformat(on),
                version="",
            )
        )
        return key

    def _move(self, key: str, by: int) -> None:
        """Toward zero by so much; away from it where negative."""
        item = self.item(key)
        side = -1 if item.total.minor > 0 else 1
        self.set_residual(key, item.residual.minor + side * by)

    def _now_of(self, order: Order) -> tuple[Entity, ...]:
        return tuple(self.rows[key] for key in items_of(order.command) if key in self.rows)

    def told_by(self, cursor: str | None) -> set[str]:
        """What a reader who is there has been told of, as it is now."""
        last = {key: place for place, key in enumerate(self._changes)}
        return {key for key, place in last.items() if place < int(cursor or 0)}

    def parties(self) -> list[Party]:
        """The customers."""
        return [each for each in self.rows.values() if isinstance(each, Party)]
