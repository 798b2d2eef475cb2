"""Ways that follow what the payer named: in the remittance text, or line by line in an advice. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from arqueue.cash.closing import close, nearly
from arqueue.cash.drafts import Draft, Paid, drafted, filled
from arqueue.cash.gaps import gap_words
from arqueue.cash.groups import Group, Listing
from arqueue.cash.likelihood import NAMED
from arqueue.cash.remittance import LIKELY, SURE, Mention, read_text
from arqueue.cash.statement import Statement
from arqueue.cash.suggestion import DifferenceKind, Evidence
from arqueue.cash.sums import Answers, subsets
from arqueue.cash.worksheet import Share, Worksheet

_SHOWN: Final = 8
_MOST_AMONG: Final = 400
_FEWER: Final = 2.5
"""Bits of paying only some of what is named."""
_MORE: Final = 1.5
"""Bits of paying other documents beside those that are named, where these come to less than the payment."""


@dataclass(frozen=True, slots=True)
class Naming:
    """What was named, by place and in the payer's order."""

    mentions: tuple[tuple[int, Mention], ...] = ()
    unknown: tuple[str, ...] = ()
    """Names of documents that are not open here."""
    cut: bool = False
    loosely: frozenset[int] = frozenset()
    """Those that are named by an order which several have: the payer may mean some of them."""

    def places(self, strength: int) -> tuple[int, ...]:
        """Those named at least so surely."""
        return tuple(place for place, mention in self.mentions if mention.strength >= strength)

    @property
    def strengths(self) -> dict[int, int]:
        """How surely each place is named."""
        return {place: mention.strength for place, mention in self.mentions}

    @property
    def amounts(self) -> dict[int, int]:
        """What is said beside a document, without its sign."""
        return {
            place: abs(mention.amount.minor) for place, mention in self.mentions if mention.amount is not None
        }


def read(statement: Statement) -> Naming:
    """What the payment's own text names."""
    payment = statement.case.payment.item
    text = "\n".join(part for part in (payment.text, payment.reference) if part)
    if not text:
        return Naming()
    reading = read_text(text, statement.items)
    at = {each.item.id: place for place, each in enumerate(statement.items)}
    mentions = tuple(
        (at[mention.item], mention)
        for mention in reading.mentions
        if mention.item in at and (mention.amount is None or mention.amount.currency == statement.currency)
    )
    return Naming(mentions, reading.unknown, reading.cut, _loosely(statement, mentions))


def _loosely(statement: Statement, mentions: Iterable[tuple[int, Mention]]) -> frozenset[int]:
    by_order: dict[str, list[int]] = defaultdict(list)
    for place, mention in mentions:
        if mention.how == "order":
            by_order[statement.items[place].item.purchase_order].append(place)
    return frozenset(place for places in by_order.values() if len(places) > 1 for place in places)


def by_name(sheet: Worksheet, naming: Naming, kind: Evidence) -> None:
    """Everything that keeps to what the payer names: just that, its amounts, part of it, more than it, a difference."""
    tried: set[frozenset[int]] = set()
    for step, strength in enumerate((SURE, LIKELY, 1)):
        places = naming.places(strength)
        if not places or frozenset(places) in tried:
            continue
        tried.add(frozenset(places))
        said = "advice" if kind is Evidence.ADVICE else "text"
        words = f"{said} names {sheet.statement.numbers(places)}"
        _keep_to(sheet, naming, places, Said(kind, NAMED + 2 * step, words))


@dataclass(frozen=True, slots=True)
class Said:
    """How the payer named some documents: where, how surely in bits, and in words."""

    kind: Evidence
    bits: float
    words: str


def _keep_to(sheet: Worksheet, naming: Naming, places: tuple[int, ...], said: Said) -> None:
    statement = sheet.statement
    gap = sum(statement.gross.amounts[place] for place in places) - statement.amount
    group = Group(said.words, said.bits, Listing(statement, sorted(places)), 0, len(places))
    close(sheet, group, deep=True, kind=said.kind)
    sheet.drafts.add(stated(statement, naming, places, said))
    nearly(sheet, group, said.kind)
    if gap and not sheet.gaps.meaning(gap):
        _uneven(sheet, naming, places, gap, said)
    if gap > 0:
        _among(sheet, naming, places, said)
    elif gap < 0:
        _beside(sheet, places, -gap, said)


def stated(statement: Statement, naming: Naming, places: Sequence[int], said: Said) -> Draft | None:
    """The amounts that stand beside the names, where they come to the payment and are not what is open anyway."""
    amounts = naming.amounts
    if not any(place in amounts for place in places):
        return None
    lines = []
    for place in places:
        open_ = statement.gross.amounts[place]
        amount = min(amounts.get(place, abs(open_)), abs(open_))
        if not amount:
            return None
        rest = abs(open_) - amount
        offer = statement.offers.get(place)
        if open_ < 0:
            lines.append(Paid(place, -amount))
        elif rest and offer and abs(offer.off(open_) - rest) <= 1:
            lines.append(Paid(place, amount, discount=rest))
        else:
            lines.append(Paid(place, amount, short=rest))
    if sum(line.amount for line in lines) != statement.amount:
        return None
    lines.sort(key=lambda line: line.place)
    short = [line for line in lines if line.short]
    discount = sum(line.discount for line in lines)
    rest = sum(line.short for line in short)
    kind = DifferenceKind.SHORT if rest else DifferenceKind.DISCOUNT if discount else DifferenceKind.NONE
    keeper = short[0].place if len(short) == 1 else None
    why = [said.words, "with the amounts beside them"]
    if rest:
        why.append(
            f"{statement.words(rest)} less than the open amount of {statement.numbers(line.place for line in short)}"
        )
    return Draft(said.kind, tuple(lines), 0, kind, rest or discount, keeper, said.bits + 1, tuple(why))


def _uneven(sheet: Worksheet, naming: Naming, places: tuple[int, ...], gap: int, said: Said) -> None:
    """Just what is named; the payment is short of it by what the text says beside one of them, or goes as far as it goes."""
    statement = sheet.statement
    amounts = statement.gross.amounts
    bits = said.bits + sheet.gaps.unexplained(gap, statement.amount)
    difference = DifferenceKind.SHORT if gap > 0 else DifferenceKind.OVER
    why = (said.words, gap_words(statement, gap, statement.amount + gap, difference))
    for place, amount in naming.amounts.items():
        if gap > 0 and place < statement.debits and place in places and amounts[place] - amount == gap:
            sheet.drafts.add(
                drafted(
                    statement,
                    places,
                    statement.gross,
                    said.kind,
                    difference,
                    said.bits + 1,
                    why,
                    keeper=place,
                )
            )
    sheet.drafts.add(filled(statement, places, said.kind, bits + 2, why, settled=False))


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


def _beside(sheet: Worksheet, places: tuple[int, ...], rest: int, said: Said) -> None:
    """What is named, and others that come to the remainder."""
    statement, named = sheet.statement, set(places)
    others = [place for place in range(len(statement.items)) if place not in named]
    found = _sums(sheet, others, rest)
    for each in found.sets:
        added = [others[at] for at in each]
        debits = [place for place in added if place < statement.debits]
        bits = said.bits + _MORE + sheet.likely.subset(debits, ())
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
        over=Share(sheet.over, policy.budget_ms // 8),
    )
