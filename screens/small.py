"""What is shown on a terminal that is too small for anything else: a sentence, while everything waits behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

from screens.acting import Acting

if TYPE_CHECKING:
    from textual.app import App

LEAST = Size(60, 15)
"""The least columns and rows in which every place can be read."""


def too_small(app: App[Any]) -> bool:
    """Whether nothing but the sentence is shown: then no key but the way out does anything."""
    return app.size.width < LEAST.width or app.size.height < LEAST.height


class TooSmall(Acting, Widget):
    """The sentence. It wraps as the terminal does."""

    def render(self) -> Content:
        """How small it is, and how large it has to be."""
        is_, least = self.app.size, LEAST
        return Content(
            f"This terminal is {is_.width}x{is_.height}; arqueue needs {least.width}x{least.height}. "
            "Make it larger: everything is as you left it. " + self.keyed("{app.quit} leaves.")
        )
