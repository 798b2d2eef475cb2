"""Reminders that went out about what is overdue, as Tryton keeps them: one record a line, at the level of the last letter."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from data.demo.tryton.seeding.chart import Chart


def remind(pool: Any, chart: Chart, today: date, reminders: Sequence[list[int]]) -> None:
    """For each open line that has no reminder yet (disputed ones have, and blocked) that of its days past due; ``reminders`` are
    pairs of days and level."""
    dunning, line = pool.get("account.dunning"), pool.get("account.move.line")
    procedure, _ = chart.dunning
    levels = pool.get("account.dunning.procedure")(procedure).levels
    for days, level in sorted(reminders, reverse=True):
        lines = line.search(
            [
                ("account.type.receivable", "=", True),
                ("reconciliation", "=", None),
                ("move_state", "=", "posted"),
                ("debit", ">", 0),
                ("dunnings", "=", None),
                ("maturity_date", "<=", today - timedelta(days=days)),
            ]
        )
        values = {"company": chart.company, "procedure": procedure, "level": levels[level - 1].id}
        sent = {"state": "waiting", "date": today}
        dunning.create([{**values, **sent, "line": each.id} for each in lines])
