"""The open items that a payment could be for, in columns of plain numbers: what the search walks over. Pure.

A *place* is an item's position here: debits oldest due first, then credits oldest first. Amounts are minor units, signed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Final

from arqueue.cash.case import PaymentCase
from arqueue.cash.terms import Offer, offer, parse_terms
from arqueue.model.currency import exponent
from arqueue.model.ledger import ItemKind, OpenItem
from arqueue.model.money import Money

_PREFIX: Final = re.compile(r"(.{3,}?)[-/. _]\w{1,6}$")


@dataclass(frozen=True, slots=True)
class View:
    """What each place comes to when discounts are taken in one way: none, the earned ones, or all that were offered."""

    amounts: Sequence[int]
    offs: Sequence[int] | None = None
    """The discount in each amount; None where none is taken."""
    earned: bool = True
    number: int | None = None
    """Its place among the statement's views; None for one that was made for some items alone."""


@dataclass(frozen=True)
class Statement:
    """One payment and what is open beside it, in the payment's currency. ``amount`` and ``debits`` are positive."""

    case: PaymentCase
    amount: int
    items: tuple[OpenItem, ...]
    debits: int
    """How many of the places are debits; the credits follow."""

    @property
    def currency(self) -> str:
        """The one currency of it all."""
        return self.case.payment.open.currency

    @property
    def paid_on(self) -> date:
        """When the customer paid."""
        return self.case.payment.item.doc_date

    @cached_property
    def gross(self) -> View:
        """What is open."""
        return View([each.open.minor for each in self.items], number=0)

    @cached_property
    def due(self) -> list[int]:
        """The day each place falls due, as an ordinal; the document's where none is said."""
        return [(each.item.due_date or each.item.doc_date).toordinal() for each in self.items]

    @cached_property
    def dated(self) -> list[int]:
        """The day of each document, as an ordinal."""
        return [each.item.doc_date.toordinal() for each in self.items]

    @cached_property
    def orders(self) -> list[str]:
        """What ties each debit to others: its purchase order, else how the customer's reference begins; empty for nothing."""
        found = []
        for place in range(self.debits):
            item = self.items[place].item
            begins = _PREFIX.match(item.reference) if item.reference and not item.purchase_order else None
            found.append(begins[1] if begins else item.purchase_order)
        return found

    @cached_property
    def foreign(self) -> frozenset[int]:
        """Places of the family that are not the payer's own."""
        payer = self.case.payment.item.party_id
        return frozenset(place for place, each in enumerate(self.items) if each.item.party_id != payer)

    @cached_property
    def disputed(self) -> frozenset[int]:
        """Debits whose customer says that they are not owed."""
        return frozenset(place for place in range(self.debits) if self.items[place].item.dispute)

    @cached_property
    def passed(self) -> frozenset[int]:
        """Debits that the customer's latest run passed over."""
        passed = self.case.habit.manners.passed
        if not passed:
            return frozenset()
        return frozenset(place for place in range(self.debits) if self.items[place].item.id in passed)

    @cached_property
    def unapplied(self) -> frozenset[int]:
        """Credits that are money sent before."""
        credits = range(self.debits, len(self.items))
        return frozenset(place for place in credits if self.items[place].item.kind is ItemKind.PAYMENT)

    @cached_property
    def offers(self) -> dict[int, Offer]:
        """What each debit's terms take off for paying when the customer did."""
        terms = {
            party_id: found
            for party_id, party in self.case.parties.items()
            if (found := parse_terms(party.terms)) is not None
        }
        if not terms:
            return {}
        known: dict[tuple[str, date], Offer] = {}
        offers = {}
        for place in range(self.debits):
            item = self.items[place].item
            if item.party_id not in terms:
                continue
            key = (item.party_id, item.doc_date)
            if key not in known:
                known[key] = offer(
                    terms[item.party_id], item.doc_date, self.paid_on, self.case.policy.grace_days
                )
            offers[place] = known[key]
        return offers

    @cached_property
    def views(self) -> tuple[View, ...]:
        """Gross; net of earned discounts; net of all that were ever offered. Only those that differ."""
        views = [self.gross]
        for earned in (True, False):
            offs = [0] * len(self.items)
            for place, each in self.offers.items():
                if each.earned or not earned:
                    offs[place] = each.off(self.gross.amounts[place])
            if any(offs) and (len(views) == 1 or offs != views[-1].offs):
                net = [amount - off for amount, off in zip(self.gross.amounts, offs, strict=True)]
                views.append(View(net, offs, earned, len(views)))
        return tuple(views)

    def numbers(self, places: Iterable[int], most: int = 4) -> str:
        """Documents by number, the first few of them."""
        chosen = list(places)
        shown = [self.items[place].item.number for place in chosen[:most]]
        more = [f"{len(chosen) - most} more"] if len(chosen) > most else []
        return ", ".join(shown + more)

    def money(self, minor: int) -> Money:
        """In the statement's currency."""
        return Money(minor, self.currency)

    def words(self, minor: int) -> str:
        """An amount as people read it: 1,250.00. Takes any sum, however large."""
        digits = exponent(self.currency)
        whole, part = divmod(abs(minor), 10**digits)
        return f"{'-' if minor < 0 else ''}{whole:,}" + (f".{part:0{digits}}" if digits else "")


def statement_of(case: PaymentCase) -> tuple[Statement | None, tuple[str, ...]]:
    """What the payment could be for, and in words what was left out. None where nothing is open or nothing was paid."""
    amount, currency = -case.payment.open.minor, case.payment.open.currency
    seen = {case.payment.item.id}
    other: Counter[str] = Counter()
    debits: list[OpenItem] = []
    credits: list[OpenItem] = []
    for given, kept, side in ((case.debits, debits, 1), (case.credits, credits, -1)):
        for each in given:
            if each.open.minor * side <= 0 or each.item.id in seen:
                continue
            seen.add(each.item.id)
            if each.open.currency == currency:
                kept.append(each)
            else:
                other[each.open.currency] += 1
    notes = tuple(
        f"{count} open item{'s' if count > 1 else ''} in {code}: another currency than the payment's {currency}"
        for code, count in sorted(other.items())
    )
    if amount <= 0 or not debits:
        return None, notes
    items = (*sorted(debits, key=_oldest), *sorted(credits, key=_oldest))
    return Statement(case, amount, items, len(debits)), notes


def _oldest(each: OpenItem) -> tuple[date, date, str]:
    return (each.item.due_date or each.item.doc_date, each.item.doc_date, each.item.id)
