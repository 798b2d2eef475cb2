"""What the terminal shows already is not sent again: of every line only the cells that are others, and blanks at its end are
erased instead of written.

Textual sends the whole screen whenever a layout changes: a form that opens, an account beside the list. Most of it is what the
terminal shows anyway, or blank. Over SSH that is what one waits for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import itemgetter

from rich.console import Console
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.strip import Strip

from screens.line import Line
from screens.pen import Pen

Piece = tuple[int, int, Strip]
"""Row, column, and what stands there."""


class Frame:
    """The lines that were sent last."""

    def __init__(self) -> None:
        self._width = 0
        self._lines: dict[int, Line] = {}

    def forget(self) -> None:
        """Somebody else may have written on the terminal, or it has another size: everything is sent once more."""
        self._lines.clear()

    def text(self, update: LayoutUpdate | ChopsUpdate, width: int, console: Console) -> str:
        """What has to be sent for an update of a screen so many columns wide."""
        pieces = _whole(update) if isinstance(update, LayoutUpdate) else _parts(update)
        return self.of_pieces(pieces, width, console)

    def of_pieces(self, pieces: Iterable[Piece], width: int, console: Console) -> str:
        """What has to be sent for some pieces."""
        if width != self._width:
            self.forget()
            self._width = width
        pen = Pen(width, console._color_system)
        for y, row in groupby(pieces, key=itemgetter(0)):
            before = self._lines.get(y) or Line.unknown(width)
            line, first, last = before, width, 0
            for _, x, strip in row:
                line = line.over(x, strip)
                first, last = min(first, x), max(last, min(width, x + strip.cell_length))
            if line != before:
                self._lines[y] = line
                pen.write(y, line, *line.runs(before, first, last))
        return pen.ink()


class Sparing(CompositorUpdate):
    """An update that sends only what the terminal does not show. It is worked out when it is about to be sent, not before."""

    def __init__(self, frame: Frame, update: LayoutUpdate | ChopsUpdate, width: int) -> None:
        self._frame, self._update, self._width = frame, update, width
        self._text: str | None = None

    def says_nothing(self, console: Console) -> bool:
        """Whether the terminal shows all of it already."""
        self._text = self._frame.text(self._update, self._width, console)
        return not self._text

    def render_segments(self, console: Console) -> str:
        """What is to be written."""
        text, self._text = self._text, None
        return self._frame.text(self._update, self._width, console) if text is None else text


def _whole(update: LayoutUpdate) -> Iterator[Piece]:
    for y, line in enumerate(update.strips, update.region.y):
        x = update.region.x
        for strip in line:
            yield y, x, strip
            x += strip.cell_length


def _parts(update: ChopsUpdate) -> Iterator[Piece]:
    for y, first, last in update.spans:
        for end, (x, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=True):
            if strip is not None and x < last and end > first:
                yield y, x, strip if end <= last else strip.crop(0, last - x)
