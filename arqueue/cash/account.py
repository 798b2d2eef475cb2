"""What a payer and its family owe, in columns of plain numbers: read once, and kept from one payment to the next. Pure.

A customer with thousands of open items pays often. Reading them takes longer than matching a payment, and nothing of it depends
on the payment: the order, sums, and which items belong together are worked out when they are first needed, and stay."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Container, Hashable, Mapping, MutableMapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import accumulate
from typing import Final, TypeVar

from arqueue.cash.sums import Amounts
from arqueue.model.ledger import Item, ItemKind, OpenItem

_PREFIX: Final = re.compile(r"(.{3,}?)[-/. _]\w{1,6}$")
Key = TypeVar("Key")
Value = TypeVar("Value")
Days = tuple[date, date]
"""When something falls due, or the document's day where that is not said; and the document's."""

_KEPT: Final = 64
"""So many selections that depend on a payment's day or payer are kept."""


class OpenAccount:
    """The open items that payments of some customers could be for: whoever keeps it gives it to the next payment's case too."""

    def __init__(self, debits: Sequence[OpenItem], credits: Sequence[OpenItem] = ()) -> None:
        self.debits = debits
        self.credits = credits
        self._books: dict[str, Book] = {}

    def in_currency(self, currency: str) -> Book:
        """What is open in one currency."""
        if currency not in self._books:
            self._books[currency] = Book.of(self.debits, self.credits, currency)
        return self._books[currency]


@dataclass(frozen=True, slots=True)
class Book:
    """What is open in one currency: either side oldest due first, each item once."""

    debits: Debits
    credits: Sequence[OpenItem]
    others: Mapping[str, int]
    """How many items are open in each of the other currencies."""
    ids: Container[str]
    """Of all debits, whatever their currency."""

    @classmethod
    def of(cls, debits: Sequence[OpenItem], credits: Sequence[OpenItem], currency: str) -> Book:
        """What stands on both sides is a debit."""
        owed = _open(debits, 1)
        others: Counter[str] = Counter()
        paid = {key: each for key, each in _open(credits, -1).items() if key not in owed}
        received = [each for _, there in _by_days(paid, currency, others) for each in there]
        return cls(Debits(_by_days(owed, currency, others)), received, others, owed.keys())

    def without(self, payment: str) -> Sequence[OpenItem]:
        """The credits but the payment itself."""
        return [each for each in self.credits if each.item.id != payment]


@dataclass(frozen=True, eq=False)
class Order:
    """Places in some order, and what they come to from the first on, gross of all discounts. Ascending ``days`` may belong to
    it; what is worked out of it stays."""

    places: Sequence[int]
    totals: Sequence[int]
    days: Sequence[int] = ()

    @cached_property
    def reached(self) -> frozenset[int]:
        """The running totals; debits are positive, so each is reached once."""
        return frozenset(self.totals)

    @cached_property
    def starts(self) -> list[int]:
        """Where each day begins, and the end."""
        starts = [0]
        while starts[-1] < len(self.days):
            starts.append(bisect_right(self.days, self.days[starts[-1]], starts[-1]))
        return starts

    @cached_property
    def rank(self) -> Mapping[int, int]:
        """Where each place stands."""
        return {place: rank for rank, place in enumerate(self.places)}

    def largest_first(self, lo: int, hi: int) -> Sequence[int]:
        """The running totals of a stretch, its largest amount first."""
        if (lo, hi) not in self._largest_first:
            _limit(self._largest_first)
            totals = self.totals[lo : hi + 1]
            amounts = sorted(map(int.__sub__, totals[1:], totals), reverse=True)
            self._largest_first[lo, hi] = [0, *accumulate(amounts)]
        return self._largest_first[lo, hi]

    @cached_property
    def _largest_first(self) -> dict[tuple[int, int], Sequence[int]]:
        return {}

    @cached_property
    def largest(self) -> int:
        """The largest amount."""
        return max(map(int.__sub__, self.totals[1:], self.totals))


