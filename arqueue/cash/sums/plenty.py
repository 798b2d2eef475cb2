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
from arqueue.cash.sums.series import series
from arqueue.cash.sums.shapes import Shape

_OF_EACH = 8
"""So many of one price belong to the small ones, lest they all are."""
_SMALL = 30
_MIDDLE = 14
_ROOM = 2_000_000
"""Bytes that the series may shift."""
_STARTS = 12
_MARGIN = 4.0
"""Bits more than enough that chance should provide."""


@dataclass(frozen=True, slots=True)
class Plenty:
    """So many ways at least, and some of them."""

    count: int
    exact: bool
    """Whether these are all."""
    shapes: Sequence[Shape]


@dataclass(frozen=True, slots=True)
class _Item:
    """One that may be turned, and the number of its group."""

    weight: int
    index: int
    number: int


def plenty(turning: Turning, enough: int, keep: int, patience: Patience) -> Plenty:
    """Stops where there are more than ``enough``. Raises OutOfTime."""
    small, middle, large = _parted(turning, enough, patience)
    patience.spend(4 * turning.items)
    width = turning.high - turning.low
    weights = [item.weight for item in small]
    table = memoryview(series(weights, sum(weights) + width, width, 4, patience)).cast("I")
    combined = [0]
    for place, item in enumerate(middle):
        step = item.weight << len(middle) | 1 << place
        patience.spend(len(combined))
        combined += [key + step for key in combined]
    reach = len(table) - 1 + sum(item.weight for item in middle)
    count, good = 0, list[tuple[Sequence[_Item], int, int]]()
    for begun, high in islice(_starts(turning, large, reach, patience), _STARTS):
        patience.spend(3 * len(combined))
        keys = [key for key in combined if 0 <= high - (key >> len(middle)) < len(table)]
        found = [table[high - (key >> len(middle))] for key in keys]
        count += sum(found)
        good += islice(((begun, high, key) for key, ways in zip(keys, found, strict=True) if ways), keep)
        if count > enough:
            break
    shapes: dict[Shape, None] = {}
    groups = tuple(Group(item.weight, (item.index,), inside=False) for item in reversed(small))
    for begun, high, key in good:
        if len(shapes) >= keep:
            break
        chosen = [item for place, item in enumerate(middle) if key >> place & 1]
        high -= key >> len(middle)
        rest = Turning(groups, (), max(high - width, 0), high)
        for shape in islice(traced(rest, patience), 4):
            made_up = [item for item, turned in zip(reversed(small), shape, strict=True) if turned]
            shapes[_shape(turning, (*begun, *chosen, *made_up))] = None
    return Plenty(count, not large, tuple(shapes))


def _parted(turning: Turning, enough: int, patience: Patience) -> tuple[list[_Item], list[_Item], list[_Item]]:
    """The small ones for the series, as many in between as should be enough to try, and the large ones, those first of which the
    oldest debts become part of the sum."""
    ascending, spare = list[_Item](), list[_Item]()
    for number, group in reversed(list(enumerate(turning.groups))):
        for place, index in enumerate(group.members):
            (ascending if place < _OF_EACH else spare).append(_Item(group.weight, index, number))
    small = 0
    total = shifted = 0
    for item in ascending[:_SMALL]:
        total += item.weight
        shifted += 4 * min(total, turning.high)
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


def _shape(turning: Turning, items: Sequence[_Item]) -> Shape:
    turned = [0] * len(turning.groups)
    for item in items:
        turned[item.number] += 1
    return tuple(turned)
