"""Several members of a family, but not all, whose documents are paid in one go, as a head office pays for its branches. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from itertools import islice
from typing import Final

from arqueue.cash.closing import close_one
from arqueue.cash.groups import Group, Listing
from arqueue.cash.likelihood import Custom, chosen, one_of
from arqueue.cash.statement import Statement
from arqueue.cash.worksheet import Worksheet

_MOST: Final = 8
"""Of more members so many together come to any amount by chance."""
_FROM, _TO = -7, 30
"""Days around the payment up to which all of a member's documents may be paid."""
_ALIKE: Final = 4


def together(sheet: Worksheet) -> None:
    """Put what some members owe that falls due by one of the days around the payment into the drafts, where it comes out even."""
    statement = sheet.statement
    if not statement.foreign:
        return
    members = sorted(set(statement.account.parties))
    if not 2 < len(members) <= _MOST:
        return
    member = {party: rank for rank, party in enumerate(members)}
    whose = [*map(member.__getitem__, statement.account.parties)]
    ends = _ends(statement)
    for number, view in enumerate(statement.views):
        totals, start = [0] * len(members), 0
        for end in ends:
            for place in range(start, end):
                totals[whose[place]] += view.amounts[place]
            start = end
            sums = _sums(totals)
            for netting in sheet.nettings:
                for some in islice(sums.get(statement.amount - netting.amount, ()), _ALIKE):
                    places = [place for place in range(end) if some >> whose[place] & 1]
                    group = _group(sheet, places, end, len(ends), some.bit_count(), len(members))
                    close_one(sheet, group, number, netting)


def _ends(statement: Statement) -> list[int]:
    """How many debits fall due by each of these days, where that is not as many as the day before."""
    today = statement.paid_on.toordinal()
    ends = {bisect_right(statement.due, today + day, 0, statement.debits) for day in range(_FROM, _TO + 1)}
    return sorted(ends | {statement.debits})


def _sums(totals: Sequence[int]) -> dict[int, list[int]]:
    """What each choice of two members or more, but not all that owe anything, comes to: a bit a member."""
    owing = [(1 << rank, total) for rank, total in enumerate(totals) if total]
    sums = [(0, 0)]
    for bit, total in owing:
        sums += [(some | bit, so_far + total) for some, so_far in sums]
    found = defaultdict[int, list[int]](list)
    for some, total in sums:
        if 1 < some.bit_count() < len(owing):
            found[total].append(some)
    return found


def _group(sheet: Worksheet, places: Sequence[int], end: int, ends: int, few: int, many: int) -> Group:
    statement = sheet.statement
    day = statement.due[end - 1]
    usual = sheet.likely.run + _off(statement, day)
    run = min(usual, sheet.likely.custom(Custom.OLDEST) + 2 + one_of(ends))
    bits = run + one_of(many) + chosen(many, few)
    names = sorted({statement.items[place].item.party_id for place in places})
    parties = statement.case.parties
    told = " and ".join(parties[name].name if name in parties else name for name in names)
    words = f"everything due by {date.fromordinal(day)} of {told}"
    return Group(words, bits, Listing.of(statement, places), 0, len(places))


def _off(statement: Statement, day: int) -> float:
    """Bits of another day than the one up to which the customer usually pays."""
    ahead = statement.case.habit.manners.ahead
    return abs(statement.paid_on.toordinal() + max(ahead) - day) + 0.3 if ahead else 0.0
