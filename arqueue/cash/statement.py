"""The open items that a payment could be for, in columns of plain numbers: what the search walks over. Pure.

A *place* is an item's position here: debits oldest due first, then credits oldest first. Amounts are minor units, signed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from arqueue.cash.account import Debits, OpenAccount
from arqueue.cash.case import PaymentCase
from arqueue.cash.sums import Amounts
from arqueue.cash.terms import Offer, offer, parse_terms
from arqueue.model.currency import exponent
from arqueue.model.ledger import Item, ItemKind, OpenItem
from arqueue.model.money import Money


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
    """One payment and what is open beside it, in the payment's currency. ``amount`` is positive."""

    case: PaymentCase
    amount: int
    account: Debits
    """The debits, which are the first places."""
    credits: Sequence[OpenItem]
    """The places behind them."""

    @cached_property
    def debits(self) -> int:
        """How many of the places are debits; the credits follow."""
        return len(self.account)

    @property
    def currency(self) -> str:
        """The one currency of it all."""
        return self.case.payment.open.currency

    @property
    def paid_on(self) -> date:
        """When the customer paid."""
        return self.case.payment.item.doc_date

    @property
    def payer(self) -> str:
        """Whose payment it is."""
        return self.case.payment.item.party_id

    @cached_property
    def items(self) -> Sequence[OpenItem]:
        """What is open, by place."""
        return [*self.account.items, *self.credits] if self.credits else self.account.items

    @cached_property
    def gross(self) -> View:
        """What is open of each."""
        amounts = self.account.amounts
        return View([*amounts, *self._credits] if self.credits else amounts, number=0)

    @cached_property
    def summands(self) -> Amounts:
        """The same as a search for sums takes them."""
        debits = self.account.amounts
        return debits.with_more(self._credits) if self.credits else debits

    @cached_property
    def _credits(self) -> Sequence[int]:
        return [each.open.minor for each in self.credits]

    @cached_property
    def due(self) -> Sequence[int]:
        """The day each debit falls due, as an ordinal; the document's where none is said."""
        return self.account.due

    @cached_property
    def dated(self) -> Sequence[int]:
        """The day of each document, as an ordinal."""
        credits = [each.item.doc_date.toordinal() for each in self.credits]
        return [*self.account.dated, *credits] if credits else self.account.dated

    @cached_property
    def documents(self) -> Sequence[Item]:
        """What each place is for."""
        credits = [each.item for each in self.credits]
        return [*self.account.documents, *credits] if credits else self.account.documents

    @property
    def orders(self) -> Sequence[str]:
        """What ties each debit to others: an order; empty for nothing."""
        return self.account.orders

    @cached_property
    def place_of(self) -> Mapping[str, int]:
        """Where each item stands, by its id."""
        credits = {each.item.id: place for place, each in enumerate(self.credits, self.debits)}
        return {**self.account.place_of, **credits} if credits else self.account.place_of

    @cached_property
    def foreign(self) -> frozenset[int]:
        """Places of the family that are not the payer's own."""
        credits = [
            place for place, each in enumerate(self.credits, self.debits) if each.item.party_id != self.payer
        ]
        debits = self.account.foreign(self.payer)
        return debits.union(credits) if credits else debits

    @property
    def disputed(self) -> frozenset[int]:
        """Debits whose customer says that they are not owed."""
        return self.account.disputed

    @property
    def planned(self) -> frozenset[int]:
        """Debits that are instalments."""
        return self.account.planned

    @cached_property
    def passed(self) -> frozenset[int]:
        """Debits that the customer's latest run passed over."""
        passed = self.case.habit.manners.passed
        at = self.account.place_of if passed else {}
        return frozenset([at[each] for each in passed if each in at])

    @cached_property
    def unapplied(self) -> frozenset[int]:
        """Credits that are money sent before."""
        credits = enumerate(self.credits, self.debits)
        return frozenset([place for place, each in credits if each.item.kind is ItemKind.PAYMENT])

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
        for place, item in enumerate(self.account.documents):
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
    def earned(self) -> frozenset[int]:
        """Debits whose terms still take something off."""
        return frozenset([place for place, each in self.offers.items() if each.earned])

    @cached_property
    def offs(self) -> Sequence[int]:
        """What terms take off each place, or took off before."""
        offs = [0] * len(self.items)
        for place, each in self.offers.items():
            offs[place] = each.off(self.gross.amounts[place])
        return offs

    @cached_property
    def views(self) -> tuple[View, ...]:
        """Gross; net of earned discounts; net of all that were ever offered. Only those that differ."""
        views = [self.gross]
        for earned in (True, False) if self.offers else ():
            offs = self.offs
            if earned and len(self.earned) < len(self.offers):
                offs = [off if place in self.earned else 0 for place, off in enumerate(offs)]
            if any(offs) and (len(views) == 1 or offs != views[-1].offs):
                net = [*map(int.__sub__, self.gross.amounts, offs)]
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
    amount, currency, payment = -case.payment.open.minor, case.payment.open.currency, case.payment.item.id
    account = case.account or OpenAccount(case.debits, case.credits)
    book = account.in_currency(currency)
    if payment in book.ids:
        book = OpenAccount(
            [each for each in case.debits if each.item.id != payment], case.credits
        ).in_currency(currency)
    notes = tuple(
        f"{count} open item{'s' if count > 1 else ''} in {code}: another currency than the payment's {currency}"
        for code, count in sorted(book.others.items())
    )
    if amount <= 0 or not len(book.debits):
        return None, notes
    return Statement(case, amount, book.debits, book.without(payment)), notes
