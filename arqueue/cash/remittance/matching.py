"""The lines of a remittance advice and the open items that they mean, one by one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from arqueue.cash.advice import Advice, AdviceLine
from arqueue.cash.remittance.mentions import LIKELY
from arqueue.cash.remittance.names import OpenNames, compact
from arqueue.cash.remittance.reading import document_in
from arqueue.cash.remittance.slips import near
from arqueue.model.ledger import OpenItem

_CREDITOR_REFERENCE: Final = re.compile(r"RF\d\d([0-9A-Z]{1,21})")
"""ISO 11649: the number is what follows the check digits."""


def match_advice(advice: Advice, items: Sequence[OpenItem]) -> tuple[tuple[AdviceLine, str | None], ...]:
    """Each line with the id of its item; None where no item, or more than one, can be meant."""
    names = OpenNames(items)
    return tuple((line, _meant(line, names)) for line in advice.lines)


def _meant(line: AdviceLine, names: OpenNames) -> str | None:
    name = compact(line.reference)
    if not any(map(str.isdigit, name)):
        return None
    for called in (name, *(found[1] for found in (_CREDITOR_REFERENCE.fullmatch(name),) if found)):
        for table in (names.numbers, names.references, names.orders):
            keys = table.get(called)
            if keys:
                return _only(line, keys, names)
    strong = document_in(line.reference, names, LIKELY)
    if strong:
        return _only(line, strong, names)
    slip = near(name, names)
    return _equal_to(line, document_in(line.reference, names, 1) or (slip.keys if slip else ()), names)


def _only(line: AdviceLine, keys: Iterable[str], names: OpenNames) -> str | None:
    """The one that it can be: by its side, by its amount, by its date."""
    fitting = list(dict.fromkeys(keys))
    amount = line.amount
    if len(fitting) > 1 and amount is not None:
        fitting = [
            key for key in fitting if (names.items[key].open.minor < 0) == (amount.minor < 0)
        ] or fitting
    if len(fitting) > 1 and amount is not None:
        fitting = [key for key in fitting if _equals(line, names.items[key])] or fitting
    if len(fitting) > 1 and line.on is not None:
        fitting = [key for key in fitting if names.items[key].item.doc_date == line.on] or fitting
    return fitting[0] if len(fitting) == 1 else None


def _equal_to(line: AdviceLine, keys: Sequence[str], names: OpenNames) -> str | None:
    """A weak reading holds only where the amount is the item's own."""
    fitting = [key for key in keys if _equals(line, names.items[key])]
    return fitting[0] if len(fitting) == 1 else None


def _equals(line: AdviceLine, item: OpenItem) -> bool:
    """Paid in full, with or without its discount."""
    if line.amount is None:
        return False
    gross = line.amount
    if line.discount is not None and line.discount.currency == gross.currency:
        gross += line.discount
    return item.open in (line.amount, gross) or item.item.total in (line.amount, gross)
