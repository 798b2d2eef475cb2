"""Amounts and dates that stand beside the documents of a text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from arqueue.cash.remittance.figures import SYMBOLS, dates, money
from arqueue.cash.remittance.labels import Label
from arqueue.cash.remittance.scan import Kind, Part
from arqueue.cash.remittance.spots import Spot
from arqueue.model.ledger import OpenItem
from arqueue.model.money import Money


@dataclass(frozen=True, slots=True)
class Beside:
    """What the text says of a document."""

    amount: Part | None = None
    on: Part | None = None


def beside(spots: Sequence[Spot]) -> Mapping[int, Beside]:
    """For the place of each document what belongs to it: what comes behind, up to the next one; or before, where texts put it so.

    One amount behind the last of several documents is their total and no one's own."""
    places = [place for place, spot in enumerate(spots) if spot.is_document and spot.resolved]
    if not places:
        return {}
    behind = [
        _first(spots, place + 1, end) for place, end in zip(places, [*places[1:], len(spots)], strict=True)
    ]
    if behind[-1].amount is None and _amount_before(spots, places[0]):
        starts = [0, *(place + 1 for place in places)]
        return {
            place: Beside(_first(spots, start, place).amount, own.on)
            for place, start, own in zip(places, starts, behind, strict=False)
        }
    if len(places) > 1 and all(own.amount is None for own in behind[:-1]):
        behind[-1] = Beside(None, behind[-1].on)
    return dict(zip(places, behind, strict=True))


def _amount_before(spots: Sequence[Spot], place: int) -> bool:
    return any(_is_own_amount(spot) for spot in spots[:place])


def _is_own_amount(spot: Spot) -> bool:
    return spot.part.kind is Kind.AMOUNT and spot.context.label is not Label.SUM


def _first(spots: Sequence[Spot], start: int, end: int) -> Beside:
    within = spots[start:end]
    amount = next((spot.part for spot in within if _is_own_amount(spot)), None)
    on = next((spot.part for spot in within if spot.part.kind is Kind.DATE), None)
    return Beside(amount, on)


def amount_of(own: Beside, item: OpenItem) -> Money | None:
    """The amount in its own currency, or the item's where the text names none."""
    if own.amount is None:
        return None
    code = own.amount.currency
    return money(own.amount.figures, SYMBOLS.get(code, code) or item.open.currency)


def date_of(own: Beside, item: OpenItem) -> date | None:
    """The day; where day and month could be either, the item's own decides."""
    if own.on is None:
        return None
    days = dates(own.on.text)
    known = {item.item.doc_date, item.item.due_date}
    return next((day for day in days if day in known), days[0] if days else None)
