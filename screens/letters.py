"""For a terminal that has only ASCII: our own signs as their nearest, others as so many question marks as they take cells."""

from __future__ import annotations

from screens.cells import cell_len

_NEAREST = str.maketrans(
    {
        "·": "|",
        "…": "~",
        "→": ">",
        "─": "-",
        "│": "|",
        "×": "x",
        "−": "-",
        "▌": "|",
        "█": "#",
        "↓": "v",
        "↑": "^",
        "←": "<",
    }
)


def drawn_in_ascii(text: str) -> str:
    """Our own signs as their nearest; other letters stay."""
    return text.translate(_NEAREST)


def to_ascii(text: str) -> str:
    """The text in ASCII, cell for cell: no column moves."""
    drawn = text.translate(_NEAREST)
    if drawn.isascii():
        return drawn
    return "".join(letter if letter.isascii() else "?" * cell_len(letter) for letter in drawn)
