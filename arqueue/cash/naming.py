"""Ways that follow what the payer named: in the remittance text, or line by line in an advice. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import log2
from typing import Final

from arqueue.cash.closing import Closing, gap_words
from arqueue.cash.drafts import Draft, Paid, drafted, filled
from arqueue.cash.groups import Group, Listing
from arqueue.cash.likelihood import EDIT, NAMED, UNEVEN, chosen, figures
from arqueue.cash.remittance import LIKELY, SURE, Mention, read_text
from arqueue.cash.statement import Statement
from arqueue.cash.suggestion import DifferenceKind, Evidence
from arqueue.cash.sums import subsets

_SHOWN: Final = 8
_MOST_AMONG: Final = 400
_MORE: Final = 1.5
"""Bits of paying other documents beside those that are named, where these come to less than the payment."""


@dataclass(frozen=True, slots=True)
class Naming:
    """What was named, by place and in the payer's order."""

    mentions: tuple[tuple[int, Mention], ...] = ()
    unknown: tuple[str, ...] = ()
    """Names of documents that are not open here."""
    cut: bool = False

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
    return Naming(mentions, reading.unknown, reading.cut)


def by_name(statement: Statement, naming: Naming, closing: Closing) -> None:
    """Everything that keeps to what the text names: just that, its amounts, part of it, more than it, a difference."""
    tried: set[frozenset[int]] = set()
    for step, strength in enumerate((SURE, LIKELY, 1)):
        places = naming.places(strength)
        if not places or frozenset(places) in tried:
            continue
        tried.add(frozenset(places))
        _keep_to(statement, naming, closing, places, NAMED + 2 * step)


def _keep_to(
    statement: Statement, naming: Naming, closing: Closing, places: tuple[int, ...], bits: float
) -> None:
    words = f"text names {statement.numbers(places)}"
    amounts = statement.gross.amounts
    gap = sum(amounts[place] for place in places) - statement.amount
    group = Group(words, bits, Listing(statement, sorted(places)), 0, len(places))
    closing.close(group, deep=True, kind=Evidence.REFERENCE)
    drafts = closing.drafts
    drafts.add(stated(statement, naming, places, bits, words))
    if gap and not closing.gap_of(gap):
        drafts.add(_uneven(statement, naming, places, gap, bits, words))
    if gap > 0:
        for draft in _among(statement, closing, places, bits, closing.over):
            drafts.add(draft)
    elif gap < 0:
        for draft in _beside(statement, closing, places, -gap, bits, words):
            drafts.add(draft)


def stated(
    statement: Statement, naming: Naming, places: Sequence[int], bits: float, words: str
) -> Draft | None:
    """The amounts that stand beside the names, where they come to the payment and are not what is open anyway."""
    said = naming.amounts
    if not any(place in said for place in places):
        return None
    lines = []
    for place in places:
        open_ = statement.gross.amounts[place]
        amount = min(said.get(place, abs(open_)), abs(open_))
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
    why = [words, "with the amounts beside them"]
    if rest:
        why.append(
            f"{statement.words(rest)} less than the open amount of {statement.numbers(line.place for line in short)}"
        )
    return Draft(Evidence.REFERENCE, tuple(lines), 0, kind, rest or discount, keeper, bits + 1, tuple(why))


def _uneven(
    statement: Statement, naming: Naming, places: tuple[int, ...], gap: int, bits: float, words: str
) -> Draft | None:
    """Just what is named; the payment is short of it, or more."""
    total = statement.amount + gap
    kind = DifferenceKind.SHORT if gap > 0 else DifferenceKind.OVER
    keeper = next(
        (
            place
            for place, said in naming.amounts.items()
            if place < statement.debits and statement.gross.amounts[place] - said == gap
        ),
        max(places),
    )
    bits += UNEVEN + (figures(gap) if gap > 0 else log2(-gap + 1))
    why = (words, gap_words(statement, gap, total, kind))
    draft = drafted(statement, places, statement.gross, Evidence.REFERENCE, kind, bits, why, keeper=keeper)
    return draft or filled(statement, places, Evidence.REFERENCE, bits, why, settled=False)


def _among(
    statement: Statement, closing: Closing, places: tuple[int, ...], bits: float, over: Callable[[], bool]
) -> list[Draft | None]:
    """Those of the named that come to the payment, where not all do."""
    ordered = sorted(places)
    if len(ordered) < 3 or len(ordered) > _MOST_AMONG:
        return []
    found = subsets(
        [statement.gross.amounts[place] for place in ordered],
        statement.amount,
        statement.amount,
        keep=_SHOWN,
        count_cap=statement.case.policy.count_cap,
        over=over,
    )
    made = []
    for each in found.sets:
        some = [ordered[at] for at in each]
        cost = bits + EDIT + chosen(len(ordered), len(some))
        words = f"text names {statement.numbers(some)} among others"
        draft = closing.draft(some, statement.gross, DifferenceKind.NONE, cost, [words], Evidence.REFERENCE)
        made.append(draft and replace(draft, answers=found.count, counted=found.counted))
    return made


def _beside(
    statement: Statement, closing: Closing, places: tuple[int, ...], rest: int, bits: float, words: str
) -> list[Draft | None]:
    """What is named, and others that come to the remainder."""
    named = set(places)
    others = [place for place in range(len(statement.items)) if place not in named]
    found = subsets(
        [statement.gross.amounts[place] for place in others],
        rest,
        rest,
        keep=_SHOWN,
        count_cap=statement.case.policy.count_cap,
        over=closing.over,
    )
    made = []
    for each in found.sets:
        added = [others[at] for at in each]
        cost = bits + _MORE + closing.likely.subset([at for at in added if at < statement.debits], ())
        why = [words, f"{statement.numbers(added)} = the remaining {statement.words(rest)}"]
        draft = closing.draft(
            sorted((*places, *added)), statement.gross, DifferenceKind.NONE, cost, why, Evidence.REFERENCE
        )
        made.append(draft and replace(draft, answers=found.count, counted=found.counted))
    return made
