"""The line in which the amount of one item is typed."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Static

from screens import actions
from screens.acting import Acting
from screens.apply.line import Line
from screens.apply.rests import amount_words
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

    def show(self, line: Line, proposed: str, *, begun: bool) -> AmountField:
        """Begin with a proposal that the first key replaces, or go on with the figure that was typed."""
        label = f"  Amount of {line.number} ({amount_words(line.signed)} {line.open.currency} open)  "
        self.query_one("#for", Static).update(Content.styled(label, "bold"))
        field = self.query_one(AmountField)
        field.select_on_focus = not begun
        field.value = proposed
        field.action_end()
        self.display = True
        return field
