"""Whose limit each order used, who approved it, and since when it waits: written in the transaction that decides, read again
before it is sent.

A clock that went back never helps: what was let through counts on, what waits is at least as old as this start of the machine.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from sqlite_utils import Database

from arqueue.control.authority import APPROVAL_S, DAY_S, Approval, Claim, Use, use_of
from arqueue.control.authority import withdrawn as lost
from arqueue.control.commands import Identify
from arqueue.control.states import CommandState
from arqueue.errors import ConfigInvalid
from arqueue.model.money import Money
from arqueue.model.people import People
from data.store import audit, outbox
from data.store.audit import Actor
from data.store.instants import Instant
from data.store.outbox import Stored

TOLD_S = 24 * 3600
"""So long an outcome may stay unknown before a supervisor is told."""
_NOTHING_MOVED = "'cancelled', 'declined', 'expired', 'rejected'"


def charge(database: Database, command_id: str, person: str, use: Use, now: Instant) -> None:
    """This person's limit let it through."""
    now = now.steady(database.conn)
    database.conn.execute(
        "INSERT INTO charge VALUES (?, ?, ?, ?, ?, ?, ?, (SELECT coalesce(max(seq), 0) + 1 FROM charge), ?, ?, ?)",
        (
            command_id,
            person,
            use.action,
            use.amount.currency,
            use.amount.minor,
            use.reason,
            use.party,
            now.at,
            now.boot_s,
            now.boot_id,
        ),
    )


def spent(
    connection: sqlite3.Connection, person: str, action: str, currency: str, now: Instant, *, before: str = ""
) -> list[Use]:
    """What a person let through in the last 24 hours, by orders that moved it or still may; ``before`` is an order that does not
    count, nor do those after it. With it goes what was adopted from the ledger: who approved that nobody knows any more, so it
    counts for whoever ordered it, from when the ledger says that it was posted."""
    now = now.steady(connection)
    last, until = connection.execute(
        "SELECT coalesce(max(seq), 1 << 62), coalesce(max(at), '9999') FROM charge WHERE command_id = ?",
        (before,),
    ).fetchone()
    kind = (person, action, currency)
    rows = connection.execute(
        "SELECT charge.amount, charge.reason, charge.party_id FROM ("
        "SELECT * FROM charge WHERE person = ? AND action = ? AND currency = ? AND boot_id = ? AND boot_s > ?"
        " UNION ALL "
        "SELECT * FROM charge WHERE person = ? AND action = ? AND currency = ? AND at > ? AND boot_id <> ?"
        ") AS charge JOIN command ON command.id = charge.command_id WHERE charge.seq < ?"
        f" AND state NOT IN ({_NOTHING_MOVED}) AND NOT (state = 'conflict' AND refs = '[]')",
        (*kind, now.boot_id, now.boot_s - DAY_S, *kind, now.before(DAY_S), now.boot_id, last),
    )
    adopted = connection.execute(
        "SELECT amount, '', coalesce(party_id, '') FROM difference WHERE kind = 'orphan' AND person = ? AND op = ?"
        " AND currency = ? AND posted_at > ? AND posted_at < ?",
        (*kind, now.before(DAY_S), until),
    )
    return [Use(action, Money(minor, currency), reason, party) for minor, reason, party in [*rows, *adopted]]


def charge_posted(database: Database, row: Stored, now: Instant) -> None:
    """An order that the ledger shows as posted, and of which nobody knows any more who let it through, counts for whoever ordered
    it. To be called inside a transaction."""
    use = use_of_row(database.conn, row)
    known = database.conn.execute(
        "SELECT 1 FROM charge WHERE command_id = ? UNION ALL SELECT 1 FROM approval WHERE command_id = ? AND glass = 1",
        (row.id, row.id),
    ).fetchone()
    if use is not None and known is None:
        charge(database, row.id, row.person, use, now)


def wait_for_approval(database: Database, command_id: str, now: Instant) -> None:
    """From now on it waits for another person."""
    now = now.steady(database.conn)
    database.conn.execute(
        "INSERT INTO waiting VALUES (?, ?, ?, ?)", (command_id, now.at, now.boot_s, now.boot_id)
    )


