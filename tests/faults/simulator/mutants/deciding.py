"""Who may, and what is open."""

from __future__ import annotations

import dataclasses
import sqlite3
from typing import Any

from arqueue.control import authority as control
from arqueue.control import decide
from arqueue.control.commands import Expected, Identify
from arqueue.control.decision import Accepted, Decision
from arqueue.control.situation import Situation
from arqueue.control.states import CommandState
from data.broker import ordering, seeing
from data.store import outbox, overlay, queue, stored
from data.sync.push import Sender
from tests.faults.simulator import broker
from tests.faults.simulator.mutants.mutant import Mutant, Patch
from tests.faults.simulator.plans import Theme


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


async def _allowed(self: Sender, started: stored.Stored) -> None:
    return None


async def _nothing_stands_before(self: Sender, started: stored.Stored) -> None:
    return None


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


ALLOWED: tuple[Mutant, ...] = (
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
)
OPEN: tuple[Mutant, ...] = (
    Mutant("a payment on its way to another customer is still open", _leaving_is_open),
    Mutant("what the mirror shows already is taken once more", _taken_twice),
    Mutant("a payment moves though nobody knows how much of it will be open", _moves_uncertain),
)
