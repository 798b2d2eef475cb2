"""What must hold after every step, each by its number in the design; S are the ledger's bookings, C the commands, A what was
acknowledged.

Everything is judged from the ledger's own books and from what people saw, never from what the broker says of itself."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from arqueue.control.commands import effects, subjects_of, unseal
from arqueue.control.states import EDGES, FAILED, FINAL, CommandState, may_follow
from arqueue.model.ledger import Item
from data.store import audit, queue
from data.store.rows import item_of
from data.store.stored import Stored, many
from tests.faults.simulator.rows import Row
from tests.faults.simulator.staff import DAY_S, money_of
from tests.faults.simulator.tasks import Task

if TYPE_CHECKING:
    from tests.faults.simulator.faces import Form
    from tests.faults.simulator.world import World

S = CommandState
NOTHING_BOOKED = frozenset({S.PENDING, S.REJECTED, S.CONFLICT, S.DECLINED, S.EXPIRED, S.CANCELLED})


class Broken(BaseException):
    """An invariant does not hold."""

    def __init__(self, number: str, words: str) -> None:
        super().__init__(f"{number}: {words}")
        self.number = number


def require(holds: object, number: str, words: str) -> None:
    """Raises Broken."""
    if not holds:
        raise Broken(number, words)


@dataclass(frozen=True, slots=True)
class Charge:
    """Somebody let so much through, in true time."""

    id: str
    person: str
    action: str
    minor: int
    party: str
    at: float


@dataclass(slots=True)
class Watch:
    """Looks on, and remembers what must not be forgotten."""

    world: World
    acks: dict[str, list[str]] = field(default_factory=dict)
    """By intent."""
    rows: dict[str, Stored] = field(default_factory=dict)
    sent: dict[str, bytes] = field(default_factory=dict)
    """The bytes that left, by command."""
    decided: dict[str, dict[str, str]] = field(default_factory=dict)
    """The ledger's versions of its items when a command was decided, where nothing else was under way on them."""
    versions: dict[str, int] = field(default_factory=dict)
    """Of the mirror's items."""
    excused: set[str] = field(default_factory=set)
    """Items that were to be asked for again."""
    charged: list[Charge] = field(default_factory=list)
    audited: int = 0
    cursor: int = 0
    _looked: tuple[int, int] = (-1, -1)

    # ---- told by others

    def acknowledged(self, form: Form, ids: list[str]) -> None:
        """I5 begins here: somebody saw that it is stored."""
        before = self.acks.setdefault(form.intent, ids)
        require(before == ids, "I9", f"{form.intent} was {before}, and is now {ids}")

    def between(self, task: Task) -> None:
        """After each step of a task."""
        one_transaction(self.world, task)

    def sending(self, path: str, headers: Mapping[str, str], body: bytes, at: float) -> None:
        """A request leaves."""
        if path != "/v1/orders":
            return
        order = unseal(body)
        same_bytes(self, order.id, headers, body)
        within_authority(self.world, body, at)
        in_turn(self.world, order.id)
        one_sender(self.world)

    # ---- looking

    def check(self) -> None:
        """After every step."""
        world = self.world
        looked = (world.store.commits, len(world.books.order))
        if looked == self._looked:
            return
        before, self.rows = (
            self.rows,
            {row.id: row for row in many(world.store.connection, "1 ORDER BY seq", ())},
        )
        no_duplicate(world)
        posted_is_true(self.rows.values(), world)
        refused_is_true(self.rows.values(), world)
        no_lost_acknowledgement(self)
        no_stranger(self)
        conserved(world)
        as_decided(self, before)
        no_more_than_open(self, before)
        monotone(before, self.rows)
        mirror_grows(self)
        together(self)
        refused_for_a_reason(self, before)
        within_a_day(self, before)
        told_in_the_audit(self, before)
        chained(self)
        meant(self)
        self._looked = looked

    def all_ended(self) -> bool:
        """Whether nothing is left to send."""
        return all(row.state in FINAL or row.state is S.PENDING for row in self.rows.values())

    def at_the_end(self) -> None:
        """When nothing is on its way any more."""
        lively(self)
        mirrored(self.world)
        totals_agree(self)


# ---- one function an invariant


