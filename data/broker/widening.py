"""Which terms of a filter keep every row out: those without which there are some, and how many."""

from __future__ import annotations

from itertools import combinations
from typing import Final

from arqueue.work.filter import Filter, Term
from data.broker.listing import Listing
from data.broker.protocol import Wider

MOST: Final = 1000
"""So far rows are counted."""
_TRIED, _PAIRED = 12, 7
"""Of so many terms each, and of so many each pair, is left out once: every trial may be a look at all rows."""


def wider(listing: Listing, view: str, asked: Filter) -> list[Wider]:
    """Each single term without which there are rows; where there is none the pair that lets in the fewest; where there is none
    either all those together that let in nothing by themselves, if that helps."""
    if len(asked.terms) < 2:
        return []
    single = [_without(listing, view, asked, term) for term in asked.terms[:_TRIED]]
    if found := [each for each in single if each["rows"]]:
        return found
    if len(asked.terms) < 3:
        return []
    pairs = [_without(listing, view, asked, *pair) for pair in combinations(asked.terms[:_PAIRED], 2)]
    if found := [each for each in pairs if each["rows"]]:
        return [min(found, key=lambda each: each["rows"])]
    hopeless = [term for term in asked.terms[:_TRIED] if not listing.count_to(1, view, Filter((term,)))]
    if not 0 < len(hopeless) < len(asked.terms):
        return []
    together = _without(listing, view, asked, *hopeless)
    return [together] if together["rows"] else []


def _without(listing: Listing, view: str, asked: Filter, *terms: Term) -> Wider:
    left = asked.without(*terms)
    rows = listing.count_to(MOST + 1, view, left)
    return {
        "without": [str(term) for term in terms],
        "filter": str(left),
        "rows": min(rows, MOST),
        "more": rows > MOST,
    }
