"""Dispute an invoice for a reason, and answer a dispute: was the customer right?"""

from __future__ import annotations

from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from arqueue.errors import Invalid
from arqueue.model.money import Money
from data.broker.protocol import ItemRow
from screens import words
from screens.account.choices import ChoiceRows
from screens.field import Field
from screens.form import Done, Form, labelled, text_of
from screens.subject import Subject

OUTCOMES = (
    ("valid", "the customer is right: credit it or write it off next"),
    ("invalid", "it is owed: it is chased again"),
)


class DisputeForm(Form):
    """Amount, reason from the company's list (in words where it has none), note."""

    op: ClassVar = "dispute"
    verb: ClassVar = "Dispute"

    def __init__(self, subject: Subject, item: ItemRow, reasons: list[str], done: Done) -> None:
        super().__init__(subject, done)
        self.item = item
        self._open = Money.parse(item["open"], item["currency"])
        self.amount = Field(self._open.text, name="amount", max_length=24, replaces=True)
        self.amount.add_class("amount")
        self.reasons = ChoiceRows([(reason, "") for reason in reasons]) if reasons else None
        self.reason = Field(name="reason", max_length=60)
        self.note = Field(name="note", max_length=500)

    def fields(self) -> ComposeResult:
        """Amount, reason, note."""
        open_words = f"{self.item['currency']} of {words.money(self._open.text)} open"
        yield labelled("Amount", self.amount, Static(Content(open_words), markup=False, classes="after"))
        if self.reasons is not None:
            yield Static(Content("Reason"), markup=False, classes="caption spaced")
            yield self.reasons
        else:
            yield labelled("Reason", self.reason, spaced=True)
        yield labelled("Note", self.note, spaced=True)

    def order(self) -> list[Widget]:
        """Top to bottom."""
        return [self.amount, self.reasons or self.reason, self.note]

    def first_focus(self) -> Widget:
        """The amount is right most of the time; the reason never is."""
        return self.order()[1]

    def command(self) -> dict[str, Any]:
        """The order. Raises Invalid for an amount that is none or more than is open, and without a reason."""
        amount = Money.parse(text_of(self.amount), self.item["currency"])
        if not 0 < amount.minor <= self._open.minor:
            raise Invalid(
                f"amount: {words.money(amount.text)} is not within the {words.money(self._open.text)} open",
                "dispute what is open, or less",
            )
        reason = self.reasons.chosen if self.reasons is not None else text_of(self.reason)
        if not reason:
            raise Invalid("reason: whoever answers it has to know", "a word or two")
        return {
            "op": "dispute",
            "item": self.item["id"],
            "amount": amount.text,
            "reason": reason,
            "note": text_of(self.note),
        }

    def state(self) -> dict[str, Any]:
        """Amount, reason, note."""
        place = self.reasons.cursor if self.reasons is not None else 0
        return {
            "amount": self.amount.value,
            "place": place,
            "reason": self.reason.value,
            "note": self.note.value,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Put them back."""
        self.amount.value, self.note.value = state["amount"], state["note"]
        self.reason.value = state["reason"]
        if self.reasons is not None:
            self.reasons.move_to(state["place"])


class ResolveForm(Form):
    """Right or wrong, and a note."""

    op: ClassVar = "resolve"
    verb: ClassVar = "Answer the dispute on"

    def __init__(self, subject: Subject, item: ItemRow, done: Done) -> None:
        super().__init__(subject, done)
        self.item = item
        self.outcomes = ChoiceRows(OUTCOMES)
        self.note = Field(name="note", max_length=500)

    def fields(self) -> ComposeResult:
        """What is disputed, the outcome, a note."""
        yield labelled("Disputed", Static(Content(self.item["dispute"]), markup=False, classes="after"))
        yield Static(Content("The customer's reason is"), markup=False, classes="caption spaced")
        yield self.outcomes
        yield labelled("Note", self.note, spaced=True)

    def order(self) -> list[Widget]:
        """Top to bottom."""
        return [self.outcomes, self.note]

    def command(self) -> dict[str, Any]:
        """The order."""
        return {
            "op": "resolve",
            "item": self.item["id"],
            "outcome": self.outcomes.chosen,
            "note": text_of(self.note),
        }

    def state(self) -> dict[str, Any]:
        """Outcome and note."""
        return {"outcome": self.outcomes.cursor, "note": self.note.value}

    def restore(self, state: dict[str, Any]) -> None:
        """Put them back."""
        self.outcomes.move_to(state["outcome"])
        self.note.value = state["note"]
