"""Free remittance text: which open documents it names, what it says of each, and how sure that is.

A wrong mention costs money, a missed one costs a keystroke: what could be a date, an amount, an account or two documents
at once is not mentioned.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from itertools import pairwise
from typing import Final

from arqueue.cash.remittance.beside import Beside, amount_of, beside, date_of
from arqueue.cash.remittance.contexts import contexts
from arqueue.cash.remittance.exclusions import excluded
from arqueue.cash.remittance.finding import Found, find_lookalikes, find_numbers, find_others, outside
from arqueue.cash.remittance.labels import Label
from arqueue.cash.remittance.mentions import SURE, Mention, Reading
from arqueue.cash.remittance.names import LOOKALIKES, YEARS, OpenNames, upper
from arqueue.cash.remittance.resolving import with_amount
from arqueue.cash.remittance.runs import Span, run_together
from arqueue.cash.remittance.scan import Kind, Part, Piece, accounts, parts, pieces
from arqueue.cash.remittance.slips import SLIGHT, find_clumps, near
from arqueue.cash.remittance.spots import Spot, spots
from arqueue.model.ledger import OpenItem

READ: Final = 5_000
"""Characters of a text that are read; what is longer is no remittance text but a file."""
_CLEAR: Final = 3
_SHORT_LETTERS: Final = 6
_REFERENCE: Final = 200
_PARTS: Final = 1_500
_UNKNOWN_SHOWN: Final = 50
_SLIPS_TRIED: Final = 12
_BARE_BESIDE_NAMES: Final = 45
_LISTED_FIGURES: Final = 4
"""Two such numbers beside each other that are both open are no chance."""
_AGREES: Final = 35
"""Points for an amount beside the number that is the document's own."""
_SUBFIELD: Final = re.compile(r"\?(?:2[0-9]|3[0-4]|6[0-3])")
"""Of MT940's field 86, where its lines begin."""
_INSTALMENT: Final = re.compile(r"\s*[(,:]?\s*(\d{1,2})\s*(?:/|VON|OF|DE|SUR|DI)\s*(\d{1,2})(?!\d|[./-]\d)")


def read_text(text: str, items: Sequence[OpenItem]) -> Reading:
    """What a text says of these items, whose order does not matter; a long text is read up to READ characters."""
    spelled = _SUBFIELD.sub("\n\n\n", unicodedata.normalize("NFKC", text[:READ])[: 2 * READ])
    if not any(map(str.isdigit, spelled)):
        return Reading((), (), len(text) > READ)
    reading = _read(spelled, OpenNames(items), None)
    return replace(reading, cut=reading.cut or len(text) > READ)


def document_in(reference: str, names: OpenNames, strength: int) -> list[str]:
    """The items that a document number by itself means, at least so surely; a bare number is one of ours here."""
    spelled = unicodedata.normalize("NFKC", reference[:_REFERENCE])
    mentions = _read(spelled, names, Label.DOCUMENT).mentions
    return [mention.item for mention in mentions if mention.strength >= strength]


def _read(spelled: str, names: OpenNames, label: Label | None) -> Reading:
    raised = upper(spelled)
    found, held = _names_in(raised, names)
    cut_up = parts(raised, held)
    cut = len(cut_up) > _PARTS
    del cut_up[_PARTS:]
    around = contexts(raised, cut_up, label)
    read, spans = run_together(raised, spots(raised, cut_up, around, found, names), names)
    read = _by_amount(read, names)
    read = [_instalment(spot, raised, names) for spot in _slips(read, names)]
    own, left_out = beside(read), excluded(raised, read)
    mentions = [*_mentions(spelled, read, own, names), *_inside(spelled, read, spans, names)]
    out = {key for place in left_out for key in _keys(read[place])}
    best = _strongest([each for each in mentions if each[1].item not in out], names)
    return Reading(best, _unknown(spelled, read, {each.item for each in best} | out, names), cut)


