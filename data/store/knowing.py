"""What is known of a customer beside its open items: when somebody last spoke to it, how late it pays, what bounced."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from datetime import date
from statistics import median_low
from typing import Final

from arqueue.control.states import FAILED, CommandState
from arqueue.work.derive import Bounced
from data.store.overlay import with_open
from data.store.rows import item_of

_PAID: Final = 60
"""The last invoices by which a habit is learned."""
_VOIDED: Final = ", ".join(
    f"'{state.value}'"
    for state in sorted(
        FAILED | {CommandState.DECLINED, CommandState.EXPIRED, CommandState.CANCELLED, CommandState.PENDING}
    )
)


def known(connection: sqlite3.Connection, party_id: str, today: date) -> dict[str, int | str | None]:
    """By the queue's columns; what is not known is not there."""
    found: dict[str, int | str | None] = {}
    if contacted := _contacted(connection, party_id):
        found["contacted_on"] = contacted
    if habit := _habit(connection, party_id, today):
        found["habit_days"], found["habit_count"] = habit
    return found


def _contacted(connection: sqlite3.Connection, party_id: str) -> str | None:
    """The UTC date of the last note on the customer or its open items, or of a person's order to write or hand up."""
    (at,) = connection.execute(
        "SELECT max(at) FROM ("
        "SELECT max(at) AS at FROM note WHERE target = ?"
        " UNION ALL SELECT max(note.at) FROM item JOIN note ON note.target = item.id"
        "  WHERE item.party_id = ? AND item.state = 'open' AND item.residual <> 0"
        " UNION ALL SELECT max(created_at) FROM command WHERE party_id = ? AND op IN ('annotate', 'escalate')"
        f" AND state NOT IN ({_VOIDED}))",
        (party_id, party_id, party_id),
    ).fetchone()
    return str(at)[:10] if at else None


def _habit(connection: sqlite3.Connection, party_id: str, today: date) -> tuple[int, int] | None:
    """How many days after the due date the customer pays (the median), and from how many invoices that is known. Only payments
    up to today count; it is kept, so that other questions need not learn it again."""
    late = [
        (date.fromisoformat(paid) - date.fromisoformat(due)).days
        for due, paid in connection.execute(
            "SELECT due, max(allocation.on_date) AS paid FROM ("
            "SELECT id, due_date AS due FROM item WHERE party_id = ? AND state = 'closed' AND total > 0"
            " AND due_date IS NOT NULL ORDER BY due_date DESC LIMIT ?) AS invoice"
            " JOIN allocation ON allocation.debit_item = invoice.id WHERE allocation.void = 0 AND allocation.on_date <= ?"
            " GROUP BY invoice.id",
            (party_id, _PAID, today.isoformat()),
        )
    ]
    if not late:
        return None
    habit = (median_low(late), len(late))
    kept = connection.execute("SELECT days, n FROM habit WHERE party_id = ?", (party_id,)).fetchone()
    if kept != habit:
        connection.execute("INSERT OR REPLACE INTO habit VALUES (?, ?, ?)", (party_id, *habit))
    return habit


def disputed(connection: sqlite3.Connection, items: Sequence[str]) -> dict[str, date]:
    """When disputes of ours on these items were opened."""
    found = connection.execute(
        "SELECT item_id, opened_on FROM dispute WHERE state = 'open' AND item_id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(items)),),
    )
    return {item_id: date.fromisoformat(on) for item_id, on in found}


def bounced(connection: sqlite3.Connection, party_id: str) -> list[Bounced]:
    """Payments that the bank took back, with the debits that they had paid and that are open again. The day of a return is that
    of the entry that took the money out, where the ledger shows it, else that of the payment."""
    cursor = connection.cursor()
    cursor.row_factory = sqlite3.Row
    found = cursor.execute("SELECT * FROM item WHERE party_id = ? AND returned <> ''", (party_id,)).fetchall()
    returns = []
    for row in found:
        debits = cursor.execute(
            "SELECT DISTINCT item.* FROM allocation JOIN item ON item.id = allocation.debit_item"
            " WHERE allocation.credit_item = ? AND allocation.void = 1 AND item.state = 'open' AND item.residual > 0",
            (row["id"],),
        ).fetchall()
        if debits:
            (on,) = connection.execute(
                "SELECT max(on_date) FROM allocation WHERE credit_item = ? AND void = 0", (row["id"],)
            ).fetchone()
            opened = [
                each
                for each in with_open(connection, [item_of(debit) for debit in debits])
                if each.open.minor
            ]
            returns.append(Bounced(item_of(row), date.fromisoformat(on or row["doc_date"]), opened))
    return returns
