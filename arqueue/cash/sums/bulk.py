"""Many items at a few prices: most of them are taken as they come, and a few dozen of each price make the sum come out. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from arqueue.cash.sums.answers import Patience
from arqueue.cash.sums.question import Turning
from arqueue.cash.sums.reach import bits_needed, traced
from arqueue.cash.sums.shapes import Shape

_LEFT = (48, 24, 12)
"""So many of each price are left to make the sum come out, if there is room for it."""
_ROOM = 100_000_000
"""Bits of the tables for these."""


def in_bulk(turning: Turning, patience: Patience) -> Iterator[Shape]:
    """Some ways of turning that move the sum into the window; none where there are too many prices. Raises OutOfTime."""
    for left in _LEFT:
        taken, remaining = _taken(turning, left)
        if bits_needed(remaining) <= _ROOM:
            for shape in traced(remaining, patience):
                yield tuple(map(int.__add__, taken, shape))
            return


def _taken(turning: Turning, left: int) -> tuple[list[int], Turning]:
    """How many of each price are taken at once, and what then remains of the question."""
    rest = tuple(group._replace(members=group.members[:left]) for group in turning.groups)
    high = turning.high
    aim = min(high, sum(group.weight * len(group.members) for group in rest) // 2)
    taken = []
    for group in turning.groups:
        share = min(len(group.members) - min(len(group.members), left), (high - aim) // group.weight)
        taken.append(share)
        high -= share * group.weight
    return taken, Turning(rest, (), max(high - turning.high + turning.low, 0), high)
