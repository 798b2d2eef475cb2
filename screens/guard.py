"""The last line before the terminal: nothing but printable text and our own styles leaves a strip, and in few bytes.

Text is cleaned where it enters the broker; this guard holds even where that was forgotten. It sits on ``Strip.render``, which
every widget's text passes, and costs one ``str.isprintable`` a segment. There also, what a terminal does by itself is left out:
default colours are not spelled, and neighbours of one style share one sequence. That halves what a screen costs over SSH.
"""

from __future__ import annotations

import functools
from collections.abc import Callable

from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from arqueue.model.text import guard
from screens.letters import drawn_in_ascii, to_ascii

Render = Callable[[Strip, Console], str]
Show = Callable[[str], str]


@functools.lru_cache(maxsize=4096)
def spelled(style: Style) -> Style | None:
    """What of a style has to be said: no hyperlink, no blinking, no colour that is the terminal's own. None if nothing."""
    color = style.color if style.color is not None and not style.color.is_default else None
    background = style.bgcolor if style.bgcolor is not None and not style.bgcolor.is_default else None
    said = Style(
        color=color,
        bgcolor=background,
        bold=style.bold or None,
        dim=style.dim or None,
        italic=style.italic or None,
        underline=style.underline or None,
        reverse=style.reverse or None,
        strike=style.strike or None,
    )
    return said or None


@functools.lru_cache(maxsize=4096)
def seen_when_blank(style: Style) -> bool:
    """Whether a blank in this style is not simply blank."""
    return bool(style.bgcolor or style.reverse or style.underline or style.strike)


def guarding(*, ascii_only: bool = False, ascii_drawing: bool = False) -> Show:
    """What makes a text one that may be written: control and invisible characters become a visible mark.

    With ``ascii_only`` (a terminal that does not speak UTF-8) everything else becomes ASCII, cell for cell;
    with ``ascii_drawing`` only what we draw ourselves does: a screen reader names every line and arrow.
    """

    def shown(text: str) -> str:
        if text.isascii() and text.isprintable():
            return text
        safe = guard(text)
        if safe.isascii() or not (ascii_only or ascii_drawing):
            return safe
        return to_ascii(safe) if ascii_only else drawn_in_ascii(safe)

    return shown


def guarded(render: Render, shown: Show) -> Render:
    """A ``Strip.render`` that shows texts as they may be shown and drops hyperlinks."""

    @functools.wraps(render)
    def render_guarded(strip: Strip, console: Console) -> str:
        texts: list[str] = []
        styles: list[Style | None] = []
        for text, style, _control in strip:
            if not text:
                continue
            style = spelled(style) if style is not None else None
            if style is not None and text.isspace() and not seen_when_blank(style):
                style = None
            if styles and styles[-1] == style:
                texts[-1] += shown(text)
            else:
                texts.append(shown(text))
                styles.append(style)
        return render(Strip(map(Segment, texts, styles), strip.cell_length), console)

    return render_guarded


class _Guard:
    """What stands before the terminal in this process: nobody, until ``install``."""

    shown: Show = staticmethod(str)


def shown(text: str) -> str:
    """The text as it may be written, for what is written past ``Strip.render``."""
    return _Guard.shown(text)


def install(*, ascii_only: bool = False, ascii_drawing: bool = False) -> Callable[[], None]:
    """Put the guard in place for this process, before the app runs. Returns what takes it away again, for tests."""
    original, unguarded = Strip.render, _Guard.shown
    _Guard.shown = staticmethod(guarding(ascii_only=ascii_only, ascii_drawing=ascii_drawing))
    Strip.render = guarded(original, _Guard.shown)  # type: ignore[method-assign, assignment]

    def remove() -> None:
        Strip.render = original  # type: ignore[method-assign]
        _Guard.shown = staticmethod(unguarded)

    return remove