def _keys(spot: Spot) -> tuple[str, ...]:
    return spot.resolved.keys if spot.resolved else ()


def _names_in(text: str, names: OpenNames) -> tuple[Mapping[int, Found], list[Part]]:
    """Names found whole, by where they start, and all that is to be taken as it stands."""
    banks = accounts(text)
    inside = {place for part in banks for place in range(part.start, part.end)}
    free = [piece for piece in pieces(text) if piece.start not in inside]
    found = find_numbers(text, free, names)
    free = outside(free, found)
    if any(map(_is_figures, free)):
        found += find_others(text, free, names)
        free = outside(free, found)
        if any(map(_is_figures, free)) and _may_be_misread(free):
            found += find_lookalikes(text, free, names)
    taken = {place for each in found for place in range(each.start, each.end)} | inside
    found += [
        each for each in find_clumps(text, names) if each.start not in taken and each.end - 1 not in taken
    ]
    as_parts = [Part(Kind.NAME, each.start, each.end, text[each.start : each.end]) for each in found]
    return {each.start: each for each in found}, sorted([*banks, *as_parts], key=lambda part: part.start)


def _is_figures(piece: Piece) -> bool:
    return piece.text.isdigit() and len(piece.text) > 1


def _may_be_misread(free: Sequence[Piece]) -> bool:
    """Whether letters and figures touch, or a short word has letters that look like figures."""
    return any(one.end == other.start for one, other in pairwise(free)) or any(
        len(piece.text) <= _SHORT_LETTERS and not LOOKALIKES.isdisjoint(piece.text) for piece in free
    )


def _slips(read: Sequence[Spot], names: OpenNames) -> Iterator[Spot]:
    """Numbers that match nothing, one slip away from the one that they match."""
    tried = 0
    for spot in read:
        if (
            spot.part.kind is not Kind.NUMBER
            or spot.resolved
            or not spot.is_document
            or spot.context.has_tail
        ):
            yield spot
            continue
        figures = re.sub(r"\D", "", spot.chain or spot.part.text)
        begins = not spot.chain or spot.part.start == spot.chain_start
        if not begins or len(figures) < 4 or figures in YEARS or tried >= _SLIPS_TRIED:
            yield spot
            continue
        tried += 1
        prefix = spot.context.prefix
        resolved = near(prefix + figures, names)
        if resolved is None and spot.context.labelled and prefix:
            resolved = near(figures, names)
        yield replace(spot, resolved=resolved) if resolved else spot


def _by_amount(read: Sequence[Spot], names: OpenNames) -> list[Spot]:
    """Numbers that could be several documents', with an amount behind them."""
    told = list(read)
    for place, (spot, follows) in enumerate(pairwise(read)):
        figures = spot.part.text
        unclear = spot.part.kind is Kind.NUMBER and not spot.resolved and spot.is_document and not spot.chain
        if (
            not unclear
            or follows.part.kind is not Kind.AMOUNT
            or len(figures) < _CLEAR
            or not figures.isdigit()
        ):
            continue
        keys = names.ending(figures.lstrip("0"))
        amount = amount_of(Beside(follows.part), names.items[keys[0]]) if len(keys) > 1 else None
        resolved = with_amount(figures, spot.context, amount, names) if amount else None
        if resolved:
            told[place] = replace(spot, resolved=resolved)
    return told


def _instalment(spot: Spot, text: str, names: OpenNames) -> Spot:
    """INV-1001 1/3 is the first instalment; INV-1001 is all of them."""
    resolved = spot.resolved
    if resolved is None or len(resolved.keys) < 2 or resolved.how in ("order", "reference"):
        return spot
    said = _INSTALMENT.match(text, spot.part.end)
    chosen = [key for key in resolved.keys if said and names.name(key).part == said[1].lstrip("0")]
    if chosen:
        return replace(spot, resolved=replace(resolved, keys=tuple(chosen)))
    return replace(spot, resolved=replace(resolved, strength=min(resolved.strength, 75)))


