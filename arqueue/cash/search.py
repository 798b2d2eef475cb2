"""All combinations of open items that come to a payment, counted; and, where none does, those that nearly do. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from arqueue.cash.closing import Closing
from arqueue.cash.groups import order_of
from arqueue.cash.likelihood import NETTED, Custom, chosen
from arqueue.cash.statement import Statement
from arqueue.cash.suggestion import DifferenceKind
from arqueue.cash.sums import Answers, subsets

_KEEP: Final = 64
_KEEP_NEAR: Final = 16
_FEW_LEFT: Final = 3


@dataclass(frozen=True)
class Clusters:
    """Which items belong together, and how many such circles there are."""

    statement: Statement

    @cached_property
    def _keys(self) -> list[tuple[Sequence[object], Counter[object]]]:
        statement = self.statement
        debits = range(statement.debits)
        columns: list[Sequence[object]] = [
            [order_of(statement, place) for place in debits],
            statement.due[: statement.debits],
            statement.dated[: statement.debits],
            [statement.items[place].item.party_id for place in debits],
        ]
        return [(column, Counter(column)) for column in columns]

    def holding(self, places: Sequence[int]) -> list[int]:
        """Size of each circle that holds all these debits, and how many there are of its sort, flattened."""
        held: list[int] = []
        if len(places) > 1:
            for column, sizes in self._keys:
                key = column[places[0]]
                if key and all(column[place] == key for place in places):
                    held += (sizes[key], len(sizes))
        return held


class Share:
    """A part of the time, counted in how often a search asks for it (about every millisecond), so that the same case is
    searched as far on any day; the time itself is the outer bound."""

    def __init__(self, over: Callable[[], bool], asks: int) -> None:
        self._over = over
        self._left = asks

    def __call__(self) -> bool:
        self._left -= 1
        return self._left < 0 or self._over()


def search(statement: Statement, closing: Closing, clusters: Clusters, number: int, asks: int) -> Answers:
    """What is exact under one view, put into the drafts; the answers, for their count."""
    view = statement.views[number]
    answers = subsets(
        view.amounts,
        statement.amount,
        statement.amount,
        keep=_KEEP,
        count_cap=statement.case.policy.count_cap,
        over=Share(closing.over, asks),
    )
    difference = DifferenceKind.DISCOUNT if view.offs else DifferenceKind.NONE
    add(statement, closing, clusters, number, answers.sets, difference)
    return answers


def search_near(statement: Statement, closing: Closing, clusters: Clusters, asks: int) -> bool:
    """What is a charge or the tolerance away; whether all was seen."""
    complete = True
    windows = (
        (1, closing.charges, DifferenceKind.CHARGES),
        (-closing.tolerance, closing.tolerance, DifferenceKind.TOLERANCE),
    )
    for low, high, difference in windows:
        if high <= 0:
            continue
        answers = subsets(
            statement.gross.amounts,
            statement.amount + low,
            statement.amount + high,
            keep=_KEEP_NEAR,
            count_cap=_KEEP_NEAR,
            over=Share(closing.over, asks),
        )
        complete = complete and answers.complete
        add(statement, closing, clusters, 0, answers.sets, difference)
    return complete


def add(
    statement: Statement,
    closing: Closing,
    clusters: Clusters,
    number: int,
    sets: Iterable[Sequence[int]],
    difference: DifferenceKind,
) -> None:
    """Combinations that a search found, each weighed by how shortly it is told."""
    view, likely = statement.views[number], closing.likely
    base = likely.custom(Custom.OTHER) + 2
    credits = len(statement.items) - statement.debits
    for each in sets:
        debits = [place for place in each if place < statement.debits]
        if not debits:
            continue
        used = len(each) - len(debits)
        bits = base + likely.subset(debits, clusters.holding(debits)) + closing.view_bits(view, debits)
        if credits:
            bits += NETTED + chosen(credits, used)
        if difference in (DifferenceKind.CHARGES, DifferenceKind.TOLERANCE):
            gap = sum(view.amounts[place] for place in each) - statement.amount
            near = closing.gap_of(gap)
            if near is None or near[0] is not difference:
                continue
            bits += near[1]
        left_out = statement.debits - len(debits)
        excluded = 0 < left_out <= min(_FEW_LEFT, len(debits) // 2)
        why = []
        if excluded:
            paid = set(debits)
            out = [place for place in range(statement.debits) if place not in paid]
            why.append(f"everything open but {statement.numbers(out)}")
        closing.drafts.add(closing.draft(sorted(each), view, difference, bits, why, excluded=excluded))
