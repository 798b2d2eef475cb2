"""The month that a text names, as a statement's or a list's heading does: 10/2026, 2026-10, Okt 2026, October 2026. Pure."""

from __future__ import annotations

import re
from typing import Final

Month = tuple[int, int]
"""Year and month."""

_STEMS: Final = (
    "jan|gen|ene",
    "feb|fév|fev|helmi",
    "mar|mär|mrz|maa",
    "apr|avr|abr|huhti",
    "mai|may|maj|mei|mag|touko",
    "jun|juin|giu|kesä",
    "jul|juil|lug|heinä",
    "aug|aoû|aou|ago|elo",
    "sep|set|syys",
    "oct|okt|ott|out|loka",
    "nov|marras",
    "dec|dez|déc|dic|des|joulu",
)
_NAMED: Final = re.compile(
    r"\b(?:" + "|".join(f"(?P<m{at}>{stem})" for at, stem in reversed([*enumerate(_STEMS, 1)])) + r")"
    r"[^\W\d]{0,8}\.?[ /-]?(?P<year>20\d\d)(?!\d)",
    re.IGNORECASE,
)
_FIGURES: Final = re.compile(r"(?<![\w./-])(?P<month>0?[1-9]|1[0-2])[./-](?P<year>20\d\d)(?![\w/-])")
_YEAR_FIRST: Final = re.compile(r"(?<![\w./-])(?P<year>20\d\d)-(?P<month>0[1-9]|1[0-2])(?![\w/-])")


def month_of(text: str) -> Month | None:
    """The one month that is named; None where there is none, or several. A full date is no month."""
    found = {
        (int(each["year"]), int(each["month"]))
        for form in (_FIGURES, _YEAR_FIRST)
        for each in form.finditer(text)
    }
    for each in _NAMED.finditer(text):
        found.add((int(each["year"]), next(at for at in range(1, 13) if each[f"m{at}"])))
    return found.pop() if len(found) == 1 else None
