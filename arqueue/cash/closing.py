"""What may lie between a group of items and the payment: nothing, a discount, netted credits, a bank's charge, the tolerance,
one or two documents more or less. Pure."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import islice
from typing import Final

from arqueue.cash.discounts import partly
from arqueue.cash.gaps import part_bits, swapped
from arqueue.cash.groups import Account, Group, Listing
from arqueue.cash.likelihood import DISPUTED_EDIT, EDIT, TWICE, Custom, one_of, share_bits
from arqueue.cash.percent import kept_back
from arqueue.cash.suggestion import DifferenceKind, Evidence
from arqueue.cash.worksheet import Netting, Worksheet

_ALIKE: Final = 4
"""Of items with the same amount so many of the oldest are tried."""
_SINGLES: Final = 16
_NEAR: Final = 8
_DEEP: Final = 400
"""Up to so many items two documents more or less are tried, and one with any group; among more, some item always fits."""
_EXCLUDED: Final = 3
_SIZES: Final = 4
_BY_SIZE: Final = 3.0
_SORTED: Final = 2_000
"""Of more items the sums by size are not looked at: it takes long, and one of so many comes out by chance."""
_ROUND: Final = 100
"""Whole hundreds are round."""
_FEW_TELL: Final = 2
"""The oldest so many of those that leave a round sum; that more do is chance."""
_UNEVEN: Final = 4
"""An unexplained difference is no more than a fourth of the payment."""

EVEN: Final = (DifferenceKind.NONE, 0.0)


def close(sheet: Worksheet, group: Group, *, deep: bool = False, kind: Evidence | None = None) -> None:
    """All that closes one group. ``deep``: also two documents more or less, discounts on some; ``kind``: what speaks for it."""
    amount = sheet.statement.amount
    edited = not deep and len(sheet.statement.items) <= _DEEP
    for netting in sheet.nettings:
        for number in range(len(sheet.statement.views)):
            close_one(sheet, group, number, netting, kind)
            gap = group.total(number) + netting.amount - amount
            there = sheet.by_amount[number].amounts if edited else ()
            closable = deep or gap in there or -gap in there
            if closable:
                least, lines = group.bits + netting.bits + sheet.least_edit, len(group) - (2 if deep else 1)
                closable = not sheet.drafts.hopeless(least, lines, even=not number)
            for edit in _edits(sheet, group, number, netting, gap, deep=deep) if closable else ():
                _add(sheet, group, number, netting, edit, EVEN, kind)
            if not netting.places and (older := sheet.older_notes.get(gap)):
                _add(sheet, group, number, older, (), EVEN, kind)
        if deep:
            gap = group.total(0) + netting.amount - amount
            for view, bits in partly(sheet, group, gap):
                places = sorted((*group.places, *netting.places))
                why = [group.words, *([netting.words] if netting.words else [])]
                cost = group.bits + netting.bits + bits
                sheet.add(places, view, DifferenceKind.DISCOUNT, cost, why, kind)


def close_one(
    sheet: Worksheet, group: Group, number: int, netting: Netting, kind: Evidence | None = None
) -> None:
    """The group as it is, under one view and with these credits netted, if what is between is known."""
    gap = group.total(number) + netting.amount - sheet.statement.amount
    slack = len(group) // 2 + 1 if number else 0
    if found := sheet.gaps.meaning(gap, slack):
        difference, bits = found
        if gap and difference is DifferenceKind.NONE:
            bits += one_of(2 * slack)
        _add(sheet, group, number, netting, (), (difference, bits), kind)


def two_left_out(sheet: Worksheet, group: Group) -> None:
    """The group but two of its documents."""
    statement, amounts = sheet.statement, sheet.statement.gross.amounts
    gap = group.total(0) - statement.amount
    if not 0 < gap * _UNEVEN <= statement.amount or len(group) > _SORTED:
        return
    seen: dict[int, int] = {}
    found = 0
    for place in group.places:
        other = seen.get(gap - amounts[place])
        if other is not None:
            _add(sheet, group, 0, sheet.nettings[0], (other, place), EVEN, None)
            found += 1
            if found == _ALIKE:
                return
        seen.setdefault(amounts[place], place)


def nearly(sheet: Worksheet, group: Group, kind: Evidence | None = None) -> None:
    """The group as it is, short of the payment or more than it: by just one of its documents, which may have been paid twice, or
    for no reason that is known."""
    statement = sheet.statement
    for number, view in enumerate(statement.views):
        gap = group.total(number) - statement.amount
        allowed(sheet, group, number, gap, kind)
        known = sheet.gaps.meaning(gap)
        if known and known[1] <= sheet.gaps.unexplained(gap, statement.amount):
            continue
        bits = group.bits + sheet.view_bits(view, group.places)
        twice = [place for place in sheet.by_amount[number].at(-gap) if group.holds(place)]
        if twice:
            why = [group.words, f"{statement.numbers(twice[:1])} seems to be paid twice"]
            bits += TWICE + one_of(len(group))
            sheet.add(sorted(group.places), view, DifferenceKind.OVER, bits, why, kind)
        elif kind or abs(gap) * _UNEVEN <= statement.amount:
            difference = DifferenceKind.SHORT if gap > 0 else DifferenceKind.OVER
            bits += sheet.gaps.unexplained(gap, statement.amount)
            sheet.add(sorted(group.places), view, difference, bits, [group.words], kind)


def allowed(sheet: Worksheet, group: Group, number: int, gap: int, kind: Evidence | None = None) -> None:
    """The group short of the payment by so many percent of one of its documents, as a part of the goods was sent back, or is
    complained of; or of each of them."""
    if gap <= 0 or len(group) > _DEEP:
        return
    if not number:
        sheet.drafts.add(kept_back(sheet, group, gap, kind))
    view = sheet.statement.views[number]
    shares = [
        (bits, -place)
        for place in group.places
        if 2 * gap <= view.amounts[place]
        and (bits := share_bits(gap, view.amounts[place])) is not None
        and place < sheet.statement.debits
    ]
    if shares:
        bits, place = min(shares)
        bits += group.bits + sheet.gaps.allowed + one_of(len(group)) + sheet.view_bits(view, group.places)
        sheet.add(sorted(group.places), view, DifferenceKind.SHORT, bits, [group.words], kind, keeper=-place)


def by_size(sheet: Worksheet, group: Group) -> None:
    """The larger documents of the group, or the smaller ones, up to some amount."""
    statement, amounts = sheet.statement, sheet.statement.gross.amounts
    if not _SIZES <= len(group) <= _SORTED or group.total(0) <= statement.amount:
        return
    bits = group.bits + _BY_SIZE + one_of(len(group))
    hopeless = sheet.drafts.hopeless
    for number in range(len(statement.views)):
        if hopeless(bits, 1, even=not number):
            continue
        totals = group.largest_first(number)
        for netting in sheet.nettings:
            wanted = statement.amount - netting.amount
            for sum_, least in ((wanted, True), (totals[-1] - wanted, False)):
                at = bisect_left(totals, sum_)
                if not 0 < at < len(group) or totals[at] != sum_:
                    continue
                if hopeless(bits, at if least else len(group) - at, even=not number):
                    continue
                order = sorted(sorted(group.places), key=amounts.__getitem__, reverse=True)
                limit = statement.words(amounts[order[at - 1 if least else at]])
                words = f"{group.words} of at {'least' if least else 'most'} {limit}"
                lo, hi = (0, at) if least else (at, len(order))
                close_one(sheet, Group(words, bits, Listing.of(statement, order), lo, hi), number, netting)


def whole_days(sheet: Worksheet, account: Account, listing: Listing, how: str) -> None:
    """All that falls due (or is dated) from one day to another, but one document, or with one that was forgotten."""
    amounts = sheet.statement.gross.amounts
    days = listing.days
    if len(days) > _DEEP:
        return
    starts = listing.starts
    bits = sheet.likely.custom(Custom.OTHER) + account.bits + 2 + 2 * one_of(len(starts))
    least = bits + sheet.least_edit
    for number, totals in enumerate(listing.totals):
        there, by_day = sheet.by_amount[number].amounts, [totals[start] for start in starts]
        largest = max(map(abs, there))
        for netting in sheet.nettings[:2]:
            wanted = sheet.statement.amount - netting.amount
            # Short ones first: what is longer and as likely is soon seen not to be among those that are shown.
            stretches = sorted(
                (hi - lo, lo, hi, gap)
                for at, lo in enumerate(starts)
                for hi in _near(starts, by_day, at + 1, totals[lo] + wanted, largest)
                if abs(gap := totals[hi] - totals[lo] - wanted) in there and hi - lo > 1
            )
            for _, lo, hi, gap in stretches:
                if sheet.drafts.hopeless(least + netting.bits, hi - lo - 1, even=not number):
                    continue
                from_, to = (date.fromordinal(days[at]) for at in (lo, hi - 1))
                group = Group(f"everything {how} from {from_} to {to}{account.words}", bits, listing, lo, hi)
                for edit in _edits(sheet, group, number, netting, gap, deep=False):
                    if amounts[edit[0]] > 0:
                        _add(sheet, group, number, netting, edit, EVEN, None)


def _near(starts: Sequence[int], totals: Sequence[int], first: int, total: int, far: int) -> Sequence[int]:
    """Of the later days those up to which no more than so far beside a total is owed."""
    return starts[bisect_left(totals, total - far, first) : bisect_right(totals, total + far, first)]


def _edits(
    sheet: Worksheet, group: Group, view: int, netting: Netting, gap: int, *, deep: bool
) -> Iterator[tuple[int, ...]]:
    """Places to take out of the group or into it so that the gap is closed to the cent."""
    table = sheet.by_amount[view]
    for place in islice(table.at(gap), _ALIKE) if gap > 0 else ():
        if group.holds(place):
            yield (place,)
    for place in islice(table.at(-gap), _ALIKE):
        if not group.holds(place) and place not in netting.places:
            yield (place,)
    if deep and len(sheet.statement.items) <= _DEEP and not sheet.over():
        least = group.bits + netting.bits + 2 * sheet.least_edit
        if not sheet.drafts.hopeless(least, len(group) - 2, even=not view):
            yield from islice(_pairs(group, view, netting, gap), _ALIKE)


def _pairs(group: Group, view: int, netting: Netting, gap: int) -> Iterator[tuple[int, int]]:
    """Two places to take out, two to take in, or one for another."""
    moves, there = group.moves(view)
    telling = {moved for moved in there if -gap - moved in there}
    change: dict[int, list[int]] = defaultdict(list)
    for place, moved in enumerate(moves) if telling else ():
        if moved in telling and place not in netting.places:
            for other in change.get(-gap - moved, ()):
                yield (other, place)
            change[moved].append(place)


def _add(
    sheet: Worksheet,
    group: Group,
    number: int,
    netting: Netting,
    edit: tuple[int, ...],
    found: tuple[DifferenceKind, float],
    kind: Evidence | None,
) -> None:
    statement, view = sheet.statement, sheet.statement.views[number]
    difference, bits = found
    bits += group.bits + netting.bits + sheet.view_bits(view, group.places)
    for place in edit:
        bits += _edit_bits(sheet, group, place)
    even = difference is DifferenceKind.NONE and not view.offs
    if sheet.drafts.hopeless(bits, len(group) - len(edit), even=even):
        return
    out = [place for place in edit if group.holds(place) or place in netting.places]
    more = [place for place in edit if place not in out]
    both = {*group.places, *netting.places} if netting.places else group.places
    places = [place for place in both if place not in out] if out else [*both]
    places = sorted(places + more)
    why = [group.words + (f" but {statement.numbers(out)}" if out else "")]
    why += [netting.words] if netting.words else []
    why += [f"with {statement.numbers(more)}"] if more else []
    if difference is DifferenceKind.NONE:
        if view.offs:
            difference = DifferenceKind.DISCOUNT
        elif out and not more and len(group) == statement.debits and len(out) <= _EXCLUDED < len(places):
            kind = kind or Evidence.EXCLUSION
    sheet.add(places, view, difference, bits, why, kind)


def _edit_bits(sheet: Worksheet, group: Group, place: int) -> float:
    statement = sheet.statement
    if place >= statement.debits:
        return sheet.netted((place,))
    if group.holds(place):
        if place in statement.disputed:
            return DISPUTED_EDIT + one_of(len(statement.disputed))
        return sheet.likely.left_out + one_of(len(group))
    if place in statement.passed:
        return EDIT + one_of(len(statement.passed))
    return EDIT + 1 + one_of(statement.debits - len(group))


def singles(sheet: Worksheet) -> None:
    """One document, under every view, with one credit or all of them netted, less charges, within the tolerance."""
    statement = sheet.statement
    for number, view in enumerate(statement.views):
        table = sheet.by_amount[number]
        difference = DifferenceKind.DISCOUNT if number else DifferenceKind.NONE
        for netting in (*sheet.nettings, *sheet.credits_apart):
            wanted = statement.amount - netting.amount
            for place in islice(table.at(wanted), _ALIKE if netting.places else _SINGLES):
                if place < statement.debits:
                    bits = sheet.single(place) + netting.bits + sheet.view_bits(view, (place,))
                    bits += place / statement.debits
                    words = [netting.words] if netting.words else []
                    sheet.add(sorted((place, *netting.places)), view, difference, bits, words)
        low, high = sheet.gaps.window(statement.amount)
        around = [place for place in table.between(low, high) if place < statement.debits]
        for place in sorted(around, key=lambda at: (abs(view.amounts[at] - statement.amount), at))[:_NEAR]:
            if found := sheet.gaps.meaning(view.amounts[place] - statement.amount):
                near, bits = found
                if near is not DifferenceKind.NONE:
                    bits += sheet.single(place) + sheet.view_bits(view, (place,))
                    sheet.add((place,), view, near, bits, ())


def nearly_single(sheet: Worksheet) -> None:
    """One document and a round sum on account; so many percent of one; two figures swapped; the nearest."""
    statement, amounts = sheet.statement, sheet.statement.gross.amounts
    round_sum = _ROUND * sheet.gaps.unit
    rest = statement.amount % round_sum
    alike = statement.account.with_rest(round_sum, rest) if rest else ()
    telling = (place for place in alike if amounts[place] < statement.amount)
    for place in islice(telling, _FEW_TELL):
        bits = sheet.single(place) + sheet.gaps.unexplained(
            amounts[place] - statement.amount, statement.amount
        )
        sheet.add((place,), statement.gross, DifferenceKind.OVER, bits, ())
    for place in range(statement.debits) if statement.debits <= _DEEP else ():
        if amounts[place] <= statement.amount:
            continue
        if (share := part_bits(statement.amount, amounts[place])) is not None:
            bits = sheet.single(place) + sheet.gaps.allowed + share + place / statement.debits
            sheet.add((place,), statement.gross, DifferenceKind.SHORT, bits, ())
    for paid in swapped(statement.amount):
        for place in islice(sheet.by_amount[0].at(paid), 1):
            gap = paid - statement.amount
            difference = DifferenceKind.SHORT if gap > 0 else DifferenceKind.OVER
            bits = sheet.single(place) + sheet.gaps.unexplained(gap, statement.amount)
            sheet.add((place,), statement.gross, difference, bits, ())
    if amounts[0] < statement.amount and 2 * statement.case.habit.manners.over >= 1:
        bits = sheet.single(0) + sheet.gaps.unexplained(amounts[0] - statement.amount, statement.amount)
        sheet.add((0,), statement.gross, DifferenceKind.OVER, bits, ())
    most = statement.amount // _UNEVEN
    above = sheet.by_amount[0].between(statement.amount + 1, statement.amount + most)
    below = sheet.by_amount[0].between(statement.amount - most, statement.amount - 1)
    for place in (*above[:2], *sorted(below, key=amounts.__getitem__, reverse=True)[:2]):
        gap = amounts[place] - statement.amount
        if not sheet.gaps.meaning(gap):
            difference = DifferenceKind.SHORT if gap > 0 else DifferenceKind.OVER
            bits = sheet.single(place) + sheet.gaps.unexplained(gap, statement.amount)
            sheet.add((place,), statement.gross, difference, bits, ())
