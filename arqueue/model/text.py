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

from typing import Final

from arqueue.errors import Invalid
from arqueue.model.characters import BELOW_ANY_MARK, JOINERS, MARK, is_mark, shown
from arqueue.model.guard import guard

__all__ = [
    "ELLIPSIS",
    "MARK",
    "MARKS_PER_BASE",
    "UnsafeText",
    "clean",
    "clean_line",
    "guard",
    "is_suspicious",
]

ELLIPSIS: Final = "\N{HORIZONTAL ELLIPSIS}"
MARKS_PER_BASE: Final = 4


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
    return safe[: limit - 1].rstrip(JOINERS) + ELLIPSIS


def clean_line(text: str, *, limit: int = 200) -> str:
    """Make a foreign name, number or reference harmless on its way in: `clean` on one line, breaks become spaces.

    `limit` in characters, at least 1. Raises UnsafeText for NUL and lone surrogates.
    """
    if text.isprintable() and len(text) <= limit and max(text, default="") <= BELOW_ANY_MARK:
        return text
    return clean(text.replace("\r\n", " ").replace("\n", " "), limit=limit, lines=1)


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
    if line.isprintable() and max(line, default="") <= BELOW_ANY_MARK:
        return line
    safe: list[str] = []
    marks = 0
    for place, char in enumerate(line, start=1):
        if is_mark(char):
            marks += bool(safe)
            if marks <= MARKS_PER_BASE:
                # A mark that opens the line would sit on whatever the screen shows before it.
                safe.append(char if safe else MARK)
            elif marks == MARKS_PER_BASE + 1:
                safe.append(MARK)
        else:
            safe.append(shown(char, safe, line[place : place + 1]))
            if safe[-1] not in JOINERS:
                marks = 0
    return "".join(safe)
