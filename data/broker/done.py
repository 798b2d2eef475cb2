"""What a person did today: orders, what was put off, promises that were recorded, newest first. Most of it is no row of the queue
any more."""

from __future__ import annotations

import sqlite3
from typing import Any, Final

from arqueue.model.money import Money
from data.broker import protocol
from data.store import queue

_DONE: Final = (
    "SELECT 'done/' || command.id AS id, op AS kind, command.party_id, target, words AS subject, amount, currency,"
    " created_at AS at, state, command.id AS command_id FROM command WHERE person = :person AND created_at >= :since"
    " UNION ALL SELECT 'done/snooze/' || snooze.seq, 'snooze', snooze.party_id, '', "
    " CASE WHEN until IS NULL THEN 'woken' ELSE 'asleep until ' || until END || CASE WHEN why = '' THEN '' ELSE ': ' || why END,"
    " 0, '', at, 'posted', NULL FROM snooze WHERE person = :person AND at >= :since"
    " UNION ALL SELECT 'done/promise/' || promise.seq, 'promise', promise.party_id, '', "
    " CASE WHEN amount IS NULL THEN 'withdrawn' ELSE 'by ' || on_date END || CASE WHEN why = '' THEN '' ELSE ': ' || why END,"
    " coalesce(amount, 0), currency, at, 'posted', NULL FROM promise WHERE person = :person AND at >= :since"
)


def window(
    connection: sqlite3.Connection, person: str, since: str, offset: int, limit: int
) -> protocol.Window:
    """Since an instant (UTC, ISO 8601), as rows of the queue."""
    cursor = connection.cursor()
    cursor.row_factory = sqlite3.Row
    asked = {"person": person, "since": since, "limit": limit, "offset": offset}
    (total,) = connection.execute(f"SELECT count(*) FROM ({_DONE})", asked).fetchone()
    rows = cursor.execute(
        "SELECT done.*, party.name AS party_name, party.code AS party_code, party.gone AS party_gone, item.id AS item_id"
        f" FROM ({_DONE}) AS done LEFT JOIN party ON party.id = done.party_id LEFT JOIN item ON item.id = done.target"
        " ORDER BY at DESC, done.id LIMIT :limit OFFSET :offset",
        asked,
    )
    return {
        "rows": [_row(row) for row in rows],
        "offset": offset,
        "total": total,
        "all": total,
        "generation": queue.generation(connection),
    }


def locate(connection: sqlite3.Connection, person: str, since: str, key: str) -> dict[str, Any]:
    """Where one of them stands; None for what is none of them."""
    asked = {"person": person, "since": since}
    ids = [row[0] for row in connection.execute(f"SELECT id FROM ({_DONE}) ORDER BY at DESC, id", asked)]
    return {
        "position": ids.index(key) if key in ids else None,
        "total": len(ids),
        "generation": queue.generation(connection),
    }


def _row(row: sqlite3.Row) -> protocol.QueueRow:
    currency = row["currency"]
    return {
        "id": row["id"],
        "kind": row["kind"],
        "party": "" if row["party_gone"] else row["party_name"] or "",
        "party_id": row["party_id"],
        "party_code": row["party_code"] or "",
        "item_id": row["item_id"],
        "subject": row["subject"],
        "amount": str(Money(row["amount"], currency)) if currency else "0",
        "currency": currency,
        "age_days": 0,
        "score": 0,
        "reasons": [],
        "owner": None,
        "state": "open" if row["state"] == "posted" else row["state"],
        "command_id": row["command_id"],
        "maker": None,
        "assignee": None,
        "snoozed_until": None,
        "pinned_until": None,
    }
