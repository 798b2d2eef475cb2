"""What a face may ask about working the list together."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from arqueue.model import cards
from data.broker.requests import Id, Request, Text

_DRAFT_CAP = 32_000
_DEEPEST = 10

Why = Annotated[Text, Field(max_length=300), AfterValidator(cards.refused)]
Spoken = Annotated[Text, Field(max_length=100), AfterValidator(cards.refused)]
Name = Annotated[Text, Field(min_length=1, max_length=40), AfterValidator(cards.refused)]


def _storable(typed: dict[str, Any]) -> dict[str, Any]:
    """What was typed, as far as it may be kept: a card number is in no draft either."""
    room, left = _DRAFT_CAP, [(typed, 0)]
    while left:
        value, depth = left.pop()
        parts = _parts(value)
        if parts and depth >= _DEEPEST:
            raise ValueError(f"a draft is at most {_DEEPEST} lists deep")
        left += [(part, depth + 1) for part in parts]
        room -= 1
        if not isinstance(value, dict | list):
            room -= len(_kept(str(value)))
        if room < 0:
            raise ValueError(f"a draft has at most {_DRAFT_CAP} characters")
    return typed


def _parts(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [*value, *value.values()]
    return value if isinstance(value, list) else []


def _kept(text: str) -> str:
    if "\0" in text or any("\ud800" <= char <= "\udfff" for char in text):
        raise ValueError("holds NUL or half a character")
    return cards.refused(text)


class DayRequest(Request):
    """A day in somebody's words."""

    text: Spoken


class SnoozeRequest(Request):
    """Let a row sleep until a day in words; without one it wakes. ``check``: only whether it would be done."""

    id: Id
    until: Spoken = ""
    why: Why = ""
    check: bool = False


class FollowUpRequest(Request):
    """Plan to look at a row on a day in words; without one the plan is done."""

    id: Id
    on: Spoken = ""
    why: Why = ""
    check: bool = False


class PromiseRequest(Request):
    """What a customer promised to pay, by a day in words; without one the promise that stands is withdrawn. Without an amount it
    is what is overdue; ``currency`` is for who owes in several."""

    id: Id
    on: Spoken = ""
    amount: Annotated[Text, Field(max_length=30)] = ""
    currency: Annotated[Text, Field(max_length=3)] = ""
    why: Why = ""
    check: bool = False


class PromisesRequest(Request):
    """What a customer promised; without one what everybody's promises stand at."""

    id: Id | None = None


class AgendaRequest(Request):
    """The next days of an agenda; another person's for supervisors."""

    person: Name | None = None
    days: int = Field(default=14, ge=1, le=731)


class CalendarRequest(Request):
    """The same as a calendar file."""

    person: Name | None = None


class AssignRequest(Request):
    """Give a customer to somebody; without a person back to the rules."""

    id: Id
    to: Name | None = None
    why: Why = ""
    check: bool = False


class PinRequest(Request):
    """Keep a row on top until tomorrow, for a reason; without one it is let go."""

    id: Id
    reason: Why = ""
    check: bool = False


class AbsenceRequest(Request):
    """Who is away when (both included), and who stands in; a swap goes both ways."""

    person: Name
    first: date
    last: date
    stand_in: Name
    swap: bool = False


class AbsenceEndRequest(Request):
    """Take an absence back."""

    id: int = Field(ge=1, le=2**53)


class AttendRequest(Request):
    """What this face shows: a row of the queue; nothing when it left. Only who has it open is ``here`` for others."""

    id: Id | None = None
    here: bool = True


class NextRequest(Request):
    """Claim the best free row. ``keep``: it stays claimed when the connection ends, until its time is over."""

    keep: bool = False


class DraftKeyRequest(Request):
    """One form's draft."""

    op: Name
    target: Id


class DraftRequest(Request):
    """Keep what was typed."""

    op: Name
    target: Id
    typed: Annotated[dict[str, Any], AfterValidator(_storable)]
