"""What is sent, when, and what the ledger's answer is taken for."""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Callable
from typing import Any

from arqueue.control.commands import Expected, Order, seal, unseal
from arqueue.model.clock import Clock
from data.peers.contract import Absent, Done, Outcome, Rejected, Rejection, Unknown
from data.peers.http import Answer
from data.peers.sandbox import answers
from data.peers.sandbox.connector import SandboxPeer
from data.store import outbox, stored
from data.sync import push
from data.sync.push import Sender
from tests.faults.simulator import broker, world
from tests.faults.simulator.mutants.mutant import Mutant, Patch


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


SENT: tuple[Mutant, ...] = (
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
)
