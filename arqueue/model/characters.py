"""What stands for one character of a text that is made safe, as ``arqueue.model.text`` decides it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from unicodedata import category, combining

from arqueue.model.guard import UNSEEN

MARK: Final = "\N{REPLACEMENT CHARACTER}"
BELOW_ANY_MARK: Final = "\u02ff"
_ZWNJ: Final = "\u200c"
_ZWJ: Final = "\u200d"
JOINERS: Final = _ZWNJ + _ZWJ
_VIRAMA: Final = 9


def is_mark(char: str) -> bool:
    """Whether it sits on the character before it."""
    return char > BELOW_ANY_MARK and category(char)[0] == "M" and char not in UNSEEN


def shown(char: str, before: Sequence[str], after: str) -> str:
    """What stands for a character, given what was let through before it and what comes after it."""
    if char in JOINERS:
        return char if _joins(char, before, after) else MARK
    if char == "\t" or category(char) == "Zs":
        return " "
    return char if char.isprintable() and char not in UNSEEN else MARK


def _joins(joiner: str, before: Sequence[str], after: str) -> bool:
    previous = before[-1] if before else ""
    if not previous:
        return False
    if combining(previous) == _VIRAMA:
        return True
    if joiner == _ZWJ:
        # Bengali and Kannada write it before the virama too: ra, ZWJ, virama, ya.
        return category(previous) == "Lo" and after != "" and combining(after) == _VIRAMA
    letter = next((char for char in reversed(before) if not is_mark(char)), "")
    return _is_arabic(letter) and _is_arabic(after)


def _is_arabic(char: str) -> bool:
    return "\u0620" <= char <= "\u08ff" and category(char) == "Lo"
