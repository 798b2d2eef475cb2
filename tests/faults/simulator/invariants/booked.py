"""Orders and bookings: I1 to I3, I6, I19, I20. What a step changed is looked at, since nothing else can have broken by it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from arqueue.control.commands import Identify, effects, subjects_of
from arqueue.control.states import FAILED, CommandState
from data.store.stored import Stored
from tests.faults.simulator.invariants.broken import Broken, require

if TYPE_CHECKING:
    from tests.faults.simulator.invariants.watch import Watch
    from tests.faults.simulator.world import World

S = CommandState
NOTHING_BOOKED = frozenset({S.PENDING, S.REJECTED, S.CONFLICT, S.DECLINED, S.EXPIRED, S.CANCELLED})


def no_duplicate(world: World, news: set[str]) -> None:
    """I1: no reference is booked twice."""
    for ref in news:
        count = len(world.books.bookings.get(ref, ()))
        require(count <= 1, "I1", f"{ref[-4:]} is booked {count} times")


def posted_is_true(watch: Watch, news: set[str]) -> None:
    """I2: what is POSTED is booked once, with its very bytes, items and amounts; and the mirror is not older than that."""
    connection = watch.world.store.connection
    for row in watch.those(news):
        if row.state is not S.POSTED:
            continue
        found = watch.world.books.bookings.get(row.id, [])
        require(len(found) == 1, "I2", f"{row.op} {row.id[-4:]} is posted, and booked {len(found)} times")
        require(found[0].body == row.body, "I2", f"{row.id[-4:]} is booked from other bytes")
        wanted = {key: by.minor for key, by in effects(row.order.command).items()}
        require(
            not wanted or wanted == found[0].moves,
            "I2",
            f"{row.id[-4:]} moved {found[0].moves}, not {wanted}",
        )
        for item, before in found[0].versions.items():
            (here,) = connection.execute("SELECT version FROM item WHERE id = ?", (item,)).fetchone()
            require(int(here) > before, "I2", f"{row.id[-4:]} is posted, and {item} is here as it was before")


def refused_is_true(watch: Watch, news: set[str]) -> None:
    """I3: what waits for approval, was refused or taken back is not booked; nor is what was never sent. Of what is held nobody
    knows yet."""
    for row in watch.those(news):
        unsent = row.state in NOTHING_BOOKED or (row.state is S.QUEUED and not row.attempts)
        if unsent and row.id not in watch.held and watch.world.books.bookings.get(row.id):
            raise Broken("I3", f"{row.op} {row.id[-4:]} is {row.state.value}, and booked")


def no_stranger(watch: Watch, news: set[str]) -> None:
    """I6: nothing is booked that is not in the outbox, but what a backup that was put back does not know."""
    for ref in news:
        known = ref in watch.rows or ref in watch.lost or ref not in watch.world.books.bookings
        require(known, "I6", f"{ref[-4:]} is booked, and nobody ordered it")


def adopted(watch: Watch) -> None:
    """I6: once a store that was put back is open, whatever it does not know of our bookings is adopted; nothing else ever is."""
    world = watch.world
    differing = dict(world.store.connection.execute("SELECT command_id, kind FROM difference"))
    for key, kind in differing.items():
        booked = world.books.bookings.get(key, ())
        orphan = kind == "orphan" and key in watch.lost and booked
        require(
            orphan or _is_another(watch, key, kind), "I6", f"{key[-4:]} is taken for a difference ({kind})"
        )
    if world.broker.reconciler.is_open:
        for key in (watch.lost.keys() & world.books.bookings.keys()) - watch.rows.keys():
            require(key in differing, "I6", f"{key[-4:]} is booked, was lost with the store, and not adopted")


def _is_another(watch: Watch, key: str, kind: str) -> bool:
    """Whether another amount was booked than was ordered: where nothing is compared, a payment moves with all that is open."""
    row = watch.rows.get(key)
    if kind != "amount" or row is None or row.op != Identify.op:
        return False
    return [booking.minor for booking in watch.world.books.bookings[key]] != [row.amount.minor]


def together(watch: Watch, news: set[str]) -> None:
    """I19: what was ordered together with something that came to nothing, and is about the same records, is not booked."""
    batches: dict[str, list[Stored]] = {}
    changed = {row.batch for row in watch.those(news)} - {""}
    for row in watch.rows.values():
        if row.batch in changed:
            for earlier in batches.setdefault(row.batch, []):
                fell = earlier.state in FAILED and set(subjects_of(earlier.order.command)) & set(
                    subjects_of(row.order.command)
                )
                booked = row.id in watch.world.books.bookings
                require(
                    not (fell and booked),
                    "I19",
                    f"{row.id[-4:]} is booked, {earlier.id[-4:]} before it is not",
                )
            batches[row.batch].append(row)


def refused_for_a_reason(watch: Watch, before: Mapping[str, Stored], news: set[str]) -> None:
    """I20: what is REJECTED or in CONFLICT was refused by the ledger, lost its authority, or fell with its order."""
    world = watch.world
    for row in watch.those(news):
        key = row.id
        if row.state not in (S.REJECTED, S.CONFLICT) or (key in before and before[key].state is row.state):
            continue
        mates = [each for each in watch.rows.values() if row.batch and each.batch == row.batch]
        grounds = (
            key in world.books.refused,
            any(each.state in FAILED for each in mates if each.id != key),
            row.state is S.REJECTED and "it is not sent again" in row.outcome,
        )
        require(
            any(grounds), "I20", f"{row.op} {key[-4:]} is {row.state.value} without a reason: {row.outcome}"
        )
