"""Lists and ranges: 1001/02/03, 1001 + 1004, 1001-1005, INV-1001 bis INV-1005."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from arqueue.cash.remittance.names import OpenNames
from arqueue.cash.remittance.resolving import Resolved, resolve
from arqueue.cash.remittance.scan import Kind
from arqueue.cash.remittance.spots import Spot

_TO: Final = re.compile(
    r"[\s,]*(?:-{1,2}>?|>|[–—→~]|\.{2,3}|…"
    r"|(?:UP )?TO|BIS(?: ZU[MR]?)?|THRU|THROUGH(?: TO)?|TILL|UNTIL|A|À|AU|AL|HASTA|JUSQU.?(?:À|A|AU)|(?:FINO )?AL?|T/?M|TOT|DO)"
    r"(?:\s+(?:LA|LE|EL|AND INCLUDING|INCL\.?|EINSCHL\.?|EN MET))?"
    r"[\s:]*(?:(?:INV(?:OICE)?|R[EG]|RECHNUNG|FACTURE|FACTURA)[\s.:-]*)?(?:N[OR]\.?\s*|#|N[°º]\s*)?"
)
_DASH: Final = re.compile(r"\s*[-–—]\s*")
_MORE: Final = re.compile(r"\s*(?:[,;/+&|]|,?\s*(?:AND|UND|ET|Y|E|U|EN|OG|SOWIE|PLUS)\.?)\s*")
_LONGEST: Final = 500
_CLEAR: Final = 3
"""Figures of a number that is no counting word."""
_SMALL: Final = 100
"""Below, two numbers with a dash between may be anything."""
_INSIDE: Final = 82
_CLOSED_END: Final = 65
_MAYBE_TWO: Final = 50
"""INV-1001 - INV-1004 may as well be two."""
_SHORTENED: Final = 80
_ONE_FIGURE: Final = 60


@dataclass(frozen=True, slots=True)
class Span:
    """A range as the text has it, and what is open inside; its ends are spots by themselves."""

    place: int
    """Of the spot that ends it."""
    start: int
    keys: tuple[str, ...]
    strength: int


@dataclass(slots=True)
class _Anchor:
    """The document before, within a list."""

    place: int
    lead: str
    serial: str


def run_together(text: str, spots: Sequence[Spot], names: OpenNames) -> tuple[list[Spot], list[Span]]:
    """The same spots with the lists read that they are in, and the ranges between them."""
    read = list(spots)
    spans: list[Span] = []
    before: int | None = None
    is_parted = False
    for place, spot in enumerate(read):
        if not spot.is_document:
            is_parted |= spot.parts_a_list
            continue
        if before is not None:
            gap = text[read[before].part.end : spot.part.start]
            is_span = _TO.fullmatch(gap) and not _is_dash_list(text, read, before, place)
            span = _range(gap, read, before, place, names) if is_span else None
            if span:
                spans.append(span)
                read[place] = replace(_end_of(spot, span, names), linked=True)
            elif is_parted:
                pass
            elif spot.part.kind is Kind.NUMBER:
                read[place] = _in_list(spot, _anchor(read, before, names), gap, names)
            else:
                read[place] = replace(spot, linked=True)
            if read[place].linked and read[place].resolved:
                read[before] = replace(read[before], linked=True)
        before, is_parted = place, False
    return _whole_chains(_from_behind(read, names), spans), spans


def _from_behind(read: list[Spot], names: OpenNames) -> list[Spot]:
    """A number that may be of two series is of that of the next one in its list."""
    after: _Anchor | None = None
    for place in range(len(read) - 1, -1, -1):
        spot = read[place]
        if not spot.is_document:
            after = None if spot.parts_a_list else after
            continue
        if spot.resolved is None and after is not None and spot.part.text.isdigit():
            resolved = resolve((spot.part.text,), replace(spot.context, lead=after.lead), names)
            if resolved and len(spot.part.text) >= _CLEAR:
                spot = read[place] = replace(spot, resolved=resolved, linked=True)
        after = _anchor(read, place, names)
    return read


def _anchor(read: Sequence[Spot], place: int, names: OpenNames) -> _Anchor | None:
    """The spot's document, if it is one and a number of ours."""
    resolved = read[place].resolved
    if resolved is None or resolved.how in ("order", "reference"):
        return None
    name = names.name(resolved.keys[0])
    return _Anchor(place, name.lead, name.groups[name.serial]) if name.groups else None


