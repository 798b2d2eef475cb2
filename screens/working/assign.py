"""Whose customer it is from now on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from screens.field import Field
from screens.form import labelled, text_of
from screens.subject import Subject
from screens.working.colleagues import Colleagues
from screens.working.form import Said, WorkingForm


class AssignForm(WorkingForm):
    """To whom, and why."""

    op: ClassVar = "assign"
    method: ClassVar = "assign"
    verb: ClassVar = "Assign"

    def __init__(self, subject: Subject, said: Said, more: Sequence[Subject] = ()) -> None:
        super().__init__(subject, said, more)
        hello = self.desk.hello
        self.people = Colleagues(hello["people"] if hello else [], self.desk.me)
        self.why = Field(name="why", max_length=300)

    def fields(self) -> ComposeResult:
        """The list and the reason."""
        yield Static(Content("The customer, with all its rows, goes to"), markup=False, classes="caption")
        yield self.people
        yield labelled("Why", self.why, spaced=True)

    def order(self) -> list[Widget]:
        """Top to bottom."""
        return [self.people, self.why]

    def wish(self) -> dict[str, Any]:
        """To whom."""
        return {"to": self.people.chosen() or None, "why": text_of(self.why)}

    def common(self) -> list[tuple[str, str]]:
        """Name and reason."""
        return [("To", self.people.chosen_name()), ("Why", text_of(self.why))]

    def state(self) -> dict[str, Any]:
        """Person and reason."""
        return {"to": self.people.chosen(), "why": self.why.value}

    def restore(self, state: dict[str, Any]) -> None:
        """Put them back."""
        self.people.choose(state["to"])
        self.why.value = state["why"]
