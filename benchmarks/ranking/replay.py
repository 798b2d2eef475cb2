"""One order of work over one history: each working day it ranks, a collector works so many accounts, cash comes in earlier."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from benchmarks.ranking.history import History, Invoice
from benchmarks.ranking.orders import Account, Order
from benchmarks.ranking.past import Past

_LESS_EACH_TIME = 0.7
_SOONEST_DAYS = 2
_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Effort:
    """What the collector can do: accounts a day, and for how many days a customer is left in peace after a call."""

    accounts: int
    quiet_days: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it: by how many days an overdue unit of money came earlier than without any call, the mean days past due of
    what was overdue, weighed by amount, and the calls that were made."""

    days_earlier: float
    days_late: float
    calls: int


class _Books:
    """The invoices as time goes on: when each will be paid as things are."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._coming = list(reversed(history.invoices))
        self._open: dict[int, Invoice] = {}
        self.paid_on: dict[int, date] = {}
        self.invoices: dict[int, Invoice] = {}
        self._calls: dict[int, int] = defaultdict(int)
        self.contacted: dict[str, date] = {}
        self.past = Past()

    def go_to(self, today: date) -> None:
        """Invoices are issued, payments come in and are learned from."""
        while self._coming and self._coming[-1].issued <= today:
            invoice = self._coming.pop()
            key = len(self.invoices)
            self.invoices[key] = self._open[key] = invoice
            self.paid_on[key] = invoice.paid
        for key in [key for key in self._open if self.paid_on[key] <= today]:
            invoice = self._open.pop(key)
            self.past.learn(invoice.customer, (self.paid_on[key] - invoice.due).days)

    def accounts(self, today: date, quiet_days: int) -> list[Account]:
        """The overdue accounts that may be called today."""
        late: dict[str, list[Invoice]] = defaultdict(list)
        for invoice in self._open.values():
            if invoice.due < today:
                late[invoice.customer].append(invoice)
        return [
            Account(
                customer,
                sum(each.minor for each in found),
                min(each.due for each in found),
                len(found),
                self.contacted.get(customer),
            )
            for customer, found in late.items()
            if (today - self.contacted.get(customer, date.min)).days > quiet_days
        ]

    def call(self, customer: str, today: date) -> None:
        """What is left of each wait shrinks by the customer's response, less each time."""
        self.contacted[customer] = today
        for key, invoice in self._open.items():
            if invoice.customer == customer and invoice.due < today:
                response = self._history.response[customer] * _LESS_EACH_TIME ** self._calls[key]
                self._calls[key] += 1
                left = (self.paid_on[key] - today).days
                sooner = max(_SOONEST_DAYS, round(left * (1 - response)))
                self.paid_on[key] = min(self.paid_on[key], today + timedelta(days=sooner))


def replay(history: History, order: Order, effort: Effort, first: date, last: date) -> Outcome:
    """Work from ``first`` to ``last``; what came before is only learned from."""
    books, day, calls = _Books(history), history.invoices[0].issued, 0
    while day <= last:
        books.go_to(day)
        if day >= first and day.weekday() < _SATURDAY:
            ranked = order(books.accounts(day, effort.quiet_days), day, books.past)
            for account in ranked[: effort.accounts]:
                books.call(account.customer, day)
                calls += 1
        day += timedelta(days=1)
    return _outcome(books, first, last, calls)


def _outcome(books: _Books, first: date, last: date, calls: int) -> Outcome:
    """Of the invoices that were overdue on some day of the time that was worked; what is unpaid at its end counts until then."""
    money = earlier = late = 0
    for key, invoice in books.invoices.items():
        if invoice.due >= last or invoice.paid <= max(invoice.due, first):
            continue
        paid, alone = min(books.paid_on[key], last), min(invoice.paid, last)
        money += invoice.minor
        earlier += invoice.minor * (alone - paid).days
        late += invoice.minor * (paid - invoice.due).days
    return Outcome(earlier / money, late / money, calls) if money else Outcome(0, 0, calls)
