"""How a customer's latest payments differed from the documents they paid, and up to which day they paid. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from arqueue.model.ledger import Allocation, Item, ItemKind

_LATEST: Final = 12
_WHOLE_PERCENT: Final = 5
"""A single document that is paid up to so many whole percent short was paid net of a discount."""
_MOST_OF_IT: Final = 2
"""Who leaves more than one part in so many of a document open pays a part of it."""
_ARRIVED: Final = 5
"""So many days after its date a document has reached the customer."""
_RUN: Final = (6, 10)
"""Who pays at least this share of all that falls due by the last document paid pays by a run."""


@dataclass(frozen=True, slots=True)
class Past:
    """One payment as it was applied: so much to each debit."""

    item: str
    on: date
    currency: str
    amount: int
    parts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Shortfall:
    """What a payment lacked on one of its documents, in minor units of its currency."""

    currency: str
    amount: int
    kept: bool
    """Whether it was left open, as what is complained of is; else it was written off at once."""


@dataclass(frozen=True, slots=True)
class Manners:
    """Of the latest payments, ``seen`` of them; nothing is known where there were none. Shares are between 0 and 1."""

    seen: int = 0
    over: float = 0.0
    """Paid whole documents and more."""
    shortfalls: tuple[Shortfall, ...] = ()
    """Of those that lacked something on one document, the latest first."""
    offered: int = 0
    """How many came while credit notes were open."""
    netted: float = 0.0
    """Of those: used some of them."""
    ahead: tuple[int, ...] = ()
    """Of those that paid all (or nearly) that fell due by a day: how many days after the payment that was."""
    leaving: float = 0.0
    """Of these runs: passed over something."""
    passed: frozenset[str] = frozenset()
    """Debits that the latest of these runs passed over."""
    earlier: tuple[Past, ...] = ()
    """The payments themselves, the latest first."""


def manners_of(items: Sequence[Item], allocations: Iterable[Allocation], past: Sequence[Past]) -> Manners:
    """From a customer's documents and the payments made for them, oldest first. O(n) for each of the latest twelve."""
    latest = past[-_LATEST:]
    by_id = {item.id: item for item in items}
    used: dict[str, list[tuple[date, str, int]]] = defaultdict(list)
    for each in allocations:
        credit = by_id.get(each.credit_item)
        if not each.void and credit is not None:
            used[each.debit_item].append(
                (credit.doc_date, credit.id, (each.amount_debit or each.amount).minor)
            )
            used[each.credit_item].append((each.on, each.debit_item, each.amount.minor))
    books = _Books(items, by_id, used)
    looks = [_Look.at(books, each) for each in reversed(latest)]
    offered = [look.netted for look in looks if look.netted is not None]
    return Manners(
        seen=len(looks),
        over=_share(look.over for look in looks),
        shortfalls=tuple(look.shortfall for look in looks if look.shortfall),
        offered=len(offered),
        netted=_share(offered),
        ahead=tuple(look.ahead for look in looks if look.ahead is not None),
        leaving=_share(bool(look.passed) for look in looks if look.ahead is not None),
        passed=next((look.passed for look in looks if look.ahead is not None), frozenset()),
        earlier=tuple(reversed(latest)),
    )


def _share(values: Iterable[bool]) -> float:
    known = list(values)
    return sum(known) / len(known) if known else 0.0


class _Books:
    """The documents, and what used them up when."""

    def __init__(
        self,
        items: Sequence[Item],
        by_id: Mapping[str, Item],
        used: Mapping[str, Sequence[tuple[date, str, int]]],
    ) -> None:
        self.by_id = by_id
        self.used = used
        self.debits = [item for item in items if item.is_debit]
        self.notes = [item for item in items if item.kind is ItemKind.CREDIT]
        self.closed = {
            item.id: max((on for on, _, _ in used.get(item.id, ())), default=date.min)
            for item in items
            if not item.residual
        }

    def open_on(self, item: Item, on: date) -> bool:
        """Whether it was there that day and not settled before."""
        return item.doc_date <= on <= self.closed.get(item.id, date.max)

    def open_of(self, item: Item, before: Past) -> int:
        """What was open of it when a payment came."""
        paid = sum(
            amount for on, by, amount in self.used.get(item.id, ()) if on < before.on and by != before.item
        )
        return item.total.minor - paid


@dataclass(frozen=True, slots=True)
class _Look:
    """One payment as an example; None where it is none."""

    over: bool
    shortfall: Shortfall | None
    netted: bool | None
    ahead: int | None
    passed: frozenset[str]

    @classmethod
    def at(cls, books: _Books, each: Past) -> _Look:
        paid = [(books.by_id[key], amount) for key, amount in each.parts.items()]
        lacks = [(item, books.open_of(item, each), amount) for item, amount in paid]
        short = [(item, open_, open_ - amount) for item, open_, amount in lacks if open_ > amount]
        there = [
            item
            for item in books.debits
            if books.open_on(item, each.on) and item.total.currency == each.currency
        ]
        return cls(
            over=not short and sum(each.parts.values()) < each.amount,
            shortfall=_shortfall(books, each, short) if len(short) == 1 else None,
            netted=_netted(books, each),
            ahead=_ahead([item for item, _ in paid], there, each.on),
            passed=_passed([item for item, _ in paid], there, each.on),
        )


def _shortfall(books: _Books, each: Past, short: Sequence[tuple[Item, int, int]]) -> Shortfall | None:
    """What was lacking, unless it was a discount or the payment was one in part."""
    ((item, open_, lack),) = short
    if lack * _MOST_OF_IT > open_:
        return None
    if len(each.parts) == 1 and any(
        abs(100 * lack - percent * open_) <= 50 for percent in range(1, _WHOLE_PERCENT + 1)
    ):
        return None
    at_once = any(
        on <= each.on and by != each.item and amount == lack for on, by, amount in books.used.get(item.id, ())
    )
    return Shortfall(each.currency, lack, not at_once)


def _netted(books: _Books, each: Past) -> bool | None:
    used = open_ = False
    for note in books.notes:
        if note.total.currency == each.currency and books.open_on(note, each.on):
            open_ = True
            used = used or any(
                on == each.on and by in each.parts for on, by, _ in books.used.get(note.id, ())
            )
    return used if open_ else None


def _ahead(paid: Sequence[Item], there: Sequence[Item], on: date) -> int | None:
    """A run takes nearly all of its kind that falls due between the first and the last that it takes."""
    parties, kinds = {item.party_id for item in paid}, {item.kind for item in paid}
    days = [_due(item) for item in paid]
    first, until = min(days), max(days)
    fell_due = sum(
        item.party_id in parties and item.kind in kinds and first <= _due(item) <= until for item in there
    )
    share, whole = _RUN
    return (until - on).days if len(paid) > 1 and len(paid) * whole >= fell_due * share else None


def _passed(paid: Sequence[Item], there: Sequence[Item], on: date) -> frozenset[str]:
    """What was left, although it fell due no later than what was paid, and had arrived by then."""
    parties, until = {item.party_id for item in paid}, max(map(_due, paid))
    known = {item.id for item in paid}
    return frozenset(
        item.id
        for item in there
        if item.party_id in parties
        and item.id not in known
        and _due(item) <= until
        and (on - item.doc_date).days >= _ARRIVED
    )


def _due(item: Item) -> date:
    return item.due_date or item.doc_date
