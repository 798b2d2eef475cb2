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


_READ_IN_WORDS: Final = 500
"""So many lines that are no document's plain name are read as texts, which takes longer,"""
_SLIPS_TRIED: Final = 50
"""and so many are looked at for slips."""


def match_advice(advice: Advice, items: Sequence[OpenItem]) -> tuple[tuple[AdviceLine, str | None], ...]:
    """Each line with the id of its item; None where no item, or more than one, can be meant."""
    matching = _Matching(OpenNames(items))
    return tuple((line, matching.meant(line)) for line in advice.lines)


class _Matching:
    """Lines against names, within a bound on what takes long."""

    def __init__(self, names: OpenNames) -> None:
        self._names = names
        self._read = self._tried = 0

    def meant(self, line: AdviceLine) -> str | None:
        """The item that a line means: by a name of it, by what its words say, by a slip where the amount is right."""
        name = compact(line.reference)
        if not any(map(str.isdigit, name)):
            return None
        creditor = _CREDITOR_REFERENCE.fullmatch(name)
        for called in (name, creditor[1]) if creditor else (name,):
            for table in (self._names.numbers, self._names.references, self._names.orders):
                keys = table.get(called)
                if keys:
                    return _only(line, keys, self._names)
        self._read += 1
        if self._read > _READ_IN_WORDS:
            return None
        strong = document_in(line.reference, self._names, LIKELY)
        if strong:
            return _only(line, strong, self._names)
        return _equal_to(line, self._weak(line, name), self._names)

    def _weak(self, line: AdviceLine, name: str) -> Sequence[str]:
        if line.amount is None or self._tried >= _SLIPS_TRIED:
            return ()
        self._tried += 1
        slip = near(name, self._names)
        return document_in(line.reference, self._names, 1) or (slip.keys if slip else ())


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
