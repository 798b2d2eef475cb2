"""Faults put into the product on purpose, each in one function: a simulator that does not catch them proves nothing."""

from __future__ import annotations

import dataclasses
import sqlite3
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from arqueue.control import authority as control
from arqueue.control import decide
from arqueue.control.commands import Expected, Identify, Order, seal, unseal
from arqueue.control.decision import Accepted, Decision
from arqueue.control.situation import Situation
from arqueue.control.states import CommandState
from arqueue.model.clock import Clock
from data.broker import ordering, seeing
from data.peers.contract import Absent, Done, Outcome, Rejected, Rejection, Unknown
from data.peers.http import Answer
from data.peers.sandbox import answers
from data.peers.sandbox.connector import SandboxPeer
from data.store import audit, backup, mirror, outbox, overlay, queue, stored
from data.sync import push, reconcile
from data.sync.pull import Puller
from data.sync.push import Sender
from data.sync.reconcile import Reconciler
from tests.faults.simulator import broker, world
from tests.faults.simulator.plans import Theme

Patch = pytest.MonkeyPatch


@dataclass(frozen=True, slots=True)
class Mutant:
    """One fault: what it is, how it is put in, whether it is soon caught, and the only theme in which it shows."""

    name: str
    put: Callable[[Patch], None]
    quick: bool = False
    theme: Theme | None = None


# ---- what the ledger's answer is taken for


def _reading(change: Callable[[Order, Answer], Any]) -> Callable[[Patch], None]:
    """Answers to which ``change`` says something are read as it says."""

    def put(patch: Patch) -> None:
        right = answers.read_answer

        def wrong(order: Order, answer: Answer) -> Any:
            found = change(order, answer)
            return right(order, answer) if found is None else found

        patch.setattr(answers, "read_answer", wrong)

    return put


def _refused_at(*statuses: int) -> Callable[[Patch], None]:
    no = Rejected(Rejection.INVALID, "no")
    return _reading(lambda order, answer: no if answer.status in statuses else None)


def _posted_at(low: int, high: int) -> Callable[[Patch], None]:
    yes = Done(("x",))
    return _reading(lambda order, answer: yes if low <= answer.status <= high else None)


def _silence_is_refusal(patch: Patch) -> None:
    right = SandboxPeer.submit

    async def submit(self: SandboxPeer, order: Order) -> Outcome:
        found = await right(self, order)
        lost = isinstance(found, Unknown) and "broke" in found.words
        return Rejected(Rejection.INVALID, "no answer") if lost else found

    patch.setattr(SandboxPeer, "submit", submit)


def _no_second_reading(patch: Patch) -> None:
    async def confirm(
        self: SandboxPeer, order: Order, claim: answers.Claimed, *, is_old: bool = False
    ) -> Done:
        return Done(claim.refs)

    patch.setattr(SandboxPeer, "_confirm", confirm)


# ---- when and what is sent


async def _absent(self: SandboxPeer, order: Order) -> Absent:
    return Absent()


def _new_key(patch: Patch) -> None:
    right, used = SandboxPeer.submit, [""]

    async def submit(self: SandboxPeer, order: Order) -> Outcome:
        fresh = uuid.UUID(int=len(used)).hex
        used.append(fresh)
        return await right(self, seal(fresh, order.command, order.expect, order.actor))

    patch.setattr(SandboxPeer, "submit", submit)


def _rebuilt_body(patch: Patch) -> None:
    def rebuilt(self: stored.Stored) -> Order:
        order = unseal(self.body)
        expect = {key: Expected("", seen.residual) for key, seen in order.expect.items()}
        return seal(order.id, order.command, expect, order.actor) if self.attempts > 1 else order

    patch.setattr(stored.Stored, "order", property(rebuilt))


def _posted_unsent(patch: Patch) -> None:
    async def submit(self: SandboxPeer, order: Order) -> Outcome:
        return Done(("x",))

    patch.setattr(SandboxPeer, "submit", submit)


def _absent_is_refused(patch: Patch) -> None:
    async def find(self: SandboxPeer, order: Order) -> Any:
        found = await right(self, order)
        return Rejected(Rejection.NOT_FOUND, "not there") if isinstance(found, Absent) else found

    right = SandboxPeer.find
    patch.setattr(SandboxPeer, "find", find)


