"""A customer's account as it grows day by day: documents, terms, numbers and amounts as sellers issue them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Final

from arqueue.model.ledger import ItemKind

FAMILIES: Final = ("cents", "whole", "fifties", "prices")
"""Amounts to the cent, in whole units, in multiples of 50, and out of a short price list."""

_DISPUTES: Final = ("Price", "Quantity", "Damaged", "Not ordered", "Wrong address")
_SITES: Final = ("North", "South", "Harbour", "Mill Lane", "Old Town", "Airport", "Depot 4", "Riverside")


@dataclass(frozen=True, slots=True)
class Terms:
    """ "2/10 net 30": `percent` off when paid within `within` days of the document, all of it after `net`."""

    net: int
    percent: int = 0
    within: int = 0

    def __str__(self) -> str:
        return f"{self.percent}/{self.within} net {self.net}" if self.percent else f"net {self.net}"


@dataclass(slots=True)
class Document:
    """One debit or credit on the account; amounts in minor units, `open` positive for both."""

    id: str
    number: str
    kind: ItemKind
    party: str
    total: int
    on: date
    due: date
    order: str = ""
    reference: str = ""
    dispute: str = ""
    parent: str = ""
    approved: date = date.max
    """When the customer's own people have signed it."""
    open: int = -1

    def __post_init__(self) -> None:
        if self.open < 0:
            self.open = self.total

    @property
    def is_credit(self) -> bool:
        """A credit note: it lowers what is owed."""
        return self.kind is ItemKind.CREDIT


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """What stays the same about one customer: size, amounts, terms, who belongs to it, how its seller numbers."""

    name: str
    open_items: int
    """About how many documents stand open at a time."""
    family: str
    currency: str
    terms: Terms
    numbering: Callable[[int], str]
    parties: tuple[str, ...] = ("party:1",)
    """The payer first, then its branches."""
    credit_share: float = 0.04
    dispute_share: float = 0.03
    instalment_share: float = 0.0
    order_length: int = 3
    """About how many documents one order brings."""


def amount(rng: Random, family: str, prices: Sequence[int]) -> int:
    """One document's amount in minor units of a currency with two decimals: lognormal, but for the price list."""
    if family == "prices":
        return rng.choice(prices)
    value = rng.lognormvariate(5.9, 1.1)
    if family == "whole":
        return max(1, round(value)) * 100
    if family == "fifties":
        return max(1, round(value / 50)) * 5000
    return max(100, round(value * 100))


def price_list(rng: Random) -> tuple[int, ...]:
    """Five to eight prices, tax included."""
    return tuple(round(rng.choice((49, 99, 120, 250, 480, 1200)) * rng.choice((100, 107, 119, 120, 125)))
                 for _ in range(rng.randint(5, 8)))  # fmt: skip


_STYLES: Final[tuple[Callable[[int], str], ...]] = (
    lambda n: f"INV-{n:06}",
    lambda n: f"INV{n:08}",
    lambda n: f"{1_000_000 + n}",
    lambda n: f"{n:05}",
    lambda n: f"2026/{n:05}",
    lambda n: f"RE-26-{n:05}",
    lambda n: f"F26{n:06}",
    lambda n: f"SI-{n:07}",
    lambda n: f"00{90_000_000 + n}",
    lambda n: f"A{n // 1000:03}-{n % 1000:03}",
)


def numbering(rng: Random) -> Callable[[int], str]:
    """How one seller writes its document numbers."""
    return rng.choice(_STYLES)


def size(rng: Random) -> int:
    """Open items of a customer, from 3 to 5,000: most have few, some have very many (Pareto with exponent 0.75)."""
    return int(min(5000, 3 * (1 - rng.random()) ** (-1 / 0.75)))


@dataclass(slots=True)
class Account:
    """All documents of one customer so far; `grow` brings a day's new ones."""

    customer: Customer
    rng: Random
    rate: float
    """Documents a working day."""
    documents: list[Document] = field(default_factory=list)
    counter: int = 0
    prices: tuple[int, ...] = ()
    _order: str = ""
    _credits: int = 0

    def __post_init__(self) -> None:
        self.counter = self.rng.randint(300, 60_000)
        self.prices = price_list(self.rng)

    def grow(self, day: date) -> None:
        """Bring the documents of one day; none at weekends."""
        if day.weekday() >= 5:
            return
        count = int(self.rate) + (self.rng.random() < self.rate % 1)
        for _ in range(count):
            self._issue(day)

    def _issue(self, day: date) -> None:
        rng, customer = self.rng, self.customer
        # The seller has other customers, whose numbers lie between.
        self.counter += 1 + int(rng.expovariate(1 / 6))
        total = amount(rng, customer.family, self.prices)
        if rng.random() < customer.credit_share and self.documents:
            self._credit(day, total)
        elif rng.random() < customer.instalment_share and total > 3000:
            self._instalments(day, total)
        else:
            self._add(ItemKind.INVOICE, self._number(), total, day, day + timedelta(customer.terms.net))

    def _number(self) -> str:
        return self.customer.numbering(self.counter)

    def _credit(self, day: date, total: int) -> None:
        """Something sent back or priced too high: all or part of an earlier invoice's amount."""
        earlier = self.rng.choice(self.documents[-30:])
        part = self.rng.choice((earlier.total, max(1, earlier.total // 10), max(1, total // 5)))
        self._credits += 1
        self._add(ItemKind.CREDIT, f"CN-{self.counter % 10_000:04}", part, day, day, earlier.order)

    def _instalments(self, day: date, total: int) -> None:
        parts = self.rng.randint(2, 4)
        number, share = self._number(), total // parts
        for part in range(parts):
            rest = total - share * (parts - 1) if part == parts - 1 else share
            due = day + timedelta(30 * (part + 1))
            self._add(ItemKind.INSTALMENT, f"{number}/{part + 1}", rest, day, due, parent=number)

    def _add(
        self, kind: ItemKind, number: str, total: int, day: date, due: date, order: str = "", parent: str = ""
    ) -> None:
        rng, customer = self.rng, self.customer
        if not self._order or rng.random() < 1 / customer.order_length:
            self._order = f"{rng.choice(('PO-', '45000', 'B'))}{rng.randint(10_000, 99_999)}"
        party = customer.parties[0] if len(customer.parties) == 1 else rng.choice(customer.parties)
        document = Document(
            id=f"item:{len(self.documents) + 1}",
            number=number,
            kind=kind,
            party=party,
            total=total,
            on=day,
            due=due,
            order=order or self._order,
            reference=rng.choice(_SITES) if rng.random() < 0.2 else "",
            parent=parent,
            # Most are signed within days, some lie on a desk for weeks.
            approved=day + timedelta(days=int(rng.lognormvariate(2.0, 0.9))),
        )
        if kind is ItemKind.INVOICE and rng.random() < customer.dispute_share:
            document.dispute = rng.choice(_DISPUTES)
        self.documents.append(document)

    def debits(self) -> list[Document]:
        """What is owed, in the order it was issued."""
        return [each for each in self.documents if each.open and not each.is_credit]

    def credits(self) -> list[Document]:
        """Credit notes not used yet."""
        return [each for each in self.documents if each.open and each.is_credit]
