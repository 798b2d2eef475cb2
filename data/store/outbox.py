"""The outbox: commands as they were decided, and what became of them. Every change carries its audit row."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlite_utils import Database

from arqueue.control.commands import Dispute, Escalate, Order, Resolve, effects, items_of, subjects_of, unseal
from arqueue.control.states import FAILED, FINAL, IN_FLIGHT, CommandState
from arqueue.errors import Conflict, NotFound, Refused
from arqueue.model.money import Money
from data.store import audit, disputes
from data.store.audit import Actor


@dataclass(frozen=True, slots=True)
class Stored:
    """A command's row."""

    id: str
    intent: str
    op: str
    target: str
    party_id: str | None
    words: str
    amount: Money
    body: bytes
    person: str
    created_at: str
    updated_at: str
    state: CommandState
    attempts: int
    fence: int
    first_boot_s: float | None
    last_boot_s: float | None
    boot_id: str | None
    not_before_boot_s: float | None
    sent_boot_s: float | None
    sent_boot_id: str | None
    """When its bytes may last have left, by the clock of that boot; None while they never did."""
    outcome: str
    refs: tuple[str, ...]
    epoch: int
    batch: str
    """The id of the first command of the same order, where one order became several; else empty."""

    @property
    def is_unsent(self) -> bool:
        """Whether it can still be taken back."""
        return self.state in (CommandState.QUEUED, CommandState.PENDING) and not self.attempts

    @property
    def order(self) -> Order:
        """What is sent, from the stored bytes."""
        return unseal(self.body)


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


_COLUMNS = (
    "id, intent, op, target, party_id, words, amount, currency, body, person, created_at, updated_at, state, attempts,"
    " fence, first_boot_s, last_boot_s, boot_id, not_before_boot_s, sent_boot_s, sent_boot_id, outcome, refs, epoch,"
    " batch"
)


def of_intent(connection: sqlite3.Connection, intent: str) -> Stored | None:
    """The command that this intent became before, if any: the same intent twice is one command."""
    return _one(connection, "intent = ?", (intent,))


def get(connection: sqlite3.Connection, command_id: str) -> Stored:
    """By id, or by the start of an id that only one has. Raises NotFound."""
    found = _one(connection, "id = ?", (command_id,))
    if found is None and len(command_id) >= 4 and command_id.isalnum():
        several = _many(connection, "id GLOB ? LIMIT 2", (f"{command_id}*",))
        found = several[0] if len(several) == 1 else None
    if found is None:
        raise NotFound(f"there is no command {command_id!r}", "see `arqueue outbox`")
    return found


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
    audit.write(database, actor, f"{command.op} {to.value}", at=at, command_id=command.id, detail=outcome)


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


def mates(connection: sqlite3.Connection, row: Stored) -> list[Stored]:
    """All commands of the same order, in the order in which they are sent."""
    return _many(connection, "batch = ? ORDER BY seq", (row.batch,)) if row.batch else [row]


def stands_on(connection: sqlite3.Connection, row: Stored) -> list[Stored]:
    """The commands before it in the same order that are about the same records: it was decided as if they were done."""
    if not row.batch or row.id == row.batch:
        return []
    where = "batch = ? AND seq < (SELECT seq FROM command WHERE id = ?) ORDER BY seq"
    about = set(subjects_of(row.order.command))
    return [
        earlier
        for earlier in _many(connection, where, (row.batch, row.id))
        if about & set(subjects_of(earlier.order.command))
    ]


def recover(database: Database, *, at: str, boot_s: float | None = None, boot_id: str = "") -> int:
    """After a crash: what was being sent has an unknown outcome. To be called once, when the broker starts; by the boot clock,
    if given, its bytes left no later than now."""
    rows = _many(database.conn, "state = 'sending'", ())
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
            keys |= set(items_of(unseal(bytes(body)).command))
        if not keys & blocked:
            yield command_id, until if boot == boot_id else None
        blocked |= keys


def undo(database: Database, command_id: str, actor: Actor, *, may_undo_others: bool, at: str) -> Stored:
    """Take a command back while nothing of it was sent. Raises Refused with what to do instead."""
    row = get(database.conn, command_id)
    if row.person != actor.person and not may_undo_others:
        raise Refused(
            f"this is {row.person}'s command", "ask them, or a supervisor", rule="own commands only"
        )
    if row.state in FINAL:
        raise Refused(f"it is {row.state.value} already", _instead(row), rule="final")
    if row.state not in (CommandState.QUEUED, CommandState.PENDING) or row.attempts:
        raise Refused(
            f"it is {row.state.value}: it may have been posted already",
            "wait for its outcome; then unapply or reverse it in the accounting system",
            rule="sent",
        )
    if behind := _counts_on(database.conn, row):
        raise Refused(
            f"{behind.words} was decided after it and counts on it",
            "take that one back first",
            rule="last first",
        )
    move(database, row, CommandState.CANCELLED, actor, at=at, outcome=f"taken back by {actor.person}")
    return get(database.conn, row.id)