def no_duplicate(world: World) -> None:
    """I1: no reference is booked twice."""
    for ref, found in world.books.bookings.items():
        require(len(found) == 1, "I1", f"{ref[-4:]} is booked {len(found)} times")


def posted_is_true(rows: Iterable[Stored], world: World) -> None:
    """I2: what is POSTED is booked once, with its very bytes, items and amounts."""
    for row in rows:
        if row.state is not S.POSTED:
            continue
        found = world.books.bookings.get(row.id, [])
        require(len(found) == 1, "I2", f"{row.op} {row.id[-4:]} is posted, and booked {len(found)} times")
        require(found[0].body == row.body, "I2", f"{row.id[-4:]} is booked from other bytes")
        wanted = {key: by.minor for key, by in effects(row.order.command).items()}
        require(
            not wanted or wanted == found[0].moves,
            "I2",
            f"{row.id[-4:]} moved {found[0].moves}, not {wanted}",
        )


def refused_is_true(rows: Iterable[Stored], world: World) -> None:
    """I3: what waits for approval, was refused or taken back is not booked; nor is what was never sent."""
    for row in rows:
        unsent = row.state in NOTHING_BOOKED or (row.state is S.QUEUED and not row.attempts)
        if unsent and world.books.bookings.get(row.id):
            raise Broken("I3", f"{row.op} {row.id[-4:]} is {row.state.value}, and booked")


def lively(watch: Watch) -> None:
    """I4: in peace everything ends, or a supervisor was told."""
    told = {row[0] for row in watch.world.store.connection.execute("SELECT command_id FROM told")}
    for row in watch.rows.values():
        ended = row.state in FINAL or row.state is S.PENDING or row.id in told
        require(ended, "I4", f"{row.op} {row.id[-4:]} is still {row.state.value}: {row.outcome}")


def no_lost_acknowledgement(watch: Watch) -> None:
    """I5: what somebody was told is stored is there."""
    for intent, ids in watch.acks.items():
        for key in ids:
            require(key in watch.rows, "I5", f"{key[-4:]} of {intent} was acknowledged, and is gone")


def no_stranger(watch: Watch) -> None:
    """I6: nothing is booked that is not in the outbox."""
    for ref in watch.world.books.bookings:
        require(ref in watch.rows, "I6", f"{ref[-4:]} is booked, and nobody ordered it")


def within_authority(world: World, body: bytes, at: float) -> None:
    """I7: what leaves is covered by somebody's limit now, or by another person's yes to these very bytes."""
    order = unseal(body)
    covered = world.staff.is_covered(order, at)
    require(covered, "I7", f"{order.command.op} {order.id[-4:]} of {order.actor} leaves without authority")


def within_a_day(watch: Watch, before: Mapping[str, Stored]) -> None:
    """I7: what one person lets through in 24 hours stays within their limits, in all and by customer. A wall clock that is set
    forward across a start of the machine is believed, as nothing else tells how long that took: then this is not looked at."""
    world = watch.world
    for key, row in watch.rows.items():
        was, minor = before.get(key), money_of(row.order.command)
        queued = row.state in EDGES and row.state is not S.PENDING
        if minor is None or not queued or (was is not None and was.state is not S.PENDING):
            continue
        person = row.person if was is None else approver(world, key)
        charge = Charge(key, person, row.op, minor, row.party_id or "", world.time.s)
        since = world.time.s - DAY_S
        spent = [
            each
            for each in watch.charged
            if each.at > since and watch.rows[each.id].state not in NOTHING_BOOKED
        ]
        watch.charged.append(charge)
        if person and not world.time.misled:
            covered = world.staff.has_left(person, row.op, minor, charge.party, spent, world.time.s)
            require(covered, "I7", f"{row.op} {key[-4:]} is beyond what {person} may let through in a day")


def approver(world: World, command_id: str) -> str:
    """Whose yes let it through; nobody's limit where the glass was broken."""
    found = world.store.connection.execute(
        "SELECT person, glass FROM approval WHERE command_id = ? ORDER BY glass, at DESC",
        (command_id,),
    ).fetchone()
    return "" if found is None or found[1] else str(found[0])


def together(watch: Watch) -> None:
    """I19: what was ordered together with something that came to nothing, and is about the same records, is not booked."""
    batches: dict[str, list[Stored]] = {}
    for row in watch.rows.values():
        if row.batch:
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


