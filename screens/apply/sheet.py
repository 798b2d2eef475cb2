"""The order in the making: what each line gets, what becomes of the rests, and the arithmetic. Pure: the screen shows it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from arqueue.errors import Invalid
from arqueue.model.money import Money
from data.broker.protocol import ReasonCodeRow, SuggestionRow, Suggestions
from screens import words
from screens.apply.line import lines_of
from screens.apply.rests import OVERS, Over, Reasons, Rest, amount_words

LINES_CAP = 500
"""The most items of one order."""


class Sheet:
    """Amounts are positive on both sides: a credit's is what is used of it."""

    def __init__(self, found: Suggestions, codes: Iterable[ReasonCodeRow]) -> None:
        payment = found["payment"]
        self.payment = payment["id"]
        self.available = abs(Money.parse(payment["open"], payment["currency"]))
        self.lines = lines_of(found)
        small = found["tolerance"]
        self.reasons = Reasons(
            tuple(found["dispute_reasons"]),
            tuple(codes),
            found["reasons"],
            Money.parse(small, payment["currency"]) if small else None,
        )
        self._none = Money.zero(payment["currency"])
        self.amounts: dict[str, Money] = {}
        self.discounts: dict[str, Money] = {}
        self.rests: dict[str, Rest] = {}
        self.over: Over = "on_account"
        self._next: set[str] = set()
        """The lines that the rest of the payment was put on, as long as nobody changed them."""

    # What it comes to

    def amount(self, item: str) -> Money:
        """What a line gets, or what is used of a credit."""
        return self.amounts.get(item, self._none)

    def discount(self, item: str) -> Money:
        """The discount that closes it beside the amount."""
        return self.discounts.get(item, self._none)

    def gap(self, item: str) -> Money:
        """What a debit that is paid keeps, before discount; nothing for one that is not touched."""
        line, amount = self.lines[item], self.amount(item)
        return line.open - amount if amount and not line.credit and amount < line.open else self._none

    def rest(self, item: str) -> Money:
        """What it keeps after its discount."""
        return self.gap(item) - self.discount(item)

    def rest_of(self, item: str) -> Rest:
        """What becomes of that."""
        return self.rests.get(item, Rest())

    @property
    def paid(self) -> Money:
        """The sum of the debits' amounts."""
        return self._sum(credit=False)

    @property
    def netted(self) -> Money:
        """The sum of the other credits that are used."""
        return self._sum(credit=True)

    @property
    def left(self) -> Money:
        """What stays of the payment: zero is right, below zero is too much."""
        return self.available + self.netted - self.paid

    def _sum(self, *, credit: bool) -> Money:
        amounts = (amount for item, amount in self.amounts.items() if self.lines[item].credit == credit)
        return Money.total(amounts, self.available.currency)

    def unsettled(self) -> str:
        """The first debit that keeps something; empty when none does."""
        return next((item for item in self.amounts if self.rest(item)), "")

    def discounted(self) -> str:
        """The first debit that its discount closes; empty when there is none."""
        return next(iter(self.discounts), "")

    # Lines

    def put(self, item: str, amount: Money) -> None:
        """Set the amount of one line; nothing takes it out."""
        self.discounts.pop(item, None)
        self.rests.pop(item, None)
        self._next.discard(item)
        if amount:
            self.amounts[item] = amount
        else:
            self.amounts.pop(item, None)

    def toggle(self, item: str) -> None:
        """Off, or on: as far as the payment reaches, and in full where it does not reach at all."""
        if item in self.amounts:
            self.put(item, self._none)
            return
        line, left = self.lines[item], self.left
        reaches = not line.credit and self._none < left < line.open
        self.put(item, left if reaches else line.open)

    def take_all(self, items: Iterable[str]) -> None:
        """All of these in full."""
        for item in items:
            self.put(item, self.lines[item].open)

    def invert(self, items: Iterable[str]) -> None:
        """All of these but the ones that were on."""
        for item in items:
            self.put(item, self._none if item in self.amounts else self.lines[item].open)

    def clear(self) -> None:
        """Nothing at all."""
        self.amounts, self.discounts, self.rests, self._next = {}, {}, {}, set()
        self.over = "on_account"

    def take(self, way: SuggestionRow) -> None:
        """The lines of a suggestion and no others; what it takes for bank charges or a small difference is written off."""
        self.clear()
        code = self.reasons.usual.get({"tolerance": "small"}.get(way["difference"]["kind"], "charges"), "")
        writes_off = way["difference"]["kind"] in {"charges", "tolerance"} and code in self.reasons.of(
            "writeoff"
        )
        for line in way["lines"]:
            item = line["item"]
            self.put(item, abs(Money.parse(line["amount"], way["currency"])))
            if discount := Money.parse(line["discount"], way["currency"]):
                self.discounts[item] = discount
            if writes_off and self.rest(item):
                self.rests[item] = Rest("writeoff", code)

    def toggle_discount(self, item: str) -> None:
        """Take the discount of a line, or pay it as far as the payment reaches; the other part is a rest then. Raises Invalid
        when it has none; its hint names an action for its key."""
        line = self.lines[item]
        if line.discount is None:
            raise Invalid(
                f"{line.number} has no early-payment discount",
                "{apply.rest} says what becomes of what it keeps",
            )
        if taken := self.discounts.pop(item, None):
            self.put(item, self.amount(item) + min(taken, max(self.left, self._none)))
        elif not self.gap(item):
            self.put(item, line.open - line.discount)
            self.discounts[item] = line.discount
        else:
            self.rests.pop(item, None)
            self.discounts[item] = min(line.discount, self.gap(item))

    # Rests

    def cycle(self, item: str) -> None:
        """The next thing that can become of what a debit keeps: open, disputed, written off; then the same with its discount."""
        line, taken = self.lines[item], item in self.discounts
        rest = self.rests.pop(item, Rest())
        hows = self.reasons.hows()
        place = hows.index(rest.how) + 1
        if place < len(hows) and self.rest(item):
            self.rests[item] = self.reasons.first(hows[place], self.rest(item))
        elif taken:
            del self.discounts[item]
        elif line.discount is not None:
            self.discounts[item] = min(line.discount, self.gap(item))

    def name_reason(self, item: str, number: int) -> None:
        """Another reason for the same way."""
        how = self.rest_of(item).how
        self.rests[item] = Rest(how, self.reasons.of(how)[number])

    def same_for_all(self, item: str) -> int:
        """Let every other debit that keeps something keep it for the same; to how many that happened."""
        others = self._others_short(item)
        for other in others:
            self.rests[other] = self.rest_of(item)
        return len(others)

    def others_short(self, item: str) -> int:
        """How many other debits keep something, where this one does."""
        return len(self._others_short(item))

    def _others_short(self, item: str) -> list[str]:
        if not self.rest(item):
            return []
        return [other for other in self.amounts if other != item and self.rest(other)]

    def cycle_over(self) -> None:
        """The next thing that can become of what the payment keeps: on account, to the next items, a refund."""
        for item in list(self._next):
            self.put(item, self._none)
        self.over = OVERS[(OVERS.index(self.over) + 1) % len(OVERS)]
        if self.over == "next":
            self._go_on()
            if not self._next:
                self.over = "refund"

    def next_items(self) -> list[str]:
        """The numbers of the items that the rest of the payment was put on."""
        return [line.number for item, line in self.lines.items() if item in self._next]

    def _go_on(self) -> None:
        for item, line in self.lines.items():
            if self.left.minor <= 0:
                return
            if not line.credit and item not in self.amounts:
                self.put(item, min(self.left, line.open))
                self._next.add(item)

    # The order

    def check(self) -> None:
        """Raises Invalid when nothing is applied, or more than there is; its hint names actions for their keys."""
        if not any(not self.lines[item].credit for item in self.amounts):
            raise Invalid("nothing is applied yet", "a number takes a suggestion, {lines.toggle} an item")
        if len(self.amounts) > LINES_CAP:
            raise Invalid(
                f"{words.count(len(self.amounts))} items are too many for one order",
                f"at most {LINES_CAP} at once: filter ({{apply.filter}}), take fewer, and go on with what is left",
            )
        for item, amount in self.amounts.items():
            line = self.lines[item]
            if amount + self.discount(item) > line.open:
                raise Invalid(
                    f"{line.number}: {amount_words(amount + self.discount(item))} is more than the "
                    f"{amount_words(line.open)} open",
                    "{lines.amount} corrects the amount",
                )
        if self.left.minor < 0:
            raise Invalid(
                "the lines are more than the payment has",
                "{lines.toggle} or {lines.amount} corrects, {apply.none} clears all",
            )

    def command(self) -> dict[str, Any]:
        """The order as it goes to the broker: to apply, or to settle where more belongs to it. Raises Invalid."""
        self.check()
        debits = [item for item in self.amounts if not self.lines[item].credit]
        lines = [self._wire(item) for item in debits]
        credits = [
            {"item": item, "amount": amount.text}
            for item, amount in self.amounts.items()
            if self.lines[item].credit
        ]
        plain = all(line.keys() <= {"item", "amount"} for line in lines)
        refund = self.over == "refund" and self.left
        if plain and not credits and not refund:
            return {"op": "apply", "payment": self.payment, "lines": lines}
        order: dict[str, Any] = {"op": "settle", "payment": self.payment, "lines": lines}
        if credits:
            order["credits"] = credits
        if self.left:
            order["rest"] = "refund" if refund else "on_account"
        return order

    def _wire(self, item: str) -> dict[str, Any]:
        line: dict[str, Any] = {"item": item, "amount": self.amounts[item].text}
        if discount := self.discount(item):
            line["discount"] = discount.text
        rest = self.rest_of(item)
        if rest.how != "open" and self.rest(item):
            line["short"] = {"how": rest.how, "reason": rest.reason}
        return line

    # Drafts

    def state(self) -> dict[str, Any]:
        """All that was chosen, as plain values."""
        return {
            "amounts": {item: amount.text for item, amount in self.amounts.items()},
            "discounts": {item: amount.text for item, amount in self.discounts.items()},
            "rests": {item: [rest.how, rest.reason] for item, rest in self.rests.items()},
            "over": self.over,
            "next": sorted(self._next),
        }

    def put_back(self, state: dict[str, Any]) -> None:
        """A step back: all just as it was, also an amount that was typed and is more than is open; nothing is mended unasked."""
        currency = self.available.currency
        self.clear()
        for item, amount in state["amounts"].items():
            if item not in self.lines:
                continue
            self.amounts[item] = Money.parse(amount, currency)
            if item in state["discounts"]:
                self.discounts[item] = Money.parse(state["discounts"][item], currency)
            if item in state["rests"]:
                self.rests[item] = Rest(*state["rests"][item])
        self._next = self.amounts.keys() & state["next"]
        self.over = state["over"]

    def restore(self, state: dict[str, Any]) -> list[str]:
        """Put it back on the items that are still there, and say what is different now."""
        currency = self.available.currency
        self.clear()
        said: list[str] = []
        for item, text in state["amounts"].items():
            if item not in self.lines:
                said.append("an item that was chosen is no longer open")
                continue
            line, amount = self.lines[item], Money.parse(text, currency)
            if amount > line.open:
                said.append(f"{line.number}: only {amount_words(line.open)} is open now")
            self.put(item, min(amount, line.open))
            discount = Money.parse(state["discounts"].get(item, "0"), currency)
            if discount and discount <= self.gap(item):
                self.discounts[item] = discount
            if item in state["rests"] and self.rest(item):
                self.rests[item] = Rest(*state["rests"][item])
        self.over = "on_account" if state["over"] == "next" else state["over"]
        return said
