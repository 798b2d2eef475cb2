"""Two purchase orders that are paid together, each with all of its documents but what was under way. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import accumulate
from typing import Final, NamedTuple

from arqueue.cash.closing import close_one
from arqueue.cash.groups import Group, Listing
from arqueue.cash.likelihood import Custom, one_of
from arqueue.cash.worksheet import Worksheet

_UNDER_WAY: Final = 5
"""What was issued so many days before a payment the payer may not have had."""
_MOST: Final = 400
"""Of more orders two come to any amount by chance."""


class _Order(NamedTuple):
    """So many of an order's documents, first issued first, and what they come to."""

    key: str
    places: tuple[int, ...]
    total: int


def two_orders(sheet: Worksheet) -> None:
    """Put what two orders come to into the drafts, where that is the payment."""
    statement = sheet.statement
    if not 2 <= len(statement.account.by_order) <= _MOST:
        return
    by_order: dict[str, list[int]] = defaultdict(list)
    for place in sorted(range(statement.debits), key=statement.dated.__getitem__):
        if key := statement.orders[place]:
            by_order[key].append(place)
    first = statement.orders[0]
    bits = sheet.likely.custom(Custom.OTHER) + 2.5 + one_of(len(by_order))
    for number in range(len(statement.views)):
        known: dict[int, list[_Order]] = defaultdict(list)
        for key, places in by_order.items():
            orders = list(_without_the_latest(sheet, number, key, places))
            for order in orders:
                for other in known.get(statement.amount - order.total, ()):
                    if len(order.places) + len(other.places) > 2:
                        both = sorted((*order.places, *other.places))
                        words = f"everything of orders {other.key} and {key}"
                        far = 0.0 if first in (key, other.key) else one_of(len(by_order))
                        group = Group(words, bits + far, Listing.of(statement, both), 0, len(both))
                        close_one(sheet, group, number, sheet.nettings[0])
            for order in orders:
                known[order.total].append(order)


def _without_the_latest(sheet: Worksheet, number: int, key: str, places: list[int]) -> Iterator[_Order]:
    """All of an order, and all but what was under way."""
    statement = sheet.statement
    amounts, seen = statement.views[number].amounts, statement.paid_on.toordinal() - _UNDER_WAY
    for count, total in enumerate(accumulate(map(amounts.__getitem__, places)), 1):
        if count == len(places) or statement.dated[places[count]] > seen:
            yield _Order(key, tuple(places[:count]), total)
