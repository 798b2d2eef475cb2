"""Recording what the queue was: every row before each of its changes, and the day and strategy by which it was ranked.

Triggers write it, so that it is in the transaction of the change whoever makes it. The score is not kept: it follows from a row's
facts, the strategy and the business date, which are.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Final

NOW: Final = "strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000+00:00'"
_BEGUN: Final = "EXISTS (SELECT 1 FROM history_began)"
_UNTOLD: Final = frozenset({"seq"})


def watch(connection: sqlite3.Connection) -> None:
    """Record all columns that the queue has now: to be called whenever the schema changed."""
    names = [name for name in _columns(connection, "work") if name not in _UNTOLD]
    kept = _columns(connection, "work_history")
    for name in names:
        if name not in kept:
            connection.execute(f"ALTER TABLE work_history ADD COLUMN {name} ANY")
    old = f"INSERT INTO work_history (at, work_id, was, {', '.join(names)})"
    old += f" VALUES ({NOW}, old.id, 1, {', '.join(f'old.{name}' for name in names)})"
    new = f"INSERT INTO work_history (at, work_id, was) VALUES ({NOW}, new.id, 0)"
    differs = " OR ".join(f"new.{name} IS NOT old.{name}" for name in names)
    shown = f"INSERT INTO order_history (at, day, strategy) VALUES ({NOW}, new.day, new.strategy)"
    for name, event, when, then in (
        ("work_began", "INSERT ON work", _BEGUN, new),
        ("work_changed", "UPDATE ON work", f"{_BEGUN} AND ({differs})", old),
        ("work_ended", "DELETE ON work", _BEGUN, old),
        ("order_began", "INSERT ON ranking", "new.state = 'current'", shown),
        (
            "order_shown",
            "UPDATE ON ranking",
            "new.state = 'current' AND old.state <> 'current'",
            shown,
        ),
        (
            "history_begins",
            "INSERT ON meta",
            f"new.key = 'last_ok' AND NOT {_BEGUN}",
            f"INSERT INTO history_began VALUES (1, {NOW})",
        ),
    ):
        connection.execute(f"DROP TRIGGER IF EXISTS {name}")
        connection.execute(f"CREATE TRIGGER {name} AFTER {event} WHEN {when} BEGIN {then}; END")


def is_older(connection: sqlite3.Connection, before: str) -> bool:
    """Whether there is something to let go of."""
    return (
        connection.execute("SELECT 1 FROM work_history WHERE at < ? LIMIT 1", (before,)).fetchone()
        is not None
    )


def forget(connection: sqlite3.Connection, before: str, *, limit: int = 2_000) -> int:
    """Let go of what is older, so many rows at a time; how many that were. The order that was shown then stays."""
    gone = connection.execute(
        "DELETE FROM work_history WHERE n IN (SELECT n FROM work_history WHERE at < ? ORDER BY at LIMIT ?)",
        (before, limit),
    ).rowcount
    if gone:
        connection.execute("UPDATE history_began SET at = ? WHERE at < ?", (before, before))
        connection.execute(
            "DELETE FROM order_history WHERE n < (SELECT max(n) FROM order_history WHERE at < ?)", (before,)
        )
    return gone


def erase(connection: sqlite3.Connection, commands: Sequence[str], words: str) -> None:
    """What was said about these commands leaves the rows that were about them."""
    connection.executemany(
        "UPDATE work_history SET words = ? WHERE command_id = ? AND words IS NOT NULL",
        [(words, command) for command in commands],
    )


def _columns(connection: sqlite3.Connection, table: str) -> list[str]:
    return [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
