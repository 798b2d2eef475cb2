"""What leaves: I9, I13, I14, I16."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from data.store.stored import many
from tests.faults.simulator.invariants.broken import require
from tests.faults.simulator.invariants.figures import keys_of
from tests.faults.simulator.tasks import Task

if TYPE_CHECKING:
    from tests.faults.simulator.invariants.watch import Watch
    from tests.faults.simulator.world import World


def same_bytes(watch: Watch, command_id: str, headers: Mapping[str, str], body: bytes) -> None:
    """I9: every attempt sends the stored bytes under the command's own key."""
    row = watch.world.store.connection.execute(
        "SELECT body FROM command WHERE id = ?", (command_id,)
    ).fetchone()
    require(row is not None, "I9", f"{command_id[-4:]} leaves, and is not stored")
    require(bytes(row[0]) == body, "I9", f"{command_id[-4:]} leaves with other bytes than were stored")
    require(watch.sent.setdefault(command_id, body) == body, "I9", f"{command_id[-4:]} leaves with new bytes")
    require(headers.get("idempotency-key") == command_id, "I9", f"{command_id[-4:]} leaves under another key")


def meant(watch: Watch, news: set[str]) -> None:
    """I9: every command is what somebody meant, once: its intent is one that a form had, and is booked under one reference, also
    where a backup was put back in between."""
    for row in watch.those(news):
        require(watch.world.faces.is_intent(row.intent), "I9", f"nobody meant {row.intent}")
    for ref in news & watch.world.books.bookings.keys():
        known = watch.rows.get(ref) or watch.lost.get(ref)
        first = watch.booked.setdefault(known.intent, ref) if known else ref
        require(first == ref, "I9", f"{ref[-4:]} is booked for what {first[-4:]} was booked for already")


def one_sender(world: World) -> None:
    """I13: one order is under way at a time, by one process, and none before a store that was put back is open."""
    flying = world.store.connection.execute(
        "SELECT count(*) FROM command WHERE state = 'sending'"
    ).fetchone()[0]
    require(flying == 1, "I13", f"an order leaves while {flying} are being sent")
    require(world.broker.reconciler.is_open, "I13", "an order leaves before the store is open")


def one_transaction(world: World, task: Task) -> None:
    """I14: no transaction is open while somebody else may run."""
    require(not world.store.working, "I14", f"{task.name} waits inside a transaction")


def in_turn(world: World, command_id: str) -> None:
    """I16: nothing leaves while an older order on the same item may still be on its way."""
    rows = many(world.store.connection, "state IN ('sending', 'unknown') ORDER BY seq", ())
    keys = {row.id: keys_of(row) for row in rows}
    for row in rows:
        if row.id == command_id:
            return
        shared = keys[row.id] & keys.get(command_id, set())
        require(
            not shared, "I16", f"{command_id[-4:]} leaves before {row.id[-4:]}, which is {row.state.value}"
        )
