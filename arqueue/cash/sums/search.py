"""All subsets of open amounts that come to what was paid: counted, and the first of them named. Pure.

Which way is taken depends on the case. Few amounts, or few different ones: meet in the middle, which tells everything. Many: the small
answers one size after another, while the number of all is counted by a series where that is short, or shown to be beyond counting.
If there are few answers although there are many amounts, they are traced one by one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from math import comb, inf, log2

from arqueue.cash.sums.answers import Answers, Indices, OutOfTime, Patience, TooMuch, never
from arqueue.cash.sums.halves import Halves
from arqueue.cash.sums.plenty import Plenty, plenty
from arqueue.cash.sums.question import Question, Turning
from arqueue.cash.sums.reach import bits_needed, traced
from arqueue.cash.sums.series import Outlook, counted, outlook
from arqueue.cash.sums.shapes import Shape, oldest, spelled, ways
from arqueue.cash.sums.sizes import Sizes

_KEEP = 64
_COUNT_CAP = 100_000
_SMALL_HALF, _LARGE_HALF = 1 << 13, 1 << 19
_SHORT_SERIES, _LONG_SERIES = 20_000_000, 100_000_000
"""Bytes to be shifted."""
_TRACED = 3_000
"""So many answers are traced one by one."""
_TABLES = 400_000_000
"""Bits of the tables to trace them."""
_SHAPES = 20_000
_LARGEST = 40
_FORESEEN = 1_500
_MIDDLE_BITS, _LARGE_BITS = 29, 42
_EFFORT = 400_000
"""Units of work for the sizes, beyond which they are given up."""


def subsets(
    amounts: Sequence[int],
    low: int,
    high: int,
    *,
    keep: int = _KEEP,
    count_cap: int = _COUNT_CAP,
    over: Callable[[], bool] = never,
) -> Answers:
    """Which of the amounts (minor units; oldest first; credits negative) come to ``low`` … ``high``.

    Amounts of zero and no items at all are no answer. ``over`` is asked about every millisecond whether the time is over: what is known
    by then is the answer."""
    search = _Search(Question.of(amounts, low, high), keep, count_cap, Patience(over))
    return search.answers()


def exclusion(
    amounts: Sequence[int],
    low: int,
    high: int,
    *,
    keep: int = _KEEP,
    count_cap: int = _COUNT_CAP,
    over: Callable[[], bool] = never,
) -> Answers:
    """The same seen from the other side: the sets are what is *not* paid, when all the rest comes to ``low`` … ``high``; smallest
    first. That everything is paid is no answer here."""
    balance = sum(amounts)
    return subsets(amounts, balance - high, balance - low, keep=keep, count_cap=count_cap, over=over)


def alike(amounts: Sequence[int], chosen: Iterable[int]) -> int:
    """How many sets differ from this one only in which of several equal amounts they take, itself included: where that is as many
    as there are answers, what is paid is sure and only which of them is open."""
    there = Counter(amounts)
    product = 1
    for amount, many in Counter(amounts[index] for index in chosen).items():
        product *= comb(there[amount], many)
    return product


class _Search:
    """One question under way: what is known of its answers so far."""

    def __init__(self, question: Question, keep: int, cap: int, patience: Patience) -> None:
        self._question = question
        self._turning = Turning.of(question)
        self._keep = keep
        self._cap = cap
        self._patience = patience
        self._sets: list[Indices] = []
        self._count: int | None = None
        """Exact, or beyond the cap; None: not known yet."""
        self._at_least = 0
        self._view: Outlook | None = None
        self._plenty: Plenty | None = None
        """Answers out of order, for when the first ones cannot be had."""
        self._nothing = int(question.low <= 0 <= question.high)
        """The empty set, which is no answer but is counted with the others."""

    def answers(self) -> Answers:
        """Everything, or as far as the time goes."""
        if not self._question.possible:
            return Answers(0, True, True, ())
        try:
            complete = self._everything()
        except OutOfTime:
            complete = False
        sets = self._sets if complete else self._first_known()
        count = max(self._at_least if self._count is None else self._count, len(sets))
        counted = self._count is not None and self._count <= self._cap
        return Answers(min(count, self._cap), counted, complete, tuple(map(self._question.asked, sets)))

    def _everything(self) -> bool:
        """Whether the count is known and the sets are the first ones. Raises OutOfTime."""
        turning = self._turning
        groups = len(turning.groups)
        if groups <= _FORESEEN:
            self._view = outlook(turning.groups, turning.high, self._patience)
        few_kinds = 2 * groups < turning.items
        if (few_kinds or (self._view and self._view.most < _MIDDLE_BITS)) and self._halved(_SMALL_HALF):
            return True
        sizes = Sizes(self._question, self._patience)
        self._of_sizes(sizes, range(1, 3))
        self._count_soon()
        if self._all_named():
            return True
        if self._count is not None and self._count <= _TRACED and bits_needed(turning) <= _TABLES:
            self._sets = spelled(turning, traced(turning, self._patience), self._keep, self._patience)
            return True
        self._of_sizes(sizes, range(3, _LARGEST + 1))
        if self._count is None:
            self._count_by_series(_LONG_SERIES)
        if self._count is None and self._view and self._view.most < _LARGE_BITS:
            self._halved(_LARGE_HALF)
        return self._all_named()

    def _all_named(self) -> bool:
        """Whether nothing is missing from what is known."""
        return self._count is not None and len(self._sets) >= min(self._count, self._keep)

    def _of_sizes(self, sizes: Sizes, wanted: range) -> None:
        """Adds the sets of these sizes until there are enough, or until it takes too long."""
        self._patience.allow(_EFFORT)
        try:
            for size in wanted:
                missing = min(self._keep, self._keep if self._count is None else self._count) - len(self._sets)
                if missing <= 0:
                    break
                for found in islice(sizes.of(size), missing):
                    self._sets.append(found)
        except TooMuch:
            pass
        finally:
            self._patience.allow(inf)

    def _halved(self, room: int) -> bool:
        """Everything by meeting in the middle, if there is room for it."""
        turning = self._turning
        halves = Halves.of(turning, room, self._patience)
        if halves is None:
            return False
        shapes = list(islice(halves.shapes(self._patience), _SHAPES + 1))
        total = sum(ways(turning.groups, shape) for shape in shapes) - self._nothing
        if len(shapes) > _SHAPES:
            self._at_least = total
            return False
        self._count = total
        self._sets = spelled(turning, shapes, self._keep, self._patience)
        return True

    def _count_soon(self) -> None:
        """The number of answers, if a short series tells it or there is plenty."""
        if self._view and self._view.likely < log2(self._cap + 1) + 2:
            self._count_by_series(_SHORT_SERIES)
        if self._count is None:
            found = plenty(self._turning, self._cap, self._keep, self._patience)
            self._plenty = found
            self._at_least = found.count - self._nothing
            if found.exact or self._at_least > self._cap:
                self._count = self._at_least

    def _count_by_series(self, room: int) -> None:
        if self._view and (found := counted(self._turning, self._view.most, room, self._patience)) is not None:
            self._count = found - self._nothing

    def _first_known(self) -> list[Indices]:
        """The best there is when the first ones cannot be had."""
        known = set(self._sets)
        if self._plenty and len(known) < self._keep:
            shapes = self._plenty.shapes(self._keep, Patience(never))
            known |= {oldest(self._turning, shape) for shape in shapes} - {()}
        return sorted(known, key=lambda indices: (len(indices), indices))[: self._keep]
