"""How the app looks: the tokens of every theme, in one file. State is in words; colour and weight only repeat it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter
from textual.theme import Theme

if TYPE_CHECKING:
    from textual.app import App

DEFAULT = "ansi"
"""The reader's own colours, half the bytes of any other look, right in light terminals too, and over SSH."""
_HERE = Path(__file__).parent
STYLES: list[str | PurePath] = [_HERE / "theme.tcss", *sorted(_HERE.glob("*/*.tcss"))]
"""The tokens first, then what lies beside each place."""


def _theme(name: str, colours: str, *, dark: bool = True, ansi: bool = False) -> Theme:
    background, foreground, accent, success, warning, error = colours.split()
    return Theme(
        name=name,
        primary=accent,
        secondary=accent,
        accent=accent,
        success=success,
        warning=warning,
        error=error,
        foreground=foreground,
        background=background,
        surface=background,
        panel=background,
        boost=background,
        dark=dark,
        ansi=ansi,
        text_alpha=1.0,
        variables={
            "ansi-background": "ansi_black",
            "ansi-foreground": "ansi_white",
            "border-blurred": foreground,
            "block-cursor-foreground": background,
            "block-cursor-background": accent,
            "input-cursor-background": foreground,
            "input-cursor-foreground": background,
            "input-selection-background": accent,
            "input-selection-foreground": background,
        },
    )


_OWN = "ansi_default"
THEMES: Mapping[str, Theme] = {
    theme.name: theme
    for theme in (
        # background, foreground, accent, success, warning, error
        _theme("ansi", f"{_OWN} {_OWN} ansi_green ansi_green ansi_yellow ansi_red", ansi=True),
        _theme("dark", "#14181d #d8dee6 #7cc4ff #8ed48e #f0c45c #ff8b86"),
        _theme("light", "#fbfbf8 #22272e #0a5a9c #1d6b2a #7d5200 #b3201c", dark=False),
        _theme("contrast", "#000000 #ffffff #ffe14d #7dff7d #ffd24d #ff9d9d"),
        _theme("mono", " ".join([_OWN] * 6), ansi=True),
    )
}
"""By name, in the order in which the settings go through them."""
WORDS = {
    "ansi": "the terminal's own colours",
    "dark": "light on dark",
    "light": "dark on light",
    "contrast": "the highest contrast, nothing dimmed",
    "mono": "no colour at all",
}


class Undimmed(LineFilter):
    """Dimmed text is ordinary text."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The same segments, none of them dim."""
        bright = Style(dim=False)
        return [
            Segment(text, style + bright if style is not None and style.dim else style, control)
            for text, style, control in segments
        ]


def dress(app: App[Any], look: str) -> None:
    """Put a look on. An unknown name falls back to the default rather than keep anybody from work."""
    look = look if look in THEMES else DEFAULT
    for theme in THEMES.values():
        app.register_theme(theme)
    filters = app._filters
    if not any(isinstance(each, Undimmed) for each in filters):
        filters.insert(0, Undimmed())  # before dimmed text becomes a colour of its own
    app.ansi_color = is_ansi(look) or None
    app.theme = look
    for each in filters:
        if isinstance(each, Undimmed):
            each.enabled = look == "contrast"


def is_ansi(look: str) -> bool:
    """Whether a look uses the terminal's palette."""
    return look not in THEMES or THEMES[look].ansi


def following(look: str) -> str:
    """The next theme, round and round."""
    names = list(THEMES)
    return names[(names.index(look) + 1) % len(names)] if look in names else names[0]
