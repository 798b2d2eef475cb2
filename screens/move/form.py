"""Move: an allocation is taken back and the same, or so much of it, applied to another invoice, in one order."""

from __future__ import annotations

from typing import Any, ClassVar

from textual import getters, on
from textual.app import ComposeResult
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from arqueue.errors import Invalid
from arqueue.model.money import Money
from data.broker.protocol import AllocationRow, ItemRow
from screens import words
from screens.field import Field
from screens.form import Done, Form, labelled, text_of
from screens.move.rows import DebitRows
from screens.rows import Rows
from screens.subject import Subject
from screens.words_line import WordsField, WordsLine


class MoveForm(Form):
    """The invoice under the cursor, and as much as it can take unless another amount is typed."""

    name_in_registry = "move"
    op: ClassVar = "move"
    outlives: ClassVar = False
    verb: ClassVar = "Move"
    rows = getters.query_one(DebitRows)
    filter_line = getters.query_one(WordsLine)

    def __init__(self, subject: Subject, allocation: AllocationRow, items: list[ItemRow], done: Done) -> None:
        super().__init__(subject, done)
        self.allocation = allocation
        self._whole = Money.parse(allocation["amount"], allocation["currency"])
        self._debits = [
            row
            for row in items
            if row["currency"] == allocation["currency"]
            and row["id"] != allocation["debit_item"]
            and not row["open"].startswith("-")
        ]
        self._proposed = ""
        self.amount = Field(name="amount", max_length=24, replaces=True)
        self.amount.add_class("amount")

    def name_of_subject(self) -> str:
        """What is moved."""
        return f"{words.money(self._whole.text, self._whole.currency)} of {self.allocation['credit_number']}"

    def head(self) -> Content:
        """From where, and whose it is."""
        where = f"from {self.allocation['debit_number']} to the invoice under the cursor"
        return Content.assemble((self.heading, "bold"), (f"\n{self.subject.customer}\n", ""), (where, "dim"))

    def fields(self) -> ComposeResult:
        """The invoices, the amount."""
        yield DebitRows(self._debits)
        yield WordsLine()
        of = f"{self._whole.currency} of {words.money(self._whole.text)} applied"
        yield labelled("Amount", self.amount, Static(Content(of), markup=False, classes="after"))

    def on_mount(self) -> None:
        """Propose an amount before anything is typed."""
        self.propose()

    @on(Rows.Moved)
    def propose(self) -> None:
        """As much as the invoice under the cursor can take, as long as nobody typed another amount."""
        debit = self.rows.debit()
        if debit is not None and self.amount.value == self._proposed:
            self._proposed = self._most(debit).text
            self.amount.value = self._proposed

    def _most(self, debit: ItemRow) -> Money:
        return min(self._whole, Money.parse(debit["open"], debit["currency"]))

    def registry_place(self) -> str:
        """The form, or the line in which one filters."""
        return "words" if isinstance(self.focused, WordsField) else "move"

    def order(self) -> list[Widget]:
        """Top to bottom."""
        return [self.rows, self.amount]

    @property
    def goes_on(self) -> bool:
        """The amount is right most of the time: Enter reviews from either field."""
        return False

    def find(self) -> None:
        """Type words to filter the invoices by."""
        self.filter_line.display = True
        field = self.filter_line.query_one(WordsField)
        field.value = self.rows.words
        field.action_end()
        self.focus_now(field)

    async def filter_by(self, search: str) -> None:
        """Show only these."""
        self.rows.narrow(search)
        self.propose()
        self.end_filter()

    def end_filter(self) -> None:
        """Put the line away."""
        self.filter_line.display = False
        self.focus_now(self.rows)

    def command(self) -> dict[str, Any]:
        """The order. Raises Invalid without an invoice, or for more than is applied or open there."""
        debit = self.rows.debit()
        if debit is None:
            raise Invalid("no invoice is chosen", self.keyed("{move.find} filters, {form.back} goes back"))
        amount = Money.parse(text_of(self.amount), self._whole.currency)
        most = self._most(debit)
        if not 0 < amount.minor <= most.minor:
            raise Invalid(
                f"amount: at most {words.money(most.text)} of it can go to {debit['number']}",
                self.keyed("{form.next} leads to the amount"),
            )
        order = {"op": "move", "allocation": self.allocation["id"], "to": debit["id"]}
        return order if amount == self._whole else order | {"amount": amount.text}

    def state(self) -> dict[str, Any]:
        """The amount and the invoice."""
        debit = self.rows.debit()
        return {"amount": self.amount.value, "to": debit["id"] if debit else ""}

    def restore(self, state: dict[str, Any]) -> None:
        """Put them back."""
        self.amount.value = self._proposed = state["amount"]
        places = {row["id"]: place for place, row in enumerate(self.rows.debits)}
        self.rows.move_to(places.get(state["to"], 0))
