"""Ageing: open debits by days past due. Buckets and credits always sum to the balance, and the screen shows that they do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from arqueue.model.money import Money

EDGES: tuple[int, ...] = (30, 60, 90)


@dataclass(frozen=True, slots=True)
class AgeingRow:
    """One currency: not due, then one amount for each bucket, credits (negative), and their sum."""

    currency: str
    buckets: tuple[tuple[str, Money], ...]
    credits: Money
    balance: Money


def names(edges: Sequence[int] = EDGES) -> tuple[str, ...]:
    """The buckets in words; ``not due`` has a column of its own, so that the total is what is outstanding."""
    starts = (1, *(edge + 1 for edge in edges[:-1]))
    spans = tuple(f"{start}-{edge}" for start, edge in zip(starts, edges, strict=True))
    return ("not due", *spans, f"over {edges[-1]}")


def ageing(
    items: Iterable[tuple[Money, date | None]], today: date, edges: Sequence[int] = EDGES
) -> list[AgeingRow]:
    """From (open amount, due date) of each item; ``today`` is the business date. A debit without a due date is not due."""
    words = names(edges)
    table: dict[str, list[int]] = {}
    for amount, due in items:
        row = table.setdefault(amount.currency, [0] * (len(words) + 1))
        if amount.minor < 0:
            row[-1] += amount.minor
            continue
        late = (today - due).days if due else 0
        place = (
            0 if late <= 0 else next((n + 1 for n, edge in enumerate(edges) if late <= edge), len(edges) + 1)
        )
        row[place] += amount.minor
    return [
        AgeingRow(
            currency,
            tuple((word, Money(minor, currency)) for word, minor in zip(words, row[:-1], strict=True)),
            Money(row[-1], currency),
            Money(sum(row), currency),
        )
        for currency, row in sorted(table.items())
    ]
