"""What stands in the books for arqueue's orders: amounts are read from the entries themselves, not from the answers given."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from arqueue.model.money import Money
from data.peers.sandbox.server.schema import CONTROL
from data.peers.sandbox.wire import PostingRow, PostingsPage

_TIED = ("apply", "adjust")
"""Orders whose allocations add up to what they moved."""
_Left = tuple[str, Money]
"""A customer, and what left their account."""


def page(connection: sqlite3.Connection, since: str, after: str, limit: int) -> PostingsPage:
    """Orders that were carried out at that instant or later, after a command id."""
    found = connection.execute(
        "SELECT command_id, actor, at, answer FROM placed_order WHERE status = 200 AND at >= ? AND command_id > ?"
        " ORDER BY command_id LIMIT ?",
        (since, after, limit + 1),
    ).fetchall()
    more, found = len(found) > limit, found[:limit]
    ids = [row["command_id"] for row in found]
    tied, left, memos = _tied(connection, ids), _left(connection, ids), _memos(connection, ids)
    rows = [_row(row, tied, left, memos) for row in found]
    return {"rows": rows, "count": len(rows), "after": rows[-1]["id"] if rows else after, "more": more}


def _tied(connection: sqlite3.Connection, ids: Sequence[str]) -> dict[str, int]:
    """By order, the sum of its allocations, also of those that were taken back since."""
    sums: dict[str, int] = defaultdict(int)
    for row in connection.execute(
        "SELECT command_id, sum(amount) AS amount FROM allocation WHERE command_id <> ''"
        " AND command_id IN (SELECT value FROM json_each(?)) GROUP BY command_id",
        (json.dumps(ids),),
    ):
        sums[row["command_id"]] = row["amount"]
    return sums


def _left(connection: sqlite3.Connection, ids: Sequence[str]) -> dict[str, _Left]:
    """By order that moved a payment to another customer, what its entry took off which account."""
    found = connection.execute(
        "SELECT command_id, party_id, currency, debit FROM journal_entry"
        " JOIN journal_line ON entry_id = id AND account = ? AND debit > 0"
        " WHERE kind = 'transfer' AND command_id <> '' AND command_id IN (SELECT value FROM json_each(?))",
        (CONTROL, json.dumps(ids)),
    )
    return {
        row["command_id"]: (f"party:{row['party_id']}", Money(row["debit"], row["currency"])) for row in found
    }


def _memos(connection: sqlite3.Connection, ids: Sequence[str]) -> dict[str, str]:
    """By order, what its first entry says."""
    found = connection.execute(
        "SELECT command_id, memo FROM journal_entry WHERE command_id <> ''"
        " AND command_id IN (SELECT value FROM json_each(?)) ORDER BY id DESC",
        (json.dumps(ids),),
    )
    return {row["command_id"]: row["memo"] for row in found}


def _row(row: Any, tied: dict[str, int], left: dict[str, _Left], memos: dict[str, str]) -> PostingRow:
    said = json.loads(row["answer"])
    moved = said["moved"][0] if said["moved"] else None
    party, amount = left.get(row["command_id"], ("", None))
    if moved:
        amount = Money.parse(moved["amount"], moved["currency"])
        if said["op"] in _TIED:
            amount = Money(tied.get(row["command_id"], 0), amount.currency)
    return {
        "id": row["command_id"],
        "op": said["op"],
        "actor": row["actor"],
        "at": row["at"],
        "amount": amount.text if amount is not None else None,
        "currency": amount.currency if amount is not None else None,
        "about": moved["item"] if moved else _about(said),
        "party": party,
        "refs": said["refs"],
        "memo": memos.get(row["command_id"], ""),
    }


def _about(said: dict[str, Any]) -> str:
    """The record that a remark stands on, or what a payment that was moved is now."""
    notes = [entity["target"] for entity in said["rows"] if entity["kind"] == "note" and "target" in entity]
    return str(next(iter([*notes, *said["refs"]]), ""))
