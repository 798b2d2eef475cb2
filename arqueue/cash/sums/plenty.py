"""More answers than anybody wants to count: shown to be so by some that are easily counted, and a few of them found.

A few dozen of the smallest amounts make nearly every sum in their range, in a number of ways that a short series tells. The larger
ones are gone through in their order until what is missing comes into that range; a handful in between is tried in every combination.
Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from math import log2, sqrt

from arqueue.cash.sums.answers import Patience
from arqueue.cash.sums.question import Group, Turning
from arqueue.cash.sums.reach import traced
from arqueue.cash.sums.series import field_size, looked_up, series
from arqueue.cash.sums.shapes import Shape

_OF_EACH = 8
"""So many of one price belong to the small ones, lest they all are."""
_SMALL = 26
_MIDDLE = 15
_ROOM = 3_000_000
"""Bytes that the series may shift."""
_STARTS = 6
_MARGIN = 3.0
"""Bits more than enough that chance should provide."""


@dataclass(frozen=True, slots=True)
class _Item:
    """One that may be turned, and the number of its group."""

    weight: int
    index: int
    number: int


@dataclass(frozen=True, slots=True)
class Plenty:
    """So many ways at least, and some of them."""

    count: int
    exact: bool
    """Whether these are all."""
    turning: Turning
    small: Sequence[_Item]
    good: Sequence[tuple[Sequence[_Item], int]]
    """What else may be turned for the small ones to make up the rest, and how much that is at most."""

    def shapes(self, keep: int, patience: Patience) -> Iterator[Shape]:
        """A few of the ways. Raises OutOfTime."""
        width = self.turning.high - self.turning.low
        groups = tuple(Group(item.weight, (item.index,), inside=False) for item in reversed(self.small))
        for begun, high in self.good[:keep]:
            rest = Turning(groups, (), max(high - width, 0), high)
            for shape in islice(traced(rest, patience), 1):
                made_up = (item for item, turned in zip(reversed(self.small), shape, strict=True) if turned)
                turned = [0] * len(self.turning.groups)
                for item in (*begun, *made_up):
                    turned[item.number] += 1
                yield tuple(turned)


def plenty(turning: Turning, enough: int, keep: int, patience: Patience) -> Plenty:
    """Stops where there are more than ``enough``. Raises OutOfTime."""
    small, middle, large = _parted(turning, enough, patience)
    patience.spend(4 * turning.items)
    width = turning.high - turning.low
    weights = [item.weight for item in small]
    size, top = field_size(weights, width), sum(weights) + width
    fields = series(weights, top, width, size, patience)
    combined = [0]
    for place, item in enumerate(middle):
        step = item.weight << len(middle) | 1 << place
        patience.spend(len(combined))
        combined += [key + step for key in combined]
    reach = top + sum(item.weight for item in middle)
    count, good = 0, list[tuple[Sequence[_Item], int]]()
    for begun, high in islice(_starts(turning, large, reach, patience), _STARTS):
        patience.spend(2 * len(combined))
        keys = [key for key in combined if 0 <= high - (key >> len(middle)) <= top]
        found = looked_up(fields, size, [high - (key >> len(middle)) for key in keys], patience)
        count += sum(found)
        for key in islice((key for key, ways in zip(keys, found, strict=True) if ways), keep):
            chosen = [item for place, item in enumerate(middle) if key >> place & 1]
            good.append(([*begun, *chosen], high - (key >> len(middle))))
        if count > enough:
            break
    return Plenty(count, not large, turning, small, good)


def _parted(turning: Turning, enough: int, patience: Patience) -> tuple[list[_Item], list[_Item], list[_Item]]:
    """The small ones for the series, as many in between as should be enough to try, and the large ones, those first of which the
    oldest debts become part of the sum."""
    ascending, spare = list[_Item](), list[_Item]()
    for number, group in reversed(list(enumerate(turning.groups))):
        for place, index in enumerate(group.members):
            (ascending if place < _OF_EACH else spare).append(_Item(group.weight, index, number))
    small = total = shifted = 0
    for item in ascending[:_SMALL]:
        total += item.weight
        shifted += total * field_size(range(1, small + 1), 0)
        if shifted > _ROOM:
            break
        small += 1
    squares = sum(item.weight**2 for item in ascending[:small])
    middle = small
    for item in ascending[small : small + _MIDDLE]:
        if middle - log2(max(sqrt(squares), 1.0)) > log2(enough + 1) + _MARGIN:
            break
        squares += item.weight**2
        middle += 1
    large = ascending[middle:] + spare
    large.sort(key=lambda item: -item.index if turning.groups[item.number].inside else item.index)
    return ascending[:small], ascending[small:middle], large


def _starts(
    turning: Turning, large: Sequence[_Item], reach: int, patience: Patience
) -> Iterator[tuple[Sequence[_Item], int]]:
    """The large ones turned one after the other, each where it still fits, up to where the rest is about half of what the others
    reach; then the same from the second on, and so forth. With it, what is missing at most."""
    if turning.high <= reach:
        yield (), turning.high
    for first in range(len(large)):
        patience.spend(len(large) - first)
        high, turned = turning.high, list[_Item]()
        for item in large[first:]:
            if item.weight <= high and abs(2 * (high - item.weight) - reach) < abs(2 * high - reach):
                high -= item.weight
                turned.append(item)
            elif not turned:
                break
        if turned and high <= reach:
            yield turned, high
