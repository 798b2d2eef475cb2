"""How a customer usually pays, learned from what was applied before. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from arqueue.cash.manners import Manners, Past, manners_of
from arqueue.model.currency import exponent
from arqueue.model.ledger import Allocation, Item, ItemKind

_LOOKED_AT: Final = 200
"""Habits change: so many of the latest payments count."""
_LEAST_NET: Final = 0.9
"""Who pays less of a closed invoice than this was granted something else than an early-payment discount."""
_ROUND: Final = 100
"""Whole hundreds are round."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Habit:
    """Shares between 0 and 1 of the payments seen that were made so; with ``seen`` 0 nothing is known."""

    seen: int = 0
    oldest_first: float = 0.0
    by_statement: float = 0.0
    """All that was due, or all of one month."""
    net_of_discount: float = 0.0
    rounds: float = 0.0
    """Round amounts on account."""
    single: float = 0.0
    """One document a payment."""
    manners: Manners = field(default_factory=Manners)
    """What was between the documents and the money, and up to which day they were paid."""


def learn(items: Sequence[Item], allocations: Sequence[Allocation]) -> Habit:
    """From a customer's documents, open and closed, and what was applied to them. A payment says something where at least two
    documents were open when it came. O(n log n); void allocations and those of unknown debits are passed over."""
    by_id = {item.id: item for item in items}
    past = _payments(by_id, allocations)
    if not past:
        return Habit()
    manners = manners_of(items, allocations, past)
    closed = _closed(by_id, allocations)
    counted: Counter[str] = Counter()
    for currency in sorted({each.currency for each in past}):
        debits = sorted(
            (each for each in items if each.is_debit and each.total.currency == currency), key=_oldest
        )
        payments = [each for each in past if each.currency == currency]
        for each, opened in _replayed(debits, closed, payments):
            counted.update(_customs(each, opened, by_id))
    seen = counted["seen"]
    if not seen:
        return Habit(manners=manners)
    return Habit(
        seen=seen,
        oldest_first=counted["oldest_first"] / seen,
        by_statement=counted["by_statement"] / seen,
        net_of_discount=counted["net_of_discount"] / seen,
        rounds=counted["rounds"] / seen,
        single=counted["single"] / seen,
        manners=manners,
    )


def _payments(items: Mapping[str, Item], allocations: Iterable[Allocation]) -> list[Past]:
    """The latest payments, oldest first. What other credits settle (credit notes, write-offs) is no payment."""
    parts: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    applied: dict[str, date] = {}
    for each in allocations:
        debit = items.get(each.debit_item)
        amount = each.amount_debit or each.amount
        if each.void or debit is None or amount.minor <= 0 or amount.currency != debit.total.currency:
            continue
        parts[each.credit_item][each.debit_item] += amount.minor
        applied[each.credit_item] = max(each.on, applied.get(each.credit_item, each.on))
    made = []
    for credit, paid in parts.items():
        item = items.get(credit)
        if item is not None and item.kind is not ItemKind.PAYMENT:
            continue
        currencies = {items[debit].total.currency for debit in paid}
        if len(currencies) == 1:
            whole = abs(item.total.minor) if item else sum(paid.values())
            on = item.doc_date if item else applied[credit]
            made.append(Past(credit, on, currencies.pop(), whole, dict(paid)))
    made.sort(key=lambda each: (each.on, sorted(each.parts)))
    return made[-_LOOKED_AT:]


def _closed(items: Mapping[str, Item], allocations: Iterable[Allocation]) -> dict[str, date]:
    """When each settled debit was settled, by payment or otherwise; of which nothing is known was never open here."""
    closed = {key: date.min for key, item in items.items() if item.is_debit and not item.residual}
    for each in allocations:
        if each.debit_item in closed and not each.void:
            credit = items.get(each.credit_item)
            closed[each.debit_item] = max(closed[each.debit_item], credit.doc_date if credit else each.on)
    return closed


