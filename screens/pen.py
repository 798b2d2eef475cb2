"""Cells as what a terminal reads: where the cursor goes, which look is on, and letters."""

from __future__ import annotations

import functools
from collections.abc import Iterable

from rich.color import ColorSystem
from rich.style import Style

from screens.guard import seen_when_blank
from screens.line import Line, Part

ERASE = "\x1b[K"
"""Erase to the end of the line, in the terminal's own colours."""
_OFF = "\x1b[m"


class Pen:
    """Writes parts of lines one after another, top to bottom, with as few words between them as it takes."""

    def __init__(self, width: int, colors: ColorSystem | None) -> None:
        self._width, self._colors = width, colors or ColorSystem.TRUECOLOR
        self._written: list[str] = []
        self._row = self._column = -1
        self._look: Style | None = None
        self._painting = False
        """Whether a blank would be more than blank now."""

    def ink(self) -> str:
        """All that was written; the looks are off at the end."""
        self._dress(None)
        return "".join(self._written)

    def write(self, y: int, line: Line, parts: Iterable[Part], erased: int | None) -> None:
        """Write some parts of a line, and erase it from a cell on."""
        append = self._written.append
        for start, end, sure in parts:
            self._move(y, start)
            for text, look in line.texts(start, end):
                if look is not self._look and (look is not None or self._painting or not text.isspace()):
                    self._dress(look)
                append(text)
            self._column = end if sure and end < self._width else -1
        if erased is not None:
            self._move(y, erased)
            if self._painting:
                self._dress(None)
            append(ERASE)

    def _move(self, y: int, x: int) -> None:
        if self._row != y:
            self._written.append(f"\x1b[{y + 1};{x + 1}H")
        elif self._column != x:
            self._written.append(f"\x1b[{x + 1}G")
        self._row, self._column = y, x

    def _dress(self, look: Style | None) -> None:
        if look is not self._look:
            begun = _begun(look, self._colors) if look is not None else ""
            if self._look is None:
                self._written.append(begun)
            else:
                self._written.append("\x1b[;" + begun[2:] if begun else _OFF)
            self._look = look if begun else None
            self._painting = self._look is not None and seen_when_blank(self._look)


@functools.lru_cache(maxsize=4096)
def _begun(look: Style, colors: ColorSystem) -> str:
    """What puts a look on; nothing for one that these colours do not have."""
    return look.render("x", color_system=colors).partition("x")[0]
