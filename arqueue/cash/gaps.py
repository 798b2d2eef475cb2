"""What the difference between some items and a payment may be, how likely that is, and how it is said. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, log2
from typing import Final, Self

from arqueue.cash.likelihood import (
    ALLOWED,
    CHARGED,
    DROPPED,
    TOLERATED,
    UNEVEN,
    Likelihood,
    figures,
    one_of,
    share_bits,
    zeros,
)
from arqueue.cash.statement import Statement, View
from arqueue.cash.suggestion import DifferenceKind
from arqueue.model.currency import exponent

_SWAPPED: Final = 6.0
_PLAIN_CHARGE: Final = 0.7
"""Banks take whole and half units of the currency, mostly."""


@dataclass(frozen=True, slots=True)
class Gaps:
    """How much may be what, in minor units; ``half`` is half a unit of the currency."""

    charges: int
    tolerance: int
    half: int
    unit: int
    """One of the currency."""
    charged: float
    """Bits of a bank's charge."""
    allowed: float
    """Bits of an allowance on one of the documents."""
    short: float
    """Bits of paying less than the documents say, for no reason that is known here."""
    over: float
    """Bits of paying more."""
    dropped: float
    """Bits of leaving off what is less than one unit; infinite where the payment is not one of whole units."""
    before: frozenset[int]
    """What was lacking in earlier payments."""

    @classmethod
    def of(cls, statement: Statement) -> Self:
        """By the policy, for this payment: the tolerance is the stricter of amount and percentage."""
        policy, currency = statement.case.policy, statement.currency
        charges, tolerance = policy.charges.get(currency), policy.tolerance.get(currency)
        share = int(statement.amount * policy.tolerance_percent / 100)
        most = charges.minor if charges and charges.currency == currency else 0
        likely, manners = Likelihood(statement.case.habit, statement.debits), statement.case.habit.manners
        lacked = [each for each in manners.shortfalls if each.currency == currency]
        deducts = any(each.kept or each.amount > most for each in lacked)
        charged, allowed = (0, len(lacked)) if deducts else (len(lacked), 0)
        seen, unit = max(1, manners.seen), 10 ** exponent(currency)
        cents = sum(each.amount < unit for each in lacked) / seen
        dropped = -log2(likely.learned(2**-DROPPED, cents, manners.seen))
        return cls(
            charges=most,
            tolerance=min(tolerance.minor, share) if tolerance and tolerance.currency == currency else 0,
            half=max(1, unit // 2),
            unit=unit,
            charged=-log2(likely.learned(2**-CHARGED, charged / seen, manners.seen)),
            allowed=-log2(likely.learned(2**-ALLOWED, allowed / seen, manners.seen)),
            short=-log2(likely.learned(2**-UNEVEN, allowed / seen, manners.seen)),
            over=likely.over,
            dropped=inf if statement.amount % unit else dropped,
            before=frozenset(each.amount for each in lacked) if deducts else frozenset(),
        )

    def meaning(self, gap: int, slack: int = 0) -> tuple[DifferenceKind, float] | None:
        """What a gap is taken for, and its bits; positive: the payment is less. None where it is nothing that is known."""
        if abs(gap) <= slack:
            return DifferenceKind.NONE, 0.0
        known = []
        if 0 < gap <= self.charges:
            known.append((self.charged + self._charge(gap), DifferenceKind.CHARGES))
        if abs(gap) <= self.tolerance:
            cents = self.dropped if 0 < gap < self.unit else inf
            known.append((min(cents, TOLERATED + log2(2 * self.tolerance)), DifferenceKind.TOLERANCE))
        if not known:
            return None
        bits, kind = min(known)
        return kind, bits

    def window(self, amount: int) -> tuple[int, int]:
        """Between which sums something is known that lies between them and an amount."""
        return amount - self.tolerance, amount + max(self.charges, self.tolerance)

    def _charge(self, gap: int) -> float:
        plain = _PLAIN_CHARGE * self.half / (self.charges + self.half) if not gap % self.half else 0.0
        return -log2(plain + (1 - _PLAIN_CHARGE) / self.charges)

    def unexplained(self, gap: int, of: int) -> float:
        """Bits of a deduction or an overpayment of an amount for reasons that are not known here; round ones are likelier, and
        those that were made before, that make the payment round, or that come of two figures swapped."""
        uneven = self.short if gap > 0 else self.over
        if gap and not gap % 9 and of + gap in swapped(of):
            return uneven + _SWAPPED
        told = min(log2(max(of // 4, abs(gap)) + 1) + 1, figures(gap) + 3)
        if gap in self.before:
            told = min(told, one_of(len(self.before)) + 1)
        if gap < 0 and -gap < 10 ** zeros(of):
            told = min(told, figures(of) + 3)
        return uneven + told


def swapped(amount: int) -> set[int]:
    """What an amount was to be if two neighbouring figures of it changed places: 1,350.00 for 1,530.00."""
    figures = str(amount)
    pairs = range(len(figures) - 1)
    meant = (figures[:at] + figures[at + 1] + figures[at] + figures[at + 2 :] for at in pairs)
    return {int(each) for each in meant if each[0] != "0"} - {amount}


def part_bits(paid: int, whole: int) -> float | None:
    """Bits of paying so many percent of one document, or all but so many; None where it is no such part."""
    return share_bits(min(paid, whole - paid), whole)


def sum_words(statement: Statement, places: Sequence[int]) -> str:
    """INV-7 + INV-9 = 1,250.00 exactly."""
    numbers = [statement.items[place].item.number for place in places]
    if len(numbers) > 4:
        return f"{len(numbers)} documents = {statement.words(statement.amount)} exactly"
    signs = [
        "" if not at else " + " if place < statement.debits else " - " for at, place in enumerate(places)
    ]
    told = "".join(sign + number for sign, number in zip(signs, numbers, strict=True))
    return f"{told} = {statement.words(statement.amount)} exactly"


def gap_words(statement: Statement, gap: int, total: int, difference: DifferenceKind) -> str:
    """25.00 less than the open 1,275.00: about a bank's charge."""
    about = {
        DifferenceKind.CHARGES: ": about a bank's charge",
        DifferenceKind.TOLERANCE: ": within the tolerance",
    }.get(difference, ": two figures are swapped" if total in swapped(statement.amount) else "")
    side = "less" if gap > 0 else "more"
    return f"{statement.words(abs(gap))} {side} than the open {statement.words(total)}{about}"


def discount_words(statement: Statement, view: View, places: Sequence[int]) -> str:
    """Net of 2 % discount; and until when it was to be paid, where that is over."""
    taken = [place for place in places if view.offs and view.offs[place]]
    rates = {statement.offers[place].rate for place in taken}
    percent = f"{rates.pop() / 10_000:g} % " if len(rates) == 1 else ""
    late = [place for place in taken if not statement.offers[place].earned]
    if not late:
        return f"net of {percent}discount"
    latest = max(statement.offers[place].until for place in late)
    return f"net of {percent}discount, which was to be paid by {latest}"
