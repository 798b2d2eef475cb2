"""Apply: a payment or credit on top, ways to apply it by number, and the lines with their amounts."""

from __future__ import annotations

from typing import Any, ClassVar

from textual import getters
from textual.app import ComposeResult
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from arqueue.errors import ArqueueError, Invalid
from arqueue.model.money import Money
from data.broker.protocol import Suggestions
from screens import words
from screens.apply.amount import AmountField, AmountLine
from screens.apply.lines import LineRows, lines_of
from screens.apply.suggested import suggested
from screens.form import Done, Form
from screens.subject import Subject


class ApplyForm(Form, inherit_bindings=False):
    """The lines have the keys; the suggestions are chosen by number."""

    BINDINGS: ClassVar = []
    name_in_registry = "apply"
    op: ClassVar = "apply"
    verb: ClassVar = "Apply"
    lines = getters.query_one(LineRows)
    amount_line = getters.query_one(AmountLine)

    def __init__(self, subject: Subject, found: Suggestions, done: Done) -> None:
        super().__init__(subject, done)
        self.found = found
        payment = found["payment"]
        self._available = abs(Money.parse(payment["open"], payment["currency"]))
        self._rows = LineRows(lines_of(found), self._available)
        self._chosen = 0

    def name_of_subject(self) -> str:
        """The payment's number."""
        return self.found["payment"]["number"]

    def head(self) -> Content:
        """The payment: what is left of it, and what its text says."""
        payment = self.found["payment"]
        facts = [
            f"{words.money(self._available.text, payment['currency'])} to apply",
            f"of {words.money(words.unsigned(payment['total']))}"
            if payment["total"] != payment["open"]
            else "",
            payment["method"],
            words.day(payment["doc_date"]),
        ]
        pieces: list[tuple[str, str]] = [
            (f"Apply {payment['kind']} {payment['number']}", "bold"),
            (f"\n{self.subject.customer}\n", ""),
            (" · ".join(fact for fact in facts if fact), ""),
        ]
        text = payment["text"].replace("\n", " ")
        if text:
            pieces.append((f'\n"{words.fit(text, 200).rstrip()}"', "dim"))
        return Content.assemble(*pieces)

    def fields(self) -> ComposeResult:
        """Suggestions, lines, the sum."""
        yield Static(id="suggested", markup=False)
        yield Static(Content(self._caption()), markup=False, classes="caption")
        yield self._rows
        yield AmountLine()
        yield Static(id="sum", markup=False)

    def _caption(self) -> str:
        head = f"{'item':<{self._rows.number_width + 1}}{'due':<23}{'open':>13}{'applied':>13}"
        held, total = len(self.found["debits"]), self.found["debits_total"]
        return head + (f"   {words.count(held)} of {words.count(total)}" if held < total else "")

    def on_mount(self) -> None:
        """Begin with nothing applied: a suggestion is chosen, never presumed."""
        self._tell()

    def on_resize(self) -> None:
        """Another width holds other words."""
        self._tell()

    def registry_place(self) -> str:
        """The lines, or the amount while it is typed."""
        return "amount" if isinstance(self.focused, AmountField) else "apply"

    def order(self) -> list[Widget]:
        """The lines are the only field that Tab could reach."""
        return [self._rows]

    def _tell(self) -> None:
        width = max(20, self.size.width - 4)
        self.query_one("#suggested", Static).update(suggested(self.found["suggestions"], self._chosen, width))
        self.query_one("#sum", Static).update(self._sum())

    def _sum(self) -> Content:
        currency = self._available.currency
        applied, left = self._rows.applied, self._rows.left
        said = f"   Applied {words.money(applied.text)} of {words.money(self._available.text, currency)}"
        if left.minor < 0:
            over = words.money(words.unsigned(left.text))
            return Content.assemble((said, "bold"), (f"  {over} MORE THAN THE PAYMENT HAS", "bold reverse"))
        rest = f"{words.money(left.text)} stays unapplied" if left else "nothing is left"
        return Content.assemble((said, "bold"), (f"  {rest}", ""))

    # Keys

    def choose(self, number: int) -> None:
        """Take a suggestion: its lines and no others."""
        if number > len(self.found["suggestions"]):
            self.say(
                f"There {'is' if len(self.found['suggestions']) == 1 else 'are'} "
                f"{words.plural(len(self.found['suggestions']), 'suggestion')}."
            )
            return
        self._rows.clear()
        suggestion = self.found["suggestions"][number - 1]
        for line in suggestion["lines"]:
            self._rows.put(line["item"], Money.parse(line["amount"], suggestion["currency"]))
        places = [place for place, line in enumerate(self._rows.lines) if line.amount]
        if places:
            self._rows.move_to(places[0])
        self._chosen = number
        self._tell()

    def toggle(self) -> None:
        """This line on, as far as the payment reaches, or off."""
        line = self._rows.line()
        if line is None:
            return
        amount = Money.zero(line.open.currency)
        if not line.amount:
            amount = min(line.open, self._rows.left)
            if amount.minor <= 0:
                self.say("Nothing of the payment is left. Tab types an amount, 0 clears all lines.")
                return
        self._put(line.item, amount)
        self._rows.do_down()

    def none(self) -> None:
        """All lines off."""
        self._rows.clear()
        self._chosen = 0
        self._tell()

    def _put(self, item: str, amount: Money) -> None:
        self._rows.put(item, amount)
        self._chosen = 0
        self._tell()

    def edit(self) -> None:
        """Type the amount of this line."""
        line = self._rows.line()
        if line is not None:
            self.focus_now(self.amount_line.show(line))

    def take_amount(self, typed: str) -> None:
        """The amount that was typed, if it is one; else it stays to be corrected."""
        line = self._rows.line()
        if line is None:
            return
        try:
            amount = Money.parse(typed or "0", self._available.currency)
            if amount.minor < 0:
                raise Invalid("an amount that is applied is not negative", "0 takes the line out")
        except ArqueueError as error:
            self.say(words.problem(error))
            return
        self._put(line.item, amount)
        self.end_edit()

    def end_edit(self) -> None:
        """Back to the lines."""
        self.amount_line.display = False
        self.focus_now(self._rows)

    def command(self) -> dict[str, Any]:
        """The order. Raises Invalid when nothing is applied, or more than there is."""
        taken = [line for line in self._rows.lines if line.amount]
        if not taken:
            raise Invalid("nothing is applied yet", "a number takes a suggestion, Space an item")
        for line in taken:
            if line.amount > line.open:
                raise Invalid(
                    f"{line.number}: {words.money(line.amount.text)} is more than the "
                    f"{words.money(line.open.text)} open",
                    "Tab corrects the amount",
                )
        if self._rows.left.minor < 0:
            raise Invalid("the lines are more than the payment has", "Tab corrects an amount, 0 clears all")
        return {
            "op": "apply",
            "payment": self.found["payment"]["id"],
            "lines": [{"item": line.item, "amount": line.amount.text} for line in taken],
        }

    def state(self) -> dict[str, Any]:
        """The amounts by item."""
        return {line.item: line.amount.text for line in self._rows.lines if line.amount}

    def restore(self, state: dict[str, Any]) -> None:
        """Put them back on the items that are still there."""
        for item, amount in state.items():
            self._rows.put(item, Money.parse(amount, self._available.currency))
        self._tell()
