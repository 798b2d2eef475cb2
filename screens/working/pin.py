"""On top until tomorrow, and why."""

from __future__ import annotations

from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from arqueue.errors import Invalid
from screens.field import Field
from screens.form import labelled, text_of
from screens.subject import Subject
from screens.working.form import Said, WorkingForm


class PinForm(WorkingForm):
    """One reason."""

    op: ClassVar = "pin"
    method: ClassVar = "pin"
    verb: ClassVar = "Pin"

    def __init__(self, subject: Subject, said: Said) -> None:
        super().__init__(subject, said)
        self.reason = Field(name="reason", max_length=300)

    @property
    def pinned(self) -> bool:
        """What is on top can be let go."""
        work = self.subject.work
        return work is not None and bool(work.get("pinned_until"))

    def fields(self) -> ComposeResult:
        """The reason."""
        yield labelled("Why", self.reason)
        said = "It is on top for everybody until the next working day; the audit keeps the reason."
        if self.pinned:
            said += "\nEnter without a reason lets it go."
        yield Static(Content(said), markup=False, classes="note")

    def order(self) -> list[Widget]:
        """Only the reason."""
        return [self.reason]

    def wish(self) -> dict[str, Any]:
        """Raises Invalid without a reason, unless it is to be let go."""
        if not text_of(self.reason) and not self.pinned:
            raise Invalid("why: a pinned row says why it is on top", "a few words are enough")
        return {"reason": text_of(self.reason)}

    def common(self) -> list[tuple[str, str]]:
        """The reason."""
        return [("Why", text_of(self.reason))]

    def state(self) -> dict[str, Any]:
        """The reason."""
        return {"reason": self.reason.value}

    def restore(self, state: dict[str, Any]) -> None:
        """Put it back."""
        self.reason.value = state["reason"]
