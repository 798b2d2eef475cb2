"""Amounts as they stand in the cells of a table: with currencies, signs on either side, brackets for minus."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from arqueue.cash.remittance.figures import SYMBOLS, decimal_mark, money, plain_figures
from arqueue.cash.remittance.names import upper
from arqueue.model.currency import EXPONENTS
from arqueue.model.money import Money

_CELL: Final = re.compile(
    r"([^\d\s()+\-.,]*)\s*([-+]?)\s*(\d[\d.,'’ ]*?(?:[.,]-{1,2})?)(-?)\s*([^\d\s()+\-.,]*)"
)
_SIDES: Final = {"CR": "-", "DR": ""}
_BLANKS: Final = re.compile("[\u00a0\u2009\u202f]")


@dataclass(frozen=True, slots=True)
class Figures:
    """What an amount's cell says."""

    digits: str
    """With its separators."""
    is_negative: bool
    currency: str
    """Empty where the cell names none."""

    @property
    def plain(self) -> str:
        """Digits and a point, with the sign."""
        return ("-" if self.is_negative else "") + (plain_figures(self.digits) or "0")

    def money(self, currency: str, mark: str) -> Money | None:
        """The amount, in the cell's own currency where it names one."""
        amount = money(self.digits, self.currency or currency, mark)
        return -amount if amount is not None and self.is_negative else amount


def figures_in(cell: str) -> Figures | None:
    """None for a cell that is no amount."""
    words = _BLANKS.sub(" ", cell).replace("\u2212", "-").strip()
    in_brackets = words.startswith("(") and words.endswith(")")
    found = _CELL.fullmatch(upper(words[1:-1].strip() if in_brackets else words))
    if found is None:
        return None
    before, sign, digits, trailing, after = found.groups()
    codes = [SYMBOLS.get(word, word) for word in (before, after) if word and word not in _SIDES]
    if len(codes) > 1 or any(code not in EXPONENTS for code in codes):
        return None
    is_negative = in_brackets or "-" in sign + trailing or after == "CR"
    return Figures(re.sub(r"[.,]-{1,2}$", "", digits), is_negative, codes[0] if codes else "")


def is_amount(cell: str) -> bool:
    """Whether it is an amount and nothing else: it has decimals, or a currency."""
    figures = figures_in(cell)
    return figures is not None and bool(decimal_mark(figures.digits) or figures.currency)
