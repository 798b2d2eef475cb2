"""Escalate: hand over to a supervisor or to somebody by name, and say why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from arqueue.errors import Invalid
from screens.escalate.targets import TargetRows
from screens.field import Field
from screens.form import Done, Form, labelled, text_of
from screens.subject import Subject


class EscalateForm(Form):
    """To whom, and why."""

    op: ClassVar = "escalate"
    verb: ClassVar = "Escalate"

    def __init__(self, subject: Subject, done: Done, more: Sequence[Subject] = ()) -> None:
        super().__init__(subject, done, more)
        hello = self.desk.hello
        self.targets = TargetRows(hello["people"] if hello else [], hello["person"]["id"] if hello else "")
        self.why = Field(name="why", max_length=500)

    def name_of_subject(self) -> str:
        """The document's number where there is one, else the customer."""
        subject = self.subject
        if subject.item is not None:
            return subject.item["number"]
        if subject.item_id and subject.work is not None:
            return subject.work["subject"]
        return subject.customer

    def fields(self) -> ComposeResult:
        """The list and the reason."""
        yield Static(Content("To"), markup=False, classes="caption")
        yield self.targets
        yield labelled("Why", self.why, spaced=True)

    def order(self) -> list[Widget]:
        """Top to bottom."""
        return [self.targets, self.why]

    def commands(self) -> list[dict[str, Any]]:
        """The same handing over for every subject. Raises Invalid when no reason is given."""
        why = text_of(self.why)
        if not why:
            self.focus_now(self.why)
            raise Invalid("why: whoever gets it has to know", "a few words are enough")
        return [
            {
                "op": "escalate",
                "target": subject.target,
                "work": subject.work_id,
                "to": self.targets.chosen(),
                "why": why,
            }
            for subject in self.subjects
        ]

    def state(self) -> dict[str, Any]:
        """Target and reason."""
        return {"to": self.targets.chosen(), "why": self.why.value}

    def restore(self, state: dict[str, Any]) -> None:
        """Put them back."""
        self.targets.choose(state["to"])
        self.why.value = state["why"]