async def _allowed(self: Sender, started: stored.Stored) -> None:
    return None


def _wall_clock(patch: Patch) -> None:
    """Ages are counted by the clock on the wall."""
    right = broker.Broker.__init__

    def init(self: broker.Broker, made: world.World) -> None:
        right(self, made)
        clock = self.clock
        wrong = Clock(clock.now, lambda: clock.now().timestamp() - 1_700_000_000, clock.boot_id)
        self.clock = self.sender._clock = self.puller._clock = wrong

    patch.setattr(broker.Broker, "__init__", init)


def _two_senders(patch: Patch) -> None:
    right = world.World._start

    def start(self: world.World) -> None:
        right(self)
        self.begin("another sender", self.broker.sender.run())

    patch.setattr(world.World, "_start", start)


def _no_turns(patch: Patch) -> None:
    def unblocked(connection: sqlite3.Connection, boot_id: str) -> Any:
        rows = connection.execute(
            "SELECT id, boot_id, not_before_boot_s FROM command WHERE state IN ('queued', 'unknown') AND held = 0 ORDER BY seq"
        ).fetchall()
        return [(key, until if boot == boot_id else None) for key, boot, until in rows]

    patch.setattr(outbox, "_unblocked", unblocked)


def _unguarded_start(patch: Patch) -> None:
    right = outbox.start_attempt

    def start(database: Any, command: stored.Stored, **when: Any) -> stored.Stored:
        now = stored.get(database.conn, command.id)
        database.conn.execute("UPDATE command SET state = 'sending' WHERE id = ?", (command.id,))
        return right(database, now, **when)

    patch.setattr(outbox, "start_attempt", start)


def _sent_once(patch: Patch) -> None:
    """When its bytes may last have left is not written down again."""
    patch.setattr(outbox, "recover", lambda database, **when: _recover(database, at=when["at"]))

    async def mark_sent(self: Sender, started: stored.Stored) -> stored.Stored:
        return started

    patch.setattr(Sender, "_mark_sent", mark_sent)


_recover = outbox.recover


# ---- who may, and what is open


def _no_limits(patch: Patch) -> None:
    for module in (control, decide):
        patch.setattr(module, "covered", lambda person, use, spent: Accepted())


def _spent_nothing(patch: Patch) -> None:
    right = control.covered
    for module in (control, decide):
        patch.setattr(module, "covered", lambda person, use, spent: right(person, use, ()))


def _own_approval(patch: Patch) -> None:
    patch.setattr(decide, "_other_eyes", lambda maker, situation: None)


def _pending_is_sent(patch: Patch) -> None:
    right = ordering._new

    def new(*given: Any) -> outbox.NewCommand:
        return dataclasses.replace(right(*given), state=CommandState.QUEUED)

    patch.setattr(ordering, "_new", new)
    patch.setattr(Sender, "_withdrawn", lambda self, connection, row: "", raising=False)


def _never_withdrawn(patch: Patch) -> None:
    patch.setattr(broker.Broker, "_withdrawn", lambda self, connection, row: "")


def _eternal_approvals(patch: Patch) -> None:
    patch.setattr(control, "APPROVAL_S", 1e12)


def _no_overlay(patch: Patch) -> None:
    for module in (overlay, queue):
        patch.setattr(module, "pending", lambda connection, items, **but: {})


def _no_versions(patch: Patch) -> None:
    right = seeing.expected

    def unseen(*given: Any, **more: Any) -> dict[str, Expected]:
        return {key: Expected("", seen.residual) for key, seen in right(*given, **more).items()}

    patch.setattr(seeing, "expected", unseen)


def _two_orders(patch: Patch) -> None:
    right = ordering.place
    patch.setattr(ordering, "given_before", lambda *given: [])

    def place(database: Any, reader: Any, intent: str, *given: Any, **more: Any) -> Any:
        taken = outbox.of_intent(reader.connection, intent)
        return right(database, reader, f"{intent}-again" if taken else intent, *given, **more)

    patch.setattr(ordering, "place", place)


