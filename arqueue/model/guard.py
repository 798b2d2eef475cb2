"""The guard before a terminal, by itself: the first frame takes it, and hardly ever what is done about unsafe text."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

# Printable by str.isprintable(), and yet nothing is seen: fillers, the braille blank, variation selectors, the
# object replacement character. (Unicode's Default_Ignorable_Code_Point, and blanks that are not in it.)
UNSEEN: Final = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180e\u180f\u2800\u3164\uffa0\ufffc\U00016fe4\U0001d159"
).union(map(chr, range(0xFE00, 0xFE10)), map(chr, range(0xE0100, 0xE01F0)))


def guard(text: str) -> str:
    """Stop what must not reach a terminal, in one line that is about to be written: never raises, never grows.

    The second line of defence, behind `clean`: the result is printable and `guard(guard(text)) == guard(text)`.
    """
    if text.isprintable() and (text.isascii() or UNSEEN.isdisjoint(text)):
        return text
    from arqueue.model.characters import JOINERS, shown

    safe: list[str] = []
    for place, char in enumerate(text, start=1):
        safe.append(shown(char, safe, text[place : place + 1]))
    return "".join(char for char in safe if char not in JOINERS)
