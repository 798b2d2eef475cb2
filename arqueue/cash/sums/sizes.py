"""One item, two, three and so on: the subsets of each size, oldest first, and no further than wanted. Pure."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from itertools import accumulate

from arqueue.cash.sums.answers import Indices, Patience
from arqueue.cash.sums.question import Question
from arqueue.cash.sums.reach import BITS_A_UNIT, widened

_ITEMS = 400
"""Among more items there is nearly always something to find, so that looking ahead takes longer than it saves."""
_ROOM = 3_000_000
"""Bits of one table."""


class Sizes:
    """The subsets of a question by their number of items."""

    def __init__(self, question: Question, patience: Patience) -> None:
        self._question = question
        self._width = question.high - question.low
        self._patience = patience
        self._where = question.where
        self._kinds = sorted(question.where)
        """The different amounts."""
        self._ordered = ordered = sorted(question.amounts)
        self._least = [*accumulate(ordered, initial=0)]
        """The lowest sum of no item, of one, of two …"""
        self._most = [*accumulate(reversed(ordered), initial=0)]
        self._step = self._width + 1
        self._last = {(kind - short) // self._step for kind in self._kinds for short in (0, self._width)}
        """Which needs one item may meet, in steps as wide as the window."""
        self._last_two = set[int]()
        """The same for two items, where that is to be known."""
        self._tables: list[bytes] = []
        self._base = self._width - question.least
        """Where in the tables the need of nothing stands: credits make up what is before it."""

    def may_have(self, size: int) -> bool:
        """Whether so many items can come into the window, as far as one sees at once."""
        return (
            size < len(self._least)
            and self._least[size] <= self._question.high
            and self._most[size] >= self._question.low
        )

    def reach(self, size: int, low: int) -> bool:
        """Whether so many items, or fewer, can come to this much."""
        return max(self._most[: size + 1]) >= low

    def exchanges(self, size: int) -> int:
        """Units of work at least for this size as exchanges, from the nearer end, seen without looking at each item."""
        question, ordered = self._question, self._ordered
        ends = (
            (ordered[-size], self._most[size] - question.low),
            (ordered[size - 1], question.high - self._least[size]),
        )
        return min(
            (bisect_right(ordered, pivot + loss) - bisect_left(ordered, pivot - loss))
            * (loss // BITS_A_UNIT + 1)
            for pivot, loss in ends
        )

    def of(self, size: int) -> Iterator[Indices]:
        """All of this size, oldest first. Raises OutOfTime and TooMuch."""
        if self.may_have(size):
            if size > 3:
                self._look_ahead(size)
            yield from self._completed((), -1, size, self._question.low)

    def _completed(self, chosen: Indices, after: int, missing: int, need: int) -> Iterator[Indices]:
        """The chosen with so many later items, whose sum lies between the need and the window's width more."""
        if missing == 1:
            for index in self._meeting(after, need):
                yield (*chosen, index)
            return
        amounts = self._question.amounts
        in_vain = set[int]()
        for index in self._promising(after, missing, need):
            amount = amounts[index]
            if amount not in in_vain:
                rest = self._completed((*chosen, index), index, missing - 1, need - amount)
                in_vain.add(amount)
                for found in rest:
                    in_vain.discard(amount)
                    yield found

    def _meeting(self, after: int, need: int) -> list[int]:
        """Later items that meet the need."""
        self._patience.spend(20)
        return self._later(
            after, self._kinds[bisect_left(self._kinds, need) : bisect_right(self._kinds, need + self._width)]
        )

    def _promising(self, after: int, missing: int, need: int) -> list[int]:
        """Later items with which, as far as one sees, others may meet the need."""
        kinds, width = self._kinds, self._width
        start = bisect_left(kinds, need - self._most[missing - 1])
        end = bisect_right(kinds, need + width - self._least[missing - 1])
        if missing == 2:
            start = max(start, bisect_left(kinds, -(-need // 2)))
            self._patience.spend(60 + end - start)
            last, step = self._last, self._step
            larger = [kind for kind in kinds[start:end] if (need - kind) // step in last]
            both = set(larger)
            for kind in larger:
                both.update(kinds[bisect_left(kinds, need - kind) : bisect_right(kinds, need - kind + width)])
            return self._later(after, both)
        self._patience.spend(60 + 2 * (end - start))
        promising = kinds[start:end]
        if missing <= len(self._tables):
            table, base = self._tables[missing - 1], self._base + need
            promising = [kind for kind in promising if table[(at := base - kind) >> 3] >> (at & 7) & 1]
        elif missing == 3 and self._last_two:
            pairs, step = self._last_two, self._step
            promising = [kind for kind in promising if (need - kind) // step in pairs]
        return self._later(after, promising)

    def _later(self, after: int, kinds: Iterable[int]) -> list[int]:
        there = [index for kind in kinds for index in self._where[kind]]
        self._patience.spend(2 * len(there))
        return sorted([index for index in there if index > after])

    def _look_ahead(self, size: int) -> None:
        """Makes tables, a bit for each need, of what fewer items than ``size`` come to."""
        bits = self._question.high + self._base - self._question.least + 1
        if len(self._tables) >= size or len(self._question.amounts) > _ITEMS:
            return
        if bits > _ROOM:
            self._see_two()
            return
        size += 1
        mask = (1 << bits) - 1
        sums = [1 << self._base] + [0] * size
        for amount, there in self._where.items():
            for _ in there[:size]:
                self._patience.spend(size * (bits // BITS_A_UNIT + 1))
                for many in range(size, 0, -1):
                    fewer = sums[many - 1]
                    sums[many] |= fewer << amount & mask if amount > 0 else fewer >> -amount
        length = (bits + max(-self._kinds[0], 0)) // 8 + 1
        self._tables = [widened(each, self._width).to_bytes(length, "little") for each in sums]

    def _see_two(self) -> None:
        """Notes which needs two items may meet, where tables would be too long."""
        if self._last_two:
            return
        for kind in self._kinds:
            self._patience.spend(3 * len(self._kinds))
            for short in (0, self._width):
                self._last_two.update([(kind + other - short) // self._step for other in self._kinds])
