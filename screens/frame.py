"""What the terminal shows already is not sent again, and blanks at the end of a line are erased instead of written.

Textual sends the whole screen whenever a layout changes: a form that opens, an account beside the list. Most of it is what the
terminal shows anyway, or blank. Over SSH that is what one waits for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.console import Console
from rich.control import Control
from rich.segment import Segment
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.strip import Strip

from screens.guard import seen_when_blank, spelled

ERASE = "\x1b[K"
"""Erase to the end of the line, in the terminal's own colours."""
WORTH = len(ERASE) + 1
Piece = tuple[int, int, Strip]
"""Row, column, and what stands there."""


class Frame:
    """The pieces of lines that were sent last, and where: what is covered by a later piece is no longer known."""

    def __init__(self) -> None:
        self._width = 0
        self._rows: dict[int, dict[int, tuple[int, str]]] = {}

    def forget(self) -> None:
        """Somebody else may have written on the terminal, or it has another size: everything is sent once more."""
        self._rows.clear()

    def text(self, update: LayoutUpdate | ChopsUpdate, width: int, console: Console) -> str:
        """What has to be sent for an update of a screen so many columns wide."""
        pieces = _whole(update) if isinstance(update, LayoutUpdate) else _parts(update)
        return self.of_pieces(pieces, width, console)

    def of_pieces(self, pieces: Iterable[Piece], width: int, console: Console) -> str:
        """What has to be sent for some pieces."""
        if width != self._width:
            self.forget()
            self._width = width
        return "".join(self._news(pieces, console))

    def _news(self, pieces: Iterable[Piece], console: Console) -> Iterator[str]:
        at: tuple[int, int] | None = None
        for y, x, strip in pieces:
            end = x + strip.cell_length
            text, goes_on = self._spelled(strip, end, console)
            row = self._rows.setdefault(y, {})
            if row.get(x) == (end, text):
                continue
            for start in [start for start, (stop, _) in row.items() if start < end and stop > x]:
                del row[start]
            row[x] = (end, text)
            if at != (y, x):
                yield Control.move_to(x, y).segment.text
            yield text
            at = (y, end) if goes_on else None

    def _spelled(self, strip: Strip, end: int, console: Console) -> tuple[str, bool]:
        """The text with its styles, and whether the cursor certainly stands behind it: terminals disagree on wide letters."""
        if end >= self._width:
            shorter = _without_blanks(strip)
            if strip.cell_length - shorter.cell_length >= WORTH:
                return shorter.render(console) + ERASE, False
        text = strip.render(console)
        return text, text.isascii() and end < self._width


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


def _without_blanks(strip: Strip) -> Strip:
    """The strip up to its last visible cell."""
    segments = [segment for segment in strip if segment.text]
    while segments:
        text, style, _ = segments[-1]
        said = spelled(style) if style is not None else None
        if said is not None and seen_when_blank(said):
            break
        rest = text.rstrip(" ")
        if rest == text:
            break
        segments.pop()
        if rest:
            segments.append(Segment(rest, style))
            break
    return Strip(segments)
