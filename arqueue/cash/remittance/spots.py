"""The parts of a text with what was found out about each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from arqueue.cash.remittance.finding import Found, is_line_end
from arqueue.cash.remittance.labels import Label, label_of
from arqueue.cash.remittance.names import OpenNames
from arqueue.cash.remittance.resolving import JOINTS, Context, Resolved, resolve
from arqueue.cash.remittance.scan import Kind, Part

_LONG: Final = 6
"""Figures of a number worth putting together."""


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
    text: str, parts: Sequence[Part], around: Sequence[Context], found: Mapping[int, Found], names: OpenNames
) -> Iterator[Spot]:
    """The parts, with numbers resolved as they stand; one of several groups that is no single number is taken apart."""
    broken = _broken(text, parts, around, names)
    for place, (part, context) in enumerate(zip(parts, around, strict=True)):
        if place in broken:
            yield broken[place]
        elif place - 1 in broken:
            continue
        elif part.kind is Kind.NAME:
            name = found[part.start]
            yield Spot(part, context, Resolved(name.keys, name.how, name.strength))
        elif part.kind is not Kind.NUMBER:
            yield Spot(part, context)
        else:
            groups = JOINTS.split(part.text)
            resolved = resolve(groups, context, names)
            if resolved or len(groups) == 1:
                yield Spot(part, context, resolved)
            else:
                yield from _apart(part, context, groups, names)


def _broken(
    text: str, parts: Sequence[Part], around: Sequence[Context], names: OpenNames
) -> Mapping[int, Spot]:
    """Numbers that a bank's line end parts, by their first half: where the halves are nothing and the whole is a document."""
    found: dict[int, Spot] = {}
    for place, (one, other) in enumerate(pairwise(parts)):
        gap = text[one.end : other.start]
        halves = one.kind is other.kind is Kind.NUMBER and one.text.isdigit() and other.text.isdigit()
        if not halves or not is_line_end(one.end, gap) or not gap.isspace() or place - 1 in found:
            continue
        if resolve((one.text,), around[place], names) or resolve((other.text,), around[place + 1], names):
            continue
        resolved = resolve((one.text + other.text,), around[place], names)
        if resolved and len(one.text + other.text) >= _LONG:
            whole = Part(Kind.NUMBER, one.start, other.end, one.text + other.text)
            found[place] = Spot(whole, around[place], replace(resolved, strength=resolved.strength - 10))
    return found


def _apart(part: Part, context: Context, groups: Sequence[str], names: OpenNames) -> Iterator[Spot]:
    here = part.start
    for group in groups:
        inside = Part(Kind.NUMBER, here, here + len(group), group)
        yield Spot(inside, context, resolve((group,), context, names), part.text, part.start)
        here += len(group) + 1
