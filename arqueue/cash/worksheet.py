"""The worksheet of one payment: what is open, how likely things are for this customer, and the ways found so far. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import Final

from arqueue.cash.account import ByAmount
from arqueue.cash.drafts import Drafts, Mentioned, drafted
from arqueue.cash.gaps import Gaps, discount_words, gap_words, sum_words
from arqueue.cash.likelihood import (
    DISPUTED_EDIT,
    EDIT,
    UNAPPLIED,
    UNEARNED,
    Custom,
    Likelihood,
    chosen,
    one_of,
)
from arqueue.cash.statement import Statement, View
from arqueue.cash.suggestion import DifferenceKind, Evidence
from arqueue.cash.sums import Answers
from arqueue.model.ledger import ItemKind

_KINDS: Final = {
    DifferenceKind.DISCOUNT: Evidence.DISCOUNT,
    DifferenceKind.CHARGES: Evidence.TOLERANCE,
    DifferenceKind.TOLERANCE: Evidence.TOLERANCE,
    DifferenceKind.SHORT: Evidence.OLDEST,
    DifferenceKind.OVER: Evidence.OLDEST,
}

_ANY: Final = 2.0


@dataclass(frozen=True, slots=True)
class Netting:
    """Credits that are used beside the payment; ``amount`` is negative."""

    places: tuple[int, ...]
    amount: int
    bits: float
    words: str


class Share:
    """A part of the time, counted in how often a search asks for it (about every millisecond), so that the same case is
    searched as far on any day; the time itself is the outer bound."""

    def __init__(self, over: Callable[[], bool], asks: int) -> None:
        self._over = over
        self._left = asks

    def __call__(self) -> bool:
        self._left -= 1
        return self._left < 0 or self._over()


class Worksheet:
    """What all stages share."""

    def __init__(self, statement: Statement, mentioned: Mentioned, over: Callable[[], bool]) -> None:
        self.statement = statement
        self.over = over
        self.likely = Likelihood(statement.case.habit, statement.debits)
        self.drafts = Drafts(statement, mentioned, self.likely.even)
        self.gaps = Gaps.of(statement)

    @cached_property
    def named_share(self) -> Share:
        """The time for all sums of what is named and beside it, in however many ways the text can be read."""
        return Share(self.over, max(1, self.statement.case.policy.budget_ms // 12))

    @cached_property
    def by_amount(self) -> list[ByAmount]:
        """Where each amount is open, a table a view."""
        statement = self.statement
        credits = statement.gross.amounts[statement.debits :]
        gross = statement.account.by_amount.with_more(credits)
        return [gross, *[ByAmount(view.amounts) for view in statement.views[1:]]]

    @cached_property
    def nettings(self) -> list[Netting]:
        """No credits; all credit notes; all credits; the payer's own of either."""
        statement = self.statement
        credits = tuple(range(statement.debits, len(statement.items)))
        notes = tuple(at for at in credits if statement.items[at].item.kind is ItemKind.CREDIT)
        none: tuple[int, ...] = ()
        made = {none: Netting(none, 0, self.likely.not_netted if notes else 0.0, "")}
        for places, bits, words in (
            (notes, self.likely.netted, "less all credit notes"),
            (
                tuple(at for at in notes if at not in statement.foreign),
                self.likely.netted,
                "less its own credit notes",
            ),
            (credits, self.likely.netted + UNAPPLIED, "less all credits"),
            (
                tuple(at for at in credits if at not in statement.foreign),
                self.likely.netted + UNAPPLIED,
                "less its own credits",
            ),
        ):
            if places not in made:
                words = f"less {statement.numbers(places)}" if len(places) < 3 else words
                amount = sum(statement.gross.amounts[at] for at in places)
                made[places] = Netting(places, amount, bits, words)
        return list(made.values())

    @cached_property
    def older_notes(self) -> dict[int, Netting]:
        """All credit notes that had come by some day, for each such day but the last, by what they come to."""
        statement = self.statement
        credits = range(statement.debits, len(statement.items))
        notes = [at for at in credits if statement.items[at].item.kind is ItemKind.CREDIT]
        made, amount = dict[int, Netting](), 0
        bits = self.likely.netted + 1 + one_of(len(notes))
        for count, (place, following) in enumerate(pairwise(notes), 1):
            amount += statement.gross.amounts[place]
            if statement.dated[place] < statement.dated[following]:
                day = statement.items[place].item.doc_date
                made[-amount] = Netting(
                    tuple(notes[:count]), amount, bits, f"less all credit notes up to {day}"
                )
        return made

    @cached_property
    def credits_apart(self) -> list[Netting]:
        """Each credit by itself."""
        statement = self.statement
        credits = range(statement.debits, len(statement.items))
        amounts = statement.gross.amounts
        return [
            Netting((place,), amounts[place], self.netted((place,)), f"less {statement.numbers((place,))}")
            for place in credits
        ]

    @cached_property
    def no_rule(self) -> float:
        """Bits of following no rule at all."""
        return self.likely.custom(Custom.OTHER) + _ANY

    def single(self, place: int) -> float:
        """Bits of paying just this debit: the oldest, as some customers do each time, or any."""
        return self._single[place == self._oldest]

    @cached_property
    def _single(self) -> tuple[float, float]:
        """Of any, and of the oldest."""
        return self.likely.single(oldest=False), self.likely.single(oldest=True)

    @cached_property
    def least_edit(self) -> float:
        """Bits of one document more or less than a rule says, at least."""
        return min(EDIT, self.likely.left_out, DISPUTED_EDIT if self.statement.disputed else EDIT)

    @cached_property
    def _oldest(self) -> int:
        """The first that is not disputed and is the payer's own."""
        statement = self.statement
        kept = statement.disputed | statement.foreign
        return next((place for place in range(statement.debits) if place not in kept), 0)

    def netted(self, credits: Sequence[int]) -> float:
        """Bits of netting just these."""
        statement = self.statement
        every = len(statement.items) - statement.debits
        return (
            self.likely.netted
            + chosen(every, len(credits))
            + UNAPPLIED * len(statement.unapplied.intersection(credits))
        )

    def view_bits(self, view: View, places: Sequence[int]) -> float:
        """What it costs that discounts are taken so."""
        if view.offs is not None:
            return self.likely.net + (0 if view.earned else UNEARNED)
        earned = self.statement.earned
        return self.likely.not_net if earned and not earned.isdisjoint(places) else 0

    def add(
        self,
        places: Sequence[int],
        view: View,
        difference: DifferenceKind,
        bits: float,
        why: Sequence[str],
        kind: Evidence | None = None,
        found: Answers | None = None,
        keeper: int | None = None,
    ) -> None:
        """Draft a way that pays these places, with the words for its difference. ``kind`` is what speaks for it (by default its
        difference), ``found`` the search that counted it, ``keeper`` the place that keeps a rest."""
        if self.drafts.hopeless(bits, len(places), even=difference is DifferenceKind.NONE):
            return
        kind = kind or _KINDS.get(difference, Evidence.EXACT)
        words = [*why, *self._told(places, view, difference)]
        draft = drafted(self.statement, places, view, kind, difference, bits, words, keeper=keeper)
        if draft and found:
            draft = replace(draft, answers=max(found.count, 1), counted=found.counted)
        self.drafts.add(draft)

    def _told(self, places: Sequence[int], view: View, difference: DifferenceKind) -> list[str]:
        statement = self.statement
        told = [discount_words(statement, view, places)] if view.offs else []
        total = sum(map(view.amounts.__getitem__, places))
        gap = total - statement.amount
        if difference is DifferenceKind.NONE:
            told.append(sum_words(statement, places))
        elif gap and difference is not DifferenceKind.DISCOUNT:
            told.append(gap_words(statement, gap, total, difference))
        return told
