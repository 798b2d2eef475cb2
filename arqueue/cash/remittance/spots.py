"""The parts of a text with what was found out about each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from arqueue.cash.remittance.finding import Found
from arqueue.cash.remittance.labels import Label, label_of
from arqueue.cash.remittance.names import OpenNames
from arqueue.cash.remittance.resolving import JOINTS, Context, Resolved, resolve
from arqueue.cash.remittance.scan import Kind, Part


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
    parts: Sequence[Part], around: Sequence[Context], found: Mapping[int, Found], names: OpenNames
) -> Iterator[Spot]:
    """The parts, with numbers resolved as they stand; one of several groups that is no single number is taken apart."""
    for part, context in zip(parts, around, strict=True):
        if part.kind is Kind.NAME:
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


def _apart(part: Part, context: Context, groups: Sequence[str], names: OpenNames) -> Iterator[Spot]:
    here = part.start
    for group in groups:
        inside = Part(Kind.NUMBER, here, here + len(group), group)
        yield Spot(inside, context, resolve((group,), context, names), part.text, part.start)
        here += len(group) + 1
