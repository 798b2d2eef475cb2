"""A row's reasons in words: what the rules make of its columns on a business date."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from arqueue.model.work import Reason, WorkItem, WorkKind
from arqueue.work.facts import Known, Row
from arqueue.work.strategy import PIN, PIN_POINTS, Strategy


def judge(strategy: Strategy, row: Row, today: date) -> tuple[Reason, ...]:
    """Every satisfied rule with its points and words, a pin before all of them; the score is their sum."""
    facts = Known(row, today)
    reasons = strategy.judge(WorkKind(str(row["kind"])), facts)
    pinned = row.get("pinned_until")
    if pinned is None or str(pinned) < today.isoformat():
        return reasons
    why = facts.get("pin_reason")
    return (Reason(PIN, PIN_POINTS, f"pinned: {why}" if why else "pinned"), *reasons)


def judged(items: Sequence[WorkItem], strategy: Strategy, today: date) -> list[WorkItem]:
    """The items with their reasons."""
    return [replace(each, reasons=judge(strategy, each.row(), today)) for each in items]
