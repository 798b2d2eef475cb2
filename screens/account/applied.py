"""What is applied to an item or of it: one allocation is taken back, or moved to another invoice."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, ClassVar

from rich.segment import Segment
from textual import getters
from textual.app import ComposeResult
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from arqueue.errors import Invalid, NotFound
from data.broker.protocol import AllocationRow, Found, Shown
from screens import actions, words
from screens.actions import Action
from screens.form import Done, Form
from screens.rows import Rows
from screens.subject import Subject
from screens.words_line import WordsField, WordsLine

_LOOKED_AT = 50
"""The most items that a part of a number is looked for in."""


class AllocationRows(Rows):
    """One allocation a row: when, what of what, how much."""

    BINDINGS: ClassVar = actions.bindings("applied")

    def __init__(self) -> None:
        super().__init__()
        self.allocations: list[AllocationRow] = []

    def show(self, allocations: list[AllocationRow]) -> None:
        """Of another item."""
        self.allocations = allocations
        self.move_to(0)
        self.update_rows()
        self.screen.refresh_bindings()

    def allocation(self) -> AllocationRow | None:
        """The one under the cursor."""
        return self.allocations[self.cursor] if self.allocations else None

    def row_count(self) -> int:
        """All of the item."""
        return len(self.allocations)

    def paint(self, index: int, width: int) -> list[Segment]:
        """The ledger's date, both sides, the amount."""
        row = self.allocations[index]
        side = max(8, min(20, (width - 36) // 2))
        return [
            Segment(words.fit(words.day(row["on"]), 13), self.tone("dim")),
            Segment(words.fit(row["credit_number"], side), self.rich_style),
            Segment(" pays ", self.tone("dim")),
            Segment(words.fit(row["debit_number"] or "written off", side), self.rich_style),
            Segment(words.fit_right(words.money(row["amount"], row["currency"]), 17), self.tone("strong")),
        ]

    def empty(self) -> list[str]:
        """Nothing to take back."""
        return [
            "Nothing is applied here.",
            self.keyed("{applied.find} looks at another item by its number, also at one that is closed."),
        ]

    def do_unapply(self) -> None:
        """Take it back."""
        self.screen.review()  # type: ignore[attr-defined]

    def do_move(self) -> None:
        """Move it to another invoice."""
        self.screen.move()  # type: ignore[attr-defined]

    def do_find(self) -> None:
        """Another item."""
        self.screen.find()  # type: ignore[attr-defined]


class AppliedForm(Form):
    """The allocations of one item; Enter reviews taking back the one under the cursor."""

    name_in_registry = "applied"
    op: ClassVar = "unapply"
    outlives: ClassVar = False
    verb: ClassVar = "Applied to"
    rows = getters.query_one(AllocationRows)
    filter_line = getters.query_one(WordsLine)

    def __init__(self, subject: Subject, shown: Shown, done: Done, first: Collection[str] = ()) -> None:
        super().__init__(subject, done)
        self.shown = shown
        self._first = first
        """The allocations that are meant: they stand on top."""

    def name_of_subject(self) -> str:
        """The item that is looked at; the customer before one is named."""
        item = self.shown["item"]
        return item["number"] if item else self.subject.customer

    def head(self) -> Content:
        """The item, with what is open of it."""
        item = self.shown["item"]
        nobody = self.keyed("No item is named yet: {applied.find} looks for one by its number.")
        said = words.item_line(item) if item else nobody
        party = item["party"] if item else self.subject.customer
        return Content.assemble((self.heading, "bold"), (f"\n{party}\n", ""), (said, "dim"))

    def fields(self) -> ComposeResult:
        """The allocations."""
        yield AllocationRows()
        yield WordsLine()

    def on_mount(self) -> None:
        """Show what is known."""
        applied = self.shown["applied"]
        self.rows.show(sorted(applied, key=lambda row: row["id"] not in self._first))

    def registry_place(self) -> str:
        """The list, or the line in which one searches."""
        return "words" if isinstance(self.focused, WordsField) else "applied"

    def order(self) -> list[Widget]:
        """The list."""
        return [self.rows]

    def in_footer(self, action: Action) -> bool:
        """Where nothing is applied, nothing can be taken back or moved."""
        if action.id in {"form.enter", "applied.move"}:
            return bool(self.rows.allocations)
        return super().in_footer(action)

    @property
    def end(self) -> str:
        """Enter does here what ``u`` does."""
        return "Take back"

    # Keys

    def move(self) -> None:
        """Choose the invoice that it goes to."""
        allocation, account = self.rows.allocation(), self.shown["account"]
        if allocation is None or account is None:
            self.say("There is no allocation to move.")
            return
        from screens.move.form import MoveForm

        self.app.begin(self.app.open_place, MoveForm(self.subject, allocation, account["items"], self._moved))

    def _moved(self, proposed: list[Any]) -> None:
        self.finished(proposed)

    def find(self) -> None:
        """Type the number of another item."""
        self.filter_line.display = True
        field = self.filter_line.query_one(WordsField)
        field.value = ""
        self.focus_now(field)

    async def filter_by(self, search: str) -> None:
        """Look at the item of this number."""
        self.end_filter()
        if search:
            self.app.begin(self._look, search)

    async def _look(self, number: str) -> None:
        try:
            shown: Shown = await self.desk.call("show", id=number)
        except NotFound:
            shown = await self.desk.call("show", id=await self._meant(number))
        if shown["item"] is None:
            raise Invalid(f"{number} is no item", "type the number of an invoice, a credit note or a payment")
        self.shown = shown
        self.query_one("#head", Static).update(self.head())
        self.rows.show(shown["applied"])

    async def _meant(self, part: str) -> str:
        """The only item that has this in its number. Raises Invalid where none or several have."""
        found: Found = await self.desk.call("find", text=part, limit=_LOOKED_AT)
        numbers = {
            row["number"]: row["id"] for row in found["items"] if part.lower() in row["number"].lower()
        }
        if len(numbers) == 1:
            return next(iter(numbers.values()))
        if not numbers:
            raise Invalid(f"no item has {part} in its number", "type the number as it is on the document")
        some = " and ".join(list(numbers)[:2])
        raise Invalid(f"{some} both have {part}", "type more of it")

    def end_filter(self) -> None:
        """Put the line away."""
        self.filter_line.display = False
        self.focus_now(self.rows)

    # The order

    def command(self) -> dict[str, Any]:
        """Take back the allocation under the cursor. Raises Invalid when there is none."""
        allocation = self.rows.allocation()
        if allocation is None:
            raise Invalid("nothing is applied here", self.keyed("{applied.find} looks at another item"))
        return {"op": "unapply", "allocation": allocation["id"]}

    def state(self) -> dict[str, Any]:
        """Nothing is typed here."""
        return {}

    def restore(self, state: dict[str, Any]) -> None:
        """Nothing to put back."""