def approve(
    database: Database, row: Stored, actor: Actor, now: Instant, *, glass: bool = False, why: str = ""
) -> None:
    """This person's yes to these very bytes."""
    now = now.steady(database.conn)
    database.conn.execute(
        "INSERT INTO approval VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            row.id,
            actor.person,
            actor.uid,
            row.order.body_sha,
            int(glass),
            why,
            now.at,
            now.boot_s,
            now.boot_id,
        ),
    )


def approvals(connection: sqlite3.Connection, command_id: str, now: Instant | None = None) -> list[Approval]:
    """Who said yes, first to last; without ``now`` their ages are not told."""
    now = now and now.steady(connection)
    rows = connection.execute(
        "SELECT person, body_sha, at, boot_s, boot_id, glass, why FROM approval WHERE command_id = ?"
        " ORDER BY at, person",
        (command_id,),
    )
    return [
        Approval(person, sha, at, now.age_s(at, boot_s, boot_id) if now else 0.0, bool(glass), why)
        for person, sha, at, boot_s, boot_id, glass, why in rows
    ]


def use_of_row(connection: sqlite3.Connection, row: Stored) -> Use | None:
    """What a stored order takes of a limit."""
    party = row.party_id or ""
    if row.op == Identify.op:
        # the account that the payment was on when it was ordered: by now it may be on the other
        found = connection.execute("SELECT party_id FROM charge WHERE command_id = ?", (row.id,)).fetchone()
        party = found[0] if found else party
    return use_of(row.order.command, party, row.amount)


def withdrawn(connection: sqlite3.Connection, row: Stored, people: People, now: Instant) -> str:
    """Why an order may not be sent any more; empty when it may. Raises ConfigInvalid while the people file cannot be read and
    the order moves money."""
    use = use_of_row(connection, row)
    if use is not None and people.fault:
        raise ConfigInvalid(people.fault, "no money moves until the people file is corrected")
    claim = Claim(row.person, row.order.body_sha, use, approvals(connection, row.id, now))

    def used(person: str) -> Sequence[Use]:
        return spent(connection, person, use.action, use.amount.currency, now, before=row.id) if use else ()

    return lost(claim, people, used)


def expire(database: Database, now: Instant) -> list[Stored]:
    """What nobody approved in time comes to nothing, with what stands on it. To be called inside a transaction."""
    gone, steady = [], now.steady(database.conn)
    for command_id, at, boot_s, boot_id in database.conn.execute(
        "SELECT id, waiting.at, waiting.boot_s, waiting.boot_id FROM command INDEXED BY command_state"
        " JOIN waiting ON waiting.command_id = command.id WHERE state = 'pending' AND held = 0 ORDER BY command.seq"
    ).fetchall():
        if steady.age_s(at, boot_s, boot_id) > APPROVAL_S:
            row = outbox.get(database.conn, command_id)
            if row.state is not CommandState.PENDING:
                continue  # it went with the one before it
            words = f"nobody approved it within {APPROVAL_S // 3600} hours; nothing was sent"
            outbox.move(database, row, CommandState.EXPIRED, audit.SYSTEM, at=now.at, outcome=words)
            outbox.expire_behind(database, row, at=now.at)
            gone.append(row)
    return gone


def tell_of_unknown(database: Database, now: Instant) -> list[Stored]:
    """What has had no known outcome for a day is a supervisor's work from now on; each once."""
    cutoff = now.before(TOLD_S)
    found = database.conn.execute(
        "SELECT id FROM command INDEXED BY command_due WHERE state IN ('queued', 'unknown') AND state = 'unknown'"
        " AND EXISTS (SELECT 1 FROM attempt WHERE attempt.command_id = command.id AND n = 1 AND (attempt.at <= ?"
        "   OR first_boot_s <= ? AND boot_id = ?))"
        " AND NOT EXISTS (SELECT 1 FROM told WHERE told.command_id = command.id)",
        (cutoff, now.boot_s - TOLD_S, now.boot_id),
    ).fetchall()
    for (command_id,) in found:
        tell(database, command_id, at=now.at)
    return [outbox.get(database.conn, command_id) for (command_id,) in found]


def tell(database: Database, command_id: str, *, at: str) -> None:
    """It is somebody's work from now on."""
    database.conn.execute("INSERT OR IGNORE INTO told VALUES (?, ?)", (command_id, at))
