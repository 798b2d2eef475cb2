"""Amounts and dates as people of any country write them, read strictly or not at all."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from arqueue.errors import ArqueueError
from arqueue.model.currency import EXPONENTS
from arqueue.model.money import Money

SYMBOLS: Final = {
    "€": "EUR",
    "$": "USD",
    "US$": "USD",
    "£": "GBP",
    "¥": "JPY",
    "ZŁ": "PLN",
    "KČ": "CZK",
    "₺": "TRY",
}
_NO_WORDS: Final = {"ALL", "TOP"}
"""Lek and pa'anga: in a text they are English words."""
CODES: Final = tuple(code for code in EXPONENTS if code not in _NO_WORDS)

_MONTHS: Final = {
    stem: month
    for month, stems in enumerate(
        (
            "JAN ENE GEN",
            "FEB FEV FÉV",
            "MAR MRZ MÄR",
            "APR AVR ABR",
            "MAY MAI MAG",
            "JUN JUIN GIU",
            "JUL JUIL LUG",
            "AUG AOU AOÛ AGO",
            "SEP SET",
            "OCT OKT OTT",
            "NOV",
            "DEC DEZ DIC DÉC",
        ),
        start=1,
    )
    for stem in stems.split()
}
MONTH: Final = "(?:" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + ")"

_GROUPED: Final = re.compile(r"\d{1,3}(?:([.,'’ ])\d{3})(?:\1\d{3})*")
_THREE: Final = 3
"""Decimals: of dinars, where grouping and decimals look alike."""
_DIGITS: Final = re.compile(r"\d+")
_FIGURES: Final = re.compile(r"[0-9](?:[0-9.,'’ ]{0,40}[0-9])?")
_SEPARATOR: Final = re.compile(r"[.,'’ ]")
_DASHES: Final = re.compile(r"[.,]-{1,2}$")
_BLANKS: Final = re.compile("[\u00a0\u2009\u202f]")
_MARKED: Final = re.compile(
    r"(?:\d+|\d{1,3}(?:[.,'’ ]\d{3})+)([.,])(?:\d{1,2}|\d{4,})|(?:0|\d{4,})([.,])\d{3}|\d{1,3}(?:([.,])\d{3})+(?!\3)([.,])\d{3}"
)
_AMBIGUOUS: Final = re.compile(r"[1-9]\d{0,2}[.,]\d{3}")
"""A thousand and more, or with three decimals."""


def money(text: str, currency: str, mark: str = "") -> Money | None:
    """``1.250,00``, ``1,250.00``, ``1 250.00``, ``1'250.00``, ``1250,5``, ``-12.00``, ``12.00-``, ``12,-``.

    ``mark`` is what stands before decimals, where that is known. None for what is no amount, or not exact in the currency."""
    figures = _BLANKS.sub(" ", text.strip()).replace("\u2212", "-")
    negative = figures[:1] == "-" or (figures[-1:] == "-" and figures[-2:-1].isdigit())
    decimals = EXPONENTS[currency]
    if decimals == _THREE and not mark and _AMBIGUOUS.fullmatch(figures.strip("+- ")):
        return None
    plain = plain_figures(_DASHES.sub("", figures).strip("+- "), mark)
    if plain is None:
        return None
    whole, _, fraction = plain.partition(".")
    if fraction[decimals:].strip("0"):
        return None
    try:
        amount = Money(int(whole + fraction[:decimals].ljust(decimals, "0")), currency)
    except ArqueueError:
        return None
    return -amount if negative else amount


def plain_figures(figures: str, mark: str = "") -> str | None:
    """Digits with a point before decimals, whatever separators were used; None where they make no number.

    Where ``mark`` does not say it, the last separator stands before decimals, unless exactly three digits follow it
    and nothing says otherwise."""
    if not _FIGURES.fullmatch(figures):
        return None
    point = figures.rfind(mark) if mark else max(figures.rfind("."), figures.rfind(","))
    head, tail = (figures[:point], figures[point + 1 :]) if point >= 0 else (figures, "")
    if point >= 0 and not mark:
        is_grouping = figures[point] in head or (
            len(tail) == 3 and not _SEPARATOR.search(head) and head != "0"
        )
        head, tail = (figures, "") if is_grouping else (head, tail)
    if not (_DIGITS.fullmatch(head) or _GROUPED.fullmatch(head)) or (tail and not tail.isdigit()):
        return None
    if mark and mark in head:
        return None
    whole = _SEPARATOR.sub("", head).lstrip("0") or "0"
    return f"{whole}.{tail}" if tail else whole


def decimal_mark(figures: str) -> str:
    """The separator that can only stand before decimals; empty where there is none, or it could group thousands."""
    found = _MARKED.fullmatch(figures.strip("+- "))
    return (found[1] or found[2] or found[4]) if found else ""


def dates(text: str) -> tuple[date, ...]:
    """The days that a spelling may mean, the likelier first: day before month, except in ISO order."""
    parts = re.findall(r"\d+|[^\W\d_]+", text.upper())
    if len(parts) == 1 and len(parts[0]) == 8:
        parts = [parts[0][:4], parts[0][4:6], parts[0][6:]]
    if len(parts) != 3:
        return ()
    for place, part in enumerate(parts):
        if not part.isdigit():
            month = next((_MONTHS[stem] for stem in (part[:4], part[:3]) if stem in _MONTHS), 0)
            rest = [int(each) for each in parts[:place] + parts[place + 1 :] if each.isdigit()]
            return _days(((rest[1], month, rest[0]),)) if len(rest) == 2 else ()
    one, two, three = map(int, parts)
    if len(parts[0]) == 4:
        return _days(((one, two, three),))
    return _days(((three, two, one), (three, one, two)))


def _days(spellings: tuple[tuple[int, int, int], ...]) -> tuple[date, ...]:
    found: list[date] = []
    for year, month, day in spellings:
        try:
            made = date(year + 2000 if year < 100 else year, month, day)
        except (ValueError, OverflowError):
            continue
        if made not in found:
            found.append(made)
    return tuple(found)
