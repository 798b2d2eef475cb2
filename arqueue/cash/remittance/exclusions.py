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
    return {place for place, spot in enumerate(spots) if spot.is_document} & (
        _after_except(text, spots) | _before_follows(text, spots)
    )


def _after_except(text: str, spots: Sequence[Spot]) -> AbstractSet[int]:
    """What is in the list that begins behind such a word."""
    found = set()
    begins = -_FAR
    for place, spot in enumerate(spots):
        if place and _ends_between(text, spots[place - 1], spot):
            begins = -_FAR
        if place - begins < _FAR:
            found.add(place)
        if spot.part.kind is Kind.WORD:
            if spot.part.text in _BEFORE:
                begins = place
            elif spot.part.text in _INSTEAD or spot.parts_a_list:
                begins = -_FAR
    return found


def _before_follows(text: str, spots: Sequence[Spot]) -> AbstractSet[int]:
    """What stands in a list behind which such a word comes, before anything else is named."""
    found = set()
    speaks = len(spots) + _FAR
    for place in range(len(spots) - 1, -1, -1):
        if spots[place].is_document:
            speaks = _spoken_of(text, spots, place, speaks)
            if speaks - place < _FAR:
                found.add(place)
    return found


def _spoken_of(text: str, spots: Sequence[Spot], place: int, of_next: int) -> int:
    """Where the word stands that speaks of this document, ``of_next`` being that of the next one in the list; else far away."""
    words, nowhere = 0, len(spots) + _FAR
    for here in range(place + 1, len(spots)):
        spot = spots[here]
        if _ends_between(text, spots[here - 1], spot) or words > _REACH:
            return nowhere
        if spot.is_document:
            return of_next if spot.linked and not words else nowhere
        if spot.part.kind is Kind.WORD:
            if spot.part.text in _INSTEAD:
                return nowhere
            if spot.part.text in _BEHIND:
                return nowhere if _names_next(text, spots, here) else here
            words += spot.parts_a_list
    return nowhere


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
