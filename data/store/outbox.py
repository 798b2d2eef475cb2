"""The outbox: commands as they were decided, and what became of them. Every change carries its audit row."""

from __future__ import annotations

import contextlib
import hashlib
import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlite_utils import Database

from arqueue.control.commands import (
    Dispute,
    Escalate,
    Identify,
    Order,
    Resolve,
    effects,
    items_of,
    unseal,
)
from arqueue.control.reversing import way_back
from arqueue.control.states import FAILED, FINAL, IN_FLIGHT, CommandState
from arqueue.errors import Conflict, Invalid, Refused
from arqueue.model.money import Money
from data.store import aliases, audit, disputes, remarks
from data.store.audit import Actor
from data.store.stored import Stored, attempts, counts, get, listing, many, mates, of_intent, stands_on

__all__ = [
    "NewCommand",
    "Stored",
    "add",
    "attempts",
    "counts",
    "dismiss",
    "due",
    "end_attempt",
    "expire_behind",
    "get",
    "hush",
    "listing",
    "mark_sent",
    "mates",
    "move",
    "next_wake",
    "of_intent",
    "park",
    "recover",
    "stands_on",
    "start_attempt",
    "undo",
    "unsound",
]


@dataclass(frozen=True, slots=True)
class NewCommand:
    """What a decision wants stored."""

    order: Order
    intent: str
    target: str
    party_id: str | None
    words: str
    amount: Money
    state: CommandState
    business_date: str
    item_id: str | None = None
    batch: str = ""


def add(database: Database, new: NewCommand, actor: Actor, *, at: str) -> None:
    """Command row, effects and audit row; the caller's transaction commits them together."""
    command, order = new.order.command, new.order
    database.conn.execute(
        "INSERT INTO command (id, intent, op, target, party_id, words, amount, currency, body, body_sha, person, uid,"
        " created_at, epoch, state, updated_at, batch)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, (SELECT value FROM meta WHERE key = 'epoch'), ?, ?, ?)",
        (
            order.id,
            new.intent,
            command.op,
            new.target,
            new.party_id,
            new.words,
            new.amount.minor,
            new.amount.currency,
            order.body,
            order.body_sha,
            actor.person,
            actor.uid,
            at,
            new.state.value,
            at,
            new.batch,
        ),
    )
    database.conn.executemany(
        "INSERT INTO effect VALUES (?, ?, ?)",
        [(order.id, item, amount.minor) for item, amount in effects(command).items()],
    )
    if isinstance(command, Escalate):
        _hand_up(database.conn, new, command, actor)
    if isinstance(command, Dispute):
        disputes.open_case(
            database.conn, order.id, command, new.party_id or "", actor.person, new.business_date
        )
    if isinstance(command, Identify):
        aliases.learn(database, order.id, command, actor, at=at)
    remarks.moved(database.conn, command.op)
    audit.write(
        database, actor, f"{command.op} {new.state.value}", at=at, command_id=order.id, detail=order.body_sha
    )


def _hand_up(connection: sqlite3.Connection, new: NewCommand, command: Escalate, actor: Actor) -> None:
    connection.execute(
        "INSERT INTO escalation (id, command_id, target, party_id, item_id, work_id, from_person, to_whom, why, on_date,"
        " amount, currency) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            new.order.id,
            new.order.id,
            command.target,
            new.party_id,
            new.item_id,
            command.work,
            actor.person,
            command.to,
            command.why,
            new.business_date,
            new.amount.minor,
            new.amount.currency,
        ),
    )


def move(
    database: Database,
    command: Stored,
    to: CommandState,
    actor: Actor,
    *,
    at: str,
    outcome: str = "",
    refs: Sequence[str] = (),
    not_before_boot_s: float | None = None,
) -> None:
    """One step of a command's life with its audit row; only from the very state and fence that was read. Raises Conflict."""
    done = database.conn.execute(
        "UPDATE command SET state = ?, updated_at = ?, outcome = ?, refs = ?, not_before_boot_s = ?"
        " WHERE id = ? AND state = ? AND fence = ?",
        (
            to.value,
            at,
            outcome,
            json.dumps(list(refs)),
            not_before_boot_s,
            command.id,
            command.state.value,
            command.fence,
        ),
    ).rowcount
    if done != 1:
        raise Conflict(
            f"command {command.id[:8]} is no longer {command.state.value}", "look at the outbox again"
        )
    if to in (CommandState.CANCELLED, CommandState.DECLINED, CommandState.EXPIRED):
        database.conn.execute("UPDATE escalation SET closed = 1 WHERE command_id = ?", (command.id,))
    if command.op in (Dispute.op, Resolve.op):
        disputes.follow(database.conn, command.order, to, person=command.person, on=at[:10])
    if command.op == Identify.op:
        aliases.follow(database, command.id, to, actor, at=at)
    remarks.moved(database.conn, command.op)
    audit.write(database, actor, f"{command.op} {to.value}", at=at, command_id=command.id, text=outcome)


