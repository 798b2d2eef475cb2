"""Five, six or seven of some dozens of items: three are put beside the others, so that neither are many.

In the order of their age, five are two and three younger ones, six are three and three, seven three, one, and three. Where the
older ones are among the older half they are few, and the younger are looked up; else it is the other way round. So all sets of
seven among fifty items take less than thirty thousand steps (Schroeppel and Shamir, 1981, split into four for the same reason).
Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import cached_property
from itertools import compress
from math import comb

from arqueue.cash.sums.answers import Indices, Patience
from arqueue.cash.sums.question import Question

_ITEMS = range(16, 73)
"""Of so many items all sums of three are soon made."""
_SETS = 400
"""Where more sets of seven than that are to be expected, the first ones are sooner found one by one."""
_DIFFERENT = 1.5
"""So many items there are at most of one amount on average, lest many sets be the same but for their items."""
_OLDEST = 3
"""Of sevens, those with so many of the oldest are looked for first."""
_MASK = (1 << 20) - 1
_NEAR = 25_000
"""More sums do not fit into a processor's nearer memory, so that each takes twice as long."""
_TWOS = [comb(items, 2) for items in range(_ITEMS.stop)]
_THREES = [comb(items, 3) for items in range(_ITEMS.stop)]
"""So many pairs and threes come before those whose last item is this."""


_Met = tuple[int, bool, int]
"""A three that others may go with, as far as one sees: where it stands; whether it is among the older ones and the others follow,
else it is counted from the youngest on; what the others come to. No class of its own, as there are thousands."""


