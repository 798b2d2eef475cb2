"""Which unapplied money probably pays which debits, told at a glance: what is probably paid is not to be chased. Pure.

Only looks that cost next to nothing are taken, for every customer at every change: what a text names, what an amount equals. Who
applies the payment asks the engine, which searches.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from typing import Final

from arqueue.model.ledger import ItemKind, OpenItem

_RUN: Final = re.compile(r"[0-9]{4,}")
_CASH: Final = frozenset({ItemKind.PAYMENT, ItemKind.JOURNAL})
_TEXT_CAP: Final = 2000
_NEARLY: Final = (9, 10)
"""What is named counts as paid from this share of it on: discount, freight and charges come off."""
_PAIRS_OF, _TRIPLES_OF = 40, 12
"""Of more items two (or three) come to an amount by mere chance too often: above one time in a hundred."""
_SEARCHED_FOR: Final = 8
"""For so many payments of a family pairs and triples are looked at, the oldest ones: some 0.3 ms in all."""


@dataclass(frozen=True, slots=True)
class Cover:
    """One payment and the debits that it probably pays, oldest due first."""

    payment: OpenItem
    items: tuple[OpenItem, ...]


def covers(items: Iterable[OpenItem], today: date) -> list[Cover]:
    """What the unapplied payments of a family probably pay: each payment and each debit at most once, the strongest evidence
    first. ``today`` is the business date, which says what is overdue; currencies never mix."""
    debits: dict[str, list[OpenItem]] = defaultdict(list)
    cash: dict[str, list[OpenItem]] = defaultdict(list)
    for each in items:
        if each.open.minor > 0:
            debits[each.open.currency].append(each)
        elif each.open.minor < 0 and each.item.kind in _CASH:
            cash[each.open.currency].append(each)
    found: list[Cover] = []
    for currency, paid in cash.items():
        if owed := debits[currency]:
            found += _Owed(owed, today).covered_by(sorted(paid, key=_first_come))
    return found


def _first_come(each: OpenItem) -> tuple[date, str]:
    return (each.item.doc_date, each.item.id)


def _oldest(each: OpenItem) -> tuple[date, str]:
    return (each.item.due_date or each.item.doc_date, each.item.id)


class _Owed:
    """What a family owes in one currency, less what was found to be paid."""

    def __init__(self, debits: Sequence[OpenItem], today: date) -> None:
        self._today = today
        self._left = {each.item.id: each for each in sorted(debits, key=_oldest)}
        self._owed: dict[str, int] = defaultdict(int)
        self._late: dict[str, int] = defaultdict(int)
        self._by_amount: dict[int, list[OpenItem]] = defaultdict(list)
        self._by_digits: dict[str, list[OpenItem]] = defaultdict(list)
        for each in self._left.values():
            self._count(each, 1)
            self._by_amount[each.open.minor].append(each)
            for key in _digits(each):
                self._by_digits[key].append(each)

    def covered_by(self, cash: Sequence[OpenItem]) -> Iterator[Cover]:
        """One look after the other for all payments, so that strong evidence is never forestalled by weak."""
        waiting = list(cash)
        looks: tuple[Callable[[OpenItem], Sequence[OpenItem]], ...] = (
            self._named,
            self._equal,
            self._overdue,
            self._balance,
        )
        for look in looks:
            missed = []
            for paid in waiting:
                if items := look(paid):
                    yield self._take(paid, items)
                else:
                    missed.append(paid)
            waiting = missed
        for paid in waiting[:_SEARCHED_FOR]:
            if items := self._few(paid):
                yield self._take(paid, items)

    def _take(self, paid: OpenItem, items: Sequence[OpenItem]) -> Cover:
        for each in items:
            del self._left[each.item.id]
            self._count(each, -1)
        return Cover(paid, tuple(sorted(items, key=_oldest)))

    def _count(self, each: OpenItem, sign: int) -> None:
        self._owed[each.item.party_id] += sign * each.open.minor
        if self._is_late(each):
            self._late[each.item.party_id] += sign * each.open.minor

    def _is_late(self, each: OpenItem) -> bool:
        due = each.item.due_date
        return due is not None and due < self._today and not each.item.dispute

    def _still(self, items: Iterable[OpenItem]) -> list[OpenItem]:
        return [each for each in items if each.item.id in self._left]

    def _named(self, paid: OpenItem) -> list[OpenItem]:
        """All that the text names if the amount comes near to it, else the oldest of it as far as the amount goes."""
        text = f"{paid.item.text[:_TEXT_CAP]} {paid.item.reference}"
        keys = dict.fromkeys(run.lstrip("0") for run in _RUN.findall(text))
        named = {each.item.id: each for key in keys for each in self._still(self._by_digits.get(key, ()))}
        items, room = sorted(named.values(), key=_oldest), -paid.open.minor
        share, whole = _NEARLY
        if room * whole >= share * sum(each.open.minor for each in items):
            return items
        whole_ones = []
        for each in items:
            if each.open.minor <= room:
                whole_ones.append(each)
                room -= each.open.minor
        return whole_ones

    def _equal(self, paid: OpenItem) -> list[OpenItem]:
        """One item to the cent: on the payment's own account first, then the oldest of the family."""
        same = self._still(self._by_amount.get(-paid.open.minor, ()))
        own = [each for each in same if each.item.party_id == paid.item.party_id]
        return (own or same)[:1]

    def _overdue(self, paid: OpenItem) -> list[OpenItem]:
        """All that is overdue of one account, or of the family."""
        parties = self._accounts(paid, self._late)
        return [each for each in self._left.values() if each.item.party_id in parties and self._is_late(each)]

    def _balance(self, paid: OpenItem) -> list[OpenItem]:
        """All that one account owes, or the family."""
        parties = self._accounts(paid, self._owed)
        return [each for each in self._left.values() if each.item.party_id in parties]

    def _accounts(self, paid: OpenItem, sums: dict[str, int]) -> set[str]:
        """Whose sum the payment is: its own account's, another's, everybody's."""
        amount, own = -paid.open.minor, paid.item.party_id
        if sums.get(own) == amount:
            return {own}
        if one := next((party for party, owed in sums.items() if owed == amount), None):
            return {one}
        return set(sums) if sum(sums.values()) == amount else set()

    def _few(self, paid: OpenItem) -> Sequence[OpenItem]:
        """The oldest ones, all but one, two, or three of what the payment's own account (or else the family) owes."""
        own = [each for each in self._left.values() if each.item.party_id == paid.item.party_id]
        items, amount = own or list(self._left.values()), -paid.open.minor
        running = 0
        for count, each in enumerate(items, 1):
            running += each.open.minor
            if running == amount:
                return items[:count]
        if unpaid := next((each for each in items if running - each.open.minor == amount), None):
            return [each for each in items if each is not unpaid]
        return _pair(items[:_PAIRS_OF], amount) or _triple(items[:_TRIPLES_OF], amount)


def _pair(items: Sequence[OpenItem], amount: int) -> Sequence[OpenItem]:
    seen: dict[int, OpenItem] = {}
    for each in items:
        if (other := seen.get(amount - each.open.minor)) is not None:
            return (other, each)
        seen.setdefault(each.open.minor, each)
    return ()


def _triple(items: Sequence[OpenItem], amount: int) -> Sequence[OpenItem]:
    fitting = (three for three in combinations(items, 3) if sum(each.open.minor for each in three) == amount)
    return next(fitting, ())


def _digits(each: OpenItem) -> set[str]:
    """By which digits a text may name an item: the last run in its number (the 2026 of INV-2026-0815 is in half of all texts), in
    the customer's reference and order; zeros in front get lost on the way."""
    item = each.item
    return {
        run.lstrip("0")
        for text in (item.number, item.reference, item.purchase_order)
        for run in _RUN.findall(text)[-1:]
    } - {""}