def start_attempt(database: Database, command: Stored, *, at: str, boot_s: float, boot_id: str) -> Stored:
    """Phase one of sending: the attempt is on disk before a byte leaves. A first attempt sends at once; a later one begins with
    a look-up, and ``mark_sent`` comes before its bytes. Returns the row as it is now. Raises Conflict."""
    begun = database.conn.execute(
        "UPDATE command SET state = 'sending', updated_at = ?, attempts = attempts + 1, fence = fence + 1,"
        " first_boot_s = coalesce(first_boot_s, ?), last_boot_s = ?, boot_id = ? WHERE id = ? AND fence = ?"
        " AND state IN ('queued', 'unknown')",
        (at, boot_s, boot_s, boot_id, command.id, command.fence),
    ).rowcount
    if begun != 1:
        raise Conflict(f"command {command.id[:8]} changed before it was sent", "look at the outbox again")
    fresh = get(database.conn, command.id)
    if fresh.attempts == 1:
        fresh = mark_sent(database, fresh, boot_s=boot_s, boot_id=boot_id)
    database.conn.execute(
        "INSERT INTO attempt VALUES (?, ?, ?, 'sending', '')", (command.id, fresh.attempts, at)
    )
    audit.write(database, audit.SYSTEM, f"{command.op} sending", at=at, command_id=command.id)
    return fresh


def mark_sent(database: Database, command: Stored, *, boot_s: float, boot_id: str) -> Stored:
    """Its bytes may be on their way as late as now. Returns the row as it is now. Raises Conflict when it no longer is."""
    done = database.conn.execute(
        "UPDATE command SET sent_boot_s = ?, sent_boot_id = ? WHERE id = ? AND fence = ? AND state = 'sending'",
        (boot_s, boot_id, command.id, command.fence),
    ).rowcount
    if done != 1:
        raise Conflict(f"command {command.id[:8]} is no longer being sent", "look at the outbox again")
    return get(database.conn, command.id)


def end_attempt(database: Database, command: Stored, outcome: str, words: str) -> None:
    """What an attempt brought, for the outbox screen."""
    database.conn.execute(
        "UPDATE attempt SET outcome = ?, words = ? WHERE command_id = ? AND n = ?",
        (outcome, words, command.id, command.attempts),
    )


def unsound(connection: sqlite3.Connection, row: Stored) -> str:
    """Why the stored bytes are not to be sent: they are not those that were decided, or nobody can read them. Empty when they
    are sound."""
    (sha,) = connection.execute("SELECT body_sha FROM command WHERE id = ?", (row.id,)).fetchone()
    if hashlib.sha256(row.body).hexdigest() != sha:
        return "its bytes are not those that were decided: see `arqueue audit verify`"
    try:
        order = row.order
    except (Invalid, KeyError, TypeError, ValueError) as error:
        return f"its bytes cannot be read ({type(error).__name__}): was it stored by another version?"
    return "" if order.id == row.id else "its bytes are another command's: see `arqueue audit verify`"


def park(database: Database, row: Stored, words: str, *, until_boot_s: float, boot_id: str, at: str) -> None:
    """It waits where it is, others go on, and it is somebody's work from now on."""
    database.conn.execute(
        "UPDATE command SET outcome = ?, not_before_boot_s = ?, boot_id = ?, updated_at = ? WHERE id = ?",
        (f"parked: {words}", until_boot_s, boot_id, at, row.id),
    )
    database.conn.execute("INSERT OR IGNORE INTO told VALUES (?, ?)", (row.id, at))
    audit.write(database, audit.SYSTEM, f"{row.op} parked", at=at, command_id=row.id, text=words)


def recover(database: Database, *, at: str, boot_s: float | None = None, boot_id: str = "") -> int:
    """After a crash: what was being sent has an unknown outcome. To be called once, when the broker starts; by the boot clock,
    if given, its bytes left no later than now."""
    rows = many(database.conn, "state = 'sending'", ())
    for row in rows:
        if boot_s is not None:
            mark_sent(database, row, boot_s=boot_s, boot_id=boot_id)
        end_attempt(database, row, "unknown", "the broker stopped while this was being sent")
        move(
            database,
            row,
            CommandState.UNKNOWN,
            audit.SYSTEM,
            at=at,
            outcome="the broker stopped while this was being sent; it will be looked up",
        )
    return len(rows)


def due(connection: sqlite3.Connection, boot_s: float, boot_id: str) -> Stored | None:
    """The next command to send: oldest first, but never before an older one that touches the same item or customer,
    and not while it waits for its next try. A boot clock of another boot says nothing, so such waits are over."""
    for command_id, until in _unblocked(connection, boot_id):
        if until is None or until <= boot_s:
            return get(connection, command_id)
    return None


def next_wake(connection: sqlite3.Connection, boot_id: str) -> float | None:
    """When the earliest waiting command may be tried, by the boot clock; None when none waits. One that waits for an older one
    to be settled has no time of its own."""
    return min((until for _, until in _unblocked(connection, boot_id) if until is not None), default=None)


