"""Lines out of free text: everything in it that looks like a document, with the amount and date beside it."""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise
from typing import Final

from arqueue.cash.advice import AdviceLine
from arqueue.cash.remittance.contexts import contexts
from arqueue.cash.remittance.figures import SYMBOLS, dates, money
from arqueue.cash.remittance.labels import Label
from arqueue.cash.remittance.names import YEARS, upper
from arqueue.cash.remittance.scan import Kind, Part, accounts, parts
from arqueue.model.text import clean_line

_SHORTEST: Final = 3
_LETTERS_BEFORE: Final = re.compile(r"(?:[^\W\d_]+[-/._]?)*$")
READ: Final = 100_000
"""Characters; what stands behind them is not looked at."""


def lines_in(text: str, currency: str) -> tuple[AdviceLine, ...]:
    """Numbers that may be documents; amounts without a currency are in ``currency``, and left out where that is empty."""
    spelled = unicodedata.normalize("NFKC", text[:READ])
    raised = upper(spelled)
    cut_up = parts(raised, accounts(raised))
    around = contexts(raised, cut_up)
    marked = [
        place
        for place, (part, context) in enumerate(zip(cut_up, around, strict=True))
        if part.kind is Kind.NUMBER
        and context.label not in (Label.FOREIGN, Label.SUM)
        and len(part.text) >= _SHORTEST
        and (part.text not in YEARS or context.prefix)
    ]
    return tuple(
        _line(spelled, raised, cut_up[place], cut_up[place + 1 : end], currency, number)
        for number, (place, end) in enumerate(pairwise([*marked, len(cut_up)]), start=1)
    )


def _line(
    spelled: str, raised: str, part: Part, behind: list[Part], currency: str, number: int
) -> AdviceLine:
    hung = _LETTERS_BEFORE.search(raised, max(0, part.start - 20), part.start)
    start = hung.start() if hung else part.start
    amount = next((each for each in behind if each.kind is Kind.AMOUNT), None)
    days = next((dates(each.text) for each in behind if each.kind is Kind.DATE), ())
    code = (SYMBOLS.get(amount.currency, amount.currency) or currency) if amount else ""
    return AdviceLine(
        reference=clean_line(spelled[start : part.end]),
        amount=money(amount.figures, code) if amount and code else None,
        on=days[0] if days else None,
        where=f"number {number} of its text",
    )
