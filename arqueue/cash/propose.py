"""Ways to apply a payment, best evidence first: what its text names, what it equals, else oldest first. Pure."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import islice

from arqueue.control.commands import Line
from arqueue.model.ledger import Item, OpenItem
from arqueue.model.money import Money

_DIGITS = re.compile(r"[0-9]{4,}")
_SHORTEST_NAME = 4
_ANSWERS_SHOWN = 5


class ProposalKind(StrEnum):
    """The evidence behind a proposal."""

    REFERENCE = "reference"
    EXACT = "exact"
    OLDEST = "oldest"


@dataclass(frozen=True, slots=True)
class Proposal:
    """Lines that together use no more than the payment; ``left`` stays unapplied, ``answers`` counts equally good ones."""

    kind: ProposalKind
    lines: tuple[Line, ...]
    left: Money
    short: Money
    """What the last, partly paid item keeps open."""
    answers: int
    why: tuple[str, ...]

    @property
    def applied(self) -> Money:
        """The sum of the lines."""
        return sum((line.amount for line in self.lines), Money.zero(self.left.currency))


def propose(payment: OpenItem, debits: Sequence[OpenItem]) -> list[Proposal]:
    """Distinct proposals, at most one of each kind but exact answers all by themselves; debits in the payment's currency
    count, others are left to the accounting system."""
    amount = -payment.open
    if amount.minor <= 0:
        return []
    fitting = sorted(
        (each for each in debits if each.open.currency == amount.currency and each.open.minor > 0),
        key=_oldest,
    )
    found: list[Proposal] = []
    for proposal in (
        *_by_reference(payment.item, amount, fitting),
        *_exact(amount, fitting),
        *_oldest_first(amount, fitting),
    ):
        if not any(set(proposal.lines) == set(other.lines) for other in found):
            found.append(proposal)
    return found


def _oldest(each: OpenItem) -> tuple[date, date, str]:
    return (each.item.due_date or each.item.doc_date, each.item.doc_date, each.item.id)


def _by_reference(payment: Item, amount: Money, debits: Sequence[OpenItem]) -> Iterator[Proposal]:
    """Items whose number (or own reference or order) stands in the remittance text, whole or by its digits."""
    text = f"{payment.text} {payment.reference}".upper()
    runs = set(_DIGITS.findall(text))
    whole = [each for each in debits if _names(text, each.item)]
    named = whole or [each for each in debits if runs & set(_DIGITS.findall(each.item.number)[-1:])]
    if not named:
        return
    lines, left, short = _fill(amount, named)
    how = "the remittance text names" if whole else "digits in the remittance text match"
    why = (f"{how} {', '.join(each.item.number for each in named[:4])}",)
    yield Proposal(ProposalKind.REFERENCE, lines, left, short, 1, why)


def _names(text: str, item: Item) -> bool:
    """Whether the text holds one of the item's names; a name has digits, so that "Consulting" is none."""
    names = (item.number, item.reference, item.purchase_order)
    return any(
        len(name) >= _SHORTEST_NAME
        and any(char.isdigit() for char in name)
        and _stands_in(name.upper(), text)
        for name in names
    )


def _stands_in(name: str, text: str) -> bool:
    """Whether the text holds the name as a name: INV-1001 does not stand in INV-10012."""
    start = text.find(name)
    while start >= 0:
        end = start + len(name)
        if not _runs_on(text[start - 1 : start], name[0]) and not _runs_on(name[-1], text[end : end + 1]):
            return True
        start = text.find(name, start + 1)
    return False


def _runs_on(left: str, right: str) -> bool:
    return (left.isdigit() and right.isdigit()) or (left.isalpha() and right.isalpha())


def _exact(amount: Money, debits: Sequence[OpenItem]) -> Iterator[Proposal]:
    """Single items, else pairs, that equal the payment to the cent: all of them counted, the oldest shown."""
    singles = [(each,) for each in debits if each.open == amount]
    count, answers = (len(singles), iter(singles)) if singles else _pairs(amount.minor, debits)
    for chosen in islice(answers, _ANSWERS_SHOWN):
        lines = tuple(Line(each.item.id, each.open) for each in chosen)
        numbers = " + ".join(each.item.number for each in chosen)
        why = [f"{numbers} = {amount} exactly"]
        if count > 1:
            why.append(f"1 of {count} equal answers")
        zero = Money.zero(amount.currency)
        yield Proposal(ProposalKind.EXACT, lines, zero, zero, count, tuple(why))


def _pairs(amount: int, debits: Sequence[OpenItem]) -> tuple[int, Iterator[tuple[OpenItem, ...]]]:
    """How many pairs make the amount, and these pairs, oldest first; one look at each item, however many there are."""
    places: dict[int, list[int]] = defaultdict(list)
    for place, each in enumerate(debits):
        places[each.open.minor].append(place)
    count = sum(
        len(here) * (len(here) - 1) // 2 if 2 * part == amount else len(here) * len(places[amount - part])
        for part, here in list(places.items())
        if 2 * part <= amount and amount - part in places
    )

    def pairs() -> Iterator[tuple[OpenItem, ...]]:
        for place, each in enumerate(debits):
            partners = places.get(amount - each.open.minor, [])
            for other in partners[bisect_right(partners, place) :]:
                yield (each, debits[other])

    return count, pairs()


def _oldest_first(amount: Money, debits: Sequence[OpenItem]) -> Iterator[Proposal]:
    if not debits:
        return
    lines, left, short = _fill(amount, debits)
    if lines:
        yield Proposal(ProposalKind.OLDEST, lines, left, short, 1, ("oldest due first",))


def _fill(amount: Money, debits: Sequence[OpenItem]) -> tuple[tuple[Line, ...], Money, Money]:
    """As much as there is, in this order: the last item may be paid in part."""
    rest, lines, short = amount, [], Money.zero(amount.currency)
    for each in debits:
        if not rest:
            break
        part = min(rest, each.open)
        lines.append(Line(each.item.id, part))
        short, rest = each.open - part, rest - part
    return tuple(lines), rest, short
