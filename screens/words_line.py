"""A line for words that the rows of a form have to hold; what becomes of them is the form's."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Static

from screens import actions
from screens.acting import Acting
from screens.field import Field


class WordsField(Acting, Field):
    """Where the words are typed."""

    BINDINGS: ClassVar = [*Field.BINDINGS, *actions.bindings("words")]

    async def do_enter(self) -> None:
        """Filter by what was typed."""
        await self.screen.filter_by(self.value.strip())  # type: ignore[attr-defined]

    def do_back(self) -> None:
        """Leave the filter as it was."""
        self.screen.end_filter()  # type: ignore[attr-defined]


class WordsLine(Horizontal):
    """A slash and the field, only there while one types."""

    def compose(self) -> ComposeResult:
        """The line."""
        yield Static(Content(" / "), markup=False, id="slash")
        yield WordsField(name="filter", max_length=100)
