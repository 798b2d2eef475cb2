"""Five, six or seven of some dozens of items: three are put beside the others, so that neither are many.

In the order of their age, five are two and three younger ones, six are three and three, seven three, one, and three. Where the
older ones are among the older half they are few, and the younger are looked up; else it is the other way round. So all sets of
seven among fifty items take twenty-five thousand steps (Schroeppel and Shamir, 1981, split into four for the same reason).
Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import cached_property
from math import comb

from arqueue.cash.sums.answers import Indices, Patience
from arqueue.cash.sums.question import Question

_ITEMS = range(16, 57)
"""Of so many items all sums of three are soon made."""
_SETS = 1_000
"""Where more sets than that are to be expected, the first of them are sooner found one by one."""
_DIFFERENT = 1.5
"""So many items there are at most of one amount on average, lest many sets be the same but for their items."""
_TWOS = [comb(items, 2) for items in range(_ITEMS.stop)]
_THREES = [comb(items, 3) for items in range(_ITEMS.stop)]
"""So many pairs and threes come before those whose last item is this."""


class Threes:
    """Sets of five to seven items that come to an amount."""

    sizes = range(5, 8)

    def __init__(self, question: Question, patience: Patience) -> None:
        self._question = question
        self._patience = patience
        self._places = question.places

    def worth(self, size: int) -> bool:
        """Whether all sets of this size are found sooner than the first ones."""
        question, items = self._question, self._question.size
        return (
            size in self.sizes
            and items in _ITEMS
            and question.low == question.high
            and comb(items, size) < _SETS * (question.most - question.least)
            and _DIFFERENT * len({*self._amounts}) > items
        )

    def of(self, size: int) -> list[Indices]:
        """All of this size, oldest first. Raises OutOfTime and TooMuch."""
        found = {5: self._five, 6: self._six, 7: self._seven}[size]()
        places = self._places
        return sorted([tuple([places[at] for at in chosen]) for chosen in found])

    def _five(self) -> Iterator[Indices]:
        amounts, need, known = self._amounts, self._question.low, self._known
        self._patience.spend(2 * len(self._pairs))
        for second, amount in enumerate(amounts):
            rest = need - amount
            for first in [at for at, other in enumerate(amounts[:second]) if rest - other in known]:
                for three in self._making(rest - amounts[first]):
                    if three[0] > second:
                        yield (first, second, *three)

    def _six(self) -> Iterator[Indices]:
        need, known = self._question.low, self._known
        older, younger = self._halves
        self._patience.spend(3 * (len(older) + len(younger)))
        for at in [at for at, total in enumerate(older) if need - total in known]:
            ones = _three(at)
            for twos in self._making(need - older[at]):
                if twos[0] > ones[2]:
                    yield ones + twos
        for at in [at for at, total in enumerate(younger) if need - total in known]:
            twos = self._mirrored(at)
            for ones in self._making(need - younger[at]):
                if self._half <= ones[2] < twos[0]:
                    yield ones + twos

    def _seven(self) -> Iterator[Indices]:
        amounts, known = self._amounts, self._known
        older, younger = self._halves
        for middle, amount in enumerate(amounts):
            need = self._question.low - amount
            if middle < self._half:
                threes = older[: _THREES[middle]]
                self._patience.spend(2 * len(threes))
                for at in [at for at, total in enumerate(threes) if need - total in known]:
                    for twos in self._making(need - threes[at]):
                        if twos[0] > middle:
                            yield (*_three(at), middle, *twos)
            else:
                threes = younger[: _THREES[len(amounts) - 1 - middle]]
                self._patience.spend(2 * len(threes))
                for at in [at for at, total in enumerate(threes) if need - total in known]:
                    for ones in self._making(need - threes[at]):
                        if ones[2] < middle:
                            yield (*ones, middle, *self._mirrored(at))

    @cached_property
    def _amounts(self) -> list[int]:
        return [self._question.amounts[place] for place in self._places]

    @property
    def _half(self) -> int:
        return len(self._amounts) // 2

    @cached_property
    def _pairs(self) -> list[int]:
        return _pairs(self._amounts)

    @cached_property
    def _sums(self) -> list[int]:
        """Of all threes, in the order of their last item, then their second."""
        self._patience.spend(10 * _THREES[len(self._amounts)] // 10)
        return _threes(self._amounts, self._pairs)

    @cached_property
    def _known(self) -> dict[int, int]:
        """A place among all threes for each sum of three."""
        sums = self._sums
        self._patience.spend(2 * len(sums))
        return dict(zip(sums, range(len(sums)), strict=True))

    @cached_property
    def _others(self) -> dict[int, list[int]]:
        """The further places, for sums that several make."""
        others: dict[int, list[int]] = {}
        self._patience.spend(len(self._sums))
        for at in set(range(len(self._sums))).difference(self._known.values()):
            others.setdefault(self._sums[at], []).append(at)
        return others

    @cached_property
    def _halves(self) -> tuple[Sequence[int], Sequence[int]]:
        """The sums of the threes among the older half; of those among the younger, from the youngest on."""
        younger = self._amounts[: self._half - 1 : -1]
        return self._sums[: _THREES[self._half]], _threes(younger, _pairs(younger))

    def _making(self, total: int) -> list[Indices]:
        """All threes that make a sum that some do make."""
        self._patience.spend(20)
        return [_three(at) for at in (self._known[total], *self._others.get(total, ()))]

    def _mirrored(self, at: int) -> Indices:
        """The three items at a place where they stand from the youngest on."""
        last = len(self._amounts) - 1
        return tuple([last - each for each in reversed(_three(at))])


def _pairs(amounts: Sequence[int]) -> list[int]:
    """The sums of all pairs, in the order of their second item."""
    return [amount + other for at, amount in enumerate(amounts) for other in amounts[:at]]


def _threes(amounts: Sequence[int], pairs: Sequence[int]) -> list[int]:
    """The sums of all threes, in the order of their last item, then their second."""
    return [amount + pair for at, amount in enumerate(amounts) for pair in pairs[: _TWOS[at]]]


def _three(at: int) -> Indices:
    """The items of a three that stands there in that order."""
    third = bisect_right(_THREES, at) - 1
    at -= _THREES[third]
    second = bisect_right(_TWOS, at) - 1
    return (at - _TWOS[second], second, third)
