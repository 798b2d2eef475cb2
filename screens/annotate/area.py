"""A text of several lines, where Enter belongs to the form and Ctrl+J starts a line."""

from __future__ import annotations

from typing import ClassVar

from textual.widgets import TextArea

from screens import actions
from screens.acting import Acting


class NoteArea(Acting, TextArea):
    """Plain text; nothing is highlighted, nothing blinks."""

    BINDINGS: ClassVar = actions.bindings("note")

    def __init__(self) -> None:
        super().__init__(
            show_line_numbers=False, soft_wrap=True, tab_behavior="focus", theme="css", compact=True
        )
        self.cursor_blink = False
        self.highlight_cursor_line = False

    def do_newline(self) -> None:
        """Start a line."""
        self.insert("\n")
