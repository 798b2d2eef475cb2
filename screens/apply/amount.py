"""The line in which the amount of one item is typed."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Static

from screens import actions
from screens.acting import Acting
from screens.apply.lines import Line
from screens.field import Field


class AmountField(Acting, Field):
    """Where the amount is typed; Enter takes it, Esc does not."""

    BINDINGS: ClassVar = [*Field.BINDINGS, *actions.bindings("amount")]

    def do_enter(self) -> None:
        """Take the amount."""
        self.screen.take_amount(self.value.strip())  # type: ignore[attr-defined]

    def do_back(self) -> None:
        """Leave the amount as it was."""
        self.screen.end_edit()  # type: ignore[attr-defined]


class AmountLine(Horizontal):
    """What the amount is for, and the field; only there while one types."""

    def compose(self) -> ComposeResult:
        """Label and field."""
        yield Static(id="for", markup=False)
        yield AmountField(name="amount", max_length=24, replaces=True)

    def show(self, line: Line) -> AmountField:
        """Begin with the amount of a line, or all that is open of it."""
        label = f"  Amount for {line.number} ({line.open.text} {line.open.currency} open)  "
        self.query_one("#for", Static).update(Content.styled(label, "bold"))
        field = self.query_one(AmountField)
        field.value = (line.amount or line.open).text
        self.display = True
        return field