def _counts_on(connection: sqlite3.Connection, row: Stored) -> Stored | None:
    """The newest command on its way that expects an item as this one would leave it."""
    if row.state is not CommandState.QUEUED:
        return None
    moved = set(items_of(row.order.command))
    marks = ", ".join(f"'{state.value}'" for state in sorted(IN_FLIGHT))
    where = f"state IN ({marks}) AND seq > (SELECT seq FROM command WHERE id = ?) ORDER BY seq DESC"
    for later in _many(connection, where, (row.id,)):
        if any(not seen.version and item in moved for item, seen in later.order.expect.items()):
            return later
    return None


def _instead(row: Stored) -> str:
    if row.state is not CommandState.POSTED:
        return "nothing was posted, so there is nothing to take back"
    if row.op == "apply":
        return "take the application back with `arqueue unapply`, or in the accounting system"
    return "post the reverse in the accounting system; an entry that is posted is never deleted"


def dismiss(database: Database, command_id: str, actor: Actor, *, at: str) -> None:
    """A failed command has been looked at: it leaves the queue, not the outbox. Raises Refused for one that has not failed."""
    row = get(database.conn, command_id)
    if row.state not in FAILED:
        raise Refused(
            f"it is {row.state.value}, not failed", "only what failed can be put aside", rule="failed only"
        )
    database.conn.execute("UPDATE command SET seen = 1 WHERE id = ?", (row.id,))
    audit.write(database, actor, f"{row.op} seen", at=at, command_id=row.id)


def counts(connection: sqlite3.Connection) -> dict[str, int]:
    """How many commands stand in each state that somebody should know of; failed ones only while not looked at."""
    found = dict(connection.execute("SELECT state, count(*) FROM command WHERE seen = 0 GROUP BY state"))
    names = {state.value: int(found.get(state.value, 0)) for state in IN_FLIGHT}
    failed = sum(int(found.get(state.value, 0)) for state in FAILED)
    return {**names, "failed": failed}


def listing(
    connection: sqlite3.Connection,
    states: Sequence[str],
    limit: int,
    offset: int,
    party_id: str | None = None,
) -> tuple[list[Stored], int]:
    """Commands, newest first, and how many there are."""
    where, values = _where(states, party_id)
    (total,) = connection.execute(f"SELECT count(*) FROM command WHERE {where}", values).fetchone()
    rows = _many(connection, f"{where} ORDER BY seq DESC LIMIT ? OFFSET ?", (*values, limit, offset))
    return rows, total


def attempts(connection: sqlite3.Connection, command_id: str) -> list[tuple[int, str, str, str]]:
    """Each try: number, when, outcome, words."""
    found = connection.execute(
        "SELECT n, at, outcome, words FROM attempt WHERE command_id = ? ORDER BY n", (command_id,)
    )
    return [tuple(row) for row in found]


def _where(states: Sequence[str], party_id: str | None) -> tuple[str, tuple[Any, ...]]:
    parts: list[str] = ["1"]
    values: list[Any] = []
    if states:
        parts.append(f"state IN ({', '.join('?' * len(states))})")
        values += states
    if party_id is not None:
        parts.append("party_id = ?")
        values.append(party_id)
    return " AND ".join(parts), tuple(values)


def _one(connection: sqlite3.Connection, where: str, values: Iterable[Any]) -> Stored | None:
    found = _many(connection, where, values)
    return found[0] if found else None


def _many(connection: sqlite3.Connection, where: str, values: Iterable[Any]) -> list[Stored]:
    cursor = connection.cursor()
    cursor.row_factory = sqlite3.Row
    rows = cursor.execute(f"SELECT {_COLUMNS} FROM command WHERE {where}", tuple(values))
    return [_stored(row) for row in rows.fetchall()]


def _stored(row: sqlite3.Row) -> Stored:
    values = dict(row)
    values["amount"] = Money(values.pop("amount"), values.pop("currency"))
    values["state"] = CommandState(values["state"])
    values["refs"] = tuple(json.loads(values["refs"]))
    values["body"] = bytes(values["body"])
    return Stored(**values)
