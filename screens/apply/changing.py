"""What the keys change in the order: lines, amounts, discounts, rests. Every change can be undone while the form is open."""

from __future__ import annotations

from typing import Any

from textual import getters
from textual.widget import Widget

from arqueue.errors import ArqueueError, Invalid
from arqueue.model.money import Money
from data.broker.protocol import Review
from screens import background, words
from screens.apply.amount import AmountLine
from screens.apply.lines import LineRows
from screens.apply.rest_line import RestLine
from screens.apply.rests import OVER_WORDS, amount_words, letters
from screens.apply.sheet import Sheet
from screens.apply.ways import WayRows
from screens.place import Place

UNDO_CAP = 100


class Changing(Place[None]):
    """The part of the form that changes the sheet."""

    sheet: Sheet
    ways: WayRows
    rows: LineRows
    amount_line = getters.query_one(AmountLine)
    rest_line = getters.query_one(RestLine)
    past: list[dict[str, Any]]
    """The sheet before each change, newest last."""
    _back_to: Widget | None = None
    _rest_of: str = ""
    """The item whose rest is being settled; empty when it is the payment's own."""

    def tell(self) -> None:
        """Write what is known into its places."""
        raise NotImplementedError

    def _changing(self) -> None:
        """The lines are about to be other ones, and nobody's suggestion."""
        self.past.append(self.sheet.state())
        del self.past[:-UNDO_CAP]

    def _changed(self, way: int = 0) -> None:
        self.ways.choose(way)
        if self.rows.only_taken:
            self.rows.narrow(self.rows.words)
        self.rows.refresh()
        self.tell()

    def do_undo(self) -> None:
        """The lines as they were before the last change."""
        if not self.past:
            self.say("Nothing was changed here. What is queued is undone in the queue (u).")
            return
        self.sheet.put_back(self.past.pop())
        self._changed()

    # Suggestions and whole lists

    def choose(self, number: int) -> None:
        """Take a suggestion: its lines and no others."""
        count = len(self.ways.ways)
        if number > count:
            self.say(f"There {'is' if count == 1 else 'are'} {words.plural(count, 'suggestion')}.")
            return
        self._changing()
        self.sheet.take(self.ways.ways[number - 1])
        self._changed(number)
        if first := next(iter(self.sheet.amounts), ""):
            self.rows.stand_on(first)

    def do_all(self) -> None:
        """Everything that is shown, in full."""
        self._changing()
        self.sheet.take_all(self.rows.shown)
        self._changed()

    def do_invert(self) -> None:
        """Everything that is shown but what was on."""
        self._changing()
        self.sheet.invert(self.rows.shown)
        self._changed()

    def do_none(self) -> None:
        """All lines off."""
        self._changing()
        self.sheet.clear()
        self._changed()

    def do_taken(self) -> None:
        """Only the lines that are on, or all."""
        self.rows.only_taken = not self.rows.only_taken
        self.rows.narrow(self.rows.words)
        self.tell()

    # One line

    def toggle(self) -> None:
        """This line on, as far as the payment reaches, or off."""
        if (line := self.rows.line()) is not None:
            self._changing()
            self.sheet.toggle(line.item)
            self._changed()
            self.rows.do_down()

    def toggle_discount(self) -> None:
        """Its discount, taken or not."""
        line = self.rows.line()
        if line is None:
            return
        self._changing()
        try:
            self.sheet.toggle_discount(line.item)
        except Invalid as error:
            self.say(words.advice(error.message, self.keyed(error.hint)))
        self._changed()

    def edit(self, begun: str = "") -> None:
        """Type the amount of this line."""
        line = self.rows.line()
        if line is not None:
            proposed = begun or (self.sheet.amount(line.item) or line.open).text
            self.focus_now(self.amount_line.show(line, proposed, begun=bool(begun)))

    def take_amount(self, typed: str) -> None:
        """The amount that was typed, if it is one; else it stays to be corrected."""
        line = self.rows.line()
        if line is None:
            return
        try:
            amount = Money.parse(typed.removeprefix("-") if line.credit else typed or "0", line.open.currency)
        except ArqueueError:
            self.say(f"{typed} is no amount in {line.open.currency}: write it like {line.open.text}.")
            return
        if amount.minor < 0:
            self.say("An amount that is applied is not negative: 0 takes the line out.")
            return
        self._changing()
        self.sheet.put(line.item, amount)
        self._changed()
        self.end_edit()

    def end_edit(self) -> None:
        """Back to the lines."""
        self.amount_line.display = False
        self.focus_now(self.rows)

    # Rests

    def do_rest(self) -> None:
        """Say what becomes of a rest: of the line under the cursor, else of the first that has one, else of the payment."""
        line, over = self.rows.line(), self.sheet.left.minor > 0
        if self.focused is self.rows and line is not None and self.sheet.gap(line.item):
            self._rest_of = line.item
        elif over and (self.focused is self.rows or not self.sheet.unsettled()):
            self._rest_of = ""
        else:
            self._rest_of = self.sheet.unsettled() or self.sheet.discounted()
        self._changing()
        self._back_to = self.focused
        self.rows.stand_on(self._rest_of)
        self.cycle_rest()
        self.focus_now(self.rest_line)

    def cycle_rest(self) -> None:
        """The next thing that can become of it."""
        if self._rest_of:
            self.sheet.cycle(self._rest_of)
        else:
            self.sheet.cycle_over()
        self._show_rest()
        self._ask_limit(self._rest_of)

    def name_reason(self, number: int) -> None:
        """The reason is named: done."""
        self.sheet.name_reason(self._rest_of, number)
        self.end_rest(keep=True)

    def same_for_all(self) -> None:
        """What was chosen for one is chosen for all that keep something: done, and said."""
        others = self.sheet.same_for_all(self._rest_of) if self._rest_of else 0
        if not others:
            self.say("No other item keeps anything: Enter keeps it so.")
            return
        said = self.sheet.rest_of(self._rest_of).said(self.sheet.reasons.codes)
        self.end_rest(keep=True)
        self.say(f"The same for {words.count(others)} more: {said}.")

    def end_rest(self, *, keep: bool) -> None:
        """Back to the lists."""
        if not keep:
            self.sheet.put_back(self.past.pop())
        self.rest_line.display = False
        self.focus_now(self._back_to)
        self.rows.refresh()
        self.tell()
        if keep:
            self._ask_limit(self._rest_of)

    def _show_rest(self) -> None:
        sheet, item = self.sheet, self._rest_of
        if not item:
            self.rest_line.show(f"The payment: {self._over_words()}", {}, "")
        else:
            rest = sheet.rest_of(item)
            number, keeps = sheet.lines[item].number, amount_words(sheet.rest(item) or sheet.discount(item))
            became = rest.said(sheet.reasons.codes) if sheet.rest(item) else "taken as early-payment discount"
            named = dict(zip(sheet.reasons.of(rest.how), sheet.reasons.words_of(rest.how), strict=True))
            chosen = named.get(rest.reason, "")
            said = f"{number} keeps {keeps}: {became}"
            if others := sheet.others_short(item):
                said += self.keyed(f" · {{rest.every}} the same for {words.count(others)} more")
            self.rest_line.show(said, letters(named.values()), chosen)
        self.rows.refresh()
        self.tell()

    def _over_words(self) -> str:
        if self.sheet.over == "next":
            numbers = self.sheet.next_items()
            more = f" and {len(numbers) - 2} more" if len(numbers) > 2 else ""
            return f"the rest {OVER_WORDS['next']}: {', '.join(numbers[:2])}{more}"
        return f"{amount_words(self.sheet.left)} {OVER_WORDS[self.sheet.over]}"

    def _ask_limit(self, item: str) -> None:
        """Whether one may write so much off is the broker's to say, and worth knowing before the review."""
        rest = self.sheet.rest_of(item)
        if item and rest.how == "writeoff" and (amount := self.sheet.rest(item)):
            order = {"op": "adjust", "item": item, "amount": amount.text, "reason": rest.reason}
            background.start(self, self._say_limit, order, group="limit", exclusive=True)

    async def _say_limit(self, order: dict[str, Any]) -> None:
        try:
            review: Review = await self.desk.call("review", command=order)
        except ArqueueError:
            return  # the review of the whole order will say it
        if review["verdict"] != "accepted":
            verdict = "needs approval" if review["verdict"] == "needs_approval" else "refused"
            self.say(
                f"Writing off {words.money(order['amount'])}: {verdict}, {review['reason'] or review['words']}"
            )