def _mentions(
    text: str, read: Sequence[Spot], own: Mapping[int, Beside], names: OpenNames
) -> Iterator[tuple[int, Mention]]:
    spelled_out = any(spot.part.kind is Kind.NAME and spot.resolved for spot in read)
    for place, spot in enumerate(read):
        if spot.resolved is None:
            continue
        said = own.get(place, Beside())
        is_bare = spot.part.kind is Kind.NUMBER and not (spot.context.labelled or spot.linked)
        strength = spot.resolved.strength
        if spelled_out and is_bare:
            strength = min(strength, _BARE_BESIDE_NAMES)
        elif spot.linked and spot.resolved.how == "digits" and len(spot.part.text) >= _LISTED_FIGURES:
            strength = max(strength, SURE)
        alone = len(spot.resolved.keys) == 1
        for key in spot.resolved.keys:
            item = names.items[key]
            amount = amount_of(said, item) if alone else None
            agrees = amount is not None and amount in (item.open, item.item.total, -item.open)
            if strength <= SLIGHT and not agrees:
                continue
            points = min(100, strength + _AGREES * agrees)
            words = _words(text, spot, item)
            yield spot.part.start, Mention(key, points, words, amount, date_of(said, item), spot.resolved.how)


def _words(text: str, spot: Spot, item: OpenItem) -> str:
    said = " ".join(text[spot.part.start : spot.part.end].split())
    if spot.resolved is not None and spot.resolved.how == "slip":
        hung = spot.context.prefix
        said = (
            f"{hung}-{spot.chain or said}" if hung and spot.part.kind is Kind.NUMBER else spot.chain or said
        )
        return f"{said} read as {item.item.number}"
    return said if said.upper() == item.item.number.upper() else f"{said} (of {item.item.number})"


def _inside(
    text: str, read: Sequence[Spot], spans: Sequence[Span], names: OpenNames
) -> Iterator[tuple[int, Mention]]:
    """What lies in a range."""
    for span in spans:
        said = " ".join(text[span.start : read[span.place].part.end].split())
        for key in span.keys:
            words = f"{said} ({names.items[key].item.number})"
            yield span.start, Mention(key, span.strength, words, None, None, "range")


def _strongest(mentions: Sequence[tuple[int, Mention]], names: OpenNames) -> tuple[Mention, ...]:
    """One an item, in the text's order."""
    best: dict[str, tuple[int, Mention]] = {}
    for place, mention in mentions:
        known = best.get(mention.item)
        if known is None or mention.strength > known[1].strength:
            best[mention.item] = (place, mention)
    ordered = sorted(
        best.values(), key=lambda each: (each[0], names.name(each[1].item).core.zfill(20), each[1].item)
    )
    return tuple(mention for _, mention in ordered)


def _unknown(
    text: str, read: Sequence[Spot], mentioned: AbstractSet[str], names: OpenNames
) -> tuple[str, ...]:
    """Numbers that a word calls a document, or that look like ours, and are not open."""
    letters = {names.name(key).letters for key in list(names.items)[:200]}
    found: dict[str, None] = {}
    for spot in read:
        is_known = spot.resolved is not None and not mentioned.isdisjoint(spot.resolved.keys)
        if spot.part.kind is not Kind.NUMBER or is_known or not spot.is_document:
            continue
        whole = spot.chain or spot.part.text
        prefix = spot.context.prefix
        if len(whole) < 3 or not (spot.context.labelled or spot.linked or (prefix and prefix in letters)):
            continue
        start = spot.chain_start if spot.chain else spot.part.start
        start -= len(prefix) + (text[start - 1 : start] in tuple("-/._")) if prefix else 0
        found[text[start : start + len(whole) + (len(prefix) + 1 if prefix else 0)].strip()] = None
    return tuple(found)[:_UNKNOWN_SHOWN]
