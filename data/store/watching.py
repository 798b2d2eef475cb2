"""Counts the changes of what the queue shows, so that what was made of it can be shown again as long as there is none."""

from __future__ import annotations

import sqlite3
from typing import Final

_SHOWN: Final = ("work", "party", "command", "ranking")
"""Where a row of the queue comes from; its place (``rank`` and its counts) changes with these alone."""
_COUNT: Final = "UPDATE shown SET n = n + 1"


def begin(connection: sqlite3.Connection) -> None:
    """Count from now on what this connection, the only one that writes, changes. Nothing of it is in the file; what is rolled
    back was not counted."""
    connection.execute("CREATE TEMP TABLE shown (n INTEGER NOT NULL)")
    connection.execute("INSERT INTO shown VALUES (0)")
    for table in _SHOWN:
        for event in ("INSERT", "UPDATE", "DELETE"):
            connection.execute(
                f"CREATE TEMP TRIGGER shown_{table}_{event} AFTER {event} ON main.{table} BEGIN {_COUNT}; END"
            )
    connection.execute(
        f"CREATE TEMP TRIGGER shown_generation AFTER UPDATE ON main.meta WHEN new.key = 'generation' BEGIN {_COUNT}; END"
    )


def count(connection: sqlite3.Connection) -> int:
    """How many there were."""
    return int(connection.execute("SELECT n FROM shown").fetchone()[0])