def _undo_of_sent(patch: Patch) -> None:
    may = (CommandState.QUEUED, CommandState.PENDING, CommandState.UNKNOWN)
    patch.setattr(stored.Stored, "is_unsent", property(lambda self: self.state in may))


async def _nothing_stands_before(self: Sender, started: stored.Stored) -> None:
    return None


# ---- what is written


def _audit_forgets(patch: Patch) -> None:
    right = audit.write

    def write(database: Any, actor: Any, what: str, **more: Any) -> None:
        if not what.endswith("unknown"):
            right(database, actor, what, **more)

    patch.setattr(audit, "write", write)


def _loose_chain(patch: Patch) -> None:
    right = audit.link
    patch.setattr(audit, "link", lambda prev, row: right("" if "unknown" in str(row[3]) else prev, row))
    bad = audit.first_bad_row

    def strict(database: Any, *, after: int = 0) -> int | None:
        with pytest.MonkeyPatch.context() as back:
            back.setattr(audit, "link", right)
            return bad(database, after=after)

    patch.setattr("tests.faults.simulator.invariants.history.audit.first_bad_row", strict)


def _cursor_first(patch: Patch) -> None:
    take = Puller._take

    async def ahead(self: Puller, page: Any, *, feed: bool, derive: bool = True) -> int:
        if feed:
            at = self._clock.stamp()
            await self._store.write(
                lambda database: database.conn.execute(
                    "INSERT OR REPLACE INTO cursor VALUES ('peer', ?, ?)", (page.cursor, at)
                )
            )
        return await take(self, page, feed=feed, derive=derive)

    patch.setattr(Puller, "_take", ahead)


def _old_pages(patch: Patch) -> None:
    right = mirror.store_page

    def store(database: Any, page: Any, *, newer: Any = (), **more: Any) -> Any:
        return right(database, page, **more)

    patch.setattr(mirror, "store_page", store)


# ---- what was put back


def _new_ids(patch: Patch) -> None:
    """Ids are drawn, not derived."""
    drawn = [0]

    def draw(connection: sqlite3.Connection, person: str, intent: str, number: int) -> str:
        drawn[0] += 1
        return f"{drawn[0]:032x}"

    patch.setattr(ordering, "_id", draw)


def _held_goes(patch: Patch) -> None:
    patch.setattr(backup, "_hold", lambda database, clock: 0)


def _opens_at_once(patch: Patch) -> None:
    patch.setattr(backup, "mark_of", lambda connection: None)


def _nobody_adopts(patch: Patch) -> None:
    patch.setattr(reconcile, "_orphans", lambda connection, told, base: iter(()))


def _adopted_for_nobody(patch: Patch) -> None:
    right = reconcile._adopted

    def adopted(*given: Any) -> Any:
        return dataclasses.replace(right(*given), person="")

    patch.setattr(reconcile, "_adopted", adopted)


async def _no_flight(self: Reconciler, mark: Any) -> None:
    return None


def _taken_back_comes_again(patch: Patch) -> None:
    patch.setattr(backup, "_take_back", lambda database, ended, *, at: None)


def _leaving_is_open(patch: Patch) -> None:
    right = overlay.pending

    def pending(connection: sqlite3.Connection, items: Any, *, but: str = "") -> dict[str, int]:
        gone = {
            row[0]
            for row in connection.execute("SELECT target FROM command WHERE op = 'identify'").fetchall()
        }
        return {key: by for key, by in right(connection, items, but=but).items() if key not in gone}

    for module in (overlay, queue):
        patch.setattr(module, "pending", pending)


def _taken_twice(patch: Patch) -> None:
    patch.setattr(overlay._Ahead, "finds", lambda self, item, *, is_fresh: True)


def _moves_uncertain(patch: Patch) -> None:
    right = decide._identify

    def identify(command: Identify, situation: Situation) -> Decision:
        sights = {key: dataclasses.replace(each, then=None) for key, each in situation.items.items()}
        return right(command, dataclasses.replace(situation, items=sights))

    patch.setattr(decide, "_identify", identify)