def refused_for_a_reason(watch: Watch, before: Mapping[str, Stored]) -> None:
    """I20: what is REJECTED or in CONFLICT was refused by the ledger, lost its authority, or fell with its order."""
    world = watch.world
    for key, row in watch.rows.items():
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


def conserved(world: World) -> None:
    """I8: every item is what it was, less what was booked and what others moved; and nothing is paid twice."""
    for row in world.books.items.values():
        booked = sum(each.moves.get(row.id, 0) for each in world.books.order)
        left = abs(row.total) - booked - world.books.foreign.get(row.id, 0)
        require(_open(row) == left, "I8", f"{row.id} has {row.residual}, {left} would be right")
        require(0 <= left <= abs(row.total), "I8", f"{row.id} is over-applied: {left} of {row.total} is open")


def _open(row: Row) -> int:
    return row.residual if row.total > 0 else -row.residual


def mirrored(world: World) -> None:
    """I8, at the end: the mirror is the ledger, and nothing that ended is still taken off what is open."""
    found = many_items(world)
    waiting = any(row.state is S.PENDING for row in world.watch.rows.values())
    for row in world.books.items.values():
        item = found[row.id]
        require(
            item.residual.minor == row.residual,
            "I8",
            f"{row.id} is {item.residual} here, {row.residual} there",
        )
        require(
            item.version == str(row.version),
            "I8",
            f"{row.id} is of version {item.version}, not {row.version}",
        )
        (seen,) = queue.with_open(world.store.connection, [item])
        if not waiting:
            require(seen.open == item.residual, "I8", f"{row.id} shows {seen.open} open of {item.residual}")


def totals_agree(watch: Watch) -> None:
    """I8, at the end: what is posted here and booked there is the same, operation by operation."""
    here, there = Counter[str](), Counter[str]()
    for row in watch.rows.values():
        if row.state is S.POSTED:
            here[row.op] += 1
            here[f"{row.op} minor"] += money_of(row.order.command) or 0
    for booking in watch.world.books.order:
        there[booking.op] += 1
        there[f"{booking.op} minor"] += money_of(unseal(booking.body).command) or 0
    require(+here == +there, "I8", f"posted here {dict(here)}, booked there {dict(there)}")


def same_bytes(watch: Watch, command_id: str, headers: Mapping[str, str], body: bytes) -> None:
    """I9: every attempt sends the stored bytes under the command's own key."""
    row = watch.world.store.connection.execute(
        "SELECT body FROM command WHERE id = ?", (command_id,)
    ).fetchone()
    require(row is not None, "I9", f"{command_id[-4:]} leaves, and is not stored")
    require(bytes(row[0]) == body, "I9", f"{command_id[-4:]} leaves with other bytes than were stored")
    require(watch.sent.setdefault(command_id, body) == body, "I9", f"{command_id[-4:]} leaves with new bytes")
    require(headers.get("idempotency-key") == command_id, "I9", f"{command_id[-4:]} leaves under another key")


def meant(watch: Watch) -> None:
    """I9: every command is what somebody meant, once: its intent is one that a form had."""
    for row in watch.rows.values():
        require(watch.world.faces.is_intent(row.intent), "I9", f"nobody meant {row.intent}")


def monotone(before: Mapping[str, Stored], now: Mapping[str, Stored]) -> None:
    """I10: states move along the edges, counters only grow, what was decided never changes."""
    require(list(now)[: len(before)] == list(before), "I10", "commands are in another order, or gone")
    for key, was in before.items():
        row = now[key]
        require(
            row.attempts >= was.attempts and row.fence >= was.fence, "I10", f"{key[-4:]} counts backwards"
        )
        require(row.body == was.body and row.intent == was.intent, "I10", f"{key[-4:]} was rewritten")
        require(
            was.state is row.state or reachable(was, row), "I10", f"{key[-4:]}: {was.state} to {row.state}"
        )


def reachable(was: Stored, row: Stored) -> bool:
    """Whether edges lead there; between two looks there may be one commit only."""
    return may_follow(was.state, row.state) or (
        was.state in EDGES and row.state is S.UNKNOWN and was.state is S.SENDING
    )


