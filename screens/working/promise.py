"""What a customer promised to pay: by which day, how much, and in which words."""

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
from screens.working.day import EXAMPLES, DayForm
from screens.working.form import Said


class PromiseForm(DayForm):
    """A day, an amount and why; about the account of a row. What is overdue of it is proposed as the amount."""

    op: ClassVar = "promise"
    method: ClassVar = "promise"
    verb: ClassVar = "Record"
    field: ClassVar = "on"
    label: ClassVar = "By"
    caption: ClassVar = "The account ranks below until that day is over. When the promise is broken it rises again, and says so."

    def __init__(self, subject: Subject, said: Said) -> None:
        super().__init__(subject, said)
        work = subject.work
        self.overdue = work["amount"] if work is not None and work["kind"] == "overdue" else ""
        self.currency = work["currency"] if work is not None and work["kind"] == "overdue" else ""
        self.amount = Field(self.overdue, name="amount", max_length=30, replaces=True)
        self.amount.add_class("amount")

    @property
    def heading(self) -> str:
        """About an account, whatever row of it is under the cursor."""
        return "Record a promise to pay"

    @property
    def promised(self) -> str:
        """What stands already, which can be withdrawn."""
        work = self.subject.work
        return (work.get("promised") or "") if work is not None else ""

    def fields(self) -> ComposeResult:
        """Day, amount, why; and what stands already."""
        yield labelled(self.label, self.day)
        yield labelled("", self.meant)
        unit = Static(Content(f" {self.currency}"), markup=False, classes="after")
        yield labelled("Amount", self.amount, unit, spaced=True)
        yield labelled("Why", self.why)
        if not self.overdue:
            yield Static(
                Content("Without an amount it is all that is overdue."), markup=False, classes="note"
            )
        yield Static(Content(self.caption), markup=False, classes="note")
        if self.promised:
            how = self.keyed("{form.enter} without a day withdraws it, another day replaces it.")
            yield Static(Content(f"Promised: {self.promised}. {how}"), markup=False, classes="note")

    def order(self) -> list[Widget]:
        """Top to bottom."""
        return [self.day, self.amount, self.why]

    def wish(self) -> dict[str, Any]:
        """Raises Invalid without a day, unless there is something to withdraw."""
        if text_of(self.day):
            return {**super().wish(), "amount": text_of(self.amount)}
        if not self.promised:
            self.focus_now(self.day)
            raise Invalid("on: no day is written", f"write {EXAMPLES.replace(' · ', ', ')}")
        return super().wish()

    def state(self) -> dict[str, Any]:
        """All three fields."""
        return {**super().state(), "amount": self.amount.value}

    def restore(self, state: dict[str, Any]) -> None:
        """Put them back."""
        super().restore(state)
        self.amount.value = state["amount"]
