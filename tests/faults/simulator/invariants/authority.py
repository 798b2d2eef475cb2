"""Whose authority an order stands on: I7."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from arqueue.control.commands import unseal
from arqueue.control.states import EDGES, CommandState
from data.store.stored import Stored
from tests.faults.simulator.invariants.booked import NOTHING_BOOKED
from tests.faults.simulator.invariants.broken import require
from tests.faults.simulator.staff import DAY_S, money_of

if TYPE_CHECKING:
    from tests.faults.simulator.invariants.watch import Watch
    from tests.faults.simulator.world import World


@dataclass(frozen=True, slots=True)
class Charge:
    """Somebody let so much through, in true time."""

    id: str
    person: str
    maker: str
    action: str
    minor: int
    party: str
    at: float


def within_authority(world: World, body: bytes, at: float) -> None:
    """I7: what leaves is covered by somebody's limit now, or by another person's yes to these very bytes."""
    order = unseal(body)
    covered = world.staff.is_covered(order, at)
    require(covered, "I7", f"{order.command.op} {order.id[-4:]} of {order.actor} leaves without authority")


def within_a_day(watch: Watch, before: Mapping[str, Stored], news: set[str]) -> None:
    """I7: what one person lets through in 24 hours stays within their limits, in all and by customer. A wall clock that is set
    forward across a start of the machine is believed, as nothing else tells how long that took: then this is not looked at."""
    world = watch.world
    for row in watch.those(news):
        key, minor = row.id, money_of(row.order)
        was = before.get(key)
        queued = row.state in EDGES and row.state is not CommandState.PENDING
        if minor is None or not queued or (was is not None and was.state is not CommandState.PENDING):
            continue
        person = row.person if was is None else approver(world, key)
        watch.charged = [each for each in watch.charged if each.id != key]
        spent = list(_spent(watch, world.time.s - DAY_S))
        charge = Charge(key, person, row.person, row.op, minor, row.party_id or "", world.time.s)
        watch.charged.append(charge)
        watch.reset.discard(key)
        if person and not world.time.misled:
            covered = world.staff.has_left(person, row.op, minor, row.party_id or "", spent, world.time.s)
            require(covered, "I7", f"{row.op} {key[-4:]} is beyond what {person} may let through in a day")


def _spent(watch: Watch, since: float) -> Iterator[Charge]:
    """What counts of the last day. Of what was lost with a store and booked nobody knows who let it through: it counts for
    whoever ordered it, by the ledger's clock and ours, unless the machine started with ours set forward."""
    for each in watch.charged:
        if each.at <= since:
            continue
        row = watch.rows.get(each.id)
        if row is not None and each.id not in watch.reset:
            if row.state not in NOTHING_BOOKED:
                yield each
        elif each.person == each.maker and not watch.world.time.misled:
            booked = watch.world.books.bookings.get(each.id, ())
            yield from (replace(each, minor=booking.minor or 0) for booking in booked if booking.at > since)


def approver(world: World, command_id: str) -> str:
    """Whose yes let it through; nobody's limit where the glass was broken."""
    found = world.store.connection.execute(
        "SELECT person, glass FROM approval WHERE command_id = ? ORDER BY glass, at DESC",
        (command_id,),
    ).fetchone()
    return "" if found is None or found[1] else str(found[0])
