"""A remittance text cut into what its parts are: document names, numbers, amounts, dates, words, accounts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from arqueue.cash.remittance.figures import CODES, MONTH
from arqueue.cash.remittance.names import PIECE


class Kind(StrEnum):
    """What a part of a text is."""

    NAME = "name"
    """An open document's own number (or reference, or order), found beforehand."""
    NUMBER = "number"
    """Groups of figures, perhaps with one joint each: 1001, 2026/1001, 1001-1005."""
    AMOUNT = "amount"
    DATE = "date"
    WORD = "word"
    ACCOUNT = "account"
    """An IBAN or a telephone number: nothing of ours."""


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of the text, by its place in it."""

    kind: Kind
    start: int
    end: int
    text: str
    """In capitals."""
    figures: str = ""
    """Of an amount."""
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Piece:
    """Figures, or letters of a kind, that stand together."""

    start: int
    end: int
    text: str


_CURRENCY: Final = "(?:" + "|".join(CODES) + r"|US\$|[€$£¥₺])"
_DECIMAL: Final = (
    r"(?:(?<![\d.,])\d{1,3}(?:[.,'’ ]\d{3})+[.,]\d{2}(?!\d|[.,]\d)"
    r"|\d+[.,]\d{2}(?!\d|[.,/]\d)"
    r"|\d+,--?(?!\d))"
)
_INTEGER: Final = r"\d{1,3}(?:[.,'’]\d{3})+(?!\d)|\d+(?![\d.,]\d)"
_DAY: Final = r"(?:0?[1-9]|[12]\d|3[01])"
_MONTH_FIGURES: Final = r"(?:0?[1-9]|1[0-2])"
_SCAN: Final = re.compile(
    rf"""
    (?P<date>(?<!\d)(?:
        (?:19|20)\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])(?![\d-])
      | (?={_MONTH_FIGURES}[./-]|{_DAY}[./-]{_MONTH_FIGURES}[./-]){_DAY}([./-]){_DAY}\2(?:(?:19|20)\d\d|\d\d)(?!\d|[./-]\d)
      | {_DAY}\.?[ -]?{MONTH}[^\W\d_]*\.?,?[ -]?(?:(?:19|20)\d\d|\d\d)(?!\d)
      | {_DAY}\.{_DAY}\.(?!\d)
      | (?:0?[1-9]|1[0-2])/20\d\d(?!\d|[./-]\d)
    ) | (?<![^\W_]){MONTH}[^\W\d_]*\.?[ -](?:{_DAY},?[ ])?(?:20)\d\d(?!\d))
  | (?P<phone>(?<![^\W_])(?:\+[1-9]\d?|\+[1-9]\d\d)(?:[ ()/-]{{0,2}}\d){{7,}})
  | (?P<amount>
        (?P<before>(?<![^\W_]){_CURRENCY}\s?|)(?P<signed>(?<![\w)])-\s?|\+?)(?<![A-Z])
        (?P<decimal>(?<!\d){_DECIMAL}-?)(?P<after>\s?{_CURRENCY}(?![^\W_])|)
      | (?P<first>(?<![^\W_]){_CURRENCY}\s?)(?P<minus>-\s?|)(?P<whole>(?:{_INTEGER})-?)
      | (?P<figures>(?<![\w.,-])(?:{_INTEGER}))(?P<last>\s?{_CURRENCY}(?![^\W_])(?!\s*\d))
    )
  | (?P<number>[0-9]+(?:[-/._][0-9]+){{0,9}})
  | (?P<word>[^\W\d_]+(?:[./][^\W\d_]+)*)
    """,
    re.VERBOSE,
)
_IBAN: Final = re.compile(r"(?<![^\W_])[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?![^\W_])")


def pieces(text: str) -> list[Piece]:
    """Letters and figures of the text, in their order."""
    return [Piece(found.start(), found.end(), found[0]) for found in PIECE.finditer(text)]


def parts(text: str, names: Sequence[Part]) -> list[Part]:
    """The text in parts; ``names`` are taken as they are, in their order."""
    found: list[Part] = []
    here = 0
    for name in [*names, None]:
        end = name.start if name else len(text)
        found += (_part(match) for match in _SCAN.finditer(text, here, end))
        if name:
            found.append(name)
            here = name.end
    return found


def accounts(text: str) -> list[Part]:
    """IBANs whose check digits are right, so that nothing inside them is read."""
    found = []
    for match in _IBAN.finditer(text):
        words = match[0]
        while words and not _is_iban(words.replace(" ", "")):
            words = words.rpartition(" ")[0]
        if words:
            end = match.start() + len(words)
            found.append(Part(Kind.ACCOUNT, match.start(), end, words))
    return found


def _is_iban(compact: str) -> bool:
    if not 15 <= len(compact) <= 34:
        return False
    return int("".join(str(int(char, 36)) for char in compact[4:] + compact[:4])) % 97 == 1


def _part(match: re.Match[str]) -> Part:
    start, end = match.span()
    kind = Kind(match.lastgroup) if match.lastgroup in {"date", "amount", "number", "word"} else Kind.ACCOUNT
    if match["amount"] is None:
        return Part(kind, start, end, match[0])
    sign = "-" if "-" in (match["signed"] or "") + (match["minus"] or "") else ""
    currency = match["before"] or match["after"] or match["first"] or match["last"] or ""
    figures = match["decimal"] or match["whole"] or match["figures"]
    return Part(kind, start, end, match[0], sign + figures, currency.strip())
