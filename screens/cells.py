"""How many cells a text takes. Latin text is counted here; for other scripts Rich's tables are asked, and loaded only then."""

from __future__ import annotations

import re

_TABLED = re.compile("[^ -~\u00a0-\u02ff\u2010-\u2027\u2190-\u21ff\u2500-\u259f\u2212\ufffd]")
"""Whatever is not one cell wide for certain."""


def cell_len(text: str) -> int:
    """The cells that a text takes on a terminal."""
    if not _TABLED.search(text):
        return len(text)
    from rich import cells

    return cells.cell_len(text)


def set_cell_size(text: str, width: int) -> str:
    """The text in exactly so many cells, padded or cut."""
    if not _TABLED.search(text):
        return text[:width].ljust(width)
    from rich import cells

    return cells.set_cell_size(text, width)
