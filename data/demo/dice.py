"""Draws that come out alike on every machine and in every Python, so that a seed means one company.

Only ``Random.random`` (which Python promises to keep) and IEEE additions and multiplications are used: the last
bit of ``math.exp`` or ``**`` depends on the platform's C library, and ``sample`` or ``gauss`` may change with Python.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate
from random import Random
from typing import Generic, TypeVar

T = TypeVar("T")


class Dice:
    """One stream of draws; streams of the same seed with other names are independent of each other."""

    __slots__ = ("random",)

    def __init__(self, seed: int, stream: int) -> None:
        self.random = Random(abs(seed) * 64 + stream * 2 + (seed < 0)).random

    def below(self, end: int) -> int:
        """A whole number from 0 up to but not ``end``."""
        return int(self.random() * end)

    def between(self, low: int, high: int) -> int:
        """A whole number from ``low`` to ``high``, both included; ``low`` if there is no room."""
        return low + int(self.random() * (high - low + 1)) if high > low else low

    def chance(self, probability: float) -> bool:
        """True in this share of draws."""
        return self.random() < probability

    def pick(self, options: Sequence[T]) -> T:
        """One of the options, each as likely."""
        return options[int(self.random() * len(options))]

    def normal(self) -> float:
        """Bell-shaped around 0 with deviation 1 and nothing beyond 3 (the sum of three uniform draws)."""
        draw = self.random
        return 2.0 * (draw() + draw() + draw()) - 3.0

    def long_tail(self, median: float, spread: float) -> float:
        """About lognormal: half of the draws below ``median``, a few many times it."""
        return median * _compound(spread * self.normal())

    def some(self, options: Sequence[T], count: int) -> list[T]:
        """``count`` different ones of the options, in their own order."""
        left = min(count, len(options))
        taken: list[T] = []
        for place, option in enumerate(options):
            if self.random() * (len(options) - place) < left:
                taken.append(option)
                left -= 1
        return taken


class Wheel(Generic[T]):
    """Options of unequal weight; turning it costs one draw and a binary search."""

    __slots__ = ("_edges", "_options")

    def __init__(self, weights: Iterable[tuple[T, float]]) -> None:
        pairs = list(weights)
        self._options = [option for option, _ in pairs]
        self._edges = list(accumulate(weight for _, weight in pairs))

    def turn(self, dice: Dice) -> T:
        """One option, as likely as its weight says."""
        place = bisect_right(self._edges, dice.random() * self._edges[-1])
        return self._options[min(place, len(self._options) - 1)]


def plain_sum(numbers: Iterable[float]) -> float:
    """The sum, added up in order: ``sum`` of floats compensates since Python 3.12 and differs in the last bit."""
    total = 0.0
    for number in numbers:
        total += number
    return total


def _compound(x: float) -> float:
    """(1 + x/64)^64: near enough to e^x, and nothing but multiplication."""
    grown = 1.0 + x / 64.0
    for _ in range(6):
        grown *= grown
    return grown
