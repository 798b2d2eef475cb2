"""How likely it is that a payer meant something, in bits: -log2 of a probability, so that independent reasons add up and the
way that takes the fewest bits to tell is the likeliest. Pure.

The chances below are guesses about payers in general; what is known of one customer (`Habit`) replaces them as it grows. Choosing
k of n documents costs log2 of the ways to choose: a month of twelve is told shortly, five out of forty at random is not. That
one rule prefers whole orders, neighbours in time and the oldest without saying so case by case (minimum description length)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property, lru_cache
from math import inf, lgamma, log, log2
from typing import Final

from arqueue.cash.habit import Habit

_LN2: Final = log(2)


class Custom(StrEnum):
    """The ways of customers to choose what they pay."""

    SINGLE = "single"
    STATEMENT = "statement"
    OLDEST = "oldest"
    OTHER = "other"


_USUAL: Final = {Custom.SINGLE: 0.28, Custom.STATEMENT: 0.3, Custom.OLDEST: 0.2, Custom.OTHER: 0.22}
_HALF_KNOWN: Final = 5
"""After so many payments seen a habit counts as much as what is usual."""
_FEW_KNOWN: Final = 0.5
"""The same for what lies between documents and payments, and for the days up to which they are paid (Krichevsky and Trofimov,
1981, take one half for each of two outcomes)."""
_USUAL_NET: Final = 0.4
"""Of payers who are offered a discount that is still earned."""
_USUAL_ROUND: Final = 0.02
_USUAL_UNEVEN: Final = 0.1
"""Of payers in general, who pay more or less than the documents say."""

NAMED: Final = 0.3
EDIT: Final = 3.0
"""One document more or less than the rule says."""
DISPUTED_EDIT: Final = 1.5
"""Left out because it is disputed."""
UNAPPLIED: Final = 6.0
"""Counting on another payment that is not applied yet: who pays nets credit notes, hardly ever money sent before."""
UNEARNED: Final = 3.0
CHARGED: Final = 4.5
DROPPED: Final = 7.0
"""Leaving off the cents."""
TOLERATED: Final = 5.0
UNEVEN: Final = 4.0
"""Paying less (or more) than the documents say, for no reason that is known here."""
ALLOWED: Final = 7.0
"""Paying one of the documents less some percent."""
TWICE: Final = 6.0
"""Paying one of the documents twice."""
REPEATED: Final = 7.0
"""Making a payment a second time."""
NO_REASON: Final = 10.0
"""Paying an odd amount that no documents come to."""
FOREIGN: Final = 3.0
"""Paying for another member of the family."""
BESIDE: Final = 3.0
"""Paying something that the text does not name, although it names something."""

_SHARES: Final = ((50, 4.0), (125, 4.0), (10, 7.0))
"""Steps in thousandths: by fives of percent, in eighths, any whole percent; and the bits of such a share."""
_TELLING: Final = 5_000
"""Steps of less than five minor units tell nothing."""


@lru_cache(maxsize=4096)
def chosen(many: int, few: int) -> float:
    """Bits to tell which few of many."""
    if not 0 <= few <= many:
        return inf
    return (lgamma(many + 1) - lgamma(few + 1) - lgamma(many - few + 1)) / _LN2


def one_of(many: int) -> float:
    """Bits to tell which one of many."""
    return log2(max(many, 1))


@lru_cache(maxsize=4096)
def zeros(minor: int) -> int:
    """How many zeros an amount in minor units ends in."""
    count = 0
    while minor and not minor % 10:
        minor //= 10
        count += 1
    return count


def figures(minor: int) -> float:
    """Bits to tell an amount: its significant figures, and how many zeros follow."""
    count = zeros(minor)
    return log2(abs(minor) // 10**count + 1) + min(2, count)


def share_bits(part: int, whole: int) -> float | None:
    """Bits of the percentage that a part is of a whole, to the minor unit; None where it is none that people name, or where the
    whole is so small that any part is one."""
    if not 0 < 2 * part <= whole:
        return None
    for step, bits in _SHARES:
        share = step * ((2000 * part + step * whole) // (2 * step * whole))
        if share and abs(1000 * part - share * whole) < 1000 and step * whole >= _TELLING:
            return bits
    return None


@dataclass(frozen=True)
class Likelihood:
    """What is likely for one customer with so many open debits."""

    habit: Habit
    debits: int

    @cached_property
    def _known(self) -> float:
        return self.habit.seen / (self.habit.seen + _HALF_KNOWN)

    def _blend(self, usual: float, share: float) -> float:
        return max(1e-4, (1 - self._known) * usual + self._known * min(max(share, 0.0), 1.0))

    def learned(self, usual: float, share: float, seen: int) -> float:
        """A chance, from what is usual and from how often it was so among the payments seen: one of these counts as much."""
        return max(1e-3, min(0.98, (_FEW_KNOWN * usual + seen * share) / (_FEW_KNOWN + seen)))

    @cached_property
    def over(self) -> float:
        """Bits of paying more than the documents say, for no reason that is known here."""
        manners = self.habit.manners
        return -log2(self.learned(2**-UNEVEN, manners.over, manners.seen))

    @cached_property
    def netted(self) -> float:
        """Bits of using up the credit notes that are there."""
        manners = self.habit.manners
        return -log2(self.learned(0.5, manners.netted, manners.offered))

    @cached_property
    def not_netted(self) -> float:
        """Bits of leaving them."""
        manners = self.habit.manners
        return -log2(1 - self.learned(0.5, manners.netted, manners.offered))

    @cached_property
    def run(self) -> float:
        """Bits of paying all that falls due by the day that is usual for this customer, where it does not pay by statement;
        infinite where none is."""
        manners = self.habit.manners
        if not manners.ahead:
            return inf
        share = len(manners.ahead) / manners.seen * (1 - self.habit.by_statement) * (1 - self.habit.rounds)
        return -log2(self.learned(0.1, share, manners.seen))

    @cached_property
    def left_out(self) -> float:
        """Bits of leaving out a document that the rule takes."""
        manners = self.habit.manners
        return -log2(self.learned(2**-EDIT, manners.leaving, len(manners.ahead)))

    def custom(self, custom: Custom) -> float:
        """Bits of a way to choose."""
        return self._customs[custom]

    @cached_property
    def _customs(self) -> dict[Custom, float]:
        habit = self.habit
        shares = {
            Custom.SINGLE: habit.single,
            Custom.STATEMENT: habit.by_statement,
            Custom.OLDEST: habit.oldest_first,
        }
        shares[Custom.OTHER] = max(0.05, 1 - sum(shares.values()))
        whole = sum(shares.values())
        return {custom: -log2(self._blend(_USUAL[custom], share / whole)) for custom, share in shares.items()}

    def single(self, *, oldest: bool) -> float:
        """Bits of paying one document: it is always the oldest, or it may be any."""
        always = self.learned(_USUAL[Custom.OLDEST], self.habit.oldest_first, self.habit.seen)
        any_ = (1 - always) / max(self.debits, 1)
        return self.custom(Custom.SINGLE) - log2(any_ + always if oldest else any_)

    @cached_property
    def net(self) -> float:
        """Bits of taking the earned discount where there is one."""
        return -log2(self._blend(_USUAL_NET, self.habit.net_of_discount))

    @cached_property
    def not_net(self) -> float:
        """Bits of not taking it."""
        return -log2(max(1e-4, 1 - self._blend(_USUAL_NET, self.habit.net_of_discount)))

    @cached_property
    def rounds(self) -> bool:
        """Whether this customer pays round amounts on account, as a rule."""
        return 2 * self.habit.rounds >= 1

    @cached_property
    def even(self) -> float:
        """Bits of paying just what the documents say."""
        manners, habit = self.habit.manners, self.habit
        uneven = manners.over * manners.seen + len(manners.shortfalls)
        share = max(uneven / max(manners.seen, 1), habit.rounds)
        return -log2(1 - self.learned(_USUAL_UNEVEN, share, manners.seen))

    def on_account(self, minor: int, *, rounded: bool) -> float:
        """Bits of an amount that comes from no document at all; ``rounded``: it is rounder than the documents are."""
        if rounded or self.rounds:
            return -log2(self.learned(_USUAL_ROUND, self.habit.rounds, self.habit.seen)) + figures(minor)
        return NO_REASON + log2(max(minor, 1) + 1)

    def subset(self, places: Sequence[int], clusters: Sequence[int]) -> float:
        """Bits to tell debits (ascending places) one by one: any so many; or from where on and how many are left out between, so
        that close neighbours and old ones are told shortly; or as some of a cluster (an order, a due date) that holds them
        all: ``clusters`` are (size, how many such clusters) flattened."""
        count = len(places)
        if not count:
            return 0.0
        bits = one_of(self.debits) + chosen(self.debits, count)
        if count > 1:
            first, last = places[0], places[-1]
            begin = min(one_of(self.debits), 1 + 2 * one_of(first + 1))
            between = 1 + 2 * one_of(last - first + 2 - count) + chosen(last - first - 1, count - 2)
            bits = min(bits, begin + between)
        for size, many in zip(clusters[::2], clusters[1::2], strict=True):
            bits = min(bits, one_of(many) + chosen(size, count) + 1)
        return bits
