"""For a terminal that has only ASCII: our own signs as their nearest, every other letter as a question mark."""

from __future__ import annotations

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
    """The text in ASCII, letter for letter."""
    return text.translate(_NEAREST).encode("ascii", "replace").decode("ascii")
