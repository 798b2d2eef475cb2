"""From how many of each amount to which items: fewest first, then oldest first. Pure."""

from __future__ import annotations

import heapq
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from math import comb, prod

from arqueue.cash.sums.amounts import Group
from arqueue.cash.sums.answers import Indices, Patience
from arqueue.cash.sums.question import Turning

Shape = tuple[int, ...]
"""How many items of each group are turned, in the order of the groups."""


def ways(groups: Sequence[Group], shapes: Sequence[Shape]) -> int:
    """How many sets of items have one of these shapes."""
    several = [(at, len(group.members)) for at, group in enumerate(groups) if len(group.members) > 1]
    if not several:
        return len(shapes)
    return sum([prod([comb(many, shape[at]) for at, many in several if shape[at]]) for shape in shapes])


def spelled(turning: Turning, shapes: Iterable[Shape], keep: int, patience: Patience) -> list[Indices]:
    """The first sets of these shapes; each shape is given once. The empty set is no answer."""
    by_size: dict[int, list[Shape]] = defaultdict(list)
    sizes = [len(group.members) if group.inside else 0 for group in turning.groups]
    start = len(turning.fixed) + sum(sizes)
    leaving = [at for at, group in enumerate(turning.groups) if group.inside]
    for shape in shapes:
        patience.spend(len(shape))
        left = sum([shape[at] for at in leaving]) if leaving else 0
        by_size[start + sum(shape) - 2 * left].append(shape)
    by_size.pop(0, None)
    several = any(len(group.members) > 1 for group in turning.groups)
    found: list[Indices] = []
    for size in sorted(by_size):
        room = keep - len(found)
        if room <= 0:
            break
        if several:
            patience.spend(40 * size * len(by_size[size]))
            takings = [_taking(turning, shape) for shape in by_size[size]]
            first = heapq.nsmallest(room, takings, key=_oldest)
            found += islice(heapq.merge(*map(_in_order, first)), room)
        else:
            patience.spend(2 * len(turning.groups) * len(by_size[size]))
            found += sorted([_taken(turning, shape) for shape in by_size[size]])[:room]
    return found


def _taken(turning: Turning, shape: Shape) -> Indices:
    """The items that are part of the sum, where no two are alike."""
    each = zip(turning.groups, shape, strict=True)
    return tuple(sorted([*turning.fixed, *[group.members[0] for group, one in each if one != group.inside]]))


def _taking(turning: Turning, shape: Shape) -> dict[Indices, int]:
    """How many of which items are part of the sum."""
    taking: dict[Indices, int] = {(index,): 1 for index in turning.fixed}
    for group, turned in zip(turning.groups, shape, strict=True):
        taken = group.taken(turned)
        if taken:
            taking[group.members] = taken
    return taking


def _oldest(taking: Mapping[Indices, int]) -> list[int]:
    return sorted(index for members, taken in taking.items() for index in members[:taken])


def _in_order(taking: Mapping[Indices, int]) -> Iterator[Indices]:
    """All sets that take so many of each, oldest first."""
    chosen: Indices | None = tuple(_oldest(taking))
    owner = {index: members for members, taken in taking.items() for index in members if taken < len(members)}
    while chosen is not None:
        yield chosen
        chosen = _following(chosen, owner)


def _following(chosen: Indices, owner: Mapping[int, Indices]) -> Indices | None:
    """The next in order: the last item that can make way for a later one does so, and the oldest of what is missing follow."""
    freed: dict[Indices, int] = defaultdict(int)
    for place in reversed(range(len(chosen))):
        leaving = chosen[place]
        if leaving not in owner:
            continue
        freed[owner[leaving]] += 1
        rest = [
            index
            for members, many in freed.items()
            for index in members[bisect_right(members, leaving) :][:many]
        ]
        if len(rest) == sum(freed.values()):
            unmoved = (index for index in chosen[place + 1 :] if index not in owner)
            return (*chosen[:place], *sorted((*rest, *unmoved)))
    return None
