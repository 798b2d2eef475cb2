"""All subsets of open amounts that come to what was paid: counted, and the first of them named. Pure.

Which way is taken depends on the case. Few amounts, or few different ones: meet in the middle, which tells everything. Many: the small
answers one size after another, while the number of all is counted by a series where that is short, or shown to be beyond counting.
If there are few answers although there are many amounts, they are traced one by one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from math import comb, inf, log2

from arqueue.cash.sums.answers import Answers, Indices, OutOfTime, Patience, TooMuch, never
from arqueue.cash.sums.bulk import in_bulk
from arqueue.cash.sums.halves import Halves
from arqueue.cash.sums.plenty import Plenty, plenty
from arqueue.cash.sums.question import Question, Turning
from arqueue.cash.sums.reach import bits_needed, traced
from arqueue.cash.sums.series import Outlook, counted, outlook
from arqueue.cash.sums.shapes import spelled, ways
from arqueue.cash.sums.sizes import Sizes
from arqueue.cash.sums.swaps import Swaps

_KEEP = 64
_COUNT_CAP = 100_000
_SMALL_HALF, _LARGE_HALF = 1 << 17, 1 << 19
_SHORT_SERIES, _LONG_SERIES = 20_000_000, 100_000_000
"""Bytes to be shifted."""
_TRACED = 3_000
"""So many answers are traced one by one."""
_TABLES = 400_000_000
"""Bits of the tables to trace them."""
_SHAPES = 5_000
_FORESEEN = 1_500
_LARGE_BITS = 38
_EXCHANGES = 300_000
_SHALLOW, _DEEP = 5, 10
_SOME = 16
_EFFORT = 600_000
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
    question = Question.of(amounts, low, high)
    if not question.possible:
        return Answers(0, counted=True, complete=True, sets=())
    return _Search(question, keep, count_cap, Patience(over)).answers()


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
        self._sizes = Sizes(question, patience)
        self._view: Outlook | None = None
        self._others: list[Indices] = []
        """Answers out of order, for when the first ones cannot be had."""
        self._plenty: Plenty | None = None
        """Where there are more of them."""
        self._nothing = int(question.low <= 0 <= question.high)
        """The empty set, which is no answer but is counted with the others."""

    def answers(self) -> Answers:
        """Everything, or as far as the time goes."""
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
        turning, patience = self._turning, self._patience
        few_kinds = sum(log2(len(group.members) + 1) for group in turning.groups[:_FORESEEN])
        if len(turning.groups) <= _FORESEEN:
            self._view = outlook(turning.groups, turning.high, patience)
        view = self._view or Outlook(inf, inf)
        if (few_kinds < 30 or (view.most < 29 and view.likely < 12)) and self._halved(_SMALL_HALF):
            return True
        self._of_sizes(range(1, 3))
        self._count_soon()
        if self._all_named():
            return True
        if self._count is not None and self._count <= _TRACED and bits_needed(turning) <= _TABLES:
            self._sets = spelled(turning, traced(turning, patience), self._keep, patience)
            return True
        if not self._sets:
            self._leave_out()
        self._of_sizes(range(3, len(self._question.amounts) + 1))
        if self._count is None:
            self._count_by_series(_LONG_SERIES)
        if not self._all_named() and min(few_kinds, view.most) < _LARGE_BITS:
            self._halved(_LARGE_HALF)
        return self._all_named()

    def _all_named(self) -> bool:
        """Whether nothing is missing from what is known."""
        return self._count is not None and len(self._sets) >= min(self._count, self._keep)

    def _of_sizes(self, wanted: range) -> None:
        """Adds the sets of these sizes until there are enough, or until it takes too long."""
        self._patience.allow(_EFFORT)
        try:
            for size in wanted:
                missing = (self._keep if self._count is None else min(self._keep, self._count)) - len(self._sets)
                if missing <= 0:
                    break
                for found in islice(self._of_size(size), missing):
                    self._sets.append(found)
        except TooMuch:
            pass
        finally:
            self._patience.allow(inf)

    def _of_size(self, size: int) -> Iterator[Indices]:
        if size <= _SHALLOW or not self._sizes.may_have(size):
            return self._sizes.of(size)
        self._patience.spend(20 * len(self._question.amounts))
        swaps = Swaps.of(self._question, size)
        if swaps.effort < _EXCHANGES:
            return swaps.sets(self._patience)
        if size > _DEEP:
            raise TooMuch
        return self._sizes.of(size)

    def _leave_out(self) -> None:
        """Others by exclusion: everything but one item, two, or three."""
        question = self._question
        balance = question.most + question.least
        mirrored = Sizes(replace(question, low=balance - question.high, high=balance - question.low), self._patience)
        every = range(len(question.amounts))
        self._patience.allow(_EFFORT)
        try:
            for size in range(1, min(4, len(every))):
                for left_out in islice(mirrored.of(size), self._keep):
                    self._others.append(tuple(sorted({*every} - {*left_out})))
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
        turning, patience = self._turning, self._patience
        if self._view and self._view.likely < log2(self._cap + 1) + 2:
            self._count_by_series(_SHORT_SERIES)
        if self._count is None and 8 * len(turning.groups) < turning.items:
            shapes = [*islice(in_bulk(turning, patience), self._keep)]
            self._others = spelled(turning, shapes, self._keep, patience)
            self._at_least = sum(ways(turning.groups, shape) for shape in shapes)
        if self._count is None and self._at_least <= self._cap:
            found = plenty(turning, self._cap, self._keep, patience)
            self._plenty = found
            self._at_least = found.count - self._nothing
            if found.exact:
                self._count = self._at_least
        if self._at_least > self._cap:
            self._count = self._at_least

    def _count_by_series(self, room: int) -> None:
        if self._view and (found := counted(self._turning, self._view.most, room, self._patience)) is not None:
            self._count = found - self._nothing

    def _first_known(self) -> list[Indices]:
        """The best there is when the first ones cannot be had."""
        known = {*self._sets, *self._others}
        if self._plenty and len(known) < _SOME:
            known |= set(self._plenty.sets(min(self._keep, _SOME), Patience(never))) - {()}
        return sorted(known, key=lambda indices: (len(indices), indices))[: self._keep]
