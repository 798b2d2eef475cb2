"""One item, two, three and so on: the subsets of each size, oldest first, and no further than wanted. Pure."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate

from arqueue.cash.sums.answers import Indices, Patience
from arqueue.cash.sums.question import Question
from arqueue.cash.sums.reach import BITS_A_UNIT, widened

_ROOM = 3_000_000
"""Bits of one table."""


class Sizes:
    """The subsets of a question by their number of items."""

    def __init__(self, question: Question, patience: Patience) -> None:
        self._amounts = question.amounts
        self._low, self._width = question.low, question.high - question.low
        self._patience = patience
        ordered = sorted((amount, index) for index, amount in enumerate(question.amounts))
        self._ordered = [amount for amount, _ in ordered]
        self._indices = [index for _, index in ordered]
        self._least = list(accumulate(self._ordered, initial=0))
        self._most = list(accumulate(reversed(self._ordered), initial=0))
        self._step = self._width + 1
        self._last = {(amount - back) // self._step for amount in self._ordered for back in (0, self._width)}
        """What an item can complete, in steps as wide as the window: each amount completes needs in two of them at most."""
        self._tables: list[str] = []
        self._base = self._width - question.least
        """Where the need of nothing stands in the tables: before it are needs that credits make up."""

    def may_have(self, size: int) -> bool:
        """Whether so many items can come into the window at all."""
        return size < len(self._least) and self._least[size] <= self._low + self._width and self._most[size] >= self._low

    def of(self, size: int) -> Iterator[Indices]:
        """All of this size, oldest first. Raises OutOfTime."""
        if not self.may_have(size):
            return
        if size > 3:
            self._look_ahead(size)
        yield from self._completed((), size, self._low)

    def _completed(self, chosen: Indices, missing: int, need: int) -> Iterator[Indices]:
        """The chosen and so many later items whose sum lies between the need and the window's width more."""
        after = chosen[-1] if chosen else -1
        if missing == 1:
            yield from ((*chosen, index) for index in self._completing(after, need))
            return
        failed = set[int]()
        amounts = self._amounts
        for index in self._promising(after, missing, need):
            amount = amounts[index]
            if amount in failed:
                continue
            empty = True
            for found in self._completed((*chosen, index), missing - 1, need - amount):
                empty = False
                yield found
            if empty:
                failed.add(amount)

    def _completing(self, after: int, need: int) -> Sequence[int]:
        self._patience.spend(10)
        ordered = self._ordered
        start = bisect_left(ordered, need)
        if start == len(ordered) or ordered[start] > need + self._width:
            return ()
        end = bisect_right(ordered, need + self._width, start)
        return sorted(index for index in self._indices[start:end] if index > after)

    def _promising(self, after: int, missing: int, need: int) -> list[int]:
        """Later items after which the rest can perhaps be made up."""
        amounts, end = self._amounts, len(self._amounts) - missing + 1
        self._patience.spend(60 + end - after)
        if missing == 2:
            last, step = self._last, self._step
            return [index for index in range(after + 1, end) if (need - amounts[index]) // step in last]
        if missing <= len(self._tables):
            table, base = self._tables[missing - 1], self._base
            size = len(table)
            return [
                index
                for index in range(after + 1, end)
                if -1 < (at := need - amounts[index] + base) < size and table[at] == "1"
            ]
        smallest, largest = need - self._most[missing - 1], need + self._width - self._least[missing - 1]
        return [index for index in range(after + 1, end) if smallest <= amounts[index] <= largest]

    def _look_ahead(self, size: int) -> None:
        """Tables of what fewer items than ``size`` come to, a character for each need, as far as there is room for them."""
        bits = self._low + 2 * self._base + 1
        if len(self._tables) >= size or bits > _ROOM:
            return
        mask = (1 << bits) - 1
        sums = [1 << self._base] + [0] * size
        effort = size * (bits // BITS_A_UNIT + 1)
        for amount in self._amounts:
            self._patience.spend(effort)
            for many in range(size, 0, -1):
                fewer = sums[many - 1]
                sums[many] |= fewer << amount & mask if amount > 0 else fewer >> -amount
        self._tables = [format(widened(each, self._width), "b")[::-1] for each in sums]