def _unblocked(connection: sqlite3.Connection, boot_id: str) -> Iterator[tuple[str, float | None]]:
    """Commands to be sent that no older one stands before, oldest first, and until when they wait."""
    blocked: set[str] = set()
    rows = connection.execute(
        "SELECT id, target, party_id, boot_id, not_before_boot_s, CASE op WHEN 'unapply' THEN body END"
        " FROM command INDEXED BY command_due WHERE state IN ('queued', 'unknown') ORDER BY seq"
    )
    for command_id, target, party_id, boot, until, body in rows:
        effects_on = connection.execute("SELECT item_id FROM effect WHERE command_id = ?", (command_id,))
        keys = {target, party_id or "", *(each[0] for each in effects_on)} - {""}
        if body is not None:
            with contextlib.suppress(Invalid, KeyError, TypeError, ValueError):  # it will be parked
                keys |= set(items_of(unseal(bytes(body)).command))
        if not keys & blocked:
            yield command_id, until if boot == boot_id else None
        blocked |= keys


def undo(
    database: Database, command_id: str, actor: Actor, *, may_undo_others: bool, at: str
) -> list[Stored]:
    """Take a command back while nothing of it was sent, and with it all that is unsent of the same order, last first. Returns
    what was taken back. Raises Refused with what to do instead."""
    row = get(database.conn, command_id)
    if row.person != actor.person and not may_undo_others:
        raise Refused(
            f"this is {row.person}'s command", "ask them, or a supervisor", rule="own commands only"
        )
    unsent = [each for each in mates(database.conn, row) if each.is_unsent]
    if not unsent and row.state in FINAL:
        says = f"; {way_back(row.op).says}" if row.state is CommandState.POSTED else ""
        raise Refused(f"{row.state.value} already: {row.words}{says}", _instead(row), rule="final")
    if not unsent:
        raise Refused(
            f"{row.state.value}: {row.words}; it may have been posted already",
            "wait for its outcome; then unapply or reverse it in the accounting system",
            rule="sent",
        )
    if behind := _counts_on(database.conn, unsent):
        raise Refused(
            f"{behind.words} was decided after it and counts on it",
            "take that one back first",
            rule="last first",
        )
    more = f", with {len(unsent) - 1} more of the same order" if len(unsent) > 1 else ""
    for each in reversed(unsent):
        words = f"taken back by {actor.person}{more}"
        move(database, each, CommandState.CANCELLED, actor, at=at, outcome=words)
    return [get(database.conn, each.id) for each in unsent]


def _counts_on(connection: sqlite3.Connection, rows: Sequence[Stored]) -> Stored | None:
    """The newest command on its way, of another order, that expects an item as these would leave it."""
    going = [row for row in rows if row.state is CommandState.QUEUED]
    if not going:
        return None
    moved = {item for row in going for item in items_of(row.order.command)}
    marks = ", ".join(f"'{state.value}'" for state in sorted(IN_FLIGHT))
    where = (
        f"state IN ({marks}) AND seq > (SELECT seq FROM command WHERE id = ?) AND (batch = '' OR batch <> ?)"
        " ORDER BY seq DESC"
    )
    for later in many(connection, where, (going[0].id, going[0].batch)):
        if any(not seen.version and item in moved for item, seen in later.order.expect.items()):
            return later
    return None


def _instead(row: Stored) -> str:
    if row.state is not CommandState.POSTED:
        return "nothing was posted, so there is nothing to take back"
    return way_back(row.op).hint


def expire_behind(database: Database, failed: Stored, *, at: str) -> None:
    """What was ordered together with a command that came to nothing, is about the same records, and still waits for approval:
    nobody is asked for it any more."""
    for later in mates(database.conn, failed):
        waits = later.state is CommandState.PENDING
        if waits and any(each.id == failed.id for each in stands_on(database.conn, later)):
            words = f"it was ordered together with {failed.words}, which was not posted"
            move(database, later, CommandState.EXPIRED, audit.SYSTEM, at=at, outcome=words)
            hush(database, later)


def hush(database: Database, row: Stored) -> None:
    """What failed only because the command before it did is no work of its own: that one stands for it."""
    database.conn.execute("UPDATE command SET seen = 1 WHERE id = ?", (row.id,))


def dismiss(database: Database, command_id: str, actor: Actor, *, at: str) -> None:
    """A failed command has been looked at: it leaves the queue, not the outbox. Raises Refused for one that has not failed."""
    row = get(database.conn, command_id)
    if row.state not in FAILED:
        raise Refused(
            f"it is {row.state.value}, not failed", "only what failed can be put aside", rule="failed only"
        )
    database.conn.execute("UPDATE command SET seen = 1 WHERE id = ?", (row.id,))
    audit.write(database, actor, f"{row.op} seen", at=at, command_id=row.id)
