"""Ways that keep to what the payer named: just that, the amounts that are said, part of it, more than it, a difference. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from arqueue.cash.closing import close, close_one, nearly
from arqueue.cash.drafts import Draft, Paid, filled
from arqueue.cash.gaps import gap_words, part_bits
from arqueue.cash.groups import Group, Listing
from arqueue.cash.likelihood import NAMED
from arqueue.cash.naming import Naming
from arqueue.cash.remittance import LIKELY, SURE
from arqueue.cash.statement import Statement
from arqueue.cash.suggestion import DifferenceKind, Evidence
from arqueue.cash.sums import Answers, subsets
from arqueue.cash.worksheet import Worksheet

_SHOWN: Final = 8
_MOST_AMONG: Final = 400
_FEWER: Final = 2.5
"""Bits of paying only some of what is named."""
_MORE: Final = 1.5
"""Bits of paying other documents beside those that are named, where these come to less than the payment."""
_ONWARD: Final = 2.0
"""Bits of paying what comes between those that are named, or after them."""
_SAID: Final = 1.0
"""Bits of the amounts that are said, where they are not what is open."""


@dataclass(frozen=True, slots=True)
class Said:
    """How the payer named some documents: where, how surely in bits, and in words."""

    kind: Evidence
    bits: float
    words: str


def by_name(sheet: Worksheet, naming: Naming) -> None:
    """Put all of that into the drafts, first for what is named surely."""
    tried: set[frozenset[int]] = set()
    where = "advice" if naming.kind is Evidence.ADVICE else "text"
    for step, strength in enumerate((SURE, LIKELY, 1)):
        places = naming.places(strength)
        if places and frozenset(places) not in tried:
            tried.add(frozenset(places))
            words = f"{where} names {sheet.statement.numbers(places)}"
            _keep_to(sheet, naming, places, Said(naming.kind, NAMED + 2 * step, words))


def _keep_to(sheet: Worksheet, naming: Naming, places: tuple[int, ...], said: Said) -> None:
    statement = sheet.statement
    gap = sum(statement.gross.amounts[place] for place in places) - statement.amount
    group = Group(said.words, said.bits, Listing.of(statement, sorted(places)), 0, len(places))
    close(sheet, group, deep=True, kind=said.kind)
    sheet.drafts.add(_as_said(sheet, naming, places, said))
    nearly(sheet, group, said.kind)
    if gap and not sheet.gaps.meaning(gap):
        _as_far(sheet, places, gap, said)
    if gap > 0:
        _among(sheet, naming, places, said)
    elif gap < 0:
        _onward(sheet, places, said)
        _beside(sheet, naming, places, -gap, said)


def _as_said(sheet: Worksheet, naming: Naming, places: Sequence[int], said: Said) -> Draft | None:
    """The amounts that are said. In a text they must come to the payment; what an advice leaves unsaid is left."""
    statement = sheet.statement
    if not any(place in naming.amounts or place in naming.discounts for place in places):
        return None
    lines = sorted((_line(statement, naming, place) for place in places), key=lambda line: line.place)
    left = statement.amount - sum(line.amount for line in lines)
    if left < 0 and left == naming.elsewhere:
        lines = _deducted(lines, -left)
        left = statement.amount - sum(line.amount for line in lines)
    if left < 0 or not all(line.amount for line in lines) or (left and naming.kind is not Evidence.ADVICE):
        return None
    bits = said.bits + _SAID
    if left and left != naming.elsewhere:
        bits += sheet.gaps.unexplained(-left, statement.amount)
    short, discount = [line for line in lines if line.short], sum(line.discount for line in lines)
    rest = sum(line.short for line in short)
    kind, gap = DifferenceKind.NONE, 0
    if rest:
        kind, gap = DifferenceKind.SHORT, rest
    elif discount:
        kind, gap = DifferenceKind.DISCOUNT, discount
    elif left:
        kind, gap = DifferenceKind.OVER, left
    why = [said.words, "with the amounts that it says"]
    why += [_short_words(statement, naming, line) for line in short]
    why += [f"{statement.words(left)} is for nothing that is open here"] if left else []
    keeper = short[0].place if len(short) == 1 else None
    return Draft(said.kind, tuple(lines), left, kind, gap, keeper, bits, tuple(why))


def _line(statement: Statement, naming: Naming, place: int) -> Paid:
    amount = statement.gross.amounts[place]
    paid = min(naming.amounts.get(place, abs(amount)), abs(amount))
    if amount < 0:
        return Paid(place, -paid)
    discount = min(naming.discounts.get(place, 0), amount)
    if discount and (place not in naming.amounts or paid == amount):
        paid = amount - discount
    rest = amount - paid - discount
    offer = statement.offers.get(place)
    if rest and not discount and offer and abs(offer.off(amount) - rest) <= 1:
        return Paid(place, paid, discount=rest)
    if rest < 0:
        return Paid(place, paid, discount=amount - paid)
    return Paid(place, paid, discount, rest)


def _deducted(lines: Sequence[Paid], deduction: int) -> list[Paid]:
    """What the advice takes off without saying from which document is kept open on the last that can hold it."""
    able = [line.place for line in lines if line.amount > deduction]
    return [
        line._replace(amount=line.amount - deduction, short=line.short + deduction)
        if able and line.place == able[-1]
        else line
        for line in lines
    ]


def _short_words(statement: Statement, naming: Naming, line: Paid) -> str:
    number = statement.items[line.place].item.number
    reason = naming.reasons.get(line.place, "")
    return f"{statement.words(line.short)} less than what is open of {number}" + (
        f": {reason}" if reason else ""
    )


def _as_far(sheet: Worksheet, places: Sequence[int], gap: int, said: Said) -> None:
    """Just what is named, in the payer's order, as far as the payment goes."""
    statement = sheet.statement
    difference = DifferenceKind.SHORT if gap > 0 else DifferenceKind.OVER
    unexplained = sheet.gaps.unexplained(gap, statement.amount)
    if len(places) == 1 and (share := part_bits(statement.amount, statement.amount + gap)) is not None:
        unexplained = min(unexplained, sheet.gaps.allowed + share)
    bits = said.bits + _SAID + unexplained
    why = (said.words, gap_words(statement, gap, statement.amount + gap, difference))
    sheet.drafts.add(filled(statement, places, said.kind, bits, why, settled=False))


