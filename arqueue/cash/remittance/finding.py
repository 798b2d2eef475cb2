"""Names of open documents in a text, whatever separators stand in them or were lost."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Final

from arqueue.cash.remittance.mentions import How
from arqueue.cash.remittance.names import PIECE, OpenNames, Table, skeleton, upper
from arqueue.cash.remittance.scan import Piece

_WIDEST_GAP: Final = 3
_SHORTEST: Final = 4
_FIGURES_ENOUGH: Final = 3
_WIDTHS: Final = (27, 35)
"""Where banks break a line, within a number too."""
_LOOKALIKE: Final = 75
_LOOKALIKE_FIGURES: Final = 2


@dataclass(frozen=True, slots=True)
class Found:
    """A name that stands in the text, and whose it is."""

    start: int
    end: int
    keys: tuple[str, ...]
    how: How
    strength: int


def find_numbers(text: str, pieces: Sequence[Piece], names: OpenNames) -> list[Found]:
    """Document numbers that have letters."""
    return _find(text, pieces, names.numbers, lambda key: names.items[key].item.number, "whole", str)


def find_others(text: str, pieces: Sequence[Piece], names: OpenNames) -> list[Found]:
    """The customer's own references, and orders, of letters and figures or long enough."""
    references = _find(
        text, pieces, names.references, lambda key: names.items[key].item.reference, "reference", str
    )
    free = outside(pieces, references)
    return references + _find(
        text, free, names.orders, lambda key: names.items[key].item.purchase_order, "order", str
    )


def find_lookalikes(text: str, pieces: Sequence[Piece], names: OpenNames) -> list[Found]:
    """Document numbers with letters for figures or the other way round."""
    return [
        replace(found, strength=_LOOKALIKE)
        for found in _find(
            text, pieces, names.lookalikes, lambda key: names.items[key].item.number, "slip", skeleton
        )
        if not text[found.start : found.end].isdigit()
        and sum(map(str.isdigit, text[found.start : found.end])) >= _LOOKALIKE_FIGURES
    ]


def _find(
    text: str,
    pieces: Sequence[Piece],
    table: Table,
    called: Callable[[str], str],
    how: How,
    read: Callable[[str], str],
) -> list[Found]:
    """From left to right, the longest name at each place, one written in one go before one that a line break parts."""
    joined = read("".join(piece.text for piece in pieces))
    starts = [0, *accumulate(len(piece.text) for piece in pieces)]
    place_at = {start: place for place, start in enumerate(starts)}
    found: list[Found] = []
    place = 0
    while place < len(pieces):
        best: Found | None = None
        after = place + 1
        begin = starts[place]
        for length in table.lengths:
            stop = place_at.get(begin + length)
            if stop is None or length < _SHORTEST:
                continue
            keys = table.ids.get(joined[begin : begin + length])
            if not keys:
                continue
            strength = _fit(text, pieces, place, stop, called(keys[0]), how)
            if strength and (best is None or strength > best.strength):
                best = Found(
                    pieces[place].start, pieces[stop - 1].end, tuple(dict.fromkeys(keys)), how, strength
                )
                after = stop
        if best:
            found.append(best)
        place = after
    return found


def _fit(text: str, pieces: Sequence[Piece], first: int, stop: int, name: str, how: How) -> int:
    """How surely the pieces are the name; 0 when they are not, or too little to tell."""
    spelled = PIECE.findall(upper(name))
    figures = sum(len(each) for each in spelled if each.isdigit())
    if not figures or (how == "whole" and all(map(str.isdigit, spelled))):
        return 0
    as_spelled = upper(text[pieces[first].start : pieces[stop - 1].end]) == upper(name)
    if figures < _FIGURES_ENOUGH and not as_spelled:
        return 0
    if how in ("order", "reference") and figures == sum(map(len, spelled)) and figures < 6:
        return 0
    if not _ends_there(text, pieces, stop):
        return 0
    joints = set(accumulate(len(each) for each in spelled))
    offset, strength = 0, 100
    for here, then in zip(pieces[first : stop - 1], pieces[first + 1 : stop], strict=False):
        offset += len(here.text)
        gap = text[here.end : then.start]
        if len(gap) > _WIDEST_GAP or any(map(str.isalnum, gap)):
            return 0
        if not gap or offset in joints:
            continue
        if not gap.isspace() or how == "slip":
            return 0
        strength = min(strength, 90 if is_line_end(text, here.end, gap) else 65)
    if len(spelled[-1]) <= 2 and len(spelled) > 2 and not as_spelled and pieces[stop - 1].text != spelled[-1]:
        return 0
    return strength


def _ends_there(text: str, pieces: Sequence[Piece], stop: int) -> bool:
    """INV-1001A and INV-1001B are not INV-1001; a word that runs on is another word."""
    if stop >= len(pieces) or pieces[stop].start > pieces[stop - 1].end:
        return True
    follows = pieces[stop]
    return len(follows.text) > 1 and not follows.text.isdigit()


def is_line_end(text: str, end: int, gap: str) -> bool:
    """Whether a bank may have broken the line here: a newline, or a column at which banks do."""
    if "\n" in gap:
        return True
    return any(
        end % width == 0 or (end + 1) % (width + 1) == 0 or (end + 2) % (width + 2) == 0 for width in _WIDTHS
    )


def outside(pieces: Sequence[Piece], found: Sequence[Found]) -> list[Piece]:
    """The pieces that no name covers."""
    covered = {place for each in found for place in range(each.start, each.end)}
    return [piece for piece in pieces if piece.start not in covered]
