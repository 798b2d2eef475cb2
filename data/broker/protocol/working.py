"""The rows about working the list together: what was put off, whose what is, who is there."""

from __future__ import annotations

from typing import Any, TypedDict

from data.broker.protocol.rows import PromiseRow, QueueRow


class Done(TypedDict):
    """What became of a wish about one row or customer. ``id`` is the row or the customer; nothing is sent anywhere, so it is done
    (``done``) or would be (``checked``)."""

    id: str
    state: str
    words: str
    day: str | None
    """The business date that was meant; None where there is none."""
    repeated: bool
    """It was so already: nothing was stored."""


class Day(TypedDict):
    """What a day in somebody's words is."""

    day: str
    words: str


class OverdueRow(TypedDict):
    """What is overdue of a customer in a currency: what it would promise without an amount."""

    amount: str
    currency: str


class Promises(TypedDict):
    """Promises, newest first."""

    rows: list[PromiseRow]
    overdue: list[OverdueRow]


class AgendaRow(TypedDict):
    """One line of an agenda. ``kind`` is ``snooze`` (it comes back by itself) or ``follow-up``; the amount is empty once the work
    is gone."""

    kind: str
    on: str
    late_days: int
    id: str
    party_id: str
    party: str
    party_code: str
    subject: str
    amount: str
    currency: str
    why: str
    person: str


class AgendaDays(TypedDict):
    """An agenda, soonest first, from what is late to ``last``."""

    rows: list[AgendaRow]
    today: str
    last: str
    days: list[Day]
    """Every day that has a row, in words."""


class AbsenceRow(TypedDict):
    """Who is away when (both dates included), and who has the rows meanwhile; a ``swap`` goes both ways."""

    id: int
    person: str
    first: str
    last: str
    stand_in: str
    swap: bool
    by: str


class Attended(TypedDict):
    """Who else has the same row or customer open, who claimed the row, and how it stands. Pushed too when it changes:
    ``{"push": "presence", "key": …, "others": […], "claimed": …}``."""

    key: str
    others: list[str]
    claimed: str | None
    notes: list[str]
    """How the row stands, a line each: whose it is, why it is on top, what woke it."""


class Claimed(TypedDict):
    """The row that was claimed, None when nothing is free; ``minutes`` is how long nobody else is given it."""

    row: QueueRow | None
    minutes: int


class DraftRow(TypedDict):
    """What was typed and not ordered."""

    op: str
    target: str
    typed: dict[str, Any]
    at: str