def _among(sheet: Worksheet, naming: Naming, places: tuple[int, ...], said: Said) -> None:
    """Those of the named that come to the payment, where not all do."""
    statement, ordered = sheet.statement, sorted(places)
    if not 2 < len(ordered) <= _MOST_AMONG:
        return
    found = _sums(sheet, ordered, statement.amount)
    likely = replace(sheet.likely, debits=len(ordered))
    for each in found.sets:
        some = [ordered[at] for at in each]
        words = f"{said.words.partition(' ')[0]} names {statement.numbers(some)} among others"
        fewer = _FEWER / 2 if naming.loosely.issuperset(set(ordered).difference(some)) else _FEWER
        bits = said.bits + fewer + likely.subset(each, ())
        sheet.add(some, statement.gross, DifferenceKind.NONE, bits, [words], said.kind, found)


def _onward(sheet: Worksheet, places: tuple[int, ...], said: Said) -> None:
    """All that lies between the first that is named and the last; or from the first on as far as the payment goes, where the
    payer named how the list begins."""
    statement, bits = sheet.statement, said.bits + _ONWARD
    for listing in _sequences(statement, places):
        ranks = [listing.rank[place] for place in places if place in listing.rank]
        if not ranks:
            continue
        lo, hi = min(ranks), max(ranks) + 1
        if hi - lo > len(ranks):
            close(sheet, Group(f"{said.words} and all between", bits, listing, lo, hi), kind=said.kind)
        for number in range(len(statement.views)):
            for netting in sheet.nettings:
                until = listing.totals[number][lo] + statement.amount - netting.amount
                if (end := listing.end(number, until)) > hi:
                    last = statement.items[listing.places[end - 1]].item.number
                    group = Group(f"{said.words} and all up to {last}", bits, listing, lo, end)
                    close_one(sheet, group, number, netting, said.kind)


def _sequences(statement: Statement, named: Sequence[int]) -> Iterator[Listing]:
    """The payer's documents as they fall due, as they were written, and as they are numbered, with and without what is
    disputed, and what earlier runs passed over."""
    numbers = [each.item.number for each in statement.items]
    every = [place for place in range(statement.debits) if place not in statement.foreign or place in named]
    calm = [place for place in every if place not in statement.disputed or place in named]
    usual = [place for place in every if place not in statement.passed or place in named]
    kept = (every, *(fewer for fewer in (calm, usual) if len(fewer) < len(every)))
    for places in kept:
        orders = (
            places,
            sorted(places, key=statement.dated.__getitem__),
            sorted(places, key=lambda place: (len(numbers[place]), numbers[place])),
        )
        for rank, order in enumerate(orders):
            if order not in orders[:rank]:
                yield Listing.of(statement, order)


def _beside(sheet: Worksheet, naming: Naming, places: tuple[int, ...], rest: int, said: Said) -> None:
    """What is named, and others that come to the remainder: where the list goes on, such as come behind the last, if any do."""
    statement, named = sheet.statement, set(places)
    others = [place for place in range(len(statement.items)) if place not in named]
    behind = [place for place in others if naming.ends_open and place > max(places)]
    found = _sums(sheet, behind, rest)
    if found.sets:
        others = behind
    else:
        found = _sums(sheet, others, rest)
    likely = replace(sheet.likely, debits=max(1, bisect_left(others, statement.debits)))
    for each in found.sets:
        added = [others[at] for at in each]
        debits = [at for at, place in zip(each, added, strict=True) if place < statement.debits]
        bits = said.bits + _MORE + likely.subset(debits, ())
        if len(debits) < len(added):
            bits += sheet.netted(added[len(debits) :])
        why = [said.words, f"{statement.numbers(added)} = the remaining {statement.words(rest)}"]
        both = sorted((*places, *added))
        sheet.add(both, statement.gross, DifferenceKind.NONE, bits, why, said.kind, found)


def _sums(sheet: Worksheet, places: Sequence[int], amount: int) -> Answers:
    amounts, policy = sheet.statement.gross.amounts, sheet.statement.case.policy
    return subsets(
        [amounts[place] for place in places],
        amount,
        amount,
        keep=_SHOWN,
        count_cap=policy.count_cap,
        over=sheet.named_share,
        any_at_least=False,
    )
