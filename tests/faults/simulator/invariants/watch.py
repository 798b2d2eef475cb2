"""Who looks on: what happened is remembered here, and every invariant asked about what a step changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from arqueue.control.commands import unseal
from arqueue.control.states import FINAL, CommandState
from data.store.stored import Stored, many
from tests.faults.simulator.invariants import authority, booked, figures, history, sending
from tests.faults.simulator.invariants.authority import Charge
from tests.faults.simulator.invariants.broken import require
from tests.faults.simulator.tasks import Task

if TYPE_CHECKING:
    from tests.faults.simulator.faces import Form
    from tests.faults.simulator.world import World


@dataclass(slots=True)
class Watch:
    """Looks on, and remembers what must not be forgotten."""

    world: World
    acks: dict[str, list[str]] = field(default_factory=dict)
    """By intent."""
    rows: dict[str, Stored] = field(default_factory=dict)
    lost: dict[str, Stored] = field(default_factory=dict)
    """Commands that a backup which was put back does not know."""
    reset: set[str] = field(default_factory=set)
    """Commands that such a backup knows, but not that they were let through."""
    held: set[str] = field(default_factory=set)
    were_held: set[str] = field(default_factory=set)
    """A look before."""
    booked: dict[str, str] = field(default_factory=dict)
    """The reference under which an intent was booked."""
    sent: dict[str, bytes] = field(default_factory=dict)
    """The bytes that left, by command."""
    decided: dict[str, dict[str, str]] = field(default_factory=dict)
    """The ledger's versions of its items when a command was decided, where nothing else was under way on them."""
    counted: dict[str, set[str]] = field(default_factory=dict)
    """What a command could count on when it was decided: all before it on its items that was posted, or on its way."""
    versions: dict[str, int] = field(default_factory=dict)
    """Of the mirror's items."""
    excused: set[str] = field(default_factory=set)
    """Items that were to be asked for again."""
    charged: list[Charge] = field(default_factory=list)
    audited: int = 0
    cursor: int = 0
    _looked: tuple[int, int] = (-1, -1)
    _booked: int = 0
    _raw: dict[str, tuple[Any, ...]] = field(default_factory=dict)

    # ---- told by others

    def acknowledged(self, form: Form, ids: list[str]) -> None:
        """I5 begins here: somebody saw that it is stored."""
        before = self.acks.setdefault(form.intent, ids)
        require(before == ids, "I9", f"{form.intent} was {before}, and is now {ids}")

    def between(self, task: Task) -> None:
        """After each step of a task."""
        sending.one_transaction(self.world, task)

    def sending(self, path: str, headers: Mapping[str, str], body: bytes, at: float) -> None:
        """A request leaves."""
        if path != "/v1/orders":
            return
        order = unseal(body)
        sending.same_bytes(self, order.id, headers, body)
        authority.within_authority(self.world, body, at)
        sending.in_turn(self.world, order.id)
        sending.one_sender(self.world)

    def put_back(self) -> None:
        """The store is as it was at a backup; what came after is remembered as lost."""
        before, let_through = self.rows, self._let_through()
        self._read()
        self.lost |= {key: row for key, row in before.items() if key not in self.rows}
        # who gives the same order again gives it the same id
        self.sent = {key: body for key, body in self.sent.items() if key in self.rows}
        now = self._let_through()
        self.reset = (self.reset | (let_through & self.rows.keys())) - now
        self.acks = {intent: ids for intent, ids in self.acks.items() if all(key in self.rows for key in ids)}
        self.held = self._held()
        connection = self.world.store.connection
        (self.audited,) = connection.execute("SELECT coalesce(max(seq), 0) FROM audit").fetchone()
        found = connection.execute("SELECT value FROM cursor").fetchone()
        self.cursor, self.versions = int(found[0]) if found else 0, {}

    def began_again(self, ended: Mapping[str, tuple[CommandState, str]]) -> None:
        """I3: what came to nothing before the backup was put back stays so."""
        self._read()
        for key in ended.keys() & self.rows.keys():
            now = self.rows[key].state
            require(now is ended[key][0], "I3", f"{key[-4:]} was {ended[key][0]}, and is {now} again")

    # ---- looking

    def those(self, ids: Iterable[str]) -> Iterator[Stored]:
        """Of these the commands that are in the outbox, in their order where that is all."""
        wanted = set(ids)
        return (row for key, row in self.rows.items() if key in wanted)

    def check(self) -> None:
        """After every step."""
        world = self.world
        looked = (world.store.commits, world.books.serial)
        if looked == self._looked:
            return
        if looked[1] != self._looked[1]:
            figures.conserved(world)
        before, news = self.rows, self._read()
        news |= {booking.ref for booking in world.books.order[self._booked :]}
        self._booked = len(world.books.order)
        self.were_held = self.held
        if self.held or not world.broker.reconciler.is_open:
            self.held = self._held()
        if news:
            self._check_commands(before, news)
        if looked[0] != self._looked[0]:
            history.mirror_grows(self)
            history.chained(self)
            booked.adopted(self)
        self._looked = looked

    def _check_commands(self, before: Mapping[str, Stored], news: set[str]) -> None:
        booked.no_duplicate(self.world, news)
        booked.posted_is_true(self, news)
        booked.refused_is_true(self, news)
        history.no_lost_acknowledgement(self)
        booked.no_stranger(self, news)
        figures.as_decided(self, before, news)
        figures.no_more_than_open(self, before, news)
        figures.has_a_cause(self, before, news)
        history.monotone(self, before, news)
        booked.together(self, news)
        booked.refused_for_a_reason(self, before, news)
        authority.within_a_day(self, before, news)
        history.told_in_the_audit(self, before, news)
        sending.meant(self, news)

    def all_ended(self) -> bool:
        """Whether nothing is left to send."""
        return self.world.broker.reconciler.is_open and all(
            row.state in FINAL or row.state is CommandState.PENDING for row in self.rows.values()
        )

    def at_the_end(self) -> None:
        """When nothing is on its way any more."""
        history.lively(self)
        figures.mirrored(self.world)
        figures.totals_agree(self)

    def _read(self) -> set[str]:
        """The outbox as it is now; which commands changed since it was last read. Only those are read in full."""
        connection = self.world.store.connection
        raw = {row[1]: row for row in connection.execute("SELECT seq, id, * FROM command ORDER BY seq")}
        changed = {key for key, row in raw.items() if self._raw.get(key) != row}
        if changed or len(raw) != len(self._raw):
            marks = ", ".join("?" * len(changed))
            fresh = {row.id: row for row in many(connection, f"id IN ({marks})", sorted(changed))}
            self.rows = {key: fresh.get(key) or self.rows[key] for key in raw}
        self._raw = raw
        return changed

    def _held(self) -> set[str]:
        rows = self.world.store.connection.execute("SELECT id FROM command WHERE held = 1")
        return {row[0] for row in rows}

    def _let_through(self) -> set[str]:
        """What the store says that somebody let through."""
        return {row[0] for row in self.world.store.connection.execute("SELECT command_id FROM charge")}
