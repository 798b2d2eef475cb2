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
USUAL = ("kind", "age", "amount", "customer", "about")
"""The columns of a view that names none."""
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
_WIDTHS = {"kind": 9, "age": 5, "amount": 17, "code": 12, "owner": 12, "score": 6}
_TEXTS = frozenset({"customer", "code", "owner", "about"})
"""Columns that stand two cells off what is before them; a figure behind one stands off by one."""
_LEAST, _MOST = 14, 28
"""Cells of a customer beside what the row is about."""
_SHORT_OF = 38
"""With fewer cells for both the amount is said in round figures."""
_ROUND = 12
"""Cells of such an amount; the whole one is in the account beside the list."""
_TELLS = 11
"""In fewer cells nothing can be said of what a row is about."""
_REASON_FIRST = 40
"""In fewer cells the reason comes before the document, which every row has."""
_READS = 18
"""With fewer cells a reason that is cut cannot be understood: it is the document's number that gives way."""
_DOT = " · "
_REASONS, _AND = 3, "; "
"""The first is always said, cut where it must be; others only where they and the document are whole."""


def gutter(*, cursor: bool, mark: str = " ") -> list[Cells]:
    """What stands before a row."""
    return [(">" if cursor else " ", "cursor" if cursor else ""), (mark, "mark"), (" ", "")]


def of_row(row: QueueRow | None, view: str, width: int, columns: tuple[str, ...] = ()) -> list[Cells]:
    """The columns of a view, by their names in ``arqueue.work.views``; of a row that is not here yet, that it comes."""
    if row is None:
        return [(words.fit("…", width), "dim")]
    wanted = columns or (USUAL[1:] if view in _OF_ONE_KIND else USUAL)
    if (layout := _LAYOUTS.get((wanted, width))) is None:
        if len(_LAYOUTS) > 50:
            _LAYOUTS.clear()
        layout = _LAYOUTS[wanted, width] = _laid_out(wanted, width)
    cells: list[Cells] = []
    for name, room in layout:
        lead = "  " if cells and name in _TEXTS else ""
        cells += _column(row, name, lead, room, alone="kind" not in wanted)
    return cells


_LAYOUTS: dict[tuple[tuple[str, ...], int], list[tuple[str, int]]] = {}
"""A page has the same for all its rows."""


def _laid_out(wanted: tuple[str, ...], width: int) -> list[tuple[str, int]]:
    """Each column with its cells; what finds no room behind those before it is left out."""
    fixed: dict[str, int] = {}
    before, left = "", width - _LEAST * ("customer" in wanted)
    for name in wanted:
        cells = _WIDTHS.get(name, 0) + (before in _TEXTS and name not in _TEXTS)
        if cells <= left:
            fixed[name] = cells
            before, left = name, left - cells
    room = width - sum(fixed.values())
    if room < _SHORT_OF and {"customer", "about", "amount"} <= fixed.keys():
        room += fixed["amount"] - _ROUND
        fixed["amount"] = _ROUND
    customer = room if "customer" in fixed else 0
    if customer and "about" in fixed and room >= _LEAST + _TELLS:
        customer = max(_LEAST, min(_MOST, room * 9 // 20))
    flexible = {"customer": customer, "about": room - customer}
    return [(name, flexible.get(name, cells)) for name, cells in fixed.items() if flexible.get(name, cells)]


def _column(row: QueueRow, name: str, lead: str, width: int, *, alone: bool) -> list[Cells]:
    """One fact of a row in so many cells; ``alone`` when no column names its kind."""
    match name:
        case "kind":
            return [(words.fit(words.work_kind(row), width), _tone(row))]
        case "age":
            return [(words.fit_right(words.days(row["age_days"]), width), _tone(row) if alone else "dim")]
        case "amount":
            there = words.is_something(row["amount"])
            said = words.rounded if width == _ROUND else words.money
            return [
                (words.fit_right(said(row["amount"]) if there else "", width - 4), ""),
                (words.fit(f" {row['currency']}" if there else "", 4), "dim"),
            ]
        case "customer":
            return [(words.fit(lead + (row["party"] or "(vanished)"), width), "")]
        case "code":
            return [(words.fit(lead + row["party_code"], width), "dim")]
        case "owner":
            return [(words.fit(lead + (row.get("assignee") or ""), width), "")]
        case "score":
            return [(words.fit_right(str(row["score"]), width), "dim")]
    return _about(row, lead, width)


def _tone(row: QueueRow) -> str:
    return _TONES.get(row["kind"], "")


def _about(row: QueueRow, lead: str, width: int) -> list[Cells]:
    """What it is about, and as many of the reasons as find room; a state other than open comes first."""
    state = "" if row["state"] == "open" or words.is_approval(row) else f"{row['state'].upper()} "
    state = words.fit(state, min(cell_len(state), width - len(lead)))
    room = max(0, width - len(lead) - cell_len(state))
    reason, *others = words.telling(row) or [""]
    for other in others[: _REASONS - 1]:
        longer = reason + _AND + other
        if cell_len(row["subject"]) + len(_DOT) + cell_len(longer) <= room:
            reason = longer
    if cell_len(reason) > room:
        reason = " ".join(map(_ending, reason.split(" ")))
    said = [part for part in (row["subject"], reason) if part]
    text = _short(said, room) if width < _REASON_FIRST else ": ".join(said)
    return [
        (lead, "dim"),
        (state, "bad" if row["state"] == "failed" else "strong"),
        (words.fit(text, room), "dim"),
    ]


def _ending(word: str) -> str:
    """Of a long number (PAY-2026-004219) its end, with the sign that something stands before it; any other word as it is."""
    start, _, number = word.rpartition("-")
    return f"…{number}" if "-" in start and number.isdigit() else word


def _short(said: list[str], room: int) -> str:
    """Reason and document in little room: a document that has none is left out. Of a number the end is kept: that is what tells
    it from the next one."""
    text = _DOT.join(reversed(said))
    if len(said) < 2 or cell_len(text) <= room:
        return text
    subject, reason = said
    numbers = [subject, f"…{subject.rpartition('-')[2]}"] if "-" in subject else [subject]
    for number in numbers if " " not in subject else ():
        left = room - cell_len(_DOT) - cell_len(number)
        if left >= min(_READS, cell_len(reason)):
            return words.fit(reason, min(left, cell_len(reason))) + _DOT + number
    return reason
