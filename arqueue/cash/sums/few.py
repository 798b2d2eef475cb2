"""Which needs two, three … items may meet: seen beforehand, so that hardly a step leads into a dead end. Pure."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from functools import cached_property
from math import comb

from arqueue.cash.sums.answers import Patience
from arqueue.cash.sums.question import Question
from arqueue.cash.sums.reach import BITS_A_UNIT, widened

_ITEMS = 400
"""Among more items there is nearly always something to find, so that looking ahead takes longer than it saves."""
_DIFFERENT = 20
"""For more different amounts that begin a set it is not worth knowing beforehand what three others come to."""
_ROOM = 4_000_000
"""Needs that are told one by one."""
_SHIFTED, _SOON_SHIFTED = 60_000_000, 4_000_000
"""Bits that are shifted for three items, or four, or more; and where they seem to make nearly every sum."""


class Few:
    """Which amounts may have a part in meeting a need, as far as one sees."""

    def __init__(self, question: Question, patience: Patience) -> None:
        known, start, end = question.known, question.start, question.end
        self._question = question
        self._patience = patience
        self._width = question.high - question.low
        self._step = self._width + 1
        kinds, ordered = known.kinds, known.ordered
        self.kinds = kinds[bisect_left(kinds, ordered[start]) : bisect_right(kinds, ordered[end - 1])]
        """The different amounts that take part, ascending."""
        self._sums = {0: 1 << self._width}
        """By the number of items, a bit for each sum they make."""
        self._tables: dict[int, bytes | None] = {}

    def least(self, many: int) -> int:
        """The lowest sum of so many."""
        totals, start = self._question.known.totals, self._question.start
        return totals[start + many] - totals[start]

    def most(self, many: int) -> int:
        """The highest."""
        totals, end = self._question.known.totals, self._question.end
        return totals[end] - totals[end - many]

    def leading(self, kinds: list[int], others: int, need: int, *, first: bool) -> list[int]:
        """Those of these amounts with which so many others may meet the need; ascending, as they are. ``first``: it is asked only
        once."""
        kinds = kinds[
            bisect_left(kinds, need - self.most(others)) : bisect_right(
                kinds, need + self._width - self.least(others)
            )
        ]
        self._patience.spend(40 + len(kinds))
        if not kinds or len(self.kinds) > _ITEMS:
            return kinds
        if others == 2:
            base, step, pairs = need - self._lowest(2), self._step, self._pairs
            if isinstance(pairs, set):
                return [kind for kind in kinds if (base - kind) // step in pairs]
            return [kind for kind in kinds if pairs[(base - kind) // step]] if pairs else kinds
        if others not in self._tables and not (first and len(self.kinds) > _DIFFERENT):
            self._tables[others] = self._table(others)
        if (table := self._tables.get(others)) is None:
            return kinds
        self._patience.spend(len(kinds))
        base = need - others * self.kinds[0] + self._width
        return [kind for kind in kinds if table[(at := base - kind) >> 3] >> (at & 7) & 1]

    def pairing(self, kinds: list[int], need: int) -> list[tuple[int, list[int]]]:
        """Those of which two may meet the need: each with those that are no larger and go with it."""
        half, end = bisect_left(kinds, -(-need // 2)), bisect_right(kinds, need + self._width - kinds[0])
        self._patience.spend(40 + max(end - half, 0))
        if not self._width:
            where = self._question.known.where
            return [(kind, [need - kind]) for kind in kinds[half:end] if need - kind in where]
        last, step = self._last, self._step
        return [
            (kind, others)
            for kind in kinds[half:end]
            if (need - kind) // step in last
            and (
                others := kinds[
                    bisect_left(kinds, need - kind) : bisect_right(
                        kinds, min(need - kind + self._width, kind)
                    )
                ]
            )
        ]

    def meeting(self, kinds: list[int], need: int) -> list[int]:
        """Those that meet the need alone."""
        return kinds[bisect_left(kinds, need) : bisect_right(kinds, need + self._width)]

    def _lowest(self, many: int) -> int:
        """The lowest need that so many may meet."""
        return self.least(many) - self._width

    def _highest(self, many: int) -> int:
        """The highest need that is looked at for so many: credits that are chosen raise it, and one that is tried once more."""
        question = self._question
        return min(self.most(many), question.low - question.least - min(self.kinds[0], 0))

    @cached_property
    def _last(self) -> set[int]:
        """Which needs one item may meet, in steps as wide as the window."""
        return {(kind - short) // self._step for kind in self.kinds for short in (0, self._width)}

    @cached_property
    def _pairs(self) -> bytearray | set[int] | None:
        """Which needs two items may meet, in such steps from the lowest on; None where nearly all are met."""
        lowest, step, kinds = self._lowest(2), self._step, self.kinds
        highest = self._highest(2) + self._width
        room = (highest - lowest) // step + 1
        if len(kinds) ** 2 > room:
            return None
        several = {kind for kind, there in self._question.known.where.items() if len(there) > 1}
        marks = bytearray(room) if room <= _ROOM else None
        found = set[int]()
        self._patience.spend(room // 5_000)
        for place, kind in enumerate(kinds):
            others = kinds[place if kind in several else place + 1 : bisect_right(kinds, highest - kind)]
            self._patience.spend(20 + len(others))
            for short in {0, self._width}:
                base = kind - short - lowest
                if marks is None:
                    found.update([(base + other) // step for other in others])
                elif step == 1:
                    for other in others:
                        marks[base + other] = 1
                else:
                    for other in others:
                        marks[(base + other) // step] = 1
        return found if marks is None else marks

    def _table(self, many: int) -> bytes | None:
        """A bit for each need that so many may meet, some of them perhaps more than once; None where they are
        too many, or nearly all are met."""
        first, width, kinds = self.kinds[0], self._width, self.kinds
        span = self._highest(many) - many * first + width
        ways = min(comb(self._question.size, many), comb(len(kinds) + many - 1, many))
        if span * len(kinds) > (_SOON_SHIFTED if ways > span else _SHIFTED):
            return None
        for items in range(len(self._sums), many + 1):
            before, sums = self._sums[items - 1], 0
            longest = max(self._highest(items) - items * first + width, 0)
            for kind in kinds[: bisect_right(kinds, longest + first)]:
                self._patience.spend(before.bit_length() // BITS_A_UNIT + 1)
                sums |= before << kind - first
            self._sums[items] = sums & (1 << longest + width + 1) - 1
        return (widened(self._sums[many], width) & (1 << span + 1) - 1).to_bytes((span >> 3) + 1, "little")
