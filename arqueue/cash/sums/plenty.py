"""More answers than anybody wants to count: shown to be so by some that are easily counted, and a few of them found.

Two or three dozen of the smallest amounts make nearly every sum in their range, in a number of ways that a short series tells.
The next larger ones are tried in as many combinations as are quickly made, and of the largest it is enough to turn some in their
order, until what is missing comes into the range of the others. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from arqueue.cash.sums.amounts import Group
from arqueue.cash.sums.answers import Indices, Patience
from arqueue.cash.sums.question import End, Turning, Weight
from arqueue.cash.sums.reach import bits_needed, traced
from arqueue.cash.sums.series import field_size, looked_up, outlook, series

_OF_EACH = 8
"""So many of one price belong to the small ones, lest they all are."""
_SMALL = 40
_BEGINNINGS = 12
_BYTES_A_SUM = 600
"""So many bytes are shifted in the time that a sum is made and looked up a few times."""
_ROOMS = (150_000, 700_000, 1_400_000)
"""Bytes to be shifted that are enough where amounts are round, or items very many."""
_PEAK = 3
"""So many times as many as for the average sum are mostly found."""
_TABLES = 100_000_000
"""Bits of the tables to find some."""


@dataclass(frozen=True, slots=True)
class Plenty:
    """So many ways at least, and how to come by some of them."""

    count: int
    exact: bool
    """Whether these are all."""
    end: End
    others: Sequence[Weight]
    """Those that make up the rest."""
    begun: Sequence[tuple[Sequence[int], int]]
    """The places of what is turned before, and what is then missing at most."""

    def sets(self, keep: int, patience: Patience) -> Iterator[Indices]:
        """Some of them, up to so many for each beginning. Raises OutOfTime."""
        width = self.end.high - self.end.low
        groups = tuple(Group(item.weight, (item.place,), item.inside) for item in reversed(self.others))
        start = self.end.inside
        for turned, high in self.begun:
            rest = Turning(groups, (), max(high - width, 0), high)
            if bits_needed(rest) <= _TABLES:
                for shape in islice(traced(rest, patience), keep):
                    made_up = {group.members[0] for group, one in zip(groups, shape, strict=True) if one}
                    yield tuple(sorted(start ^ made_up ^ {*turned}))


def plenty(end: End, enough: int, room: int, patience: Patience) -> Plenty:
    """Stops where there are more than ``enough``; ``room`` are the bytes to be shifted at most. Raises OutOfTime."""
    turning = end.turning
    patience.spend(10 * end.items)
    ascending, large = list[Weight](), list[Weight]()
    for group in reversed(turning.groups):
        items = [Weight(group.weight, place, group.inside) for place in group.members]
        ascending += items[:_OF_EACH]
        large += items[_OF_EACH:]
    first = [Group(item.weight, (item.place,), item.inside) for item in ascending[:_SMALL]]
    most = outlook(first, turning.high, patience).most
    for less in _ROOMS:
        if less < room and _promising(ascending, _small(ascending, turning, less, most)[0], less, enough):
            found = _within(end, ascending, large, less, most, enough, patience)
            if found.exact or found.count > enough:
                return found
    return _within(end, ascending, large, room, most, enough, patience)


def _promising(ascending: Sequence[Weight], small: int, room: int, enough: int) -> bool:
    """Whether so much room may well show enough: by how many subsets of what it is for come to one sum on average."""
    used = ascending[: small + (room // _BYTES_A_SUM).bit_length() - 1]
    return _PEAK << len(used) > enough * sum(item.weight for item in used)


def _within(
    end: End,
    ascending: Sequence[Weight],
    large: Sequence[Weight],
    room: int,
    most: float,
    enough: int,
    patience: Patience,
) -> Plenty:
    """What so much room shows, where the smallest make no more than ``most`` bits of subsets."""
    turning = end.turning
    small, size = _small(ascending, turning, room, most)
    width, weights = turning.high - turning.low, [item.weight for item in ascending[:small]]
    top = min(sum(weights) + width, turning.high)
    fields = series(weights, top, width, size, patience)
    middle, sums = _combined(ascending[small:], turning.high, room // _BYTES_A_SUM, patience)
    others = small + len(middle)
    large = sorted([*large, *ascending[others:]], key=lambda item: -item.place if item.inside else item.place)
    reach = top + sum(item.weight for item in middle)
    count, begun = 0, list[tuple[Sequence[int], int]]()
    for turned, high in islice(_beginnings(turning, large, reach, patience), _BEGINNINGS):
        needs = [
            high - total for part in patience.parts(sums) for total in part if high - top <= total <= high
        ]
        found = sum(looked_up(fields, size, needs, patience))
        if found:
            count += found
            begun.append(([item.place for item in turned], high))
        if count > enough:
            break
    return Plenty(count, not large, end, ascending[:others], begun)


def _small(ascending: Sequence[Weight], turning: Turning, room: int, most: float) -> tuple[int, int]:
    """How many of the smallest there is room for, and the bytes of a field for them."""
    weights, total, shifted, size = list[int](), 0, 0, 1
    for item in ascending[:_SMALL]:
        total += item.weight
        wider = field_size([*weights, item.weight], turning.high - turning.low, most)
        shifted += min(total, turning.high) * wider
        if shifted > room:
            break
        weights.append(item.weight)
        size = wider
    return len(weights), size


def _combined(
    items: Sequence[Weight], high: int, most: int, patience: Patience
) -> tuple[Sequence[Weight], list[int]]:
    """The first of these that make so many combinations at most, and the sums of all combinations."""
    sums = [0]
    for place, item in enumerate(items):
        fitting = [
            total + item.weight
            for part in patience.parts(sums)
            for total in part
            if total + item.weight <= high
        ]
        if len(sums) + len(fitting) > most:
            return items[:place], sums
        sums += fitting
    return items, sums


def _beginnings(
    turning: Turning, large: Sequence[Weight], reach: int, patience: Patience
) -> Iterator[tuple[Sequence[Weight], int]]:
    """The large ones turned one after the other, each where it still fits, and again from the second on, and so forth: wherever
    the others reach the rest, and first where it is in the middle of their reach. With it, what is missing at most."""
    if turning.high <= reach:
        yield (), turning.high
    for first in range(len(large)):
        patience.spend(3 * (len(large) - first))
        high, turned, within = turning.high, list[Weight](), list[tuple[int, int]]()
        for item in large[first:]:
            if item.weight <= high:
                high -= item.weight
                turned.append(item)
                if high <= reach:
                    within.append((high, len(turned)))
            elif not turned:
                break
        for high, many in sorted(within, key=lambda state: abs(2 * state[0] - reach)):
            yield turned[:many], high
