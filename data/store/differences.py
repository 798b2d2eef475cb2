"""Where ledger and outbox differ: orphans (in the ledger under our reference, not in our outbox), ghosts (posted as we have it,
not in the ledger), amounts that are not the same. A row is kept for good: an orphan is adopted by it, never posted again."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlite_utils import Database

from arqueue.model.money import Money
from arqueue.model.people import Role
from arqueue.model.work import WorkKind
from arqueue.work.derive import Trouble
from data.store import audit
from data.store.audit import Actor

NOWHERE = "differences"
"""The stand-in customer of what no customer is known for."""


class Difference(StrEnum):
    """How ledger and outbox differ."""

    ORPHAN = "orphan"
    GHOST = "ghost"
    AMOUNT = "amount"


@dataclass(frozen=True, slots=True)
class Found:
    """One command id that ledger and outbox say different things of. ``words`` say what, and what to do."""

    command_id: str
    kind: Difference
    op: str
    party_id: str | None
    item_id: str | None
    amount: Money
    words: str
    person: str
    posted_at: str


def record(database: Database, found: Iterable[Found], *, at: str, seen: bool = False) -> list[Found]:
    """Keep what is not known yet, with an audit row each; what was known already is not news. ``seen`` puts them away at once.
    Returns the news. To be called inside a transaction."""
    news = []
    for each in found:
        done = database.conn.execute(
            "INSERT INTO difference VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (command_id) DO NOTHING",
            (
                each.command_id,
                each.kind.value,
                each.op,
                each.party_id,
                each.item_id,
                each.amount.minor,
                each.amount.currency,
                each.words,
                each.person,
                each.posted_at,
                at,
                int(seen),
            ),
        ).rowcount
        if done:
            news.append(each)
            said = f"{each.op} {each.amount} {each.amount.currency} {each.posted_at}".strip()
            what = "orphan adopted" if each.kind is Difference.ORPHAN else f"{each.kind.value} found"
            audit.write(database, audit.SYSTEM, what, at=at, command_id=each.command_id, detail=said)
    return news


def settle(database: Database, agreed: Iterable[str], *, at: str) -> set[str]:
    """Ghosts and amounts that ledger and outbox agree on again leave the queue; the customers that they were about."""
    parties: set[str] = set()
    for command_id in agreed:
        rows = database.conn.execute(
            "UPDATE difference SET seen = 1 WHERE command_id = ? AND kind <> 'orphan' AND seen = 0 RETURNING party_id",
            (command_id,),
        ).fetchall()
        for (party_id,) in rows:
            parties.add(party_id or NOWHERE)
            audit.write(database, audit.SYSTEM, "difference gone", at=at, command_id=command_id)
    return parties


def open_ones(connection: sqlite3.Connection) -> set[str]:
    """The commands whose difference nobody has put away."""
    return {row[0] for row in connection.execute("SELECT command_id FROM difference WHERE seen = 0")}


def get(connection: sqlite3.Connection, command_id: str) -> Found | None:
    """The difference of a command that nobody has put away yet."""
    row = connection.execute(
        "SELECT command_id, kind, op, party_id, item_id, amount, currency, words, person, posted_at FROM difference"
        " WHERE command_id = ? AND seen = 0",
        (command_id,),
    ).fetchone()
    return _found(row) if row else None


def adopted(connection: sqlite3.Connection, intent: str) -> str:
    """The words of a posting that was adopted and bears this intent (`commands.intent_in`), put away or not; else empty."""
    row = connection.execute(
        "SELECT words FROM difference WHERE kind = 'orphan' AND substr(command_id, -length(?)) = ?",
        (intent, intent),
    ).fetchone()
    return str(row[0]) if row else ""


def dismiss(database: Database, found: Found, actor: Actor, *, at: str) -> None:
    """Somebody has looked at it: it leaves the queue, not the store."""
    database.conn.execute("UPDATE difference SET seen = 1 WHERE command_id = ?", (found.command_id,))
    what = f"{found.kind.value} dismissed"
    audit.write(database, actor, what, at=at, command_id=found.command_id, detail=found.op)


def troubles(connection: sqlite3.Connection, party_id: str) -> list[Trouble]:
    """Work of the supervisors about this customer, or about none."""
    rows = connection.execute(
        "SELECT command_id, kind, op, party_id, item_id, amount, currency, words, person, posted_at FROM difference"
        " WHERE party_id IS ? AND seen = 0",
        (None if party_id == NOWHERE else party_id,),
    )
    return [
        Trouble(
            id=f"failure/{each.kind.value}/{each.command_id}",
            kind=WorkKind.FAILURE,
            item_id=each.item_id,
            subject=each.op,
            words=each.words,
            amount=each.amount,
            since=date.fromisoformat(each.posted_at[:10]),
            owner=Role.SUPERVISOR.value,
            command_id=each.command_id,
        )
        for each in map(_found, rows)
    ]


def _found(row: tuple[str, str, str, str | None, str | None, int, str, str, str, str]) -> Found:
    command_id, kind, op, party_id, item_id, minor, currency, words, person, posted_at = row
    return Found(
        command_id,
        Difference(kind),
        op,
        party_id,
        item_id,
        Money(minor, currency),
        words,
        person,
        posted_at,
    )
