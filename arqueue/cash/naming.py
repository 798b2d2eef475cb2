"""What the payer named: line by line in an advice that came beside the payment, else in its remittance text. Pure."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from arqueue.cash.period import Month, month_of
from arqueue.cash.remittance import Mention, contrary, match_advice, read_text
from arqueue.cash.statement import Statement
from arqueue.cash.suggestion import Evidence
from arqueue.model.money import Money

_CERTAIN: Final = 100
_CUT_AT: Final = frozenset({27, 35, 54, 70, 105, 139, 140})
"""Lengths of the fields that banks have for a text."""

_FIGURE: Final = re.compile(r"[0-9]")
_GOES_ON: Final = re.compile(
    r"(?:\b(?:and|und|et|y|e|en|og|och|ja|\+|&)\s+(?:\d+\s+)?"
    r"(?:more|others?|weitere|andere|autres|otr[ao]s|altr[ei]|andre|andra|muut)|\betc|\busw|\bu\.\s?a|\.\.|…)\W*$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Naming:
    """Documents that are open here, by place and in the payer's order; amounts in minor units, without their sign."""

    kind: Evidence = Evidence.REFERENCE
    strengths: Mapping[int, int] = field(default_factory=dict)
    """How surely each is named, from 0 to 100."""
    amounts: Mapping[int, int] = field(default_factory=dict)
    """What is said to be paid of some."""
    discounts: Mapping[int, int] = field(default_factory=dict)
    reasons: Mapping[int, str] = field(default_factory=dict)
    """Why less is paid."""
    unknown: tuple[str, ...] = ()
    """Names of documents that are not open here."""
    elsewhere: int = 0
    """What an advice says is paid of those, or deducted (negative) without naming a document."""
    contrary: tuple[str, ...] = ()
    """Amounts of an advice that their document cannot have, and are not followed, in words."""
    cut: bool = False
    """Whether the text is longer than what was read of it."""
    loosely: frozenset[int] = frozenset()
    """Those that are named by an order which several have: the payer may mean some of them."""

    ends_open: bool = False
    """Whether the text ends within a list: a bank cut it."""
    closed: bool = False
    """Whether it names documents of ours, by the form of their numbers, and none that is open."""
    month: Month | None = None
    """The one that it names, where it names no document."""

    def places(self, strength: int) -> tuple[int, ...]:
        """Those named at least so surely."""
        return tuple(place for place, each in self.strengths.items() if each >= strength)


def read(statement: Statement) -> Naming:
    """The advice, where it names anything that is open; else the payment's own text."""
    return _advice(statement) or _text(statement)


def _text(statement: Statement) -> Naming:
    payment = statement.case.payment.item
    text = "\n".join(part for part in (payment.text, payment.reference) if part)
    if not text:
        return Naming()
    reading = read_text(text, statement.items)
    at = statement.place_of
    mentions = [(at[mention.item], mention) for mention in reading.mentions if mention.item in at]
    amounts = {place: _minor(statement, mention.amount) for place, mention in mentions}
    return Naming(
        strengths={place: mention.strength for place, mention in mentions},
        amounts={place: abs(amount) for place, amount in amounts.items() if amount},
        unknown=reading.unknown,
        cut=reading.cut,
        loosely=_loosely(statement, mentions),
        month=None if mentions else month_of(text),
        closed=not mentions and _is_of_ours(statement, reading.unknown),
        ends_open=bool(mentions) and _ends_open(statement, payment.text, reading.unknown),
    )


def _ends_open(statement: Statement, text: str, unknown: Sequence[str]) -> bool:
    """Whether the text is as long as banks let it be, ends in how an open document's number begins, or says so."""
    text = text.rstrip()
    if len(text) in _CUT_AT or _GOES_ON.search(text):
        return True
    if not unknown or not text.endswith(unknown[-1]):
        return False
    begins = unknown[-1].upper()
    return any(each.item.number.upper().startswith(begins) for each in statement.items)


def _is_of_ours(statement: Statement, unknown: Sequence[str]) -> bool:
    """Whether any of these has letters and figures where the numbers of open documents have them."""
    forms = {_form(each.item.number) for each in statement.items} if unknown else set()
    return any(_form(each) in forms for each in unknown)


def _form(number: str) -> str:
    return _FIGURE.sub("0", number.upper())


def _loosely(statement: Statement, mentions: Iterable[tuple[int, Mention]]) -> frozenset[int]:
    by_order: dict[str, list[int]] = defaultdict(list)
    for place, mention in mentions:
        if mention.how == "order":
            by_order[statement.items[place].item.purchase_order].append(place)
    return frozenset(place for places in by_order.values() if len(places) > 1 for place in places)


def _advice(statement: Statement) -> Naming | None:
    """Several lines of one document add up; so a deduction that names the document it is from is taken off there."""
    advice = statement.case.advice
    if advice is None:
        return None
    at = statement.place_of
    amounts: dict[int, int] = defaultdict(int)
    discounts: dict[int, int] = defaultdict(int)
    reasons: dict[int, str] = {}
    named: dict[int, int] = {}
    unknown, elsewhere = [], 0
    pairs = match_advice(advice, statement.items)
    for line, item in pairs:
        amount = _minor(statement, line.amount)
        if item is None:
            elsewhere += amount
            unknown.append(line.reference)
            continue
        place = at[item]
        named[place] = _CERTAIN
        amounts[place] += amount if place < statement.debits else -amount
        discounts[place] += _minor(statement, line.discount)
        if line.reason:
            reasons[place] = line.reason
    if not named:
        return None
    return Naming(
        kind=Evidence.ADVICE,
        strengths=named,
        amounts={place: amount for place, amount in amounts.items() if amount > 0},
        discounts={place: discount for place, discount in discounts.items() if discount > 0},
        reasons=reasons,
        unknown=tuple(each for each in unknown if each),
        elsewhere=elsewhere,
        contrary=contrary(
            ((line, statement.items[at[item]]) for line, item in pairs if item is not None),
            statement.currency,
        ),
    )


def _minor(statement: Statement, amount: Money | None) -> int:
    """In the payment's currency; what is said in another one is not said here."""
    return amount.minor if amount is not None and amount.currency == statement.currency else 0