@dataclass(frozen=True, slots=True)
class Selection:
    """Some debits by due date and by document date. Both are one where that is the same order."""

    due: Order
    dated: Order

    @property
    def places(self) -> Sequence[int]:
        """Ascending."""
        return self.due.places

    def issued_by(self, day: int) -> Sequence[int]:
        """Those of them whose document is of that day or before."""
        return sorted(self.dated.places[: bisect_right(self.dated.days, day)])


class ByAmount:
    """Places in the order of their amounts; of equal amounts the oldest first."""

    def __init__(self, amounts: Sequence[int]) -> None:
        self._places = sorted(range(len(amounts)), key=amounts.__getitem__)
        self._sorted = [*map(amounts.__getitem__, self._places)]

    @cached_property
    def amounts(self) -> AbstractSet[int]:
        """All that there are."""
        return frozenset(self._sorted)

    def at(self, amount: int) -> Sequence[int]:
        """The places that come to just this, oldest first."""
        at = bisect_left(self._sorted, amount)
        if at == len(self._sorted) or self._sorted[at] != amount:
            return ()
        return self._places[at : bisect_right(self._sorted, amount, at)]

    def between(self, low: int, high: int) -> Sequence[int]:
        """The places that come to something within these bounds, the lowest first."""
        return self._places[bisect_left(self._sorted, low) : bisect_right(self._sorted, high)]

    def with_more(self, further: Sequence[int]) -> ByAmount:
        """With further places behind these, all of lower amounts: credits behind debits."""
        more = ByAmount(further)
        if further:
            start = len(self._places)
            more._places = [start + place for place in more._places] + self._places
            more._sorted += self._sorted
            return more
        return self


