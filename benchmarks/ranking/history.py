"""Payment histories: made up by kinds of payers, or read from a company's own file."""

from __future__ import annotations

import csv
import random
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from arqueue.errors import Invalid
from arqueue.model.money import Money

COLUMNS = ("customer", "amount", "currency", "issued", "due", "paid")
_NEVER_DAYS = 400
"""What nobody collects is written off so many days after it was due."""


@dataclass(frozen=True, slots=True)
class Invoice:
    """One invoice and the day on which it was, or without a collector would be, paid. ``minor`` in minor units."""

    customer: str
    minor: int
    issued: date
    due: date
    paid: date


@dataclass(frozen=True, slots=True)
class History:
    """Invoices in order of issue, their currency, and by how much a call shortens the wait of each customer (0 to 1)."""

    currency: str
    invoices: tuple[Invoice, ...]
    response: dict[str, float]


@dataclass(frozen=True, slots=True)
class _Payer:
    """How a kind of customer pays: days late and their spread, what a call changes, how many invoices are never paid of
    themselves, and by how many days a year it gets worse."""

    share: float
    late: float
    spread: float
    response: float
    never: float = 0.0
    worse: float = 0.0


_PAYERS = (
    _Payer(0.30, 1, 3, 0.30),  # punctual
    _Payer(0.25, 24, 4, 0.05),  # slow and sure: pays with its own payment run, whoever calls
    _Payer(0.25, 16, 18, 0.70),  # forgetful: a call is what it takes
    _Payer(0.12, 20, 15, 0.40, never=0.08, worse=30),  # in trouble, and more so every month
    _Payer(0.08, 35, 25, 0.10, never=0.02),  # quarrels about each invoice
)


def generate(seed: int, customers: int, days: int, last: date) -> History:
    """So many customers over so many days up to ``last``. The kinds, their shares and what a call changes are assumptions."""
    rng = random.Random(seed)
    invoices: list[Invoice] = []
    response: dict[str, float] = {}
    for number in range(customers):
        (payer,) = rng.choices(_PAYERS, [each.share for each in _PAYERS])
        name = f"C{number:05}"
        response[name] = min(0.95, max(0.0, rng.gauss(payer.response, 0.08)))
        late, size, every = (
            rng.gauss(payer.late, 4),
            rng.lognormvariate(7.2, 1.1),
            rng.choice((7, 14, 30, 30, 45)),
        )
        terms = rng.choice((14, 30, 30, 30, 60))
        day = last - timedelta(days=days) + timedelta(days=rng.randrange(every))
        while day <= last:
            due = day + timedelta(days=terms)
            years = (days - (last - day).days) / 365
            wait = round(rng.gauss(late + payer.worse * years, payer.spread))
            if rng.random() < payer.never:
                wait = _NEVER_DAYS
            paid = max(day, due + timedelta(days=max(-10, wait)))
            invoices.append(
                Invoice(name, round(size * rng.lognormvariate(0, 0.5) * 100) + 100, day, due, paid)
            )
            day += timedelta(days=max(1, round(rng.gauss(every, every / 6))))
    invoices.sort(key=lambda each: (each.issued, each.customer, each.minor))
    return History("EUR", tuple(invoices), response)


def read(path: Path, response: float) -> History:
    """A company's own history: CSV with the columns of COLUMNS, dates as 2026-12-31, ``paid`` empty while it is open. What a
    call would have changed is in no history: ``response`` is assumed of every customer. Raises Invalid with line and field."""
    invoices: list[Invoice] = []
    currencies: set[str] = set()
    with path.open(newline="", encoding="utf-8") as file:
        rows = csv.DictReader(file)
        if missing := [name for name in COLUMNS if name not in (rows.fieldnames or ())]:
            raise Invalid(
                f"{path}: there is no column {missing[0]!r}", f"name the columns {', '.join(COLUMNS)}"
            )
        for row in rows:
            invoices.append(_invoice(path, rows.line_num, row))
            currencies.add(row["currency"])
    if len(currencies) != 1:
        raise Invalid(
            f"{path}: holds {len(currencies)} currencies", "amounts are compared: give one currency a file"
        )
    invoices.sort(key=lambda each: (each.issued, each.customer, each.minor))
    return History(
        currencies.pop(), tuple(invoices), dict.fromkeys((each.customer for each in invoices), response)
    )


def _invoice(path: Path, line: int, row: dict[str, str]) -> Invoice:
    field = "amount"
    try:
        amount = Money.parse(row["amount"], row["currency"])
        days: dict[str, date] = {}
        for field in ("issued", "due"):
            days[field] = date.fromisoformat(row[field])
        field = "paid"
        never = days["due"] + timedelta(days=_NEVER_DAYS)
        paid = date.fromisoformat(row["paid"]) if row["paid"] else never
    except (Invalid, ValueError) as error:
        raise Invalid(f"{path}, line {line}: {field}: {error}", "correct that line") from None
    return Invoice(row["customer"], amount.minor, days["issued"], days["due"], paid)
