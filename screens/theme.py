"""How the app looks: the terminal's own palette unless another look is asked for, and one file of tokens."""

from __future__ import annotations

from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from textual.app import App

DEFAULT = "ansi-dark"
"""The reader's own colours, half the bytes of any other look, and right in light terminals too."""
_HERE = Path(__file__).parent
STYLES: list[str | PurePath] = [_HERE / "theme.tcss", *sorted(_HERE.glob("*/*.tcss"))]
"""The tokens first, then what lies beside each place."""


def dress(app: App[Any], look: str) -> None:
    """Put a look on. An unknown name falls back to the default rather than keep anybody from work."""
    app.theme = look if look in app.available_themes else DEFAULT


def is_ansi(look: str) -> bool:
    """Whether a look uses the terminal's palette."""
    return look.startswith("ansi")
