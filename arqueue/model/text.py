"""Text from outside made safe to store and to show: `clean` where it enters, `guard` where it leaves to a terminal.

A customer's name or a bank's memo can carry escape sequences, direction overrides, invisible letters or a tower of
accents; neither Textual nor Rich strips them. Whatever could deceive is replaced one for one by U+FFFD, the sign
that Unicode has for this: the reader sees that something stood there, the text gets no longer, cleaning it again
changes nothing, and the sign in a stored text is itself the flag (`is_suspicious`).

Decisions:
- Letters of every script stay as they are, composed (NFC) or not (NFD). Each of the many blanks (no-break,
  ideographic...) becomes a plain space.
- ZWJ and ZWNJ stay where a script needs them, next to a virama or (ZWNJ) between two Arabic letters, about as
  RFC 5892 appendix A has it for domain names; anywhere else they are replaced. `guard` leaves them out: a terminal
  gives them no cell and does not join letters by them.
- Variation selectors go, and with them the colour of some emoji and the variant of some Japanese characters: they
  are invisible, and enough of them smuggle any text.
- Characters newer than the running Python's Unicode tables count as unprintable.
"""

from __future__ import annotations

from unicodedata import category, combining

from arqueue.errors import Invalid

# A face paints its first frame with this: neither typing nor re is imported for it.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Final

MARK: Final = "\N{REPLACEMENT CHARACTER}"
ELLIPSIS: Final = "\N{HORIZONTAL ELLIPSIS}"
MARKS_PER_BASE: Final = 4

_ZWNJ: Final = "\u200c"
_ZWJ: Final = "\u200d"
_JOINERS: Final = _ZWNJ + _ZWJ
_VIRAMA: Final = 9
_BELOW_ANY_MARK: Final = "\u02ff"

# Printable by str.isprintable(), and yet nothing is seen: fillers, the braille blank, variation selectors, the
# object replacement character. (Unicode's Default_Ignorable_Code_Point, and blanks that are not in it.)
_UNSEEN: Final = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180e\u180f\u2800\u3164\uffa0\ufffc\U00016fe4\U0001d159"
).union(map(chr, range(0xFE00, 0xFE10)), map(chr, range(0xE0100, 0xE01F0)))


class UnsafeText(Invalid):
    """The text holds NUL or a lone surrogate, which no store keeps; the row that it came in is to be quarantined."""

    code = "unsafe_text"


def clean(text: str, *, limit: int = 2000, lines: int = 50) -> str:
    """Make foreign text of several lines harmless on its way in; newlines stay, an ellipsis shows what was cut.

    `limit` in characters, `lines` in lines, both at least 1. `clean(clean(text)) == clean(text)`.
    Raises UnsafeText for NUL and lone surrogates.
    """
    _refuse_unstorable(text)
    text = text.replace("\r\n", "\n")
    parts = text[:limit].split("\n")
    safe = "\n".join(map(_clean_one, parts[:lines]))
    if len(text) <= limit and len(parts) <= lines:
        return safe
    return safe[: limit - 1].rstrip(_JOINERS) + ELLIPSIS


def clean_line(text: str, *, limit: int = 200) -> str:
    """Make a foreign name, number or reference harmless on its way in: `clean` on one line, breaks become spaces.

    `limit` in characters, at least 1. Raises UnsafeText for NUL and lone surrogates.
    """
    if text.isprintable() and len(text) <= limit and max(text, default="") <= _BELOW_ANY_MARK:
        return text
    return clean(text.replace("\r\n", " ").replace("\n", " "), limit=limit, lines=1)


def guard(text: str) -> str:
    """Stop what must not reach a terminal, in one line that is about to be written: never raises, never grows.

    The second line of defence, behind `clean`: the result is printable and `guard(guard(text)) == guard(text)`.
    """
    if text.isprintable() and (text.isascii() or _UNSEEN.isdisjoint(text)):
        return text
    safe: list[str] = []
    for place, char in enumerate(text, start=1):
        safe.append(_shown(char, safe, text[place : place + 1]))
    return "".join(char for char in safe if char not in _JOINERS)


def is_suspicious(text: str) -> bool:
    """Whether somebody may want to look twice, for the flag on a row: text that cannot be shown as it was sent.

    Line ends, tabs, odd blanks and mere length are no reason. Answers alike before `clean` and after it.
    """
    try:
        safe = clean(text, limit=max(1, len(text)), lines=text.count("\n") + 1)
    except UnsafeText:
        return True
    return MARK in safe


def _refuse_unstorable(text: str) -> None:
    unstorable = "\0" in text
    try:
        text.encode()
    except UnicodeEncodeError:
        unstorable = True
    if unstorable:
        raise UnsafeText("text holds NUL or half a character", hint="Correct it in the accounting system.")


def _clean_one(line: str) -> str:
    if line.isprintable() and max(line, default="") <= _BELOW_ANY_MARK:
        return line
    safe: list[str] = []
    marks = 0
    for place, char in enumerate(line, start=1):
        if _is_mark(char):
            marks += bool(safe)
            if marks <= MARKS_PER_BASE:
                # A mark that opens the line would sit on whatever the screen shows before it.
                safe.append(char if safe else MARK)
            elif marks == MARKS_PER_BASE + 1:
                safe.append(MARK)
        else:
            shown = _shown(char, safe, line[place : place + 1])
            safe.append(shown)
            if shown not in _JOINERS:
                marks = 0
    return "".join(safe)


def _is_mark(char: str) -> bool:
    return char > _BELOW_ANY_MARK and category(char)[0] == "M" and char not in _UNSEEN


def _shown(char: str, before: Sequence[str], after: str) -> str:
    """What stands for a character, given what was let through before it and what comes after it."""
    if char in _JOINERS:
        return char if _joins(char, before, after) else MARK
    if char == "\t" or category(char) == "Zs":
        return " "
    return char if char.isprintable() and char not in _UNSEEN else MARK


def _joins(joiner: str, before: Sequence[str], after: str) -> bool:
    previous = before[-1] if before else ""
    if not previous:
        return False
    if combining(previous) == _VIRAMA:
        return True
    if joiner == _ZWJ:
        # Bengali and Kannada write it before the virama too: ra, ZWJ, virama, ya.
        return category(previous) == "Lo" and after != "" and combining(after) == _VIRAMA
    letter = next((char for char in reversed(before) if not _is_mark(char)), "")
    return _is_arabic(letter) and _is_arabic(after)


def _is_arabic(char: str) -> bool:
    return "\u0620" <= char <= "\u08ff" and category(char) == "Lo"
