"""One row of the queue as cells with the names of their styles: what is painted first and what the list paints are the same."""

from __future__ import annotations

from screens import words
from screens.cells import cell_len

TYPE_CHECKING = False
if TYPE_CHECKING:
    from data.broker.protocol import QueueRow

Cells = tuple[str, str]
"""A text, and the name of its style: one of the ``rows--…`` components, or empty for the list's own."""
GUTTER = 3
"""Cells before a row: the cursor, the mark, and one that is empty."""
_TONES = {
    "payment": "good",
    "credit": "good",
    "overdue": "warn",
    "promise": "warn",
    "dispute": "warn",
    "returned": "bad",
    "failure": "bad",
    "hold": "bad",
    "escalation": "strong",
}
_OF_ONE_KIND = frozenset({"payment", "dispute", "overdue"})
"""Views in which the kind would be the same word in every row."""


def gutter(*, cursor: bool, mark: str = " ") -> list[Cells]:
    """What stands before a row."""
    return [(">" if cursor else " ", "cursor" if cursor else ""), (mark, "mark"), (" ", "")]


def of_row(row: QueueRow | None, view: str, width: int) -> list[Cells]:
    """Kind, age, amount, currency, customer, subject and the telling reason; of a row that is not here yet, that it comes."""
    if row is None:
        return [(words.fit("…", width), "dim")]
    tone = _TONES.get(row["kind"], "")
    kind_width = 0 if view in _OF_ONE_KIND else 9
    fixed = kind_width + 22
    amount = words.is_something(row["amount"])
    customer = max(14, min(28, (width - 31) * 9 // 20 if width > 70 else width - fixed))
    cells = [
        (words.fit(words.work_kind(row), kind_width), tone),
        (words.fit_right(words.days(row["age_days"]), 5), "dim" if kind_width else tone),
        (words.fit_right(words.money(row["amount"]) if amount else "", 13), ""),
        (words.fit(f" {row['currency']}" if amount else "", 4), "dim"),
        (words.fit("  " + (row["party"] or "(vanished)"), customer), ""),
    ]
    rest = width - fixed - customer
    return cells + _about(row, rest) if rest > 8 else cells


def _about(row: QueueRow, width: int) -> list[Cells]:
    """What it is about; a state other than open comes first."""
    state = "" if row["state"] == "open" or words.is_approval(row) else f"{row['state'].upper()} "
    text = ": ".join(part for part in (row["subject"], words.telling(row)) if part)
    return [
        ("  ", "dim"),
        (state, "bad" if row["state"] == "failed" else "strong"),
        (words.fit(text, max(0, width - 2 - cell_len(state))), "dim"),
    ]
