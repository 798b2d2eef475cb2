"""What people noted for each other about a customer, and how it is erased: why a row sleeps, is followed up or on top, whose the
customer is, and what somebody typed and did not order. Who decided what, when and until when stays."""

from __future__ import annotations

import sqlite3
from typing import Final

from data.store import audit

_NOTED: Final = {"snooze": "why", "follow_up": "why", "assignment": "why", "pin": "reason", "promise": "why"}


def seals(connection: sqlite3.Connection, party_id: str) -> list[tuple[int, str]]:
    """The audit rows that have these words as well, each with its seal: those that were written with a note, by its maker."""
    noted = " UNION ".join(
        f"SELECT at, person, {column} FROM {table} WHERE party_id = ?1 AND {column} <> ''"
        for table, column in _NOTED.items()
    )
    return [
        (entry.seq, entry.seal)
        for entry in audit.said(
            connection, f"command_id = '' AND (audit.at, audit.person, text) IN ({noted})", (party_id,)
        )
    ]


def erase(connection: sqlite3.Connection, party_id: str) -> None:
    """Take the words out, also of the queue and of what the queue was."""
    for table, column in _NOTED.items():
        connection.execute(
            f"UPDATE {table} SET {column} = '' WHERE party_id = ? AND {column} <> ''", (party_id,)
        )
    connection.execute(
        "DELETE FROM draft WHERE target = ?1 OR target IN (SELECT id FROM item WHERE party_id = ?1)"
        " OR target IN (SELECT id FROM work WHERE party_id = ?1)",
        (party_id,),
    )
    # the queue first: what it was before goes into its past
    for table in ("work", "work_history"):
        connection.execute(
            f"UPDATE {table} SET pin_reason = NULL WHERE party_id = ? AND pin_reason IS NOT NULL", (party_id,)
        )
