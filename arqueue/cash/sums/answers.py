"""What a search for sums answers, and how long it may take. Pure data."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import inf

Indices = tuple[int, ...]
"""One answer: places in the amounts that were asked about, ascending."""


@dataclass(frozen=True, slots=True)
class Answers:
    """Which subsets of the amounts come to what was paid, and how far one may trust that there are no others."""

    count: int
    """How many subsets there are."""
    counted: bool
    """False: there are more than ``count``; where ``complete`` is False as well, at least as many."""
    complete: bool
    """False: time or room was over before the search was; there may be others, also better ones."""
    sets: tuple[Indices, ...]
    """Fewest items first, then oldest first; no more than were to be kept."""


class OutOfTime(Exception):
    """The search has to stop where it is."""


class TooMuch(Exception):
    """This way is longer than it is worth."""


def never() -> bool:
    """Whether the time is over, for who has plenty."""
    return False


class Patience:
    """Counts the work done, in units of about 50 ns, and asks from time to time whether the time is over.

    What may take forever is given an allowance as well, so that a question asked without any hurry still comes to an end."""

    __slots__ = ("_allowed", "_ask_at", "_over", "spent")

    _INTERVAL = 20_000
    _PART = 8_000

    def __init__(self, over: Callable[[], bool]) -> None:
        self.spent = 0
        self._over = over
        self._ask_at = 0
        self._allowed: float = inf

    @contextmanager
    def of(self, units: int) -> Iterator[None]:
        """What is done inside ends, wherever it is, when it has taken this much."""
        self._allowed = self.spent + units
        try:
            yield
        except TooMuch:
            pass
        finally:
            self._allowed = inf

    def spend(self, units: int) -> None:
        """Says that this much is about to be done. Raises OutOfTime and TooMuch."""
        self.spent += units
        if self.spent > self._allowed:
            raise TooMuch
        if self.spent >= self._ask_at:
            self._ask_at = self.spent + self._INTERVAL
            if self._over():
                raise OutOfTime

    def parts(self, numbers: list[int]) -> Iterator[list[int]]:
        """A long list piece by piece, so that there is time to ask in between. Raises OutOfTime and TooMuch."""
        for start in range(0, len(numbers), self._PART):
            part = numbers[start : start + self._PART]
            self.spend(2 * len(part))
            yield part
