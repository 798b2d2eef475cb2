"""Early-payment discounts: what "2/10 net 30" offers on a day. Pure."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Final

from arqueue.model.ledger import OpenItem
from arqueue.model.money import Money

_WHOLE: Final = 1_000_000
_MOST_PERCENT: Final = 25
"""More than this is a date or a price, not an early-payment discount."""
_MOST_DAYS: Final = 365
_LONGEST: Final = 200

# "2/10", "2%/10", "2 % 10", "3 % within 14 days", "1,5 % Skonto 8 Tage".
_STEP: Final = re.compile(
    r"(?<![\d./,])(\d{1,2}(?:[.,]\d{1,3})?)[ ]?(?:%[^\d%,;/]{0,30}/?|/)[ ]?(\d{1,3})(?![\d./%]|,\d)"
)
_MONTH_END: Final = re.compile(r"\d[ ]?(?:days? )?(?:eom\b|(?:after |from )?end of (?:the )?month)")


@dataclass(frozen=True, slots=True)
class Step:
    """So much off if paid within so many days. ``rate`` is in millionths, so that 2.5 % is exact: 25 000."""

    rate: int
    days: int

    @property
    def percent(self) -> Decimal:
        """As the terms write it: 2 or 2.5."""
        return Decimal(self.rate).scaleb(-4).normalize()


@dataclass(frozen=True, slots=True)
class Terms:
    """Discount steps, the highest first; days count from the document's date, or from the end of its month."""

    steps: tuple[Step, ...]
    from_month_end: bool = False


@dataclass(frozen=True, slots=True)
class Offer:
    """The step that holds for one document on one day. Not ``earned``: its last day and the grace are over."""

    rate: int
    until: date
    earned: bool

    def off(self, minor: int) -> int:
        """The discount on an amount in minor units, half a unit rounded up as invoices print it."""
        return (minor * self.rate + _WHOLE // 2) // _WHOLE


@dataclass(frozen=True, slots=True)
class Discount:
    """What a debit still offers for early payment, in its own currency."""

    amount: Money
    until: date
    earned: bool


@lru_cache(maxsize=1024)
def parse_terms(text: str) -> Terms | None:
    """Read payment terms as people write them ("2/10 net 30", "3 % 14 Tage, 30 Tage netto", "2/10 EOM"); None where no
    discount is in them. Never raises."""
    words = text[:_LONGEST].casefold()
    steps = {
        Step(rate, int(days))
        for percent, days in _STEP.findall(words)
        if 0 < (rate := int(Decimal(percent.replace(",", ".")).scaleb(4))) <= _MOST_PERCENT * 10_000
        and int(days) <= _MOST_DAYS
    }
    if not steps:
        return None
    month_end = any(_MONTH_END.match(words, found.end() - 1) for found in _STEP.finditer(words))
    return Terms(tuple(sorted(steps, key=lambda step: (-step.rate, step.days))), month_end)


def offer(terms: Terms, doc_date: date, on: date, grace_days: int) -> Offer:
    """The highest discount that is still earned on a day; when none is, the highest there was, not earned."""
    start = doc_date
    if terms.from_month_end:
        start = doc_date.replace(day=monthrange(doc_date.year, doc_date.month)[1])
    for step in terms.steps:
        if on.toordinal() <= start.toordinal() + step.days + grace_days:
            return Offer(step.rate, _later(start, step.days), True)
    first = terms.steps[0]
    return Offer(first.rate, _later(start, first.days), False)


def discount_of(each: OpenItem, terms: Terms, on: date, grace_days: int) -> Discount | None:
    """What paying on a day takes off an open debit: the percentage of what is open. None for a credit, or less than one
    minor unit."""
    if each.open.minor <= 0:
        return None
    found = offer(terms, each.item.doc_date, on, grace_days)
    minor = found.off(each.open.minor)
    return Discount(Money(minor, each.open.currency), found.until, found.earned) if minor else None


def _later(start: date, days: int) -> date:
    return date.fromordinal(min(start.toordinal() + days, date.max.toordinal()))
