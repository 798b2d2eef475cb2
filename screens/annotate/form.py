"""Annotate: a remark on the item or the customer, where the ledger can hold one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from arqueue.errors import Invalid
from screens.annotate.area import NoteArea
from screens.form import Done, Form
from screens.subject import Subject


class AnnotateForm(Form):
    """One text."""

    op: ClassVar = "annotate"
    verb: ClassVar = "Note on"

    def __init__(self, subject: Subject, done: Done, more: Sequence[Subject] = ()) -> None:
        super().__init__(subject, done, more)
        self.text = NoteArea()

    def name_of_subject(self) -> str:
        """The document's number where there is one, else the customer."""
        subject = self.subject
        if subject.item is not None:
            return subject.item["number"]
        if subject.item_id and subject.work is not None:
            return subject.work["subject"]
        return subject.customer

    def fields(self) -> ComposeResult:
        """The text."""
        keys = self.keyed("{form.enter} reviews, {note.newline} starts a new line.")
        yield Static(Content(keys), markup=False, classes="caption")
        yield self.text

    def order(self) -> list[Widget]:
        """Only the text."""
        return [self.text]

    def commands(self) -> list[dict[str, Any]]:
        """The same note for every subject. Raises Invalid when nothing was written."""
        text = self.text.text.strip()
        if not text:
            raise Invalid("note: nothing is written", "type the note first")
        return [{"op": "annotate", "target": subject.target, "text": text} for subject in self.subjects]

    def state(self) -> dict[str, Any]:
        """The text."""
        return {"text": self.text.text}

    def restore(self, state: dict[str, Any]) -> None:
        """Put it back."""
        self.text.load_text(state["text"])
        self.text.move_cursor(self.text.document.end)
