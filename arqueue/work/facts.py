"""What a rule may ask of a row: each fact by its name, with its type, its unit, and the columns that it is made of.

A row is its columns, as the queue holds them: text, whole numbers, ISO dates, None for what is not known. What depends on the
date is computed from date columns, so that a new day changes no row.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final

from arqueue.model.currency import EXPONENTS
from arqueue.model.work import WorkKind
from arqueue.work.promises import PromiseState

Value = int | str | bool
Row = Mapping[str, int | str | None]

BUCKETS: Final = ((91, "90+"), (61, "61-90"), (31, "31-60"), (1, "1-30"))
"""Ageing buckets by the least days past due; whatever is below all of them is not due."""
NOT_DUE: Final = "not due"
COVERS: Final = ("paid", "all", "part paid", "part")
"""How far money that is here already may pay what is overdue."""
SOON_DAYS: Final = 14
"""So far ahead lies what is expected soon."""
LEARNED: Final = 5
"""By so many payments a habit is known well enough to expect cash by it."""


class Type(StrEnum):
    """What a fact is compared with."""

    NUMBER = "number"
    TEXT = "text"
    FLAG = "true or false"
    TAGS = "tags"


class Shape(StrEnum):
    """How a fact comes from its columns."""

    PLAIN = "the column"
    DAYS = "whole days from the date in the column to today"
    UNITS = "minor units in whole units of the currency in the second column"
    BUCKET = "the ageing bucket of the days since the date in the column"
    BEYOND = "days since the date in the column, less the number in the second"
    SOON = "as units, where the customer usually pays within the next days; else nothing"


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that may be known of a row. ``words`` say what it is."""

    name: str
    type: Type
    unit: str
    shape: Shape
    column: str
    words: str
    second: str = ""
    values: tuple[str, ...] = ()
    """All that it can be; none where that is not closed."""

    def of(self, row: Row, today: date) -> Value | None:
        """Its value on a business date; None where it is not known."""
        found = row.get(self.column)
        if found is None:
            return None
        if self.shape is Shape.PLAIN:
            return bool(found) if self.type is Type.FLAG else found
        if self.shape is Shape.UNITS:
            return _whole(int(found), str(row.get(self.second) or ""))
        if self.shape is Shape.SOON:
            soon = _is_soon(row, today)
            return None if soon is None else soon * _whole(int(found), str(row.get(self.second) or ""))
        days = (today - date.fromisoformat(str(found))).days
        if self.shape is Shape.DAYS:
            return days
        if self.shape is Shape.BUCKET:
            return next((name for least, name in BUCKETS if days >= least), NOT_DUE)
        usual = row.get(self.second)
        return None if usual is None else days - int(usual)


def _whole(minor: int, currency: str) -> int:
    """Whole units, rounded towards zero."""
    units = abs(minor) // int(10 ** EXPONENTS.get(currency, 2))
    return units if minor >= 0 else -units


def _is_soon(row: Row, today: date) -> bool | None:
    """Whether half of what the customer pays would be here between today and two weeks from now, when it is due as the row is;
    None while its habit is not known."""
    due, usual, seen = row.get("due"), row.get("habit_days"), row.get("habit_count")
    if due is None or usual is None or seen is None or int(seen) < LEARNED:
        return None
    return 0 <= int(usual) - (today - date.fromisoformat(str(due))).days <= SOON_DAYS


def _number(
    name: str, column: str, unit: str, words: str, shape: Shape = Shape.PLAIN, second: str = ""
) -> Fact:
    return Fact(name, Type.NUMBER, unit, shape, column, words, second)


def _days(name: str, column: str, words: str) -> Fact:
    return _number(name, column, "days", words, Shape.DAYS)


def _text(name: str, words: str, column: str = "", values: Iterable[str] = ()) -> Fact:
    return Fact(name, Type.TEXT, "", Shape.PLAIN, column or name, words, values=tuple(map(str, values)))


def _flag(name: str, words: str) -> Fact:
    return Fact(name, Type.FLAG, "", Shape.PLAIN, name, words)


