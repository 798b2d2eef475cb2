"""The parts of a text with what was found out about each."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from arqueue.cash.remittance.finding import Found
from arqueue.cash.remittance.labels import Label, label_of
from arqueue.cash.remittance.names import OpenNames
from arqueue.cash.remittance.resolving import JOINTS, Context, Resolved, resolve
from arqueue.cash.remittance.scan import Kind, Part

_THOUSANDS: Final = re.compile(r"[0-9]{1,3}(?:\.[0-9]{3}){2,}")
_DATED: Final = re.compile(r"([0-9]{4,})/[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])")
_LONG: Final = 5
"""Figures of a number worth putting together,"""
_LABELLED: Final = 4
"""and where a word says that it is one."""
_PIECES: Final = 4
"""Of a number in pieces, unless each is one figure."""
_LONGEST: Final = 16
_SHORTEST_GLUED: Final = 4
_LONGEST_GLUED: Final = 60
_IN_PIECES: Final = 10


@dataclass(frozen=True, slots=True)
class Spot:
    """A part, and the documents that it names."""

    part: Part
    context: Context
    resolved: Resolved | None = None
    chain: str = ""
    """Of a number that was taken apart: all of it."""
    chain_start: int = -1
    linked: bool = False
    """One of a list that begins with a document."""

    @property
    def is_document(self) -> bool:
        """Whether it could be one."""
        return self.part.kind is Kind.NAME or (
            self.part.kind is Kind.NUMBER and self.context.label not in (Label.FOREIGN, Label.SUM)
        )

    @property
    def parts_a_list(self) -> bool:
        """Whether a list ends at it: at a word of its own, or an account."""
        if self.part.kind is Kind.WORD:
            return label_of(self.part.text) in (None, Label.FOREIGN)
        return self.part.kind not in (Kind.AMOUNT, Kind.DATE)


def spots(
    text: str,
    parts: Sequence[Part],
    around: Sequence[Context],
    found: Mapping[int, Found],
    names: OpenNames,
) -> list[Spot]:
    """The parts, with numbers resolved as they stand; else in one with the next pieces, or taken apart into several."""
    alone = [_resolved(part, context, found, names) for part, context in zip(parts, around, strict=True)]
    made: list[Spot] = []
    place = 0
    while place < len(parts):
        part, context, resolved = parts[place], around[place], alone[place]
        after = place + 1
        if resolved or part.kind is not Kind.NUMBER:
            made.append(Spot(part, context, resolved))
        elif whole := _whole(text, parts, around, alone, place, names):
            after, spot = whole
            made.append(spot)
        else:
            made += (
                _grouped(part, context, names)
                or _in_instalments(part, context, names)
                or _apart(part, context, names)
                or _glued(part, context, names)
                or [Spot(part, context)]
            )
        place = after
    return made


def _resolved(part: Part, context: Context, found: Mapping[int, Found], names: OpenNames) -> Resolved | None:
    if part.kind is Kind.NAME:
        name = found[part.start]
        return Resolved(name.keys, name.how, name.strength)
    if part.kind is Kind.NUMBER:
        return resolve(JOINTS.split(part.text), context, names)
    return None


def _whole(
    text: str,
    parts: Sequence[Part],
    around: Sequence[Context],
    alone: Sequence[Resolved | None],
    place: int,
    names: OpenNames,
) -> tuple[int, Spot] | None:
    """A number in several pieces, none of which is anything by itself, and where the next part begins."""
    first, end = around[place], place + 1
    figures = parts[place].text
    while end < len(parts) and alone[end] is None and _may_go_on(text, parts[end - 1], parts[end]):
        figures += parts[end].text
        end += 1
        is_spaced_out = len(figures) == end - place
        too_many = end - place > _PIECES and not is_spaced_out
        if too_many or len(figures) > _LONGEST or around[end - 1].has_tail:
            return None
        if len(figures) < (_LABELLED if first.labelled or is_spaced_out else _LONG):
            continue
        resolved = resolve((figures,), first, names)
        if resolved:
            part = Part(Kind.NUMBER, parts[place].start, parts[end - 1].end, figures)
            return end, Spot(part, first, replace(resolved, strength=resolved.strength - _IN_PIECES))
    return None


def _may_go_on(text: str, one: Part, other: Part) -> bool:
    gap = text[one.end : other.start]
    figures = one.kind is other.kind is Kind.NUMBER and one.text.isdigit() and other.text.isdigit()
    return figures and gap.isspace() and (len(gap) == 1 or "\n" in gap)


def _grouped(part: Part, context: Context, names: OpenNames) -> list[Spot]:
    """10.051.918, as if it were an amount; and 10051918/261120, with the day of writing behind."""
    compact = part.text.replace(".", "") if _THOUSANDS.fullmatch(part.text) else ""
    dated = _DATED.fullmatch(part.text)
    resolved = (
        resolve((compact or (dated[1] if dated else ""),), context, names) if compact or dated else None
    )
    return [Spot(part, context, resolved)] if resolved else []


def _in_instalments(part: Part, context: Context, names: OpenNames) -> list[Spot]:
    """1001/1/1002/3: numbers, each with its instalment."""
    groups = JOINTS.split(part.text)
    if len(groups) < 4 or len(groups) % 2:
        return []
    made: list[Spot] = []
    here = part.start
    for number, instalment in zip(groups[::2], groups[1::2], strict=True):
        end = here + len(number) + 1 + len(instalment)
        resolved = resolve((number, instalment), context, names)
        if resolved is None or len(number) < _LABELLED:
            return []
        made.append(Spot(Part(Kind.NUMBER, here, end, f"{number}/{instalment}"), context, resolved))
        here = end + 1
    return made


def _apart(part: Part, context: Context, names: OpenNames) -> list[Spot]:
    """1001/02/03 and 1001-1005: each group by itself, to be understood beside the others."""
    groups = JOINTS.split(part.text)
    made: list[Spot] = []
    here = part.start
    for group in groups if len(groups) > 1 else ():
        inside = Part(Kind.NUMBER, here, here + len(group), group)
        made.append(Spot(inside, context, resolve((group,), context, names), part.text, part.start))
        here += len(group) + 1
    return made


def _glued(part: Part, context: Context, names: OpenNames) -> list[Spot]:
    """10011002: numbers of one length without anything between, all of them open."""
    figures = len(part.text)
    if figures > _LONGEST_GLUED:
        return []
    for length in range(_SHORTEST_GLUED, figures // 2 + 1):
        if figures % length:
            continue
        starts = range(0, figures, length)
        read = [resolve((part.text[start : start + length],), context, names) for start in starts]
        known = [each for each in read if each]
        if len(known) == len(read) and len({names.name(each.keys[0]).lead for each in known}) == 1:
            return [
                Spot(
                    Part(
                        Kind.NUMBER,
                        part.start + start,
                        part.start + start + length,
                        part.text[start : start + length],
                    ),
                    context,
                    replace(each, strength=each.strength - _IN_PIECES),
                )
                for start, each in zip(starts, known, strict=True)
            ]
    return []
