"""Early-payment discounts that were taken on some items of a group and not on others. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from itertools import accumulate, pairwise
from typing import Final

from arqueue.cash.groups import Account, Group
from arqueue.cash.likelihood import UNEARNED, chosen
from arqueue.cash.statement import Statement, View
from arqueue.cash.suggestion import DifferenceKind
from arqueue.cash.sums import subsets
from arqueue.cash.worksheet import Share, Worksheet

_LINE_DRAWN: Final = 2.0
"""Bits of a day from which on discounts are not taken any more."""
_SOME: Final = 3.0
"""Bits of taking them on some documents and not on others, as it comes."""
_MOST: Final = 60
_ASKS: Final = 3


def partly(sheet: Worksheet, group: Group, gap: int) -> Iterator[tuple[View, float]]:
    """Ways to take discounts on some of a group so that they close the gap, and what each costs in bits."""
    offers = sheet.statement.offers
    most = group.total(0) - group.total(len(sheet.statement.views) - 1)
    if not 0 < gap <= most:
        return
    offered = [place for place in group.places if place in offers]
    offered.sort(key=lambda place: (-offers[place].until.toordinal(), place))
    offs = [sheet.statement.offs[place] for place in offered]
    for count, total in enumerate(accumulate(offs), 1):
        if abs(total - gap) <= count // 2 + 1:
            yield _taken(sheet, offered[:count], _LINE_DRAWN)
    if len(offered) <= _MOST:
        share = Share(sheet.over, _ASKS)
        found = subsets(offs, gap, gap, keep=1, count_cap=_MOST, over=share)
        for places in found.sets:
            bits = _SOME + chosen(len(offered), len(places))
            yield _taken(sheet, [offered[at] for at in places], bits)


def line_drawn(sheet: Worksheet, account: Account, bits: float) -> None:
    """The oldest so many, with discounts on those from some day on and on none before, where that comes out to the cent."""
    statement, places = sheet.statement, account.due.places
    offers = statement.offers
    if not offers:
        return
    untils = [offers[place].until for place in places if place in offers]
    if not untils or any(later < until for until, later in pairwise(untils)):
        return
    totals, off = account.due.totals[0], [0, *accumulate(map(statement.offs.__getitem__, places))]
    for netting in sheet.nettings:
        wanted = statement.amount - netting.amount
        for count in range(bisect_left(totals, wanted), len(totals)):
            before = wanted + off[count] - totals[count]
            if before < 0:
                if totals[count] - off[count] > wanted:
                    break
                continue
            line = bisect_left(off, before, 0, count)
            if off[line] != before or not line < count:
                continue
            view, cost = _taken(
                sheet, [place for place in places[line:count] if place in offers], _LINE_DRAWN
            )
            why = [f"the oldest {count}{account.words}", *([netting.words] if netting.words else [])]
            paid = sorted((*places[:count], *netting.places))
            sheet.add(paid, view, DifferenceKind.DISCOUNT, bits + netting.bits + cost, why)


def _taken(sheet: Worksheet, places: Iterable[int], bits: float) -> tuple[View, float]:
    """The view in which these discounts are taken, and no others."""
    view = discounted(sheet.statement, places)
    return view, bits + sheet.likely.net + (0 if view.earned else UNEARNED)


def discounted(statement: Statement, places: Iterable[int]) -> View:
    """All amounts, net of the discounts that these places' terms offer."""
    amounts, offs, earned = list(statement.gross.amounts), [0] * len(statement.items), True
    for place in places:
        offs[place] = statement.offs[place]
        amounts[place] -= offs[place]
        earned = earned and place in statement.earned
    return View(amounts, offs, earned)