class Threes:
    """Sets of five to seven items that come to an amount."""

    def __init__(self, question: Question, patience: Patience) -> None:
        self._question = question
        self._patience = patience
        self._need = question.low

    def worth(self, size: int) -> bool:
        """Whether all sets of this size are found sooner than the first ones."""
        question, items = self._question, self._question.size
        return (
            5 <= size <= 7
            and items in _ITEMS
            and question.low == question.high
            and comb(items, 7) < _SETS * (question.most - question.least)
            and _DIFFERENT * len({*self._amounts}) > items
        )

    def of(self, size: int) -> Iterator[Indices]:
        """All of this size, oldest first. Raises OutOfTime and TooMuch."""
        places = self._question.places
        for chosen in self._sevens() if size == 7 else self._first[size - 5]:
            yield tuple([places[at] for at in chosen])

    @cached_property
    def _first(self) -> tuple[list[Indices], ...]:
        """All fives and sixes, and the sevens with the oldest item: it takes hardly longer than one of them."""
        amounts, need, marks = self._amounts, self._need, self._marks
        self._patience.spend(2 * len(self._pairs))
        fives = [
            (fourth, fifth, left)
            for fourth in range(3, len(amounts))
            for fifth in range(fourth + 1, len(amounts))
            if marks[(left := need - amounts[fourth] - amounts[fifth]) & _MASK]
        ]
        sixes, sevens = self._meeting(need), self._meeting(need - amounts[0])
        places = self._places({left for *_, left in (*fives, *sixes, *sevens)})
        found = [
            (*_three(at), fourth, fifth)
            for fourth, fifth, left in fives
            for at in places.get(left, ())
            if at < _THREES[fourth]
        ]
        return sorted(found), sorted(self._joined(sixes, places, -1)), sorted(self._joined(sevens, places, 0))

    def _sevens(self) -> Iterator[Indices]:
        """First those with the oldest items, which mostly are enough."""
        yield from ((0, *six) for six in self._first[2])
        firsts = range(1, _OLDEST)
        met = [self._meeting(self._need - self._amounts[first]) for first in firsts]
        places = self._places({left for some in met for *_, left in some})
        for first, some in zip(firsts, met, strict=True):
            yield from ((first, *six) for six in sorted(self._joined(some, places, first)))
        yield from sorted(self._later_sevens())

    def _later_sevens(self) -> Iterator[Indices]:
        """All that are left: by the one in the middle."""
        amounts, marks, met = self._amounts, self._marks, list[tuple[int, _Met]]()
        older, younger = self._parts
        for middle in range(_OLDEST + 3, len(amounts) - 3):
            need = self._need - amounts[middle]
            is_older = middle < self._border
            threes = older[: _THREES[middle]] if is_older else younger[: _THREES[len(amounts) - 1 - middle]]
            self._spend(2 * len(threes))
            met += [
                (middle, (at, is_older, need - total))
                for at, total in enumerate(threes)
                if marks[need - total & _MASK]
            ]
        places = self._places({left for _, (*_, left) in met})
        for middle, each in met:
            for ones, twos in self._pairing(each, places):
                if ones[0] >= _OLDEST and ones[2] < middle < twos[0]:
                    yield (*ones, middle, *twos)

    def _meeting(self, need: int) -> list[_Met]:
        """The threes with which three others may come to this."""
        marks = self._marks
        older, younger = self._parts
        self._spend(2 * len(older) + 2 * len(younger))
        found = [(at, True, need - total) for at, total in enumerate(older) if marks[need - total & _MASK]]
        found += [
            (at, False, need - total) for at, total in enumerate(younger) if marks[need - total & _MASK]
        ]
        return found

    def _joined(
        self, met: Sequence[_Met], places: Mapping[int, Sequence[int]], first: int
    ) -> Iterator[Indices]:
        """The sixes they make, of items behind the first."""
        for each in met:
            for ones, twos in self._pairing(each, places):
                if first < ones[0] and ones[2] < twos[0] and (each[1] or ones[2] >= self._border):
                    yield ones + twos

    def _pairing(self, met: _Met, places: Mapping[int, Sequence[int]]) -> Iterator[tuple[Indices, Indices]]:
        """The three, and each of those that go with it; the younger ones second."""
        at, older, left = met
        others = places.get(left)
        if others:
            self._patience.spend(10 + 20 * len(others))
            if older:
                ones = _three(at)
                for other in others:
                    yield ones, _three(other)
            else:
                last = len(self._amounts) - 1
                twos = tuple([last - each for each in reversed(_three(at))])
                for other in others:
                    if other < _THREES[twos[0]]:
                        yield _three(other), twos

    @cached_property
    def _amounts(self) -> list[int]:
        return [self._question.amounts[place] for place in self._question.places]

    @property
    def _border(self) -> int:
        """The first of the younger ones: some more of them than of the older, as what goes with these is seen at once."""
        return len(self._amounts) * 9 // 20

    @cached_property
    def _pairs(self) -> list[int]:
        return _pairs(self._amounts)

    @cached_property
    def _sums(self) -> list[int]:
        """Of all threes, in the order of their last item, then their second."""
        self._patience.spend(_THREES[len(self._amounts)] // 2)
        return _threes(self._amounts, self._pairs)

    @cached_property
    def _marks(self) -> bytearray:
        """Which sums of three there are, by their last figures."""
        marks = bytearray(_MASK + 1)
        self._spend(len(self._sums))
        for total in self._sums:
            marks[total & _MASK] = 1
        return marks

    @cached_property
    def _parts(self) -> tuple[Sequence[int], Sequence[int]]:
        """The sums of the threes among the older ones; of those among the younger, from the youngest on."""
        younger = self._amounts[: self._border - 1 : -1]
        return self._sums[: _THREES[self._border]], _threes(younger, _pairs(younger))

    def _places(self, wanted: AbstractSet[int]) -> dict[int, list[int]]:
        """Where these sums of three are."""
        sums = self._sums
        self._spend(len(sums))
        places: dict[int, list[int]] = {}
        for at, total in compress(enumerate(sums), map(wanted.__contains__, sums)):
            places.setdefault(total, []).append(at)
        return places

    def _spend(self, sums: int) -> None:
        """What it costs to look at so many sums."""
        self._patience.spend(sums if len(self._sums) <= _NEAR else 2 * sums)


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