MUTANTS: tuple[Mutant, ...] = (
    Mutant("a new key for each attempt", _new_key, quick=True),
    Mutant("the body is rebuilt for a second attempt", _rebuilt_body),
    Mutant("posted before it is sent", _posted_unsent, quick=True),
    Mutant("no answer is a refusal", _silence_is_refusal, quick=True),
    Mutant("429 and 503 are refusals", _refused_at(429, 503)),
    Mutant("500 is a refusal", _refused_at(500, 502, 504)),
    Mutant("401 and 403 are refusals", _refused_at(401, 403)),
    Mutant("409 in progress is a refusal", _refused_at(409)),
    Mutant("a refusal is believed though it names no order", _refused_at(400, 404, 412, 422)),
    Mutant("a redirection is a success", _posted_at(300, 399)),
    Mutant("any 200 is a success", _posted_at(200, 200), quick=True),
    Mutant("202 is a success", _posted_at(202, 202)),
    Mutant("success is not read back", _no_second_reading),
    Mutant("no look-up before a second attempt", lambda patch: patch.setattr(SandboxPeer, "find", _absent)),
    Mutant(
        "a look-up is believed at once",
        lambda patch: patch.setattr(Sender, "_flight_left", lambda self, before: None),
    ),
    Mutant("what is not found was refused", _absent_is_refused, quick=True),
    Mutant("ages by the wall clock", _wall_clock),
    Mutant("no stall check", lambda patch: patch.setattr(push, "STALL_S", 1e12)),
    Mutant("when it was sent is written once", _sent_once),
    Mutant("two senders", _two_senders, quick=True),
    Mutant("no turns on an item", _no_turns, quick=True),
    Mutant("the start of an attempt is not guarded", _unguarded_start),
    Mutant("limits are not checked", _no_limits, quick=True),
    Mutant("what was let through today does not count", _spent_nothing),
    Mutant("one's own approval counts", _own_approval),
    Mutant("what waits for approval is sent", _pending_is_sent),
    Mutant("authority is not looked at when it is sent", _never_withdrawn, quick=True),
    Mutant(
        "authority is not looked at when it is sent again",
        lambda patch: patch.setattr(Sender, "_still_allowed", _allowed),
    ),
    Mutant("approvals never grow old", _eternal_approvals, theme=Theme.LONG),
    Mutant("what is under way is still open", _no_overlay, quick=True),
    Mutant("the version is not part of the order", _no_versions),
    Mutant("the same intent is a second order", _two_orders, quick=True),
    Mutant("what was sent can be taken back", _undo_of_sent),
    Mutant(
        "the rest of an order goes though its first part fell",
        lambda patch: patch.setattr(Sender, "_unsent", _nothing_stands_before),
        theme=Theme.BATCH,
    ),
    Mutant("a step without its audit row", _audit_forgets, quick=True),
    Mutant("an audit row that does not follow", _loose_chain),
    Mutant("the cursor is stored before the page", _cursor_first),
    Mutant("an older page overwrites what was read back", _old_pages),
    Mutant(
        "posted before its figures are here",
        lambda patch: patch.setattr(push, "shows", lambda entities, here, command: True),
        theme=Theme.FEED,
    ),
    Mutant(
        "the rows of a refusal that is repeated are believed",
        lambda patch: patch.setattr(push, "_REFUSALS", frozenset()),
        theme=Theme.FEED,
    ),
    Mutant("what came back with a backup is not held", _held_goes),
    Mutant("a store that was put back opens at once", _opens_at_once),
    Mutant("an order that a backup does not know is a new one", _new_ids, theme=Theme.COPIES),
    Mutant("nobody adopts what is posted and not known", _nobody_adopts),
    Mutant("what was adopted counts for nobody", _adopted_for_nobody, theme=Theme.COPIES),
    Mutant(
        "a look-up after a restore is believed at once",
        lambda patch: patch.setattr(Reconciler, "_flight", _no_flight),
        theme=Theme.RESTORE,
    ),
    Mutant("what was taken back comes again with a backup", _taken_back_comes_again),
    Mutant("a payment on its way to another customer is still open", _leaving_is_open),
    Mutant("what the mirror shows already is taken once more", _taken_twice),
    Mutant("a payment moves though nobody knows how much of it will be open", _moves_uncertain),
)
