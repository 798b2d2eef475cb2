"""Tryton's rows as typed records: narrow columns only, since the list of fields decides what a read costs the server."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from arqueue.errors import Invalid
from arqueue.model.currency import exponent
from arqueue.model.money import Money

LINE_FIELDS: Final = (
    "debit",
    "credit",
    "amount_second_currency",
    "second_currency",
    "maturity_date",
    "description",
    "move",
    "reconciliation",
    "write_date",
    "create_date",
    "_timestamp",
)
WIDE_FIELDS: Final = (
    *LINE_FIELDS,
    "party",
    "dunnings",
    "move.number",
    "move.date",
    "move.description",
    "move.journal",
)
"""What saves further questions about a few lines, and would cost seconds for thousands."""
INVOICE_FIELDS: Final = (
    "number",
    "reference",
    "description",
    "party",
    "currency",
    "state",
    "invoice_date",
    "move",
    "additional_moves",
    "payment_lines",
    "alternative_payees",
    "_timestamp",
)
MOVE_FIELDS: Final = ("number", "date", "description", "journal")


@dataclass(frozen=True, slots=True)
class Line:
    """A receivable line of a posted move. ``minor`` is signed, debit positive, in ``currency``; ``base`` in the company's."""

    id: int
    minor: int
    currency: str
    base: int
    due: date | None
    text: str
    move: int
    reconciliation: int | None
    stamp: str
    modified: datetime

    @property
    def is_open(self) -> bool:
        """Whether Tryton has not reconciled it."""
        return self.reconciliation is None

    @property
    def is_foreign(self) -> bool:
        """Whether its amount in the company's currency is another one, which may have been rounded."""
        return self.minor != self.base


@dataclass(frozen=True, slots=True)
class Invoice:
    """A posted customer invoice or, with a negative total, credit note."""

    id: int
    number: str
    reference: str
    text: str
    party: int
    currency: str
    state: str
    on: date | None
    move: int
    additional: tuple[int, ...]
    links: tuple[int, ...]
    """Lines that pay a part of it (``payment_lines``)."""
    has_payees: bool
    """Whether its lines may stand on other customers' accounts."""
    stamp: str

    @property
    def moves(self) -> tuple[int, ...]:
        """Every move whose receivable lines are what is due of it."""
        return (self.move, *self.additional)


@dataclass(frozen=True, slots=True)
class Move:
    """A journal entry."""

    id: int
    number: str
    on: date
    text: str
    journal: int


@dataclass(frozen=True, slots=True)
class Journal:
    """Where entries are kept: ``kind`` is cash, write-off, revenue, general…"""

    id: int
    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Names:
    """What is the same for every row: currencies by Tryton's id, and the company's own currency."""

    currencies: dict[int, str]
    base: str


def line_of(row: dict[str, Any], names: Names) -> Line:
    """Raises Invalid for amounts that do not parse, with what is wrong."""
    base = _decimal(row, "debit") - _decimal(row, "credit")
    second = row.get("second_currency")
    currency = _currency(second, names) if second else names.base
    amount = _decimal(row, "amount_second_currency") if second else base
    return Line(
        id=_number(row, "id"),
        minor=Money.from_decimal(amount, currency).minor,
        currency=currency,
        base=Money.from_decimal(base, names.base).minor,
        due=_date(row, "maturity_date"),
        text=_text(row, "description"),
        move=_number(row, "move"),
        reconciliation=row.get("reconciliation") or None,
        stamp=_text(row, "_timestamp"),
        modified=modified_at(row),
    )


def invoice_of(row: dict[str, Any], names: Names) -> Invoice:
    """Raises Invalid."""
    return Invoice(
        id=_number(row, "id"),
        number=_text(row, "number"),
        reference=_text(row, "reference"),
        text=_text(row, "description"),
        party=_number(row, "party"),
        currency=_currency(row.get("currency"), names),
        state=_text(row, "state"),
        on=_date(row, "invoice_date"),
        move=_number(row, "move"),
        additional=tuple(row.get("additional_moves") or ()),
        links=tuple(row.get("payment_lines") or ()),
        has_payees=bool(row.get("alternative_payees")),
        stamp=_text(row, "_timestamp"),
    )


def move_of(row: dict[str, Any]) -> Move:
    """Raises Invalid."""
    on = _date(row, "date")
    if on is None:
        raise Invalid("date: a journal entry has none")
    return Move(
        id=_number(row, "id"),
        number=_text(row, "number"),
        on=on,
        text=_text(row, "description"),
        journal=_number(row, "journal"),
    )


def modified_at(row: dict[str, Any]) -> datetime:
    """The row's last change, naive, in the server's own zone. Raises Invalid."""
    stamp = row.get("write_date") or row.get("create_date")
    if not isinstance(stamp, datetime):
        raise Invalid("write_date: is missing")
    return stamp


def digits_of(currency: str) -> Decimal:
    """The smallest amount of a currency, as Tryton's Decimal."""
    return Decimal(1).scaleb(-exponent(currency))


def _number(row: dict[str, Any], name: str) -> int:
    value = row.get(name)
    if type(value) is not int:
        raise Invalid(f"{name}: {value!a:.40} is not a row's number")
    return value


def _decimal(row: dict[str, Any], name: str) -> Decimal:
    value = row.get(name)
    if not isinstance(value, Decimal):
        raise Invalid(f"{name}: {value!a:.40} is not an amount")
    return value


def _date(row: dict[str, Any], name: str) -> date | None:
    value = row.get(name)
    if value is not None and (not isinstance(value, date) or isinstance(value, datetime)):
        raise Invalid(f"{name}: {value!a:.40} is not a date")
    return value


def _text(row: dict[str, Any], name: str) -> str:
    value = row.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Invalid(f"{name}: {value!a:.40} is not text")
    return value


def _currency(key: Any, names: Names) -> str:
    try:
        return names.currencies[key]
    except (KeyError, TypeError):
        raise Invalid(f"currency: {key!a:.40} is not known in Tryton") from None
