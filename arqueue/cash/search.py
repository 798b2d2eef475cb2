"""All combinations of open items that come to a payment, counted; and, where none does, those that nearly do. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from math import inf
from typing import Final

from arqueue.cash.statement import Statement, View
from arqueue.cash.suggestion import DifferenceKind, Evidence
from arqueue.cash.sums import Answers, subsets
from arqueue.cash.worksheet import Share, Worksheet

_KEEP: Final = 64
_KEEP_NEAR: Final = 16
_DRAFTED, _AT_LEAST, _LINES = 12, 1, 3_000
"""Of the answers that are told the likeliest are drawn up, fewer of them where they have so many lines."""
_FEW_LEFT: Final = 3
_OTHERS: Final = 8.0
"""Bits of paying any documents but those that are named, which are closed."""


def search(sheet: Worksheet, number: int, asks: int, *, any_at_least: bool) -> Answers:
    """What is exact under one view, put into the drafts; the answers, for their count. ``any_at_least``: if the time is over
    before there is one, it is looked for all the same."""
    statement = sheet.statement
    view = statement.views[number]
    answers = subsets(
        view.amounts if number else statement.summands,
        statement.amount,
        statement.amount,
        keep=_KEEP,
        count_cap=statement.case.policy.count_cap,
        over=Share(sheet.over, asks),
        any_at_least=any_at_least,
    )
    difference = DifferenceKind.DISCOUNT if view.offs else DifferenceKind.NONE
    weighed = sorted((_bits(sheet, view, places), places) for places in answers.sets)
    lines = 0
    for rank, (bits, places) in enumerate(weighed[:_DRAFTED]):
        lines += len(places)
        if rank < _AT_LEAST or lines < _LINES:
            _add(sheet, view, places, difference, bits)
    return answers


def search_near(sheet: Worksheet, asks: int) -> bool:
    """What is a charge or the tolerance away; whether all was seen."""
    statement = sheet.statement
    low, high = sheet.gaps.window(statement.amount)
    if low == high:
        return True
    answers = subsets(
        statement.summands,
        low,
        high,
        keep=_KEEP_NEAR,
        count_cap=_KEEP_NEAR,
        over=Share(sheet.over, asks),
        any_at_least=False,
    )
    for places in answers.sets:
        gap = sum(statement.gross.amounts[place] for place in places) - statement.amount
        if found := sheet.gaps.meaning(gap):
            difference, bits = found
            bits += _bits(sheet, statement.gross, places)
            _add(sheet, statement.gross, places, difference, bits)
    return answers.complete


def _bits(sheet: Worksheet, view: View, places: Sequence[int]) -> float:
    """How likely a combination is: how shortly it is told."""
    statement = sheet.statement
    debits = places[: bisect_left(places, statement.debits)]
    if not debits:
        return inf
    bits = sheet.no_rule + (_OTHERS if sheet.drafts.mentioned.closed else 0.0)
    bits += sheet.likely.subset(debits, _circles(statement, debits)) + sheet.view_bits(view, debits)
    if len(statement.items) > statement.debits:
        bits += sheet.netted(places[len(debits) :])
    return bits


def _circles(statement: Statement, places: Sequence[int]) -> list[int]:
    """Size of each circle that holds all these debits, and how many there are of its sort, flattened."""
    held: list[int] = []
    if len(places) > 1:
        for column, sizes in statement.account.circles:
            key = column[places[0]]
            if key and column[places[-1]] == key and all(column[place] == key for place in places):
                held += (sizes[key], len(sizes))
    return held


def _add(
    sheet: Worksheet, view: View, places: Sequence[int], difference: DifferenceKind, bits: float
) -> None:
    if bits == inf:
        return
    statement, kind, why = sheet.statement, None, []
    paid = {place for place in places if place < statement.debits}
    if 0 < statement.debits - len(paid) <= min(_FEW_LEFT, len(paid) // 2):
        out = [place for place in range(statement.debits) if place not in paid]
        why.append(f"everything open but {statement.numbers(out)}")
        kind = Evidence.EXCLUSION if difference is DifferenceKind.NONE else None
    sheet.add(places, view, difference, bits, why, kind)
