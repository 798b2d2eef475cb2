"""Adjust all that is marked: one reason, and of each item all that is open."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from arqueue.errors import ArqueueError, BrokerUnreachable, Invalid
from arqueue.model.money import Money
from data.broker.protocol import ItemRow, ReasonCodeRow, Shown
from screens import words
from screens.adjust.reasons import ReasonRows
from screens.desk import Desk
from screens.field import Field
from screens.form import Done, Form, labelled, text_of
from screens.subject import Subject

Skipped = list[tuple[Subject, str]]
ACCOUNT = "a whole account cannot be adjusted: mark its items one by one"


class AdjustManyForm(Form):
    """A reason and a note for all."""

    op: ClassVar = "adjust"
    verb: ClassVar = "Adjust"

    def __init__(
        self,
        items: Sequence[tuple[Subject, ItemRow]],
        skipped: Skipped,
        done: Done,
    ) -> None:
        super().__init__(items[0][0], done, [subject for subject, _ in items[1:]])
        self.items = [item for _, item in items]
        self.skipped = skipped
        self.reasons = ReasonRows(self.desk_reasons())
        self.note = Field(name="note", max_length=500)

    @property
    def heading(self) -> str:
        """How many, of how many marks."""
        marked = len(self.items) + len(self.skipped)
        return f"Adjust {words.plural(len(self.items), 'item')} of {words.plural(marked, 'marked row')}"

    def on_news(self) -> None:
        """The ledger may name its reasons only after the form was opened."""
        super().on_news()
        if (reasons := self.desk_reasons()) != self.reasons.reasons:
            self.reasons.show(reasons)

    def desk_reasons(self) -> list[ReasonCodeRow]:
        """The company's reason codes."""
        return list(self.desk.hello["reasons"]) if self.desk.hello else []

    def fields(self) -> ComposeResult:
        """Reasons, note."""
        yield Static(
            Content("All that is open of each is written off. Reason"), markup=False, classes="caption"
        )
        yield self.reasons
        yield labelled("Note", self.note, spaced=True)

    def order(self) -> list[Widget]:
        """Top to bottom."""
        return [self.reasons, self.note]

    def commands(self) -> list[dict[str, Any]]:
        """An order for each item. Raises Invalid while the ledger has named no reason."""
        reason = self.reasons.chosen()
        if reason is None:
            raise Invalid(
                "reason: the ledger has named none yet", self.keyed("what you typed stays; {app.sync} syncs")
            )
        note = text_of(self.note)
        return [
            {
                "op": "adjust",
                "item": item["id"],
                "amount": abs(Money.parse(item["open"], item["currency"])).text,
                "reason": reason["code"],
                "note": note,
            }
            for item in self.items
        ]

    def state(self) -> dict[str, Any]:
        """Reason, note."""
        return {"reason": self.reasons.chosen_code(), "note": self.note.value}

    def restore(self, state: dict[str, Any]) -> None:
        """Put them back."""
        self.note.value = state["note"]
        self.reasons.choose(state["reason"])


async def open_items(
    desk: Desk, subjects: Sequence[Subject]
) -> tuple[list[tuple[Subject, ItemRow]], Skipped]:
    """The item of each subject as it is now, and the subjects that have none, with the reason. Raises BrokerUnreachable."""
    found: list[tuple[Subject, ItemRow]] = []
    skipped: Skipped = []
    for subject in subjects:
        if subject.item_id is None:
            skipped.append((subject, ACCOUNT))
            continue
        try:
            shown: Shown = await desk.call("show", id=subject.item_id)
        except BrokerUnreachable:
            raise
        except ArqueueError as error:
            skipped.append((subject, words.problem(error)))
            continue
        item = shown["item"]
        if item is None or not words.is_something(item["open"]):
            skipped.append((subject, "nothing of it is open any more"))
        else:
            found.append((subject, item))
    return found, skipped
