"""The generator's diary: which day what is to happen, what day has which date, and the next number of each series.

Days are whole numbers from the start of the history to ``span``, which is today. Nothing depends on which date
today is, so that another today moves a company but does not change it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from typing import Final

from data.demo.customers import Customer
from data.demo.dice import Dice
from data.demo.plan import PlannedDocument
from data.demo.remittance import Due, Writer

Event = Callable[[int], Iterable[PlannedDocument]]
"""Something that happens on the day it is told."""

_MONTHS: Final = "01 02 03 04 05 06 07 08 09 10 11 12".split()


class Agenda:
    """What is still to happen; a day's entries are dropped once they are done, so that no history piles up."""

    def __init__(self, customers: Sequence[Customer], today: date, span: int, dice: Dice) -> None:
        self.customers = customers
        self.span = span
        self.dice = dice
        self.latest_number = ""
        """The invoice number given last: somebody else's, for most who write now."""
        self._dates = [_working_day(today - timedelta(days=span - day)) for day in range(span + 1)]
        self._events: list[list[Event]] = [[] for _ in range(span + 1)]
        self._runs: list[dict[tuple[int, str], list[Due]]] = [{} for _ in range(span + 1)]
        self._series = {"INV": 0, "CN": 0, "PAY": 0}

    def date(self, day: int) -> date:
        """The business date of a day; what falls on a weekend is done on the Friday before."""
        return self._dates[day]

    def number(self, series: str, day: int) -> str:
        """The next document number: series, year, and a serial that does not restart with the year."""
        serial = self._series[series] = self._series[series] + 1
        number = f"{series}-{self._dates[day].year}-{serial:06d}"
        if series == "INV":
            self.latest_number = number
        return number

    def at(self, day: int, event: Event) -> None:
        """Let something happen on a day that is not over yet."""
        self._events[day].append(event)

    def owe(self, earliest: int, due: Due) -> None:
        """Let the customer's payer pay this in its first payment run from ``earliest`` on, at the latest yesterday."""
        payer = self.customers[self.customers[due.customer].payer]
        day = earliest + (payer.phase - earliest) % payer.every
        if day >= self.span:
            day = self.dice.between(max(due.born + 1, self.span - 12), self.span - 1)
        self._runs[day].setdefault((payer.place, due.currency), []).append(due)

    def owe_on(self, day: int, due: Due) -> None:
        """Let the payer pay this on that very day."""
        key = (self.customers[due.customer].payer, due.currency)
        self._runs[day].setdefault(key, []).append(due)

    def events(self, day: int) -> list[Event]:
        """What was noted for the day; it is noted no longer."""
        noted, self._events[day] = self._events[day], []
        return noted

    def runs(self, day: int) -> dict[tuple[int, str], list[Due]]:
        """The payment runs of the day by payer and currency; they are noted no longer."""
        noted, self._runs[day] = self._runs[day], {}
        return noted

    def writer(self, customer: Customer, day: int) -> Writer:
        """Who writes the remittance text of this customer's payment."""
        on = self._dates[max(0, day - 28)]
        return Writer(customer.tongue.code, self.latest_number, f"{_MONTHS[on.month - 1]}/{on.year}")


def _working_day(day: date) -> date:
    return day - timedelta(days=max(0, day.weekday() - 4))
