"""The open items that a payment could be for, in columns of plain numbers: what the search walks over. Pure.

A *place* is an item's position here: debits oldest due first, then credits oldest first. Amounts are minor units, signed."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import islice
from typing import Final

from arqueue.cash.case import PaymentCase
from arqueue.cash.terms import Offer, offer, parse_terms
from arqueue.model.currency import exponent
from arqueue.model.ledger import Item, ItemKind, OpenItem
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
    items: Sequence[OpenItem]
    debits: int
    """How many of the places are debits; the credits follow."""
    due: Sequence[int]
    """The day each place falls due, as an ordinal; the document's where none is said."""
    dated: Sequence[int]
    """The day of each document, as an ordinal."""

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
    def documents(self) -> list[Item]:
        """What each place is for."""
        return [each.item for each in self.items]

    @cached_property
    def orders(self) -> list[str]:
        """What ties each debit to others: its purchase order, else how the customer's reference begins; empty for nothing."""
        return [
            item.purchase_order or (item.reference and _begins(item.reference))
            for item in islice(self.documents, self.debits)
        ]

    @cached_property
    def foreign(self) -> frozenset[int]:
        """Places of the family that are not the payer's own."""
        payer = self.case.payment.item.party_id
        return frozenset([place for place, item in enumerate(self.documents) if item.party_id != payer])

    @cached_property
    def disputed(self) -> frozenset[int]:
        """Debits whose customer says that they are not owed."""
        return frozenset([place for place, item in enumerate(self.documents[: self.debits]) if item.dispute])

    @cached_property
    def planned(self) -> frozenset[int]:
        """Debits that are instalments."""
        debits = enumerate(self.documents[: self.debits])
        return frozenset([place for place, item in debits if item.kind is ItemKind.INSTALMENT])

    @cached_property
    def passed(self) -> frozenset[int]:
        """Debits that the customer's latest run passed over."""
        passed = self.case.habit.manners.passed
        if not passed:
            return frozenset()
        return frozenset(
            [place for place, item in enumerate(self.documents[: self.debits]) if item.id in passed]
        )

    @cached_property
    def unapplied(self) -> frozenset[int]:
        """Credits that are money sent before."""
        credits = range(self.debits, len(self.items))
        return frozenset([place for place in credits if self.documents[place].kind is ItemKind.PAYMENT])

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
        for place, item in enumerate(self.documents[: self.debits]):
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
        for earned in (True, False) if self.offers else ():
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
    amount, currency, paid = -case.payment.open.minor, case.payment.open.currency, {case.payment.item.id}
    debits = _open(case.debits, 1, paid)
    credits = _open(case.credits, -1, paid | debits.keys() if case.credits else paid)
    other: Counter[str] = Counter()
    items, due, dated, sizes = list[OpenItem](), list[int](), list[int](), list[int]()
    for side in (debits, credits):
        by_days: dict[tuple[date, date], list[OpenItem]] = defaultdict(list)
        for key in sorted(side):
            each = side[key]
            if each.open.currency == currency:
                by_days[each.item.due_date or each.item.doc_date, each.item.doc_date].append(each)
            else:
                other[each.open.currency] += 1
        for (due_on, dated_on), there in sorted(by_days.items()):
            items += there
            due += [due_on.toordinal()] * len(there)
            dated += [dated_on.toordinal()] * len(there)
        sizes.append(len(items))
    notes = tuple(
        f"{count} open item{'s' if count > 1 else ''} in {code}: another currency than the payment's {currency}"
        for code, count in sorted(other.items())
    )
    if amount <= 0 or not sizes[0]:
        return None, notes
    return Statement(case, amount, items, sizes[0], due, dated), notes


def _open(given: Sequence[OpenItem], side: int, but: AbstractSet[str]) -> dict[str, OpenItem]:
    """What is open on this side by its id, each item once."""
    return {
        each.item.id: each
        for each in reversed(given)
        if each.open.minor * side > 0 and each.item.id not in but
    }


def _begins(reference: str) -> str:
    found = _PREFIX.match(reference)
    return found[1] if found else ""
