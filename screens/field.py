"""A line to type in: still cursor, and Enter belongs to the form around it."""

from __future__ import annotations

from typing import ClassVar

from textual.widgets import Input


class Field(Input, inherit_bindings=False):
    """Textual's Input without its own Enter, without blinking, with no text read as markup."""

    BINDINGS: ClassVar = [binding for binding in Input.BINDINGS if getattr(binding, "action", "") != "submit"]

    def __init__(
        self, value: str = "", *, name: str = "", max_length: int = 500, replaces: bool = False
    ) -> None:
        """``replaces``: the first key typed takes the place of what was proposed, as with any amount."""
        super().__init__(
            value,
            name=name,
            max_length=max_length,
            select_on_focus=replaces,
            compact=True,
            highlighter=None,
        )
        self.cursor_blink = False