class _Open:
    """The debits that are open on a day, oldest first, counted by rank in logarithmic time (a Fenwick tree), and by month."""

    def __init__(self, debits: Sequence[Item]) -> None:
        self.debits = debits
        self.rank = {item.id: rank for rank, item in enumerate(debits)}
        self.due = [_oldest(item)[0] for item in debits]
        self.months: Counter[tuple[str, int, int]] = Counter()
        self.count = 0
        self._tree = [0] * (len(debits) + 1)

    def change(self, rank: int, by: int) -> None:
        """One more is open, or one less."""
        self.count += by
        for month in months_of(self.debits[rank]):
            self.months[month] += by
        at = rank + 1
        while at < len(self._tree):
            self._tree[at] += by
            at += at & -at

    def older(self, rank: int) -> int:
        """How many of the open are among the first so many."""
        at, count = rank, 0
        while at:
            count += self._tree[at]
            at -= at & -at
        return count


def months_of(item: Item) -> tuple[tuple[str, int, int], tuple[str, int, int]]:
    """The months that a document belongs to, by its date and by its due date."""
    due = item.due_date or item.doc_date
    return (("of", item.doc_date.year, item.doc_date.month), ("due", due.year, due.month))


def _replayed(
    debits: Sequence[Item], closed: Mapping[str, date], payments: Sequence[Past]
) -> Iterable[tuple[Past, _Open]]:
    """Each payment with what was open when it came."""
    opened = _Open(debits)
    by_birth = sorted(range(len(debits)), key=lambda rank: debits[rank].doc_date)
    by_end = sorted((closed[item.id], rank) for rank, item in enumerate(debits) if item.id in closed)
    alive: set[int] = set()
    born = ended = 0
    for each in payments:
        while born < len(by_birth) and debits[by_birth[born]].doc_date <= each.on:
            rank = by_birth[born]
            born += 1
            if closed.get(debits[rank].id, date.max) >= each.on:
                alive.add(rank)
                opened.change(rank, 1)
        while ended < len(by_end) and by_end[ended][0] < each.on:
            rank = by_end[ended][1]
            ended += 1
            if rank in alive:
                alive.remove(rank)
                opened.change(rank, -1)
        yield each, opened


def _customs(each: Past, opened: _Open, items: Mapping[str, Item]) -> Iterable[str]:
    """What this payment is an example of."""
    ranks = sorted(opened.rank[key] for key in each.parts if key in opened.rank)
    if opened.count < 2 or not ranks:
        return []
    told = ["seen"]
    count = len(ranks)
    if count == 1:
        told.append("single")
    if count < opened.count and opened.older(ranks[-1] + 1) == count:
        told.append("oldest_first")
    if count > 1 and _is_statement(ranks, opened, each.on):
        told.append("by_statement")
    paid = [(amount, items[key]) for key, amount in each.parts.items()]
    net = sum(
        _LEAST_NET * item.total.minor <= amount < item.total.minor and not item.residual
        for amount, item in paid
    )
    if 2 * net >= len(paid):
        told.append("net_of_discount")
    whole = all(amount == item.total.minor for amount, item in paid)
    if not whole and each.amount % (_ROUND * 10 ** exponent(each.currency)) == 0:
        told.append("rounds")
    return told


def _is_statement(ranks: Sequence[int], opened: _Open, on: date) -> bool:
    """All that was open, all that was due, or all of a month."""
    count = len(ranks)
    if count == opened.count:
        return True
    late = bisect_right(opened.due, on)
    if ranks[-1] < late and opened.older(late) == count:
        return True
    shared = set(months_of(opened.debits[ranks[0]]))
    for rank in ranks[1:]:
        shared.intersection_update(months_of(opened.debits[rank]))
    return any(opened.months[month] == count for month in shared)


def _oldest(item: Item) -> tuple[date, date, str]:
    return (item.due_date or item.doc_date, item.doc_date, item.id)
