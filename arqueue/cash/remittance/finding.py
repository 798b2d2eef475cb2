"""Names of open documents in a text, whatever separators stand in them or were lost."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from typing import Final

from arqueue.cash.remittance.mentions import How
from arqueue.cash.remittance.names import PIECE, OpenNames, Table, compact, skeleton, upper
from arqueue.cash.remittance.scan import Piece
from arqueue.model.ledger import Item

_WIDEST_GAP: Final = 6
_MARKS: Final = 3
"""Of them, those that are not blank."""
_SHORTEST: Final = 4
_FIGURES_ENOUGH: Final = 3
_BARE_ENOUGH: Final = 6
"""Figures of an order or reference without letters."""
_GROUPS_ENOUGH: Final = 5
_HANGING: Final = ".+(_"
_LINE_END: Final = 90
_PARTED: Final = 65
"""A blank stands within the figures."""
_LOOKALIKE: Final = 75
_LOOKALIKE_FIGURES: Final = 2
_WIDTHS: Final = (27, 35)
"""Where banks break a line, within a number too."""
_DECIMALS: Final = re.compile(r"[.,]\d{1,3}(?![\d,])")


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
    return _find(text, pieces, names, names.numbers, "whole")


def find_others(text: str, pieces: Sequence[Piece], names: OpenNames) -> list[Found]:
    """The customer's own references, and orders, of letters and figures or long enough."""
    references = _find(text, pieces, names, names.references, "reference")
    return references + _find(text, outside(pieces, references), names, names.orders, "order")


def find_lookalikes(text: str, pieces: Sequence[Piece], names: OpenNames) -> list[Found]:
    """Document numbers with letters for figures or the other way round."""
    return [
        replace(found, strength=_LOOKALIKE)
        for found in _find(text, pieces, names, names.lookalikes, "slip")
        if not text[found.start : found.end].isdigit()
        and sum(map(str.isdigit, text[found.start : found.end])) >= _LOOKALIKE_FIGURES
    ]


def outside(pieces: Sequence[Piece], found: Sequence[Found]) -> list[Piece]:
    """The pieces that no name covers."""
    covered = {place for each in found for place in range(each.start, each.end)}
    return [piece for piece in pieces if piece.start not in covered]


def _find(text: str, pieces: Sequence[Piece], names: OpenNames, table: Table, how: How) -> list[Found]:
    """From left to right the longest name at each place, but one in one go before one that a blank parts."""
    joined = "".join(piece.text for piece in pieces)
    if how == "slip":
        joined = skeleton(joined)
    starts = [0, *accumulate(len(piece.text) for piece in pieces)]
    place_at = {start: place for place, start in enumerate(starts)}
    lengths = [length for length in table.lengths if length >= _SHORTEST]
    found: list[Found] = []
    place = 0
    while place < len(pieces):
        best, after = None, place + 1
        for length in lengths:
            stop = place_at.get(starts[place] + length)
            name = joined[starts[place] : starts[place] + length]
            if stop is None or name not in table:
                continue
            keys = tuple(dict.fromkeys(table.get(name)))
            strength = _fit(text, pieces[place:stop], _spelled(names.items[keys[0]].item, length, how), how)
            if (
                strength
                and _ends_there(text, pieces, place, stop)
                and (best is None or strength > best.strength)
            ):
                best = Found(pieces[place].start, pieces[stop - 1].end, keys, how, strength)
                after = stop
        if best:
            found.append(best)
        place = after
    return found


def _spelled(item: Item, length: int, how: How) -> str:
    """The name as the ledger has it; an instalment is called by its invoice's number as well."""
    if how == "reference":
        return item.reference
    if how == "order":
        return item.purchase_order
    return item.number if len(compact(item.number)) == length else item.number.rpartition("/")[0]


def _fit(text: str, written: Sequence[Piece], name: str, how: How) -> int:
    """How surely the pieces are the name; 0 when they are not, or too little to tell."""
    spelled = PIECE.findall(upper(name))
    figures = sum(len(each) for each in spelled if each.isdigit())
    if all(map(str.isdigit, spelled)) and not _is_long_enough(text, spelled, written, how):
        return 0
    if text[written[0].start : written[-1].end] != upper(name) and (
        figures < _FIGURES_ENOUGH or _lost_its_part(spelled, written)
    ):
        return 0
    return _joined(text, written, set(accumulate(map(len, spelled))), how)


def _is_long_enough(text: str, spelled: Sequence[str], written: Sequence[Piece], how: How) -> bool:
    """A name of figures only: an order or reference of many, a number of several groups that is no part of a longer one."""
    figures = sum(map(len, spelled))
    if how != "whole":
        return how == "slip" or figures >= _BARE_ENOUGH
    begin = written[0].start
    hangs_on = begin > 1 and text[begin - 1] in _HANGING and text[begin - 2].isdigit()
    return len(written) >= len(spelled) > 1 and figures >= _GROUPS_ENOUGH and not hangs_on


def _lost_its_part(spelled: Sequence[str], written: Sequence[Piece]) -> bool:
    """INV-70841 is not INV-7084/1."""
    return len(spelled) > 2 and len(spelled[-1]) <= 2 and written[-1].text != spelled[-1]


def _joined(text: str, written: Sequence[Piece], joints: set[int], how: How) -> int:
    """What the separators between the pieces leave of the strength: within a group of figures only a blank may stand."""
    offset, strength = 0, 100
    for here, then in pairwise(written):
        offset += len(here.text)
        gap = text[here.end : then.start]
        if len("".join(gap.split())) > _MARKS or len(gap) > _WIDEST_GAP or any(map(str.isalnum, gap)):
            return 0
        if gap and offset not in joints:
            if how == "slip" or not gap.isspace():
                return 0
            strength = min(strength, _LINE_END if _is_line_end(here.end, gap) else _PARTED)
    return strength


def _ends_there(text: str, pieces: Sequence[Piece], start: int, stop: int) -> bool:
    """INV-1001A is not INV-1001, and INV 1001.50 is an amount; A1001A1002 are two."""
    last = pieces[stop - 1]
    if stop < len(pieces) and pieces[stop].start == last.end:
        follows = pieces[stop].text
        begins_again = follows == pieces[start].text and any(
            piece.start == pieces[stop].end and piece.text.isdigit() for piece in pieces[stop + 1 : stop + 2]
        )
        return (len(follows) > 1 or begins_again) and not follows.isdigit()
    apart = stop > 1 and text[pieces[stop - 2].end : last.start].isspace()
    return not (apart and last.text.isdigit() and _DECIMALS.match(text, last.end))


def _is_line_end(end: int, gap: str) -> bool:
    """Whether a bank may have broken the line here: a newline, or a column at which banks do."""
    return "\n" in gap or any(
        (end + skipped) % (width + skipped) == 0 for width in _WIDTHS for skipped in (0, 1, 2)
    )