def mirror_grows(watch: Watch) -> None:
    """I10: neither the feed's cursor nor the version of an item goes back; the cursor is never ahead of what is stored."""
    connection, books = watch.world.store.connection, watch.world.books
    found = connection.execute("SELECT value FROM cursor").fetchone()
    now = int(found[0]) if found else 0
    require(not found or now >= watch.cursor, "I10", f"the cursor goes from {watch.cursor} to {now}")
    watch.cursor = now
    versions = {key: int(version) for key, version in connection.execute("SELECT id, version FROM item")}
    for key, version in versions.items():
        require(version >= watch.versions.get(key, 0), "I10", f"{key} goes back to version {version}")
    watch.versions = versions
    # rows that a page brought while an order's outcome did are asked for again at once, after a crash by the census
    watch.excused |= watch.world.broker.puller._again
    for key, version in books.numbered[: max(0, now - books.started)]:
        there = versions.get(key, 0)
        if key in watch.excused:
            continue
        require(there >= version, "I10", f"the cursor is past version {version} of {key}, here is {there}")


def told_in_the_audit(watch: Watch, before: Mapping[str, Stored]) -> None:
    """I11: each step of a command has its audit row, in the same transaction."""
    for key, row in watch.rows.items():
        was = before.get(key)
        if was is None or was.state is not row.state:
            found = watch.world.store.connection.execute(
                "SELECT 1 FROM audit WHERE command_id = ? AND what = ?", (key, f"{row.op} {row.state.value}")
            ).fetchone()
            require(
                found, "I11", f"{row.op} {key[-4:]} became {row.state.value}, and the audit does not say so"
            )


def chained(watch: Watch) -> None:
    """I12: each audit row follows from the one before."""
    database = watch.world.store.database
    bad = audit.first_bad_row(database, after=watch.audited)
    require(bad is None, "I12", f"audit row {bad} does not follow")
    (last,) = database.conn.execute("SELECT coalesce(max(seq), 0) FROM audit").fetchone()
    require(last >= watch.audited, "I12", "the audit became shorter")
    watch.audited = last


def one_sender(world: World) -> None:
    """I13: one order is under way at a time, by one process."""
    flying = world.store.connection.execute(
        "SELECT count(*) FROM command WHERE state = 'sending'"
    ).fetchone()[0]
    require(flying == 1, "I13", f"an order leaves while {flying} are being sent")


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


def keys_of(row: Stored) -> set[str]:
    """The records that it is about."""
    return {row.target, *effects(row.order.command)}


def as_decided(watch: Watch, before: Mapping[str, Stored]) -> None:
    """I17: where the ledger compares, an order on items with nothing under way is booked on the very versions that were decided
    on."""
    world = watch.world
    if not world.books.kind.compares:
        return
    for key, row in watch.rows.items():
        if key not in before:
            busy = {
                item
                for other in watch.rows.values()
                if other.id != key and other.state in EDGES
                for item in keys_of(other)
            }
            versions: dict[str, str] = dict(
                world.store.connection.execute("SELECT id, version FROM item").fetchall()
            )
            watch.decided[key] = {
                item: versions[item] for item in effects(row.order.command) if item not in busy
            }
    for booking in world.books.order:
        for item, version in watch.decided.get(booking.ref, {}).items():
            require(
                (found := booking.versions.get(item, "")) == version,
                "I17",
                f"{booking.ref[-4:]} was decided on version {version} of {item}, booked on {found}",
            )


def no_more_than_open(watch: Watch, before: Mapping[str, Stored]) -> None:
    """I18: a new order takes no more than the mirror holds open, less all that is under way."""
    for key, row in watch.rows.items():
        if key in before or row.state is S.CANCELLED:
            continue
        items = many_items(watch.world)
        for item in effects(row.order.command):
            taken = sum(
                effects(other.order.command)[item].minor
                for other in watch.rows.values()
                if other.state in EDGES and item in effects(other.order.command)
            )
            there = abs(items[item].residual.minor)
            back = any(other.op == "unapply" and other.state in EDGES for other in watch.rows.values())
            require(back or taken <= there, "I18", f"{taken} of {item} is under way, {there} is open")


def many_items(world: World) -> dict[str, Item]:
    """The mirror."""
    cursor = world.store.connection.cursor()
    cursor.row_factory = sqlite3.Row
    return {row["id"]: item_of(row) for row in cursor.execute("SELECT * FROM item")}