class Debits:
    """The open debits in one currency, by place: oldest due first."""

    def __init__(self, by_days: Sequence[tuple[Days, Sequence[OpenItem]]]) -> None:
        self.items = [each for _, there in by_days for each in there]
        self._by_days = by_days
        self._selections: dict[Hashable, Selection] = {}
        self._by_rest: dict[int, Mapping[int, Sequence[int]]] = {}
        self._units: dict[int, None] = {}
        self._foreign: dict[str, frozenset[int]] = {}

    def __len__(self) -> int:
        return len(self.items)

    @cached_property
    def documents(self) -> list[Item]:
        """What each is for."""
        return [each.item for each in self.items]

    @cached_property
    def place_of(self) -> Mapping[str, int]:
        """Where each item stands, by its id."""
        return {item.id: place for place, item in enumerate(self.documents)}

    @cached_property
    def amounts(self) -> Amounts:
        """What is open of each, in minor units."""
        return Amounts([each.open.minor for each in self.items])

    @cached_property
    def due(self) -> list[int]:
        """The day each falls due, as an ordinal; the document's where none is said."""
        return self._days(0)

    @cached_property
    def dated(self) -> list[int]:
        """The day of each document, as an ordinal."""
        return self._days(1)

    def _days(self, which: int) -> list[int]:
        days = list[int]()
        for pair, there in self._by_days:
            days += [pair[which].toordinal()] * len(there)
        return days

    @cached_property
    def parties(self) -> list[str]:
        """Who owes each."""
        return [item.party_id for item in self.documents]

    @cached_property
    def orders(self) -> list[str]:
        """What ties each to others: its purchase order, else how the customer's reference begins; empty for nothing."""
        return [
            item.purchase_order or (item.reference and _begins(item.reference)) for item in self.documents
        ]

    @cached_property
    def by_order(self) -> Mapping[str, Sequence[int]]:
        """The places of each order."""
        by_order: dict[str, list[int]] = defaultdict(list)
        for place, key in enumerate(self.orders if any(self.orders) else ()):
            if key:
                by_order[key].append(place)
        return by_order

    @cached_property
    def by_amount(self) -> ByAmount:
        """Where each amount is open."""
        return ByAmount(self.amounts)

    @cached_property
    def disputed(self) -> frozenset[int]:
        """Those whose customer says that they are not owed."""
        return frozenset([place for place, item in enumerate(self.documents) if item.dispute])

    @cached_property
    def planned(self) -> frozenset[int]:
        """Instalments."""
        kind = ItemKind.INSTALMENT
        return frozenset([place for place, item in enumerate(self.documents) if item.kind is kind])

    @cached_property
    def circles(self) -> Sequence[tuple[Sequence[object], Counter[object]]]:
        """By order, due date, document date and customer: what each belongs to, and how many belong there."""
        columns: list[Sequence[object]] = [self.orders, self.due, self.dated, self.parties]
        return [(column, Counter(column)) for column in columns]

    def foreign(self, payer: str) -> frozenset[int]:
        """Those that are not the payer's own."""
        if payer not in self._foreign:
            _limit(self._foreign)
            several = self.parties.count(payer) < len(self.parties)
            places = [place for place, party in enumerate(self.parties) if party != payer] if several else ()
            self._foreign[payer] = frozenset(places)
        return self._foreign[payer]

    def with_rest(self, unit: int, rest: int) -> Sequence[int]:
        """The places whose amounts are so much more than a whole multiple of a unit. A table of all rests pays from the second
        payment on."""
        if unit == 1:
            return () if rest else range(len(self))
        known = self._by_rest.get(unit)
        if known is None and unit not in self._units:
            _limit(self._units)
            self._units[unit] = None
            return [place for place, amount in enumerate(self.amounts) if amount % unit == rest]
        if known is None:
            _limit(self._by_rest)
            by_rest: dict[int, list[int]] = defaultdict(list)
            for place, amount in enumerate(self.amounts):
                by_rest[amount % unit].append(place)
            known = self._by_rest[unit] = dict(by_rest)
        return known.get(rest, ())

    def selected(self, name: Hashable, places: Sequence[int]) -> Selection:
        """Some of them (ascending), under a name that says which: the same name means the same places."""
        if name not in self._selections:
            _limit(self._selections)
            self._selections[name] = self.selection(places)
        return self._selections[name]

    def selection(self, places: Sequence[int]) -> Selection:
        """Some of them (ascending), which are not kept."""
        due = self._order(places, self.due)
        by_document = sorted(places, key=self.dated.__getitem__)
        if by_document == [*places]:
            return Selection(due, Order(due.places, due.totals, _at(places, self.dated)))
        return Selection(due, self._order(by_document, self.dated))

    def _order(self, places: Sequence[int], days: Sequence[int]) -> Order:
        return Order(places, [0, *accumulate(_at(places, self.amounts))], _at(places, days))


def _at(places: Sequence[int], column: Sequence[int]) -> Sequence[int]:
    """What a column has there."""
    return column if places == range(len(column)) else [*map(column.__getitem__, places)]


def _limit(kept: MutableMapping[Key, Value]) -> None:
    """What is kept for long shall not grow for long."""
    if len(kept) >= _KEPT:
        kept.clear()


def _open(given: Sequence[OpenItem], side: int) -> dict[str, OpenItem]:
    """What is open on this side by its id, each item once."""
    return {each.item.id: each for each in reversed(given) if each.open.minor * side > 0}


def _by_days(
    side: Mapping[str, OpenItem], currency: str, others: Counter[str]
) -> list[tuple[Days, list[OpenItem]]]:
    """By due date, document date and id; what is in other currencies is counted."""
    by_days: dict[Days, list[OpenItem]] = defaultdict(list)
    for key in sorted(side):
        each = side[key]
        if each.open.currency == currency:
            by_days[each.item.due_date or each.item.doc_date, each.item.doc_date].append(each)
        else:
            others[each.open.currency] += 1
    return sorted(by_days.items())


def _begins(reference: str) -> str:
    found = _PREFIX.match(reference)
    return found[1] if found else ""
