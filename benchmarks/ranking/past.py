"""What is known of payers on a day: how late they paid what they had paid by then, and no more."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections import defaultdict
from statistics import median_low

_LAST = 24
"""So many invoices are looked back on, as the queue does."""
_ENOUGH = 5
"""With fewer of its own a customer is judged by all customers together."""
_SAMPLE = 2000


class Past:
    """Days late by customer, learned as payments come in."""

    def __init__(self) -> None:
        self._late: dict[str, list[int]] = defaultdict(list)
        self._all: list[int] = []

    def learn(self, customer: str, days_late: int) -> None:
        """A payment came in."""
        late = self._late[customer]
        late.append(days_late)
        del late[:-_LAST]
        if len(self._all) < _SAMPLE:
            insort(self._all, days_late)

    def habit(self, customer: str) -> tuple[int, int] | None:
        """The median of the last invoices and their number; None before the first."""
        late = self._late.get(customer)
        return (median_low(late), len(late)) if late else None

    def expected_wait(self, customer: str, days_late: int) -> float:
        """Days until it pays what is so late already, if nobody calls: the mean over those of its past invoices that were later
        still; when there is none, it is unlike itself, and as many days again are expected."""
        late = self._late.get(customer, [])
        known = sorted(late) if len(late) >= _ENOUGH else self._all
        later = known[bisect_right(known, days_late) :]
        return sum(later) / len(later) - days_late if later else float(max(10, days_late))