def _in_list(spot: Spot, anchor: _Anchor | None, gap: str, names: OpenNames) -> Spot:
    """A number that follows others: short for one of the same series, or better understood beside them."""
    figures = spot.part.text
    if anchor is None or not figures.isdigit():
        return replace(spot, linked=True) if spot.resolved else spot
    context = replace(spot.context, lead=anchor.lead)
    if len(figures) < len(anchor.serial.lstrip("0")) and _MORE.fullmatch(gap):
        short = _resolved(anchor, figures, names)
        if short and not context.has_tail:
            strength = _SHORTENED if len(figures) > 1 else _ONE_FIGURE
            return replace(spot, resolved=Resolved(short, "digits", strength), linked=True)
    if len(figures) < 3 and not _MORE.fullmatch(gap):
        return spot
    better = resolve((figures,), context, names)
    return replace(spot, resolved=better or spot.resolved, linked=True)


def _resolved(anchor: _Anchor, figures: str, names: OpenNames) -> tuple[str, ...]:
    """1002 for 02 behind 1001: the end of the number before is replaced, and numbers go up."""
    serial = int(anchor.serial[: -len(figures)] + figures)
    if serial <= int(anchor.serial):
        return ()
    return _members(anchor.lead, serial, serial, names)


def _members(lead: str, first: int, last: int, names: OpenNames) -> tuple[str, ...]:
    return tuple(names.between(first, last).get(lead, ()))


def _is_dash_list(text: str, read: Sequence[Spot], before: int, place: int) -> bool:
    """1001-1003-1007 are three documents."""
    around = [(before - 1, before), (place, place + 1)]
    return any(
        one >= 0
        and other < len(read)
        and read[one].is_document
        and read[other].is_document
        and _DASH.fullmatch(text[read[one].part.end : read[other].part.start]) is not None
        for one, other in around
    )


def _range(gap: str, read: Sequence[Spot], before: int, place: int, names: OpenNames) -> Span | None:
    """Everything open from one number to the other, where both could be of one series."""
    left, right = read[before], read[place]
    one, other = _anchor(read, before, names), _anchor(read, place, names)
    first = one.serial if one else left.part.text
    last = other.serial if other and right.part.kind is Kind.NAME else right.part.text
    if not (_is_serial(first) and _is_serial(last)) or right.context.has_tail:
        return None
    if len(last) < len(first):
        last = first[: -len(last)] + last
    low, high = int(first), int(last)
    if not low < high <= low + _LONGEST or (len(first) != len(last) and not one):
        return None
    lead = one.lead if one else other.lead if other else _common_lead(low, high, left, names)
    if lead is None:
        return None
    keys = _members(lead, low, high, names)
    dashed = _DASH.fullmatch(gap) is not None
    if dashed and gap[0].isspace() != gap[-1].isspace():
        return None
    ends = len(_members(lead, low, low, names)) + len(_members(lead, high, high, names))
    both = ends > 1
    is_plain = left.context.labelled and len(right.part.text) == len(left.part.text)
    if not keys or (dashed and not both and not (ends and is_plain)):
        return None
    strength = _INSIDE if both else _CLOSED_END
    if dashed and right.part.kind is Kind.NAME:
        strength = _MAYBE_TWO
    return Span(place, left.part.start, keys, strength)


def _common_lead(low: int, high: int, left: Spot, names: OpenNames) -> str | None:
    """The one series that both ends are open in, or where a word calls them documents, that has any of the range."""
    if low < _SMALL:
        return None
    ends = set(names.between(low, low)) & set(names.between(high, high))
    leads = ends or (set(names.between(low, high)) if left.context.labelled else set())
    return leads.pop() if len(leads) == 1 else None


def _is_serial(figures: str) -> bool:
    return figures.isdigit() and len(figures) <= 18


def _serial(key: str, names: OpenNames) -> str:
    name = names.name(key)
    return name.groups[name.serial]


def _end_of(spot: Spot, span: Span, names: OpenNames) -> Spot:
    """The range's last number is of the range's series, or it is not open."""
    if spot.part.kind is Kind.NAME:
        return spot
    last = [key for key in span.keys if _serial(key, names).endswith(spot.part.text)]
    resolved = Resolved(tuple(last), "digits", 80) if last else None
    return replace(spot, resolved=resolved)


def _whole_chains(read: Sequence[Spot], spans: Sequence[Span]) -> list[Spot]:
    """1001-22-5 is a telephone number or the like: a number that was taken apart names something as a whole or not at all."""
    ranged = {span.place for span in spans} | {span.place - 1 for span in spans}
    bad = {
        spot.chain_start
        for place, spot in enumerate(read)
        if spot.chain and spot.resolved is None and place not in ranged
    }
    return [replace(spot, resolved=None) if spot.chain and spot.chain_start in bad else spot for spot in read]
