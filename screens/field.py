"""A line to type in: still cursor, and Enter belongs to the form around it."""

from __future__ import annotations

from typing import ClassVar

from textual.widgets import Input


class Field(Input, inherit_bindings=False):
    """Textual's Input without its own Enter, without blinking, with no text read as markup."""

    BINDINGS: ClassVar = [binding for binding in Input.BINDINGS if getattr(binding, "action", "") != "submit"]

    def __init__(self, value: str = "", *, name: str = "", max_length: int = 500) -> None:
        super().__init__(
            value,
            name=name,
            max_length=max_length,
            select_on_focus=False,
            compact=True,
            highlighter=None,
        )
        self.cursor_blink = False
