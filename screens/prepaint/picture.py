"""The first frame as lines of styled cells: what the app paints a moment later, from the same words and the same rows."""

from __future__ import annotations

from screens import words
from screens.queue import row as rows
from screens.status_words import Shown, bar, line, of_broker, of_list

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from data.broker.protocol import QueueRow
    from screens.prepaint.first import First

Line = list[tuple[str, str]]
BESIDE = 3
"""Lines around the list: views, status, footer."""
WIDE, THREE = 100, 160
"""From here the account stands beside the list, and from here what happened beside that."""
VIEWS = (
    ("all", "All"),
    ("payment", "Unapplied"),
    ("dispute", "Disputes"),
    ("overdue", "Overdue"),
    ("escalation", "Escalated"),
    ("failure", "Failures"),
    ("mine", "Mine"),
    ("returned", "Returned"),
    ("promise", "Promises"),
    ("snoozed", "Snoozed"),
    ("done", "Done today"),
)
FOOTER = (
    ("jk", "Move"),
    ("a", "Apply"),
    ("m", "Adjust"),
    ("n", "Note"),
    ("e", "Escalate"),
    ("O", "Outbox"),
    ("?", "Help"),
)
"""The keys on an ordinary row, as the registry has them."""


def list_width(width: int) -> int:
    """The cells of the list on a screen so wide: five of eight parts beside the account, fifteen of 32 of three."""
    if width >= THREE:
        return width * 15 // 32
    return width * 5 // 8 if width >= WIDE else width


def of_first(first: First, now: datetime, size: tuple[int, int], cursor: int = 0) -> list[Line]:
    """Views, rows, status and footer for a screen of ``size`` (columns, rows), the cursor on one of the rows."""
    width, height = size
    window, status = first.window, first.status
    who = " · ".join(part for part in (first.hello["person"]["name"], first.hello["company"]) if part)
    room, side = height - BESIDE, list_width(width)
    shown = window["rows"][:room]
    body = [_row(each, cursor=number == cursor, width=side) for number, each in enumerate(shown)]
    last_ok = words.moment(status["sync"]["last_ok"], now)
    parts = of_list(Shown(window["total"], window["all"])) + of_broker(
        status, status["sync"]["age_s"], last_ok
    )
    return [
        bar(VIEWS, "all", status["counts"], who, width - 2),
        *_beside(body, room, width, side),
        line(parts, width - 2),
        footer(width - 2) if shown and _ordinary(shown[cursor]) else [],
    ]


def of_waiting(said: Sequence[str], size: tuple[int, int]) -> list[Line]:
    """The same without a broker: what is waited for."""
    width, height = size
    room, side = height - BESIDE, list_width(width)
    body: list[Line] = [[]]
    body += [
        [(words.fit("   " + text, side), "strong" if not number else "dim")]
        for number, text in enumerate(said)
    ]
    return [bar(VIEWS, "all", {}, "", width - 2), *_beside(body, room, width, side), [], []]


def _row(each: QueueRow, *, cursor: bool, width: int) -> Line:
    return [*rows.gutter(cursor=cursor), *rows.of_row(each, "all", width - rows.GUTTER)]


def _beside(body: list[Line], room: int, width: int, side: int) -> list[Line]:
    """The list in its room, and the edge of the account: a line is ``side`` cells wide, or nothing."""
    body = [*body, *([[]] * max(0, room - len(body)))][:room]
    if side == width:
        return body
    return [[*(each or [(" " * side, "")]), ("|", "")] for each in body]


def footer(width: int) -> Line:
    """The keys that fit; help stays."""
    entries = list(FOOTER)
    while len(entries) > 1 and sum(len(key) + len(label) + 3 for key, label in entries) - 2 > width:
        del entries[-2]
    pieces: Line = [(" ", "")]
    for number, (key, label) in enumerate(entries):
        pieces += [("  " if number else "", ""), (key, "bold"), (f" {label}", "dim")]
    return pieces


def _ordinary(row: QueueRow) -> bool:
    return row["command_id"] is None
