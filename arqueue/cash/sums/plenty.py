"""More answers than anybody wants to count: shown to be so by some that are easily counted, and a few of them found.

Two dozen of the smallest amounts make nearly every sum in their range, in a number of ways that a short series tells. The
large ones are turned in their order until what is missing comes into that range; a handful in between is tried in every
combination. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from math import log2, sqrt
from typing import NamedTuple

from arqueue.cash.sums.answers import Indices, Patience
from arqueue.cash.sums.question import Group, Turning
from arqueue.cash.sums.reach import traced
from arqueue.cash.sums.series import field_size, looked_up, series

_OF_EACH = 8
"""So many of one price belong to the small ones, lest they all are."""
_SMALL, _MIDDLE = 26, 14
_ROOM = 5_000_000
"""Bytes that the series may shift."""
_LOOKED_UP = 100_000
"""So many needs are looked up at most."""
_MARGIN = 3.0
"""Bits more than enough that chance should provide."""


class _Item(NamedTuple):
    """One that may be turned."""

    weight: int
    place: int
    """In the question."""
    inside: bool


@dataclass(frozen=True, slots=True)
class Plenty:
    """So many ways at least, and how to come by some of them."""

    count: int
    exact: bool
    """Whether these are all."""
    turning: Turning
    small: Sequence[_Item]
    begun: Sequence[tuple[Sequence[_Item], int]]
    """What else may be turned, and what the small ones then make up at most."""

    def sets(self, patience: Patience) -> Iterator[Indices]:
        """Some of them, one for each beginning. Raises OutOfTime."""
        width = self.turning.high - self.turning.low
        groups = tuple(Group(item.weight, (item.place,), item.inside) for item in reversed(self.small))
        start = {
            *self.turning.fixed,
            *(index for group in self.turning.groups if group.inside for index in group.members),
        }
        for begun, high in self.begun:
            for shape in islice(traced(Turning(groups, (), max(high - width, 0), high), patience), 1):
                made_up = {group.members[0] for group, turned in zip(groups, shape, strict=True) if turned}
                yield tuple(sorted(start ^ made_up ^ {item.place for item in begun}))


def plenty(turning: Turning, enough: int, keep: int, patience: Patience) -> Plenty:
    """Stops where there are more than ``enough``. Raises OutOfTime."""
    patience.spend(10 * turning.items)
    small, middle, large = _parted(turning, enough)
    width = turning.high - turning.low
    weights = [item.weight for item in small]
    size, top = field_size(weights, width), sum(weights) + width
    fields = series(weights, top, width, size, patience)
    combined = _combined(middle, patience)
    reach = top + sum(item.weight for item in middle)
    count, looked, begun = 0, 0, list[tuple[Sequence[_Item], int]]()
    for turned, high in _beginnings(turning, large, reach, patience):
        patience.spend(2 * len(combined))
        lowest, highest = max(high - top, 0) << len(middle), (high + 1) << len(middle)
        keys = [key for key in combined if lowest <= key < highest]
        found = looked_up(fields, size, [high - (key >> len(middle)) for key in keys], patience)
        count += sum(found)
        for key in islice((key for key, ways in zip(keys, found, strict=True) if ways), keep - len(begun)):
            chosen = (item for place, item in enumerate(middle) if key >> place & 1)
            begun.append(([*turned, *chosen], high - (key >> len(middle))))
        looked += len(combined)
        if count > enough or looked > _LOOKED_UP:
            break
    return Plenty(count, not large, turning, small, begun)


def _parted(turning: Turning, enough: int) -> tuple[list[_Item], list[_Item], list[_Item]]:
    """The small ones for the series, as many in between as should be enough to try, and the large ones, those first of which the
    oldest debts become part of the sum."""
    ascending, spare = list[_Item](), list[_Item]()
    for group in reversed(turning.groups):
        items = [_Item(group.weight, index, group.inside) for index in group.members]
        ascending += items[:_OF_EACH]
        spare += items[_OF_EACH:]
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
    large.sort(key=lambda item: -item.place if item.inside else item.place)
    return ascending[:small], ascending[small:middle], large


def _combined(items: Sequence[_Item], patience: Patience) -> list[int]:
    """Every sum of some of these, and in the low bits of which."""
    keys = [0]
    for place, item in enumerate(items):
        patience.spend(len(keys))
        step = item.weight << len(items) | 1 << place
        keys += [key + step for key in keys]
    return keys


def _beginnings(
    turning: Turning, large: Sequence[_Item], reach: int, patience: Patience
) -> Iterator[tuple[Sequence[_Item], int]]:
    """The large ones turned one after the other, each where it still fits, and again from the second on, and so forth: wherever
    the others reach the rest, and first where it is in the middle of their reach. With it, what is missing at most."""
    if turning.high <= reach:
        yield (), turning.high
    for first in range(len(large)):
        patience.spend(3 * (len(large) - first))
        high, turned, within = turning.high, list[_Item](), list[tuple[int, int]]()
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
