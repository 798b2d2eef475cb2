"""The question in its simplest form: common factor out, what cannot take part left out, equal amounts together. Pure."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from arqueue.cash.sums.amounts import Amounts, Group
from arqueue.cash.sums.answers import Indices


@dataclass(frozen=True)
class Question:
    """Which of these amounts come to something between ``low`` and ``high``, in units of what all have in common."""

    known: Amounts
    low: int
    high: int
    start: int
    """Of the ordered amounts the first that takes part: none is zero, and each fits into the window with the others' help."""
    end: int
    """And behind the last one."""

    @classmethod
    def of(cls, amounts: Sequence[int], low: int, high: int) -> Question:
        """An amount of zero is nothing open and takes no part."""
        known = Amounts.of(amounts)
        common, ordered = known.common, known.ordered
        question = cls(known, -(-low // common), high // common, 0, len(ordered))
        while question.start < question.end:
            highest, lowest = question.high - question.least, question.low - question.most
            start = bisect_left(ordered, lowest, question.start, question.end)
            end = bisect_right(ordered, highest, start, question.end)
            if (start, end) == (question.start, question.end):
                break
            question = cls(known, question.low, question.high, start, end)
        return question

    @property
    def amounts(self) -> Sequence[int]:
        """By place; also what takes no part."""
        return self.known.each

    @property
    def size(self) -> int:
        """How many take part."""
        return self.end - self.start

    @cached_property
    def places(self) -> Sequence[int]:
        """Of those that take part."""
        if self.size == len(self.amounts):
            return range(self.size)
        if not self.size:
            return ()
        least, most = self.known.ordered[self.start], self.known.ordered[self.end - 1]
        return [place for place, amount in enumerate(self.amounts) if amount and least <= amount <= most]

    @cached_property
    def _middle(self) -> int:
        """Of the ordered amounts the first debit that takes part."""
        return min(max(self.known.credits, self.start), self.end)

    @cached_property
    def most(self) -> int:
        """The highest sum: all debits."""
        return self.known.totals[self.end] - self.known.totals[self._middle]

    @cached_property
    def least(self) -> int:
        """The lowest: all credits."""
        return self.known.totals[self._middle] - self.known.totals[self.start]

    @property
    def possible(self) -> bool:
        """Whether the window holds a sum at all, as far as one sees at once."""
        return self.size > 0 and self.low <= self.high and self.least <= self.high and self.most >= self.low


class Weight(NamedTuple):
    """One item that may be turned."""

    weight: int
    place: int
    """In the question."""
    inside: bool


@dataclass(frozen=True, slots=True)
class Turning:
    """The question without signs: which items to turn, taking them in or leaving them out, so that the sum moves by ``low`` to
    ``high``.

    Items too large to be turned are not among the groups; those of them that are part of the sum are ``fixed``."""

    groups: Sequence[Group]
    """Largest weight first."""
    fixed: Indices
    low: int
    high: int

    @classmethod
    def of(cls, question: Question) -> Turning:
        """From the nearer end."""
        return End.of(question).turning


@dataclass(frozen=True)
class End:
    """Where one starts from: the lowest sum (all credits) or the highest (all debits), whichever is nearer. What is asked of
    large accounts without looking at every item."""

    question: Question
    from_least: bool
    low: int
    high: int
    """By how much the sum must be moved."""

    @classmethod
    def of(cls, question: Question) -> End:
        """The nearer one."""
        upwards = question.low - question.least, question.high - question.least
        downwards = question.most - question.high, question.most - question.low
        from_least = sum(upwards) <= sum(downwards)
        low, high = upwards if from_least else downwards
        return cls(question, from_least, max(low, 0), high)

    @cached_property
    def kinds(self) -> int:
        """How many different weights may be turned, and stand first by weight. What takes no part is too large for it."""
        return bisect_right(self.question.known.by_weight, self.high, key=abs)

    @cached_property
    def items(self) -> int:
        """How many may be turned."""
        ordered = self.question.known.ordered
        return bisect_right(ordered, self.high) - bisect_left(ordered, -self.high)

    def smallest(self, many: int) -> list[Group]:
        """The first so many, smallest weight first."""
        known = self.question.known
        amounts = known.by_weight[: min(many, self.kinds)]
        return [known.group(amount, from_least=self.from_least) for amount in amounts]

    @cached_property
    def turning(self) -> Turning:
        """With everything that may be turned."""
        known = self.question.known
        groups = known.taken_in if self.from_least else known.left_out
        return Turning(groups[: self.kinds][::-1], self._fixed, self.low, self.high)

    @cached_property
    def inside(self) -> frozenset[int]:
        """What is part of the sum before anything is turned."""
        question, amounts = self.question, self.question.amounts
        if self.from_least and not question.least:
            return frozenset()
        return frozenset([place for place in question.places if (amounts[place] < 0) == self.from_least])

    @property
    def _fixed(self) -> Indices:
        """What is part of the sum and too large to be turned."""
        known, question = self.question.known, self.question
        if self.from_least:
            too_large = slice(
                question.start, bisect_left(known.ordered, -self.high, question.start, question.end)
            )
        else:
            too_large = slice(
                bisect_right(known.ordered, self.high, question.start, question.end), question.end
            )
        return tuple(
            sorted([place for amount in {*known.ordered[too_large]} for place in known.where[amount]])
        )
