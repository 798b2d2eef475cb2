"""Meet in the middle: all sums of one half of the amounts against all sums of the other.

Horowitz and Sahni, "Computing partitions with applications to the knapsack problem" (1974); here over different amounts, so
that forty items at one price are one amount with forty-one choices, and sums beyond the window are left out as they arise.
Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from arqueue.cash.sums.answers import Patience
from arqueue.cash.sums.question import Turning
from arqueue.cash.sums.shapes import Shape


@dataclass(frozen=True, slots=True)
class Halves:
    """The sums of either half, ascending, each in a key: the sum, then in a field of bits for each group how many of it."""

    turning: Turning
    ones: list[int]
    others: list[int]
    fields: Sequence[tuple[int, int]]
    """Of each group: the lowest bit of its field, and its mask."""
    shift: int
    """Above all fields begins the sum."""

    @classmethod
    def of(cls, turning: Turning, room: int, patience: Patience) -> Halves | None:
        """None: there is no room for so many sums. Raises OutOfTime."""
        fields, shift = [], 0
        for group in turning.groups:
            width = len(group.members).bit_length()
            fields.append((shift, (1 << width) - 1))
            shift += width
        ones, others = [0], [0]
        for group, (lowest, _) in zip(turning.groups, fields, strict=True):
            if len(ones) > len(others):
                ones, others = others, ones
            one = group.weight << shift | 1 << lowest
            if not _extend(ones, one, len(group.members), (turning.high + 1) << shift, room, patience):
                return None
        return cls(turning, ones, others, fields, shift)

    def shapes(self, patience: Patience) -> Iterator[Shape]:
        """Every way of turning that moves the sum into the window. Raises OutOfTime."""
        low, high, shift = self.turning.low, self.turning.high, self.shift
        ones, others = self.ones, self.others
        if low == high:
            missing = set[int]()
            for part in patience.parts(others):
                missing.update([low - (key >> shift) for key in part])
            ones = [key for part in patience.parts(ones) for key in part if key >> shift in missing]
        for key in ones:
            patience.spend(10)
            total = key >> shift
            start = bisect_left(others, (low - total) << shift)
            for other in others[start : bisect_left(others, (high - total + 1) << shift, start)]:
                patience.spend(4 + len(self.fields))
                both = key | other
                yield tuple(both >> lowest & mask for lowest, mask in self.fields)


def _extend(keys: list[int], one: int, most: int, limit: int, room: int, patience: Patience) -> bool:
    """Adds ``one`` up to ``most`` times to every sum below the limit; False when that would be too many."""
    before = keys[:]
    for times in range(1, most + 1):
        step = one * times
        end = bisect_left(before, limit - step)
        if not end:
            break
        if len(keys) + end > room:
            return False
        fresh = [key + step for part in patience.parts(before[:end]) for key in part]
        keys[:] = _merged(keys, fresh, patience)
    return True


def _merged(ones: list[int], others: list[int], patience: Patience) -> list[int]:
    """Two ascending lists as one."""
    merged = list[int]()
    done = 0
    for part in patience.parts(ones):
        upto = bisect_left(others, part[-1], done)
        merged += sorted(part + others[done:upto])
        done = upto
    return merged + others[done:]
