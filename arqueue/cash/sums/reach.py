"""Which sums can be made at all: one bit a sum, so that one more item is one shift of a large number.

Bellman, "Dynamic Programming" (1957); the bits let the machine do sixty-four sums at a time. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from arqueue.cash.sums.answers import Patience
from arqueue.cash.sums.question import Turning
from arqueue.cash.sums.shapes import Shape

BITS_A_UNIT = 1_000
"""As many bits as are shifted in one unit of work."""


def bits_needed(turning: Turning) -> int:
    """The size of all tables of ``traced``."""
    return (turning.high + 1) * (len(turning.groups) + 1)


def traced(turning: Turning, patience: Patience) -> Iterator[Shape]:
    """Every way of turning that moves the sum into the window, with no step into a dead end: of each group and each sum it is
    known whether the groups after it can still make up the difference. Raises OutOfTime."""
    width = turning.high - turning.low
    tables = []
    sums, mask, size = 1, (1 << (turning.high + 1)) - 1, turning.high // 8 + 1
    for group in reversed(turning.groups):
        patience.spend(4 * (turning.high // BITS_A_UNIT + 1))
        tables.append(widened(sums, width).to_bytes(size, "little"))
        rest = len(group.members)
        times = 1
        while rest:
            times = min(times, rest)
            patience.spend(turning.high // BITS_A_UNIT + 1)
            sums |= sums << times * group.weight & mask
            rest -= times
            times *= 2
    tables.reverse()
    if widened(sums, width) >> turning.low & 1:
        yield from _followed(turning, tables, [0] * len(tables), 0, turning.high, patience)


def widened(sums: int, width: int) -> int:
    """A bit for every need: whether some sum lies between the need and ``width`` more."""
    done = 0
    while done < width:
        step = min(done + 1, width - done)
        sums |= sums >> step
        done += step
    return sums


def _followed(
    turning: Turning, tables: list[bytes], shape: list[int], place: int, high: int, patience: Patience
) -> Iterator[Shape]:
    """What is still to be moved is ``high`` at most: ends where nothing more is needed, and goes on with every later group."""
    low = high - turning.high + turning.low
    if low <= 0:
        yield tuple(shape)
    for here in range(place, len(tables)):
        group, table = turning.groups[here], tables[here]
        patience.spend(4)
        need = low
        for turned in range(1, min(len(group.members), high // group.weight) + 1):
            need = max(low - turned * group.weight, 0)
            if table[need >> 3] >> (need & 7) & 1:
                shape[here] = turned
                yield from _followed(turning, tables, shape, here + 1, high - turned * group.weight, patience)
        shape[here] = 0
