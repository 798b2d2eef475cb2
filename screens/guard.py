"""The last line before the terminal: nothing but printable text and our own styles leaves a strip.

Text is cleaned where it enters the broker; this guard holds even where that was forgotten. It sits on ``Strip.render``, which
every widget's text passes, and costs one ``str.isprintable`` a segment.
"""

from __future__ import annotations

import functools
from collections.abc import Callable

from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from arqueue.model.text import guard

Render = Callable[[Strip, Console], str]
_ASCII = str.maketrans(
    {"·": "|", "…": "~", "→": ">", "─": "-", "│": "|", "×": "x", "−": "-", "▌": "|", "█": "#"}
)


def _to_ascii(text: str) -> str:
    return text.translate(_ASCII).encode("ascii", "replace").decode("ascii")


def _unlinked(style: Style | None) -> Style | None:
    return style.update_link(None) if style is not None and style.link else style


def guarded(render: Render, *, ascii_only: bool = False) -> Render:
    """A ``Strip.render`` that shows control and invisible characters as a visible mark and drops hyperlinks.

    With ``ascii_only`` (a terminal that does not speak UTF-8) everything else becomes ASCII, cell for character.
    """

    @functools.wraps(render)
    def render_guarded(strip: Strip, console: Console) -> str:
        safe: list[Segment] = []
        changed = False
        for segment in strip:
            text, style, _control = segment
            shown = guard(text)
            if ascii_only and not shown.isascii():
                shown = _to_ascii(shown)
            plain = _unlinked(style)
            changed |= shown is not text or plain is not style
            safe.append(Segment(shown, plain) if shown is not text or plain is not style else segment)
        return render(Strip(safe, strip.cell_length) if changed else strip, console)

    return render_guarded


def install(*, ascii_only: bool = False) -> Callable[[], None]:
    """Put the guard in place for this process, before the app runs. Returns what takes it away again, for tests."""
    original = Strip.render
    Strip.render = guarded(original, ascii_only=ascii_only)  # type: ignore[method-assign, assignment]

    def remove() -> None:
        Strip.render = original  # type: ignore[method-assign]

    return remove
