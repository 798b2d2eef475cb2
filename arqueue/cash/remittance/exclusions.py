"""Documents that a text names because they are not paid: "all but INV-1003", "INV-1004 follows next week"."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import Final

from arqueue.cash.remittance.scan import Kind
from arqueue.cash.remittance.spots import Spot

_BEFORE: Final = frozenset(
    """
    EXCEPT EXCEPTING EXCL EXCLUDING WITHOUT NOT OHNE AUSSER AUßER EXKL NICHT SAUF HORS SANS EXCEPTO SALVO SIN TRANNE ESCLUSO SENZA
    ZONDER BEHALVE UITGEZONDERD NIET
    """.split()
)
_BEHIND: Final = frozenset(
    """
    FOLLOW FOLLOWS FOLLOWING LATER UNPAID WITHHELD EXCLUDED PENDING HOLD DISPUTED DISPUTE NOT FOLGT FOLGEN SPÄTER SPAETER STRITTIG
    REKLAMIERT ZURÜCKGESTELLT EINBEHALTEN OFFEN NICHT SUIVRA SUIVRONT LITIGE CONTESTÉE CONTESTÉ PENDIENTE PENDIENTES DISPUTADA
    SEGUE VOLGT VOLGEN NIET
    """.split()
)
_INSTEAD: Final = frozenset("BUT SONDERN ABER MAIS SINO PERO MA MAAR".split())
_FAR: Final = 60
"""Parts of a list between such a word and its documents."""
_REACH: Final = 4
"""So many words behind a document may still speak of it."""


def excluded(text: str, spots: Sequence[Spot]) -> AbstractSet[int]:
    """The places of documents that the text leaves out."""
    said = {spot.part.text for spot in spots if spot.part.kind is Kind.WORD}
    if said.isdisjoint(_BEFORE | _BEHIND):
        return frozenset()
    return {
        place
        for place, spot in enumerate(spots)
        if spot.is_document and (_after_except(text, spots, place) or _before_follows(text, spots, place))
    }


def _after_except(text: str, spots: Sequence[Spot], place: int) -> bool:
    """Whether it is in the list that begins behind such a word."""
    for here in range(place - 1, max(-1, place - _FAR), -1):
        spot = spots[here]
        if _ends_between(text, spot, spots[here + 1]):
            return False
        if spot.part.kind is Kind.WORD:
            if spot.part.text in _BEFORE:
                return True
            if spot.part.text in _INSTEAD or spot.parts_a_list:
                return False
    return False


def _before_follows(text: str, spots: Sequence[Spot], place: int) -> bool:
    """Whether such a word comes behind the list that it is in, before anything else is named."""
    words = 0
    for here in range(place + 1, min(len(spots), place + _FAR)):
        spot = spots[here]
        if _ends_between(text, spots[here - 1], spot) or words > _REACH:
            return False
        if spot.is_document:
            if words or not spot.linked:
                return False
        elif spot.part.kind is Kind.WORD:
            if spot.part.text in _INSTEAD:
                return False
            if spot.part.text in _BEHIND:
                return not _names_next(text, spots, here)
            words += spot.parts_a_list
    return False


def _names_next(text: str, spots: Sequence[Spot], place: int) -> bool:
    """INV-1001 not INV-1002: the word speaks of what comes."""
    if spots[place].part.text not in _BEFORE:
        return False
    for here in range(place + 1, len(spots)):
        if spots[here].is_document:
            return True
        if spots[here].parts_a_list:
            return False
    return False


def _ends_between(text: str, one: Spot, other: Spot) -> bool:
    """Whether a sentence ends there; a point within an abbreviation does not."""
    gap = text[one.part.end : other.part.start]
    return any(mark in gap for mark in ";\n!") or (". " in gap and len(one.part.text) > 3)
