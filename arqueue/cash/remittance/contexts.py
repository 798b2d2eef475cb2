"""What the words around a number say that it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from arqueue.cash.remittance.labels import CREDITS, SPREADING, Label, label_of
from arqueue.cash.remittance.resolving import Context
from arqueue.cash.remittance.scan import Kind, Part

_PLAIN_WORD: Final = 4
"""So long a word that is no label ends what a label says; shorter ones are articles and the like."""
_HANGING: Final = "-/._"


def contexts(text: str, parts: Sequence[Part], label: Label | None = None) -> list[Context]:
    """For each part what stands before it, and what it hangs on; ``label`` is what is known before the text begins."""
    found: list[Context] = []
    is_credit = False
    room = 0
    is_plain = all(label_of(part.text) is not None for part in parts if part.kind is Kind.WORD)
    for place, part in enumerate(parts):
        if part.kind is Kind.WORD:
            said = label_of(part.text)
            if said is None and len(part.text) >= _PLAIN_WORD:
                label, is_credit = None, False
            elif said not in (None, Label.JOINT) and not (said is Label.REFERENCE and label is Label.ORDER):
                is_credit = part.text in CREDITS or (is_credit and said is Label.DOCUMENT)
                label, room = said, SPREADING.get(part.text, 0)
            found.append(Context(label, is_credit))
            continue
        found.append(replace(_context(text, parts, place, label, is_credit), is_plain=is_plain))
        room -= sum(map(str.isdigit, part.text)) if part.kind is Kind.NUMBER else room
        if label is Label.SUM or (label is Label.FOREIGN and room <= 0):
            label = None
    return found


def _context(text: str, parts: Sequence[Part], place: int, label: Label | None, is_credit: bool) -> Context:
    part = parts[place]
    prefix = ""
    if place and parts[place - 1].kind is Kind.WORD:
        before = parts[place - 1]
        gap = text[before.end : part.start]
        if gap == "" or (len(gap) == 1 and gap in _HANGING):
            prefix = before.text.replace("/", ".").rpartition(".")[2]
            if label_of(prefix) is Label.JOINT and len(prefix) > 1:
                prefix = ""
    if label is None and text[part.start - 1 : part.start] == "#":
        label = Label.DOCUMENT
    return Context(label, is_credit, prefix, None, _runs_into_a_word(parts, place))


def _runs_into_a_word(parts: Sequence[Part], place: int) -> bool:
    """1001A and 1001PCS are not 1001; 1001RE1002 are two numbers."""
    if place + 1 >= len(parts):
        return False
    follows = parts[place + 1]
    return (
        follows.kind is Kind.WORD
        and follows.start == parts[place].end
        and (len(follows.text) == 1 or label_of(follows.text) in (None, Label.FOREIGN, Label.SUM))
    )
