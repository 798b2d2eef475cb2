"""All subsets of open amounts that come to what was paid: counted, and the first of them named. Pure.

Which way is taken depends on the case. Where answers are few they are all traced, or where amounts are too large for that, met in
the middle. Else the answers of one item, of two and so on, until there are enough, while the number of all is told by a
series or shown to be beyond counting."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from math import comb, inf, log2

from arqueue.cash.sums.answers import Answers, Indices, OutOfTime, Patience, TooMuch, never
from arqueue.cash.sums.bulk import in_bulk
from arqueue.cash.sums.halves import Halves
from arqueue.cash.sums.often import often
from arqueue.cash.sums.plenty import Plenty, plenty
from arqueue.cash.sums.question import End, Question, Turning
from arqueue.cash.sums.reach import bits_needed, every
from arqueue.cash.sums.series import Outlook, counted, outlook
from arqueue.cash.sums.shapes import spelled, ways
from arqueue.cash.sums.sizes import Sizes
from arqueue.cash.sums.swaps import Swaps

KEEP = 64
COUNT_CAP = 100_000

# How far each way is worth going: together mostly less than 50 ms, and about a second where there is no other way.
_FORESEEN = 1_500
"""Different amounts for which it pays to estimate the number of answers first."""
_DOZENS = 24
"""Among more different amounts one and two items are looked for before all of them, which may take all the time."""
_PLENTIFUL = 80
"""Among more different amounts it is looked at once whether there are plenty."""
_FEW, _MANY = 32, 42
"""Bits of combinations that are halved at once, where tables would be too large, and when nothing else is left."""
_PRICES = 10
"""So many different amounts are few: all ways to take some of each are told soon, or soon seen to be too many."""
_NARROW = 2_000
"""Up to here so few sums can be made that most are made in many ways, and all of them are soon counted."""
_WIDE = 20_000
"""Beyond, hardly two answers are the same but for their items, so that too many are soon too many."""
_OF_A_PRICE = 8
"""So many items of a price on average are many."""
_ROOM, _LARGE_ROOM = 1 << 17, 1 << 20
"""Sums in a half."""
_SHAPES = 5_000
"""Answers that are all told, not looking at which of several equal amounts they take."""
_SHORT, _LONG = 30_000_000, 200_000_000
"""Bytes to be shifted for a series."""
_SHORT_PLENTY, _LONG_PLENTY = 5_000_000, 40_000_000
"""The same where it is enough to show that there are plenty."""
_VAST = 600
"""Of more items and answers beyond counting, sets of many items tell nothing."""
_LAST_PLENTY = 2_000_000
"""The same where the time is over and nothing was found: one or two milliseconds."""
_TABLES_SOON, _TABLES = 60_000_000, 400_000_000
"""Bits of the tables to trace all answers, before others are looked for and after."""
_EFFORT, _EXCHANGES, _LAST_EFFORT = 600_000, 300_000, 20_000_000
"""Units of work for sizes, for the exchanges of one size, and for halves when nothing else is left: the last takes a second."""
_SHALLOW, _DEEP = 5, 10
"""Up to so many items one does not look for exchanges, and beyond so many for nothing else."""
_SOME, _OF_EACH = 16, 4
"""Answers out of order, where the first cannot be had."""


def subsets(
    amounts: Sequence[int],
    low: int,
    high: int,
    *,
    keep: int = KEEP,
    count_cap: int = COUNT_CAP,
    over: Callable[[], bool] = never,
    any_at_least: bool = False,
) -> Answers:
    """Which of the amounts come to ``low`` … ``high``, in minor units, credits negative, oldest first.

    Amounts of zero are part of no answer, and nothing at all is none. ``over`` is asked about every millisecond whether the time
    is over: what is known by then is the answer, and where that is nothing but ``any_at_least`` is wanted, what a few more find.
    The effort is bounded without it as well."""
    question = Question.of(amounts, low, high)
    if not question.possible:
        return Answers(0, counted=True, complete=True, sets=())
    return _Search(question, keep, count_cap, Patience(over)).answers(any_at_least=any_at_least)


def exclusion(
    amounts: Sequence[int],
    low: int,
    high: int,
    *,
    keep: int = KEEP,
    count_cap: int = COUNT_CAP,
    over: Callable[[], bool] = never,
) -> Answers:
    """The same from the other side: the sets are what is *not* paid when all the rest comes to ``low`` … ``high``, fewest first.

    That everything is paid is no answer here."""
    balance = sum(amounts)
    return subsets(amounts, balance - high, balance - low, keep=keep, count_cap=count_cap, over=over)


def alike(amounts: Sequence[int], chosen: Iterable[int]) -> int:
    """How many sets have the same amounts as this one, itself included: they differ in which of several equal items they take.

    Where that is the number of all answers, it is sure what was paid at which price, and only open which of the items."""
    there = Counter(amounts)
    product = 1
    for amount, many in Counter(amounts[index] for index in chosen).items():
        product *= comb(there[amount], many)
    return product


class _Search:
    """One question under way, and what is known of its answers so far."""

    def __init__(self, question: Question, keep: int, cap: int, patience: Patience) -> None:
        self._question = question
        self._end = End.of(question)
        self._sizes = Sizes(question, patience)
        self._keep = keep
        self._cap = cap
        self._patience = patience
        self._nothing = int(question.low <= 0 <= question.high)
        """The empty set, which is counted with the others and is no answer."""
        self._view: Outlook | None = None
        self._count: int | None = None
        """Of all answers; beyond the cap it need not be exact. None: not known yet."""
        self._at_least = 0
        self._sets: list[Indices] = []
        """The first answers, in order."""
        self._others: list[Indices] = []
        self._looked = False
        """Whether it was looked if there are plenty."""
        self._plenty: Plenty | None = None
        """Where there are more of these."""

    @property
    def _turning(self) -> Turning:
        """With everything that may be turned; not made where it is not needed."""
        return self._end.turning

    def answers(self, *, any_at_least: bool) -> Answers:
        """Everything, or as far as the time goes."""
        try:
            complete = self._everything()
        except OutOfTime:
            complete = False
            if any_at_least:
                self._any()
        sets = self._sets[: self._keep] if complete else self._first_known()
        count = max(self._at_least if self._count is None else self._count, len(sets))
        counted = self._count is not None and self._count <= self._cap
        return Answers(min(count, self._cap), counted, complete, tuple(sets))

    def _everything(self) -> bool:
        """Whether the count is known and the sets are the first ones. Raises OutOfTime."""
        return self._soon() or self._by_size() or self._at_length()

    def _soon(self) -> bool:
        """Everything, or a count, or one and two items: what takes little time."""
        self._in_bulk()
        if self._end.kinds > _PLENTIFUL:
            self._count_often()
        dozens = self._end.kinds > _DOZENS
        if dozens:
            self._of_sizes(range(1, 3))
        if self._count is None and self._foreseen() and self._at_once():
            return True
        if not dozens:
            self._of_sizes(range(1, 3))
        self._count_soon()
        return self._all_named()

    def _by_size(self) -> bool:
        """More and more items; what has few prices, or few answers, is traced when few items were not enough."""
        if not self._sets:
            self._leave_out()
        prices = 2 * self._end.kinds < self._end.items
        last = self._question.size
        self._of_sizes(range(3, 1 + min(_SHALLOW, last)))
        if self._all_named() or (prices and self._traced(_TABLES)):
            return True
        if not self._beyond():
            self._of_sizes(range(max(_SHALLOW + 1, 3), 1 + last))
        few = self._count is not None and self._count <= _SHAPES
        return self._all_named() or (few and not prices and self._traced(_TABLES))

    def _at_length(self) -> bool:
        """What is left: a long count, any answer, and halves where there are few."""
        if self._count is None:
            self._count_at_length()
        if not (self._sets or self._others or self._plenty):
            self._count_plenty(_SHORT_PLENTY)
        few = self._count is None or (self._count <= _SHAPES and not self._all_named())
        if few and self._view and self._view.most < _MANY:
            with self._patience.of(_LAST_EFFORT):
                self._met_in_the_middle(_LARGE_ROOM)
        return self._all_named()

    def _beyond(self) -> bool:
        """Whether there are that many."""
        return (self._count or 0) > self._cap and self._question.size > _VAST

    def _any(self) -> None:
        """Some answers in a few milliseconds, where the time is over and there are none."""
        self._patience = Patience(never)
        if not (self._sets or self._others or self._plenty):
            self._in_bulk()
        if not (self._sets or self._others or self._plenty):
            self._count_plenty(_LAST_PLENTY)

    def _all_named(self) -> bool:
        return self._count is not None and len(self._sets) >= min(self._count, self._keep)

    def _foreseen(self) -> bool:
        """Whether there are few enough amounts to estimate how many answers there are."""
        if self._end.kinds > _FORESEEN:
            return False
        self._view = outlook(self._turning.groups, self._turning.high, self._patience)
        return True

    def _at_once(self) -> bool:
        """Everything, where there seem to be few answers, or few combinations."""
        turning = self._turning
        if bits_needed(turning) <= _TABLES_SOON:
            few = self._end.kinds <= _PRICES or turning.high > _NARROW
            prices = few and 2 * self._end.kinds < self._end.items
            return (prices or self._countable(_SHAPES, 0 if turning.high > _WIDE else 2)) and self._traced(
                _TABLES_SOON
            )
        most = self._view.most if self._view else inf
        choices = (
            log2(min(len(group.members), turning.high // group.weight) + 1) for group in turning.groups
        )
        return min(most, sum(choices)) < _FEW and self._met_in_the_middle(_ROOM)

    def _met_in_the_middle(self, room: int) -> bool:
        """Everything, if there is room for it."""
        turning = self._turning
        halves = Halves.of(turning, room, self._patience)
        if halves is None:
            return False
        shapes = list(islice(halves.shapes(self._patience), _SHAPES + 1))
        total = ways(turning.groups, shapes) - self._nothing
        if len(shapes) > _SHAPES:
            self._at_least = max(total, self._at_least)
            self._others = spelled(turning, shapes, _SOME, self._patience)
            return False
        self._count = total
        self._sets = spelled(turning, shapes, self._keep, self._patience)
        return True

    def _traced(self, room: int) -> bool:
        """Everything, if there are few answers and room for the tables."""
        turning = self._turning
        if bits_needed(turning) > room:
            return False
        found = every(turning, _SHAPES, self._keep, self._patience)
        if found is None:
            self._at_least = max(_SHAPES, self._at_least)
            return False
        count, shapes = found
        self._count = count - self._nothing
        self._sets = spelled(turning, shapes, self._keep, self._patience)
        return True

    def _of_sizes(self, wanted: range) -> None:
        """Adds the sets of these sizes until there are enough, or until it takes too long."""
        enough = self._keep if self._count is None else min(self._keep, self._count)
        with self._patience.of(_EFFORT):
            for size in wanted:
                for found in islice(self._of_size(size), enough - len(self._sets)):
                    self._sets.append(found)
                if len(self._sets) >= enough:
                    break

    def _of_size(self, size: int) -> Iterator[Indices]:
        shallow = _DEEP if self._end.kinds <= _PRICES else _SHALLOW
        if size <= shallow or self._sizes.soon(size) or not self._sizes.may_have(size):
            return self._sizes.of(size)
        self._patience.spend(20)
        if self._sizes.exchanges(size) < _EXCHANGES:
            self._patience.spend(20 * self._question.size)
            swaps = Swaps.of(self._question, size)
            if swaps.effort < _EXCHANGES:
                return swaps.sets(self._patience)
        if size > _DEEP:
            raise TooMuch
        return self._sizes.of(size)

    def _leave_out(self) -> None:
        """Other answers: everything but one item, two, or three."""
        question = self._question
        balance = question.most + question.least
        if not self._sizes.reach(3, balance - question.high):
            return
        left_out = replace(question, low=balance - question.high, high=balance - question.low)
        every = set(question.places)
        sizes = Sizes(left_out, self._patience)
        with self._patience.of(_EFFORT):
            for size in range(1, 4):
                for found in islice(sizes.of(size), _SOME):
                    self._others.append(tuple(sorted(every.difference(found))))

    def _count_soon(self) -> None:
        """The number of answers, where a short series tells it or where there are plenty."""
        if self._count is None and self._view and self._view.likely > log2(self._cap + 1):
            self._count_often()
        if self._count is None:
            if self._countable(self._cap):
                self._count_by_series(_SHORT)
            else:
                self._count_plenty(_SHORT_PLENTY)

    def _in_bulk(self) -> None:
        """Some answers, and that there are plenty, where many items have few prices."""
        patience = self._patience
        if _OF_A_PRICE * self._end.kinds < self._end.items:
            turning = self._turning
            shapes = [*islice(in_bulk(turning, patience), _SOME)]
            self._others = spelled(turning, shapes, _SOME, patience)
            self._at_least = ways(turning.groups, shapes) - self._nothing
            if self._at_least > self._cap:
                self._count = self._at_least

    def _count_at_length(self) -> None:
        """The number of answers, where that takes longer."""
        self._view = self._view or outlook(self._turning.groups, self._turning.high, self._patience)
        if self._countable(self._cap):
            self._count_by_series(_LONG)
        else:
            self._count_plenty(_LONG_PLENTY)

    def _countable(self, most: int, slack: int = 2) -> bool:
        """Whether there seem to be no more answers than that, or so many times twice as many."""
        return self._view is not None and self._view.likely < log2(most + 1) + slack

    def _count_often(self) -> None:
        """That there are plenty, where that is seen in a moment."""
        if self._looked:
            return
        self._looked = True
        found = often(self._end, self._cap + self._nothing, self._patience)
        self._at_least = max(found.count - self._nothing, self._at_least)
        if found.count:
            self._plenty = Plenty(found.count, False, self._end, found.others, found.begun)
        if self._at_least > self._cap:
            self._count = self._at_least

    def _count_plenty(self, room: int) -> None:
        self._count_often()
        if self._count is not None:
            return
        self._plenty = found = plenty(self._end, self._cap, room, self._patience)
        self._at_least = max(found.count - self._nothing, self._at_least)
        if found.exact or self._at_least > self._cap:
            self._count = self._at_least

    def _count_by_series(self, room: int) -> None:
        if (
            self._view
            and (found := counted(self._turning, self._view.most, room, self._patience)) is not None
        ):
            self._count = found - self._nothing

    def _first_known(self) -> list[Indices]:
        """The best there is when the first ones cannot be had."""
        known = {*self._sets, *self._others}
        if self._plenty and len(known) < _SOME:
            known.update(islice(self._plenty.sets(_OF_EACH, Patience(never)), _SOME))
        known.discard(())
        return sorted(known, key=lambda indices: (len(indices), indices))[: self._keep]
