"""What may lie between a group of items and the payment: nothing, a discount, netted credits, a bank's charge, the tolerance,
one or two documents more or less. Pure."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from math import log2
from typing import Final

from arqueue.cash.drafts import Draft, Drafts, drafted
from arqueue.cash.groups import Group
from arqueue.cash.likelihood import (
    CHARGED,
    DISPUTED_EDIT,
    EDIT,
    NETTED,
    TOLERATED,
    UNEARNED,
    Custom,
    Likelihood,
    figures,
    one_of,
)
from arqueue.cash.statement import Statement, View
from arqueue.cash.suggestion import DifferenceKind, Evidence
from arqueue.model.ledger import ItemKind

_ALIKE: Final = 4
"""Of items with the same amount so many of the oldest are tried."""
_DEEP: Final = 400
"""Up to so many items two documents more or less are tried."""
_EXCLUDED: Final = 3


@dataclass(frozen=True, slots=True)
class Netting:
    """Credits that are used beside the payment."""

    places: tuple[int, ...]
    amount: int
    bits: float
    words: str


class Closing:
    """Tries to close the gap between groups and the payment, and puts what does into the drafts."""

    def __init__(
        self, statement: Statement, likely: Likelihood, drafts: Drafts, over: Callable[[], bool]
    ) -> None:
        self.statement = statement
        self.likely = likely
        self.drafts = drafts
        self.over = over
        policy, currency, amount = statement.case.policy, statement.currency, statement.amount
        charges, tolerance = policy.charges.get(currency), policy.tolerance.get(currency)
        share = int(amount * policy.tolerance_percent / 100)
        self.charges = charges.minor if charges and charges.currency == currency else 0
        self.tolerance = min(tolerance.minor, share) if tolerance and tolerance.currency == currency else 0

    @cached_property
    def by_amount(self) -> list[dict[int, list[int]]]:
        """Places by amount, a table a view; oldest first."""
        tables = []
        for view in self.statement.views:
            table: dict[int, list[int]] = defaultdict(list)
            for place, amount in enumerate(view.amounts):
                table[amount].append(place)
            tables.append(dict(table))
        return tables

    @cached_property
    def nettings(self) -> list[Netting]:
        """No credits; all credit notes; all credits."""
        statement = self.statement
        credits = range(statement.debits, len(statement.items))
        made = [Netting((), 0, NETTED if credits else 0.0, "")]
        notes = tuple(at for at in credits if statement.items[at].item.kind is ItemKind.CREDIT)
        for places, bits, words in (
            (notes, NETTED, "less all credit notes"),
            (tuple(credits), NETTED + 1.5, "less all credits"),
        ):
            if places and places != made[-1].places:
                words = f"less {statement.numbers(places)}" if len(places) < 3 else words
                made.append(Netting(places, sum(statement.gross.amounts[at] for at in places), bits, words))
        return made

    def view_bits(self, view: View, places: Sequence[int]) -> float:
        """What it costs that discounts are taken so."""
        if view.offs is None:
            offers = self.statement.offers
            return (
                self.likely.not_net
                if offers and any(at in offers and offers[at].earned for at in places)
                else 0
            )
        return self.likely.net if view.earned else self.likely.net + UNEARNED

    def gap_of(self, gap: int, slack: int = 0) -> tuple[DifferenceKind, float] | None:
        """What a gap is taken for, and its bits; positive: the payment is less. None where it is nothing that is known."""
        if abs(gap) <= slack:
            return DifferenceKind.NONE, 0.0
        if 0 < gap <= self.charges:
            bits = CHARGED + figures(gap)
            if gap > self.tolerance or bits < TOLERATED + log2(2 * self.tolerance):
                return DifferenceKind.CHARGES, bits
        if abs(gap) <= self.tolerance:
            return DifferenceKind.TOLERANCE, TOLERATED + log2(2 * self.tolerance)
        return None

    def close(self, group: Group, *, deep: bool = False, kind: Evidence | None = None) -> None:
        """All that closes one group. ``deep``: with two documents more or less as well; ``kind``: what speaks for the group."""
        for number in range(len(self.statement.views)):
            for netting in self.nettings:
                self.close_one(group, number, netting, kind)
                gap = group.total(number) + netting.amount - self.statement.amount
                for edit in self._edits(group, number, netting, gap, deep=deep):
                    self._add(group, number, netting, edit, (DifferenceKind.NONE, 0.0), kind)

    def close_one(self, group: Group, number: int, netting: Netting, kind: Evidence | None = None) -> None:
        """The group as it is, under one view and with these credits netted, if what is between is known."""
        gap = group.total(number) + netting.amount - self.statement.amount
        slack = len(group) // 2 + 1 if self.statement.views[number].offs else 0
        if found := self.gap_of(gap, slack):
            self._add(group, number, netting, (), found, kind)

    def _edits(
        self, group: Group, view: int, netting: Netting, gap: int, *, deep: bool
    ) -> Iterator[tuple[int, ...]]:
        """Places to take out of the group or into it so that the gap is closed to the cent."""
        table = self.by_amount[view]
        for place in islice(table.get(gap, ()), _ALIKE) if gap > 0 else ():
            if group.holds(place):
                yield (place,)
        for place in islice(table.get(-gap, ()), _ALIKE):
            if not group.holds(place) and place not in netting.places:
                yield (place,)
        if deep and len(self.statement.items) <= _DEEP and not self.over():
            yield from islice(self._pairs(group, view, netting, gap), _ALIKE)

    def _pairs(self, group: Group, view: int, netting: Netting, gap: int) -> Iterator[tuple[int, int]]:
        amounts = self.statement.views[view].amounts
        change: dict[int, list[int]] = defaultdict(list)
        for place, amount in enumerate(amounts):
            if place in netting.places:
                continue
            moved = -amount if group.holds(place) else amount
            for other in change.get(-gap - moved, ()):
                yield (other, place)
            change[moved].append(place)

    def _add(
        self,
        group: Group,
        number: int,
        netting: Netting,
        edit: tuple[int, ...],
        found: tuple[DifferenceKind, float],
        kind: Evidence | None,
    ) -> None:
        statement, view = self.statement, self.statement.views[number]
        places = {*group.places, *netting.places} ^ set(edit)
        if not any(place < statement.debits for place in places):
            return
        difference, bits = found
        bits += group.bits + netting.bits + self.view_bits(view, group.places)
        why = [group.words, *([netting.words] if netting.words else [])]
        taken = [place for place in edit if place not in places]
        for place in edit:
            bits += self._edit_bits(group, place)
        if taken:
            why[0] += f" but {statement.numbers(taken)}"
        if len(taken) < len(edit):
            why.append(f"with {statement.numbers(place for place in edit if place in places)}")
        if view.offs and difference is DifferenceKind.NONE:
            difference = DifferenceKind.DISCOUNT
        self.drafts.add(
            self.draft(
                sorted(places), view, difference, bits, why, kind, excluded=self._excluded(group, places)
            )
        )

    def _excluded(self, group: Group, places: set[int]) -> bool:
        """Whether it is told shortest by what is not paid of the balance."""
        debits = sum(place < self.statement.debits for place in places)
        return (
            0 < self.statement.debits - debits <= min(_EXCLUDED, debits // 2)
            and len(group) == self.statement.debits
        )

    def _edit_bits(self, group: Group, place: int) -> float:
        statement = self.statement
        if place >= statement.debits:
            return NETTED + one_of(len(statement.items) - statement.debits)
        if group.holds(place):
            if place in statement.disputed:
                return DISPUTED_EDIT + one_of(len(statement.disputed))
            return EDIT + one_of(len(group))
        return EDIT + 1 + one_of(statement.debits - len(group))

    def draft(
        self,
        places: Sequence[int],
        view: View,
        difference: DifferenceKind,
        bits: float,
        why: Sequence[str],
        kind: Evidence | None = None,
        *,
        excluded: bool = False,
    ) -> Draft | None:
        """A draft with the words for its difference; ``kind`` where something else speaks for it than the amounts."""
        if kind is None:
            kind = _KINDS.get(difference, Evidence.EXCLUSION if excluded else Evidence.EXACT)
        return drafted(
            self.statement,
            places,
            view,
            kind,
            difference,
            bits,
            [*why, *self._told(places, view, difference)],
        )

    def _told(self, places: Sequence[int], view: View, difference: DifferenceKind) -> list[str]:
        statement = self.statement
        told = []
        if view.offs:
            told.append(_discount_words(statement, view, places))
        total = sum(view.amounts[place] for place in places)
        gap = total - statement.amount
        if difference is DifferenceKind.NONE:
            told.append(sum_words(statement, places))
        elif gap and difference is not DifferenceKind.DISCOUNT:
            told.append(gap_words(statement, gap, total, difference))
        return told

    def singles(self) -> None:
        """One document, under every view, with one credit or all of them netted, less charges, within the tolerance."""
        statement = self.statement
        base = self.likely.custom(Custom.SINGLE) + one_of(statement.debits)
        for number, view in enumerate(statement.views):
            table = self.by_amount[number]
            for netting in (*self.nettings, *self._one_credit()):
                wanted = statement.amount - netting.amount
                for place in islice(table.get(wanted, ()), 16 if not netting.places else _ALIKE):
                    if place >= statement.debits:
                        continue
                    bits = base + netting.bits + self.view_bits(view, (place,)) + place / statement.debits
                    difference = DifferenceKind.DISCOUNT if view.offs else DifferenceKind.NONE
                    words = [netting.words] if netting.words else []
                    self.drafts.add(
                        self.draft(sorted((place, *netting.places)), view, difference, bits, words)
                    )
            self._near(number, base)

    def _one_credit(self) -> Iterator[Netting]:
        statement = self.statement
        credits = range(statement.debits, len(statement.items))
        bits = NETTED + one_of(len(credits)) + 0.5
        for place in credits:
            yield Netting(
                (place,), statement.gross.amounts[place], bits, f"less {statement.numbers((place,))}"
            )

    def _near(self, number: int, base: float) -> None:
        """Documents that the payment misses by a charge or within the tolerance, the nearest first."""
        statement, view = self.statement, self.statement.views[number]
        wide = max(self.charges, self.tolerance)
        if not wide:
            return
        order = sorted(range(statement.debits), key=view.amounts.__getitem__)
        amounts = [view.amounts[place] for place in order]
        lo = bisect_left(amounts, statement.amount - self.tolerance)
        hi = bisect_right(amounts, statement.amount + wide)
        near = sorted(order[lo:hi], key=lambda place: (abs(view.amounts[place] - statement.amount), place))
        for place in near[: 2 * _ALIKE]:
            gap = view.amounts[place] - statement.amount
            if gap and (found := self.gap_of(gap)):
                difference, bits = found
                bits += base + self.view_bits(view, (place,))
                self.drafts.add(self.draft((place,), view, difference, bits, ()))


_KINDS: Final = {
    DifferenceKind.DISCOUNT: Evidence.DISCOUNT,
    DifferenceKind.CHARGES: Evidence.TOLERANCE,
    DifferenceKind.TOLERANCE: Evidence.TOLERANCE,
}


def sum_words(statement: Statement, places: Sequence[int]) -> str:
    """INV-7 + INV-9 = 1,250.00 exactly."""
    numbers = [statement.items[place].item.number for place in places]
    if len(numbers) > 4:
        return f"{len(numbers)} documents = {statement.words(statement.amount)} exactly"
    signs = [
        "" if not at else " + " if place < statement.debits else " - " for at, place in enumerate(places)
    ]
    told = "".join(sign + number for sign, number in zip(signs, numbers, strict=True))
    return f"{told} = {statement.words(statement.amount)} exactly"


def gap_words(statement: Statement, gap: int, total: int, difference: DifferenceKind) -> str:
    """25.00 less than the open 1,275.00: about a bank's charge."""
    about = {
        DifferenceKind.CHARGES: ": about a bank's charge",
        DifferenceKind.TOLERANCE: ": within the tolerance",
    }.get(difference, "")
    side = "less" if gap > 0 else "more"
    return f"{statement.words(abs(gap))} {side} than the open {statement.words(total)}{about}"


def _discount_words(statement: Statement, view: View, places: Sequence[int]) -> str:
    taken = [place for place in places if view.offs and view.offs[place]]
    rates = {statement.offers[place].rate for place in taken}
    percent = f"{rates.pop() / 10_000:g} % " if len(rates) == 1 else ""
    late = [place for place in taken if not statement.offers[place].earned]
    if not late:
        return f"net of {percent}discount"
    latest = max(statement.offers[place].until for place in late)
    return f"net of {percent}discount, which was to be paid by {latest}"
