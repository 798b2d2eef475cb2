"""Slips of scanners and fingers: letters for figures, one figure wrong, two swapped. Only where one item is that near."""

from __future__ import annotations

import re
from typing import Final

from rapidfuzz import process
from rapidfuzz.distance import OSA

from arqueue.cash.remittance.finding import Found
from arqueue.cash.remittance.names import YEARS, OpenNames, skeleton
from arqueue.cash.remittance.resolving import JOINTS, Context, Resolved, resolve

SLIGHT: Final = 25
"""Most likely the neighbour, or last year's, or a longer number, unless the amount says otherwise."""
_LETTER: Final = 65
_SWAPPED: Final = 55
_FIGURE: Final = 40
_SHORTEST: Final = 6
_SHORTEST_FIGURES: Final = 5
_TAIL: Final = 2
_CLUMP: Final = re.compile(r"(?<![^\W_])(?:[0-9]+[-/._]){0,3}[0-9OQILSBZ]{4,20}(?![^\W_])")


def find_clumps(text: str, names: OpenNames) -> list[Found]:
    """Numbers without their letters in which letters stand for figures: 2026-1OO1, l001."""
    found = []
    for match in _CLUMP.finditer(text):
        if match[0].isdigit() or sum(map(str.isdigit, match[0])) < 2 or not re.search("[A-Z]", match[0]):
            continue
        resolved = resolve(JOINTS.split(skeleton(match[0])), Context(), names)
        if resolved:
            found.append(Found(*match.span(), resolved.keys, "slip", resolved.strength - 10))
    return found


def near(word: str, names: OpenNames) -> Resolved | None:
    """The one document whose number is one slip away from the word (letters and figures, capitals)."""
    if sum(map(str.isdigit, word)) < 4:
        return None
    tables = [(names.numbers, word)] if len(word) >= _SHORTEST else []
    if word.isdigit() and len(word.lstrip("0")) >= _SHORTEST_FIGURES:
        tables.append((names.serials, word.lstrip("0")))
    for table, wanted in tables:
        hits = process.extract(wanted, table.distinct, scorer=OSA.distance, score_cutoff=1, limit=2)
        if len(hits) > 1 or wanted in table:
            return None
        if hits:
            name = hits[0][0]
            keys = tuple(table.get(name))
            alone = len({names.items[key].item.number for key in keys}) == 1
            return Resolved(keys, "slip", _strength(wanted, name)) if alone else None
    return None


def _strength(word: str, name: str) -> int:
    if len(word) != len(name):
        return SLIGHT
    differing = [place for place, pair in enumerate(zip(word, name, strict=True)) if pair[0] != pair[1]]
    if len(differing) == 2:
        return _SWAPPED
    if not name[differing[0]].isdigit():
        return _LETTER
    place = differing[0]
    if place >= len(name) - _TAIL or any(
        word[start : start + 4] in YEARS and name[start : start + 4] in YEARS
        for start in range(max(0, place - 3), place + 1)
    ):
        return SLIGHT
    return _FIGURE
