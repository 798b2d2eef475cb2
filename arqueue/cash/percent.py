"""The same percentage kept back on every document of a group: tax withheld at the source, a retention, a rebate, a discount that
nobody agreed to. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from arqueue.cash.drafts import Draft, Paid
from arqueue.cash.gaps import gap_words
from arqueue.cash.groups import Group
from arqueue.cash.suggestion import DifferenceKind, Evidence
from arqueue.cash.worksheet import Worksheet

_STEPS: Final = ((50, 4.0), (10, 6.0), (5, 8.0))
"""In thousandths: by fives of percent, whole percents, halves; and the bits of such a rate."""
_MOST: Final = 300
"""Thousandths: nobody keeps back more."""
_EACH: Final = 2.0
"""Bits of keeping it back on each, not on one."""
_TELLING: Final = 40
"""Of a step so many times what rounding may come to: else any difference is some rate."""


def kept_back(sheet: Worksheet, group: Group, gap: int, kind: Evidence | None = None) -> Draft | None:
    """The group with so much less, as one rate of each of its documents; None where it is no rate that people name. One document
    alone is told as a part of it elsewhere."""
    statement, total = sheet.statement, group.total(0)
    if len(group) < 2 or gap <= 0 or total - gap != statement.amount:
        return None
    places = sorted(group.places)
    if places[-1] >= statement.debits:
        return None
    amounts = [statement.gross.amounts[place] for place in places]
    if (found := _rate(amounts, gap)) is None:
        return None
    rate, rate_bits = found
    lines = tuple(
        Paid(place, amount - off, short=off)
        for place, amount, off in zip(places, amounts, _spread(amounts, rate, gap), strict=True)
    )
    bits = group.bits + sheet.gaps.allowed + rate_bits + _EACH + sheet.view_bits(statement.gross, places)
    words = f"{rate / 10:g} % less of each: {gap_words(statement, gap, total, DifferenceKind.SHORT)}"
    return Draft(
        kind or Evidence.OLDEST,
        lines,
        0,
        DifferenceKind.SHORT,
        gap,
        None,
        bits,
        (group.words, words),
    )


def _rate(amounts: Sequence[int], gap: int) -> tuple[int, float] | None:
    """The roundest rate, in thousandths, that comes to the gap when it is rounded line by line; and its bits."""
    total, slack = sum(amounts), len(amounts) // 2 + 1
    for step, bits in _STEPS:
        rate = step * ((2000 * gap + step * total) // (2 * step * total))
        if not 0 < rate <= _MOST or step * total < 1000 * slack * _TELLING:
            continue
        if abs(sum(_off(amount, rate) for amount in amounts) - gap) <= slack:
            return rate, bits
    return None


def _off(amount: int, rate: int) -> int:
    return (2 * amount * rate + 1000) // 2000


def _spread(amounts: Sequence[int], rate: int, gap: int) -> list[int]:
    """What is kept back of each; the cents that rounding leaves over are the largest document's."""
    offs = [_off(amount, rate) for amount in amounts]
    largest = max(range(len(amounts)), key=amounts.__getitem__)
    offs[largest] += gap - sum(offs)
    return offs
