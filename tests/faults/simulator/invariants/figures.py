"""What is open of each item, there and here: I8, I17, I18."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Mapping
from itertools import takewhile
from typing import TYPE_CHECKING

from arqueue.control.commands import Identify, effects, items_of
from arqueue.control.states import EDGES, CommandState
from arqueue.model.ledger import Item
from data.store import overlay
from data.store.rows import item_of
from data.store.stored import Stored
from tests.faults.simulator.invariants.broken import require
from tests.faults.simulator.rows import Row
from tests.faults.simulator.staff import money_of

if TYPE_CHECKING:
    from tests.faults.simulator.invariants.watch import Watch
    from tests.faults.simulator.world import World

S = CommandState


def conserved(world: World) -> None:
    """I8: every item is what it was, less what was booked and what others moved; and nothing is paid twice."""
    booked = Counter[str](world.books.foreign)
    for booking in world.books.order:
        for key, by in booking.moves.items():
            booked[key] += by
    for row in world.books.items.values():
        whole = abs(row.total)
        left = whole - booked[row.id]
        there = row.residual if row.total > 0 else -row.residual
        require(there == left, "I8", f"{row.id} has {row.residual}, {left} would be right")
        require(0 <= left <= whole, "I8", f"{row.id} is over-applied: {left} of {row.total} is open")


def mirrored(world: World) -> None:
    """I8, at the end: the mirror is the ledger, and nothing that ended is still taken off what is open."""
    found = many_items(world)
    waiting = any(row.state in EDGES for row in world.watch.rows.values())
    for row in world.books.items.values():
        item = found[row.id]
        _is_mirrored(row, item)
        (seen,) = overlay.with_open(world.store.connection, [item])
        if not waiting:
            require(seen.open == item.residual, "I8", f"{row.id} shows {seen.open} open of {item.residual}")


def _is_mirrored(row: Row, item: Item) -> None:
    there = (row.residual, row.version, row.party)
    here = (item.residual.minor, int(item.version), item.party_id)
    require(here == there, "I8", f"{row.id} is {here} here, {there} there")


def totals_agree(watch: Watch) -> None:
    """I8, at the end: what is posted here, with what was adopted, and booked there is the same, operation by operation."""
    here, there = Counter[str](), Counter[str]()
    adopted = watch.world.store.connection.execute("SELECT op, amount FROM difference WHERE kind = 'orphan'")
    for op, minor in adopted:
        _count(here, op, minor)
    for row in watch.rows.values():
        if row.state is S.POSTED:
            _count(here, row.op, money_of(row.order))
    for booking in watch.world.books.order:
        known = watch.rows.get(booking.ref)
        _count(there, booking.op, booking.minor if known is None else money_of(known.order))
    require(+here == +there, "I8", f"posted here {dict(here)}, booked there {dict(there)}")


def _count(sums: Counter[str], op: str, minor: int | None) -> None:
    """One more, with its amount."""
    sums[op] += 1
    sums[f"{op} minor"] += minor or 0


def keys_of(row: Stored) -> set[str]:
    """The records that an order is about."""
    return {row.target, *items_of(row.order.command)}


def as_decided(watch: Watch, before: Mapping[str, Stored], news: set[str]) -> None:
    """I17: where the ledger compares, an order on items with nothing under way is booked on the very versions that were decided
    on."""
    world = watch.world
    if not world.books.kind.compares:
        return
    for row in watch.those(news - before.keys()):
        flying = [each for each in watch.rows.values() if each.id != row.id and each.state in EDGES]
        busy = {item for other in flying for item in keys_of(other)}
        versions: dict[str, str] = dict(world.store.connection.execute("SELECT id, version FROM item"))
        watch.decided[row.id] = {
            item: versions[item] for item in effects(row.order.command) if item not in busy
        }
    for key in news & world.books.bookings.keys() & watch.decided.keys():
        for item, version in watch.decided[key].items():
            found = str(world.books.bookings[key][0].versions[item])
            require(
                found == version,
                "I17",
                f"{key[-4:]} was decided on version {version} of {item}, booked on {found}",
            )


def has_a_cause(watch: Watch, before: Mapping[str, Stored], news: set[str]) -> None:
    """I21: an order ends as a conflict only where somebody else touched its items, something that it counted on came to nothing,
    or something went before it that it could not count on."""
    world = watch.world
    for row in watch.those(news):
        was = before.get(row.id)
        if was is None:
            if row.state is S.QUEUED:
                watch.counted[row.id] = _counted_on(watch, row)
        elif row.state is S.CONFLICT and was.state is not S.CONFLICT and row.id in watch.counted:
            items, counted = set(row.order.expect), watch.counted[row.id]
            fell = [key for key in counted if watch.rows[key].state is not S.POSTED]
            others = [each for each in world.books.order if each.ref not in counted and items & each.touched]
            cause = fell or others or items & world.books.disturbed or world.restored
            require(cause, "I21", f"{row.op} {row.id[-4:]} is a conflict without a cause: {row.outcome}")


def _counted_on(watch: Watch, row: Stored) -> set[str]:
    """What is done or goes before it: all but what waits for approval."""
    came_to_nothing = (S.PENDING, S.REJECTED, S.CONFLICT, S.DECLINED, S.EXPIRED, S.CANCELLED)
    older = takewhile(lambda each: each[0] != row.id, watch.rows.items())
    return {
        key
        for key, each in older
        if each.state not in came_to_nothing and keys_of(each) & set(row.order.expect)
    }


def no_more_than_open(watch: Watch, before: Mapping[str, Stored], news: set[str]) -> None:
    """I18: a new order takes no more than the mirror holds open, less all that is under way; one that takes all says how much."""
    for row in watch.those(news - before.keys()):
        if row.state is S.CANCELLED:
            continue
        if row.op == Identify.op:
            whole = row.order.expect[row.target].residual
            require(
                abs(whole) == row.amount, "I18", f"{row.id[-4:]} takes {abs(whole)}, and says {row.amount}"
            )
        items = many_items(watch.world)
        flying = [each for each in watch.rows.values() if each.state in EDGES]
        back = any(other.op == "unapply" for other in flying)
        for item in _takes(row):
            taken = sum(_takes(other).get(item, 0) for other in flying)
            there = abs(items[item].residual.minor)
            require(back or taken <= there, "I18", f"{taken} of {item} is under way, {there} is open")


def _takes(row: Stored) -> dict[str, int]:
    """What it takes of each item; a payment that goes to another customer goes as far as it was open."""
    if row.op == Identify.op:
        return {row.target: abs(row.amount.minor)}
    return {key: by.minor for key, by in effects(row.order.command).items()}


def many_items(world: World) -> dict[str, Item]:
    """The mirror."""
    cursor = world.store.connection.cursor()
    cursor.row_factory = sqlite3.Row
    return {row["id"]: item_of(row) for row in cursor.execute("SELECT * FROM item")}
