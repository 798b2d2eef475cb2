"""How many cells a text takes. Latin text is counted here; for other scripts Rich's tables are asked, and loaded only then."""

from __future__ import annotations

_PLAIN = frozenset(map(chr, range(0x300))).union(
    "\u2010\u2011\u2012\u2013\u2014\u2018\u2019\u201c\u201d\u2022\u2026\u2190\u2191\u2192\u2193\u2212\u2500\u2502\u2588\u258c\ufffd"
)
"""Latin letters, what we write ourselves and what stands in most names."""


def _is_plain(text: str) -> bool:
    """Whether every character takes one cell for certain."""
    return text.isprintable() and (text.isascii() or _PLAIN.issuperset(text))


def cell_len(text: str) -> int:
    """The cells that a text takes on a terminal."""
    if _is_plain(text):
        return len(text)
    from rich import cells

    return cells.cell_len(text)


def set_cell_size(text: str, width: int) -> str:
    """The text in exactly so many cells, padded or cut."""
    if _is_plain(text):
        return text[:width].ljust(width)
    from rich import cells

    return cells.set_cell_size(text, width)
