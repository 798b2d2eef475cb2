"""Whose work another business date changes: whatever begins or ends between two days. Ages alone are the order's concern."""

from __future__ import annotations

import sqlite3
from datetime import date, timedelta

from arqueue.work.derive import CREDIT_DAYS
from data.store.queue import AUTO, QUARANTINE

_BECOME_DUE = "SELECT DISTINCT party_id FROM item WHERE state = 'open' AND residual > 0 AND due_date >= ? AND due_date < ?"
_BECOME_OLD = (
    "SELECT DISTINCT party_id FROM item WHERE state = 'open' AND residual <> 0 AND residual < 0"
    " AND kind <> 'payment' AND doc_date > ? AND doc_date <= ?"
)
_PROMISED = "SELECT DISTINCT party_id FROM promise WHERE until >= ? AND until < ?"
_STAND_IN = (
    "SELECT DISTINCT party_id FROM work WHERE assignee IN (SELECT person FROM absence WHERE first <= ? AND last >= ?"
    " UNION SELECT stand_in FROM absence WHERE first <= ? AND last >= ?)"
)


def changing(connection: sqlite3.Connection, before: date, after: date) -> list[str]:
    """Customers (and stand-ins) whose rows are others on the later of two days than on the earlier, whichever comes first: items
    that become due (with them what money of their families probably pays), credits that become old, promises whose time is over,
    who stands in for whom."""
    low, high = sorted((before, after))
    old = timedelta(days=CREDIT_DAYS)
    found: set[str | None] = set()
    for sql, values in (
        (_BECOME_DUE, (low.isoformat(), high.isoformat())),
        (_PROMISED, (low.isoformat(), high.isoformat())),
        (_BECOME_OLD, ((low - old).isoformat(), (high - old).isoformat())),
        (_STAND_IN, (high.isoformat(), low.isoformat()) * 2),
    ):
        found.update(row[0] for row in connection.execute(sql, values))
    return [QUARANTINE, AUTO, *sorted(each for each in found if each and each not in (QUARANTINE, AUTO))]
