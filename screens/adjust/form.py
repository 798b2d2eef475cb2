"""Adjust: write a difference off an open item, for a reason that names the account."""

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
from screens.adjust.reasons import ReasonRows
from screens.field import Field
from screens.form import Done, Form, labelled, text_of
from screens.subject import Subject


class AdjustForm(Form):
    """Amount, reason, note."""

    op: ClassVar = "adjust"
    verb: ClassVar = "Adjust"

    def __init__(self, subject: Subject, item: ItemRow, done: Done) -> None:
        super().__init__(subject, done)
        self.item = item
        self._open = abs(Money.parse(item["open"], item["currency"]))
        hello = self.desk_hello()
        self.amount = Field(self._open.text, name="amount", max_length=24, replaces=True)
        self.amount.add_class("amount")
        self.reasons = ReasonRows(hello)
        self.note = Field(name="note", max_length=500)

    def desk_hello(self) -> list[Any]:
        """The company's reason codes."""
        return list(self.desk.hello["reasons"]) if self.desk.hello else []

    def on_news(self) -> None:
        """The ledger may have named its reasons since the form was opened."""
        super().on_news()
        if (reasons := self.desk_hello()) != self.reasons.reasons:
            self.reasons.show(reasons)

    def name_of_subject(self) -> str:
        """The document's number."""
        return self.item["number"]

    def head(self) -> Content:
        """The item, and what of it is open."""
        item = self.item
        total = words.money(item["total"], item["currency"])
        late = words.late(item["days_past_due"])
        facts = [
            item["kind"],
            f"{total} in total",
            f"{words.money(item['open'], item['currency'])} open",
            late,
        ]
        if item["open"] != item["residual"]:
            facts.append(f"{words.money(item['residual'])} in the ledger, the rest is queued")
        return Content.assemble(
            (f"Adjust {item['number']}", "bold"),
            (f"\n{self.subject.customer}\n", ""),
            (" · ".join(fact for fact in facts if fact), "dim"),
        )

    def fields(self) -> ComposeResult:
        """Amount, reasons, note."""
        open_words = f"{self.item['currency']} of {words.money(self._open.text)} open"
        yield labelled("Amount", self.amount, Static(Content(open_words), markup=False, classes="after"))
        yield Static(Content("Reason"), markup=False, classes="caption spaced")
        yield self.reasons
        yield labelled("Note", self.note, spaced=True)

    def order(self) -> list[Widget]:
        """Top to bottom."""
        return [self.amount, self.reasons, self.note]

    def first_focus(self) -> Widget:
        """The amount is right most of the time; the reason never is."""
        return self.reasons

    def command(self) -> dict[str, Any]:
        """The order. Raises Invalid for an amount that is none, nothing, or more than is open."""
        amount = Money.parse(text_of(self.amount), self.item["currency"])
        if amount.minor <= 0:
            raise Invalid(
                "amount: it has to be more than nothing", "the side of the account is clear from the item"
            )
        if amount > self._open:
            raise Invalid(
                f"amount: {words.money(amount.text)} is more than the {words.money(self._open.text)} open",
                "adjust what is open, or less",
            )
        reason = self.reasons.chosen()
        if reason is None:
            raise Invalid(
                "reason: the ledger has named none yet", self.keyed("what you typed stays; {app.sync} syncs")
            )
        note = text_of(self.note)
        return {
            "op": "adjust",
            "item": self.item["id"],
            "amount": amount.text,
            "reason": reason["code"],
            "note": note,
        }

    def state(self) -> dict[str, Any]:
        """Amount, reason, note."""
        return {"amount": self.amount.value, "reason": self.reasons.chosen_code(), "note": self.note.value}

    def restore(self, state: dict[str, Any]) -> None:
        """Put them back."""
        self.amount.value, self.note.value = state["amount"], state["note"]
        self.reasons.choose(state["reason"])
