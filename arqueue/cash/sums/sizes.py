"""One item, two, three and so on: the subsets of each size, oldest first, and no further than wanted. Pure."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator, Sequence

from arqueue.cash.sums.answers import Indices, Patience
from arqueue.cash.sums.few import Few
from arqueue.cash.sums.question import Question
from arqueue.cash.sums.reach import BITS_A_UNIT
from arqueue.cash.sums.threes import Threes

_PAIRS = 400
"""So many pairs are written down at once."""

_TOGETHER = 40
"""Of so few items all threes are looked at together."""


class Sizes:
    """The subsets of a question by their number of items."""

    def __init__(self, question: Question, patience: Patience) -> None:
        self._question = question
        self._patience = patience
        self._few = Few(question, patience)
        self._threes = Threes(question, patience)

    def may_have(self, size: int) -> bool:
        """Whether so many items can come into the window, as far as one sees at once."""
        question = self._question
        return (
            size <= question.size
            and self._few.least(size) <= question.high
            and self._few.most(size) >= question.low
        )

    def reach(self, size: int, low: int) -> bool:
        """Whether so many items, or fewer, can come to this much."""
        return max(map(self._few.most, range(min(size, self._question.size) + 1))) >= low

    def exchanges(self, size: int) -> int:
        """Units of work at least for this size as exchanges, from the nearer end, seen without looking at each item."""
        question, ordered = self._question, self._question.known.ordered
        start, end = question.start, question.end
        ends = (
            (ordered[end - size], self._few.most(size) - question.low),
            (ordered[start + size - 1], question.high - self._few.least(size)),
        )
        return min(
            (bisect_right(ordered, pivot + loss, start, end) - bisect_left(ordered, pivot - loss, start, end))
            * (loss // BITS_A_UNIT + 1)
            for pivot, loss in ends
        )

    def soon(self, size: int) -> bool:
        """Whether all of this size are found in a few milliseconds."""
        return self._threes.worth(size)

    def of(self, size: int) -> Iterator[Indices]:
        """All of this size, oldest first. Raises OutOfTime and TooMuch."""
        if not self.may_have(size):
            return
        if self._threes.worth(size):
            yield from self._threes.of(size)
        else:
            yield from self._completed((), -1, size, self._question.low, self._few.kinds)

    def _completed(
        self, chosen: Indices, after: int, missing: int, need: int, kinds: list[int]
    ) -> Iterator[Indices]:
        """The chosen with so many later items of these amounts, whose sum lies between the need and the window's width more."""
        if missing == 1:
            self._patience.spend(20)
            for index in self._later(after, self._few.meeting(kinds, need)):
                yield (*chosen, index)
            return
        if missing == 2:
            pairing = self._few.pairing(kinds, need)
            if (pairs := self._pairs(after, pairing)) is not None:
                for pair in pairs:
                    yield chosen + pair
                return
            leading: Collection[int] = {each for kind, others in pairing for each in (kind, *others)}
        else:
            leading = kinds = self._few.leading(kinds, missing - 1, need, first=not chosen)
            if not kinds:
                return
        amounts = self._question.amounts
        later = self._later(after, leading)
        if missing == 3 and len(later) <= _TOGETHER and self._question.low == self._question.high:
            for three in self._threes_of(later, need):
                yield chosen + three
            return
        in_vain = set[int]()
        for index in later:
            amount = amounts[index]
            if amount not in in_vain:
                rest = self._completed((*chosen, index), index, missing - 1, need - amount, kinds)
                in_vain.add(amount)
                for found in rest:
                    in_vain.discard(amount)
                    yield found

    def _threes_of(self, items: Sequence[int], need: int) -> list[Indices]:
        """All threes of these few items that come to the need."""
        amounts, there = self._question.amounts, dict[int, list[int]]()
        for index in items:
            there.setdefault(amounts[index], []).append(index)
        self._patience.spend(20 + 5 * len(items) + len(items) * len(items) // 2)
        return [
            (one, two, three)
            for at, one in enumerate(items, 1)
            for two in items[at:]
            for three in there.get(need - amounts[one] - amounts[two], ())
            if three > two
        ]

    def _pairs(self, after: int, pairing: Sequence[tuple[int, Sequence[int]]]) -> list[Indices] | None:
        """All pairs of later items of these amounts; None where they are better looked at one by one."""
        where, found = self._question.known.where, list[Indices]()
        for kind, others in pairing:
            ones = where[kind]
            for other in others:
                twos = where[other]
                if len(ones) * len(twos) + len(found) > _PAIRS:
                    return None
                found += [
                    (one, two) if one < two else (two, one)
                    for one in ones
                    if one > after
                    for two in twos
                    if two > after and (kind != other or one < two)
                ]
        self._patience.spend(10 * len(pairing))
        return sorted(found)

    def _later(self, after: int, kinds: Collection[int]) -> Sequence[int]:
        if len(kinds) == len(self._few.kinds):
            places = self._question.places
            return places[bisect_right(places, after) :]
        where = self._question.known.where
        there = [index for kind in kinds for index in where[kind]]
        self._patience.spend(2 * len(there))
        return sorted([index for index in there if index > after])
