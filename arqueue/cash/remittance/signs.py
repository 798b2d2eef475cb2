"""Amounts of an advice that their document cannot have: nothing or less for an invoice, something above zero for a credit note.
Such an amount is not followed; which line it is in, and what to write, is said."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Final

from arqueue.cash.advice import AdviceLine
from arqueue.model.currency import exponent
from arqueue.model.ledger import ItemKind, OpenItem
from arqueue.model.money import Money

_SAID: Final = 3
"""So many are said one by one."""
_KINDS: Final = {ItemKind.CREDIT: "credit note", ItemKind.JOURNAL: "entry"}


def contrary(pairs: Iterable[tuple[AdviceLine, OpenItem]], currency: str) -> tuple[str, ...]:
    """Each such document in words, the first few; lines in another currency than the payment's say nothing here.

    Several lines of one document are taken together: a deduction from an invoice stands beside what is paid of it."""
    lines: dict[str, list[tuple[AdviceLine, Money]]] = defaultdict(list)
    items: dict[str, OpenItem] = {}
    for line, item in pairs:
        if line.amount is not None and line.amount.currency == currency:
            items[item.item.id] = item
            lines[item.item.id].append((line, line.amount))
    found = [
        (items[key], there)
        for key, there in lines.items()
        if sum(amount.minor for _, amount in there) * _side(items[key]) <= 0
    ]
    said = [_words(item, there) for item, there in found[:_SAID]]
    if len(found) > _SAID:
        said.append(f"advice: so are the amounts of {len(found) - _SAID:,} more")
    return tuple(said)


def _side(item: OpenItem) -> int:
    return 1 if item.open.minor > 0 else -1


def _words(item: OpenItem, lines: Sequence[tuple[AdviceLine, Money]]) -> str:
    side, currency = _side(item), lines[0][1].currency
    total = sum(amount.minor for _, amount in lines)
    wrong = next(line for line, amount in lines if amount.minor * side <= 0)
    where = ", ".join(part for part in ("advice", wrong.where) if part)
    comes = _written(total, currency) + (" in all" if len(lines) > 1 else "")
    document = f"{_KINDS.get(item.item.kind, item.item.kind.value)} {item.item.number}"
    right = _written(side * abs(total), currency)
    if len(lines) > 1:
        remedy = f"its lines have to come to {'less' if side < 0 else 'more'} than zero"
    elif not total:
        remedy = "write what is netted, with a minus" if side < 0 else "write what is paid of it"
    else:
        remedy = f"what is netted has a minus: write {right}" if side < 0 else f"write {right}"
    return f"{where}: {comes} cannot be the amount of {document} and is left out; {remedy}"


def _written(minor: int, currency: str) -> str:
    """Of any size: a sum may be beyond what an amount can be."""
    digits = exponent(currency)
    return f"{Decimal(minor).scaleb(-digits):.{digits}f}"
