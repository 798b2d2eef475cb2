"""EDI X12 820, payment order and remittance advice: its separators are its own, in the first segment.

Source: ASC X12 transaction set 820 (BPR, TRN, CUR, N1, ENT, RMR, DTM, ADX). A reader of segments is all that it takes; the
kept libraries validate health-care sets.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Final

from arqueue.cash.advice import Advice, AdviceLine
from arqueue.errors import ArqueueError, Invalid
from arqueue.model.money import Money
from arqueue.model.text import clean_line

_ISA: Final = 106
"""Letters of the interchange header, of fixed length."""
_NUMBER: Final = re.compile(r"-?\d{0,18}(?:\.\d{0,6})?")
_DEDUCTING: Final = {"CM"}
_REASONS: Final = {
    "01": "pricing error",
    "03": "damaged goods",
    "04": "quality",
    "06": "quantity contested",
    "07": "wrong product",
    "10": "returns",
    "11": "not received",
    "26": "invoice cancelled",
    "53": "duplicate",
    "59": "not on the order",
    "72": "authorized return",
    "81": "discount",
    "86": "duplicate payment",
    "CM": "credit memo",
    "IF": "insufficient funds",
}


@dataclass(frozen=True, slots=True)
class _Segment:
    """A segment by its place in the file, counted from 1."""

    place: int
    fields: Sequence[str]

    @property
    def tag(self) -> str:
        """RMR, BPR…"""
        return self.fields[0]

    def __getitem__(self, place: int) -> str:
        """An element by its number in the standard; empty where it is left out."""
        return self.fields[place].strip() if place < len(self.fields) else ""


def read_820(text: str, called: str, currency: str) -> tuple[Advice, ...]:
    """One advice a transaction set. Raises Invalid for a file that is cut short, for amounts and dates that cannot be read."""
    advices: list[Advice] = []
    inside: list[_Segment] | None = None
    for segment in _segments(text, called):
        if segment.tag == "ST":
            if segment[1] != "820":
                raise Invalid(
                    f"{called}, segment {segment.place} (ST): set {segment[1]!r:.12} is no remittance advice",
                    hint="Only set 820 is.",
                )
            inside = [segment]
        elif inside is not None:
            inside.append(segment)
            if segment.tag == "SE":
                _complete(inside, called)
                advices.append(_advice(inside, called, currency))
                inside = None
    if inside is not None or not advices:
        raise Invalid(
            f"{called} ends before its transaction set does (no SE segment)",
            hint="Ask for the whole file again.",
        )
    return tuple(advices)


def _segments(text: str, called: str) -> Iterator[_Segment]:
    if text.startswith("ISA"):
        if len(text) < _ISA:
            raise Invalid(f"{called}, segment 1 (ISA): cut short", hint="Ask for the whole file again.")
        separator, terminator = text[3], text[_ISA - 1]
    else:
        separator, terminator = text[2], "~" if "~" in text else "\n"
    for place, words in enumerate(text.split(terminator), start=1):
        if words.strip():
            yield _Segment(place, words.strip().split(separator))


def _complete(inside: Sequence[_Segment], called: str) -> None:
    said = inside[-1][1]
    if said.isdigit() and len(said) < 10 and int(said) != len(inside):
        raise Invalid(
            f"{called}, segment {inside[-1].place} (SE): says {said} segments, there are {len(inside)}",
            hint="Ask for the whole file again.",
        )


def _advice(inside: Sequence[_Segment], called: str, currency: str) -> Advice:
    code = next((each[2] for each in inside if each.tag == "CUR" and each[2]), currency)
    advice = Advice(source="edi 820", lines=())
    lines: list[AdviceLine] = []
    for segment in inside:
        if segment.tag == "BPR":
            on = _day(segment, 16, called)
            advice = replace(advice, total=_money(segment, 2, code, called), on=on or advice.on)
        elif segment.tag == "TRN":
            advice = replace(advice, payment_reference=clean_line(segment[2]))
        elif segment.tag == "N1" and segment[1] in ("PR", "PE") and (segment[1] == "PR" or not advice.payer):
            advice = replace(advice, payer=clean_line(segment[2])) if segment[1] == "PR" else advice
        elif segment.tag == "RMR":
            lines.append(_line(segment, code, called))
        elif segment.tag == "DTM" and lines:
            lines[-1] = replace(lines[-1], on=_day(segment, 2, called) or lines[-1].on)
        elif segment.tag == "ADX" and lines:
            reason = _REASONS.get(segment[2], f"reason {segment[2]}" if segment[2] else "")
            lines[-1] = replace(lines[-1], reason=clean_line(reason))
    return replace(advice, lines=tuple(lines))


def _line(segment: _Segment, code: str, called: str) -> AdviceLine:
    place = 4 if segment[4] or not segment[5] else 5
    amount = _money(segment, place, code, called)
    if amount is not None and segment[1] in _DEDUCTING:
        amount = -abs(amount)
    return AdviceLine(
        reference=clean_line(segment[2]),
        amount=amount,
        discount=_money(segment, 6, code, called),
        where=f"segment {segment.place} (RMR{place:02})",
    )


def _money(segment: _Segment, place: int, code: str, called: str) -> Money | None:
    said = segment[place]
    if not said:
        return None
    where = f"{called}, segment {segment.place} ({segment.tag}{place:02})"
    if not code:
        raise Invalid(f"{where}: the file names no currency (CUR)", hint="Say the currency of its amounts.")
    try:
        if not _NUMBER.fullmatch(said):
            raise InvalidOperation
        return Money.from_decimal(Decimal(said), code)
    except (InvalidOperation, ArqueueError) as error:
        raise Invalid(
            f"{where}: {said!a:.30} is no amount in {code}", hint="Ask for the file again."
        ) from error


def _day(segment: _Segment, place: int, called: str) -> date | None:
    said = segment[place]
    if not said:
        return None
    try:
        if len(said) == 6:
            said = "20" + said
        if len(said) != 8 or not said.isdecimal():
            raise ValueError(said)
        return date(int(said[:4]), int(said[4:6]), int(said[6:]))
    except ValueError as error:
        raise Invalid(
            f"{called}, segment {segment.place} ({segment.tag}{place:02}): {said!a:.30} is no date",
            hint="Write it like 20260312.",
        ) from error