_LISTED: Final = (
    _number("amount", "amount", "units of its currency", "what is at stake", Shape.UNITS, "currency"),
    _number(
        "base_amount", "base_minor", "units of the company's currency", "its size", Shape.UNITS, "base_currency"
    ),
    _text("currency", "its currency", values=EXPONENTS),
    _text("kind", "the kind of work", values=WorkKind),
    _days("age_days", "since", "days that it has waited"),
    _days("days_past_due", "due", "days since the oldest due date"),
    Fact(
        "ageing_bucket", Type.TEXT, "", Shape.BUCKET, "due", "not due, 1-30, 31-60, 61-90 or 90+",
        values=(NOT_DUE, *(name for _, name in reversed(BUCKETS))),
    ),
    _number("count", "items", "items", "how many items the row stands for"),
    _flag("names_open", "the payment's text names an open invoice"),
    _flag("equals_open", "the payment equals an open invoice"),
    _flag("on_hold", "the customer is on credit hold"),
    _flag("over_limit", "the customer owes more than its credit limit"),
    _number("credit_use", "credit_use", "percent", "how much of its credit limit is used"),
    _number("credit_limit", "credit_limit", "units of its own currency", "the customer's credit limit"),
    _text("cover", "what unapplied money pays of it: paid, all, part paid or part", values=COVERS),
    _text("dispute_reason", "why it is disputed", "dispute"),
    _text("dispute_state", "open while it is disputed", values=("open",)),
    _days("dispute_age_days", "disputed_on", "days since the dispute was opened here, else since the document"),
    _text(
        "promise_state", "open, small (open, of less than half), covered, kept, partly kept or broken",
        values=PromiseState,
    ),
    _number("promise_level", "promise_level", "", "how often promises before it were put off or broken"),
    _days("days_since_promise", "promised_on", "days since the day that was promised"),
    _days("days_since_contact", "contacted_on", "days since somebody last wrote or handed up"),
    _number("dunning_level", "dunning_level", "", "the highest reminder that went out about an open item"),
    _number("usual_days_late", "habit_days", "days", "how late the customer usually pays: the median"),
    _number("payments_seen", "habit_count", "payments", "how many payments that is learned from"),
    _number("days_beyond_usual", "due", "days", "days past due beyond the usual", Shape.BEYOND, "habit_days"),
    _number(
        "expected_cash", "base_minor", "units of the company's currency",
        f"its size where the customer usually pays within the next {SOON_DAYS} days, else 0", Shape.SOON, "base_currency",
    ),
    Fact("tag", Type.TAGS, "", Shape.PLAIN, "tags", "a tag of the customer"),
    _text("code", "the customer's code", "code"),
    _text("terms", "the customer's terms of payment"),
    _text("returned", "why the bank returned the payment"),
    _text("assignee", "who works it"),
)  # fmt: skip
FACTS: Final[Mapping[str, Fact]] = {each.name: each for each in _LISTED}
WORDS_ONLY: Final = frozenset(
    {"words", "cover_words", "base_words", "amount_words", "pin_reason", "promise_words"}
)
"""What words may hold beside the facts."""
_AMOUNTS: Final = {"base_words": ("base_amount", "base_currency"), "amount_words": ("amount", "currency")}
SEGMENT: Final = "segment"
"""The customer's segment, by the strategy's own definition; may be asked for like a fact."""


class Known(Mapping[str, Value]):
    """The facts of a row that are known on a business date, and the words that go with them; each is computed when it is asked
    for, since a row's rules ask for few."""

    def __init__(self, row: Row, today: date) -> None:
        self._row, self._today = row, today
        self._found: dict[str, Value | None] = {}

    def get(self, name: str, default: Any = None) -> Any:
        """A fact, or the default where it is not known."""
        if name not in self._found:
            self._found[name] = self._compute(name)
        found = self._found[name]
        return default if found is None else found

    def _compute(self, name: str) -> Value | None:
        if (fact := FACTS.get(name)) is not None:
            return fact.of(self._row, self._today)
        if name == SEGMENT:
            return ""  # of none, until a strategy says otherwise
        if name in _AMOUNTS:
            amount, currency = _AMOUNTS[name]
            units = self.get(amount)
            return None if units is None else f"{units:,} {self._row.get(currency) or ''}".strip()
        return str(self._row.get(name) or "") if name in WORDS_ONLY else None

    def __getitem__(self, name: str) -> Value:
        found: Value | None = self.get(name)
        if found is None:
            raise KeyError(name)
        return found

    def __iter__(self) -> Iterator[str]:
        return (name for name in (*FACTS, *WORDS_ONLY) if self.get(name) is not None)

    def __len__(self) -> int:
        return sum(1 for _ in self)
