"""The queue as it was, from what was recorded of it: the rows that there were, ranked by the day and strategy of then."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import date
from typing import Any

from arqueue.errors import NotFound
from arqueue.model.work import Reason
from arqueue.strategy_file import read
from arqueue.work.judge import judge
from arqueue.work.strategy import Strategy
from data.store import ranking


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the queue at an instant: its columns as they were, and the reasons that follow from them."""

    columns: dict[str, Any]
    reasons: tuple[Reason, ...]

    @property
    def score(self) -> int:
        """The sum of their points."""
        return sum(reason.points for reason in self.reasons)


@dataclass(frozen=True, slots=True)
class Queue:
    """The queue at an instant, best first. ``day`` is the business date by which it was ranked."""

    day: date
    rows: tuple[Row, ...]


def as_of(connection: sqlite3.Connection, at: str) -> Queue:
    """The queue as it was at an instant (UTC, as the audit writes it). Raises NotFound for one of before the history."""
    began = connection.execute("SELECT at FROM history_began").fetchone()
    if began is None or at < began[0]:
        raise NotFound(
            f"the queue of {at} is not known",
            f"it is since {began[0]}" if began else "it is kept from the first sync on",
        )
    day, strategy = _order(connection, at)
    columns = _columns(connection, at)
    rows = [Row(each, judge(strategy, each, day)) for each in columns if not _sleeps(each, day)]
    rows.sort(key=lambda row: (-row.score, -abs(row.columns.get("base_minor") or 0), row.columns["id"]))
    return Queue(day, tuple(rows))


def _order(connection: sqlite3.Connection, at: str) -> tuple[date, Strategy]:
    """The business date and the rules of the order that was shown then."""
    found = connection.execute(
        "SELECT day, strategy FROM order_history WHERE at <= ? ORDER BY n DESC LIMIT 1", (at,)
    ).fetchone()
    if found is None:
        now = ranking.current(connection)
        if now is None:
            raise NotFound("no order was shown then", "sync first")
        return now.day, now.strategy
    return date.fromisoformat(found[0]), read(found[1])


def _columns(connection: sqlite3.Connection, at: str) -> list[dict[str, Any]]:
    """The rows that there were: as they were before their first change since, or as they are where nothing changed."""
    cursor = connection.cursor()
    cursor.row_factory = sqlite3.Row
    since: dict[str, sqlite3.Row] = {}
    for row in cursor.execute("SELECT * FROM work_history WHERE at > ? ORDER BY n", (at,)):
        since.setdefault(row["work_id"], row)
    found = [dict(row) for row in since.values() if row["was"]]
    found += [dict(row) for row in cursor.execute("SELECT * FROM work") if row["id"] not in since]
    return found


def _sleeps(row: dict[str, Any], day: date) -> bool:
    until = row.get("snoozed_until")
    return until is not None and str(until) > day.isoformat()
