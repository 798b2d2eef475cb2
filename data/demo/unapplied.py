"""Money that came in and that nobody has applied: what it was meant for, what is wrong with it, what it says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from data.demo.agenda import Agenda
from data.demo.customers import SUSPENSE, Customer, discount_on
from data.demo.dice import Dice, Wheel
from data.demo.goods import FREIGHTS, SHORT_REASONS, unit_of
from data.demo.hostile import hostile_memo
from data.demo.plan import PlannedPayment
from data.demo.remittance import Due, follow_each_other, style_for, write
from data.demo.senders import Sender, serial_of
from data.demo.settlement import HOSTILE_SHARE

_KEPT: Final = 12
_CASES: Final = Wheel(
    [
        ("exact", 46.0),
        ("discount", 6.0),
        ("bank charges", 6.0),
        ("short", 10.0),
        ("over", 5.0),
        ("on account", 7.0),
        ("rounded", 4.0),
        ("oldest first", 8.0),
        ("net of credits", 5.0),
        ("other currency", 1.0),
    ]
)
_HOW_MANY: Final = Wheel([(1, 42.0), (2, 20.0), (3, 13.0), (4, 8.0), (5, 5.0), (6, 4.0), (_KEPT, 8.0)])
_ON_ACCOUNT: Final = (
    "deposit for next order",
    "Akonto",
    "acompte",
    "payment on account",
    "advance payment",
    "Anzahlung",
)
_UNKNOWN_PAYER: Final = 0.06


class UnappliedCash:
    """Remembers some open invoices of each customer and makes the payments that are meant for them."""

    def __init__(self, agenda: Agenda, senders: Sequence[Sender], watch_every: int) -> None:
        self._agenda = agenda
        self._dice = agenda.dice
        self._senders = senders
        self._every = watch_every
        self._open: list[list[Due]] = [[] for _ in range(len(senders) // watch_every + 1)]
        self._credits: list[Due] = []
        watched = agenda.customers[::watch_every]
        self._wheel = Wheel([(customer, customer.weight) for customer in watched])

    def remember(self, due: Due) -> None:
        """Note an invoice that nothing else will ever be applied to; the latest few of a customer are kept."""
        place, rest = divmod(due.customer, self._every)
        if not rest:
            known = self._open[place]
            known.append(due)
            if len(known) > _KEPT * 2:
                del known[:_KEPT]

    def remember_credit(self, credit: Due) -> None:
        """Note a credit note that stays open; the latest few of the company are kept."""
        if credit.customer % self._every == 0:
            self._credits.append(credit)
            del self._credits[:-500]

    def come_in(self, day: int) -> PlannedPayment:
        """One payment on that day."""
        dice, agenda = self._dice, self._agenda
        case = _CASES.turn(dice)
        customer, dues = self._meant(case)
        payer = agenda.customers[customer.payer]
        if not dues:
            unit = unit_of(customer.currency)
            amount = max(1, customer.typical // (unit * 50)) * unit * 50
            return self._payment(
                day, payer, customer.currency, amount, dice.pick(_ON_ACCOUNT), [], "on account"
            )
        amount, meant, case = self._amount(customer, dues, case)
        if case == "discount":
            case = f"discount{_lateness(customer, dues, day, agenda)}"
        style = style_for(meant, dice)
        text = write(style, meant, agenda.writer(payer, day), dice)
        currency = dues[0].currency
        if case == "other currency":
            currency = "USD" if currency != "USD" else "EUR"
        return self._payment(day, payer, currency, amount, text, meant, f"{case}, {style}")

    def _meant(self, case: str) -> tuple[Customer, list[Due]]:
        """A customer and some of its open invoices in one currency, which no other payment will mean."""
        dice = self._dice
        customer = self._payer_of(case)
        if case == "on account":
            return customer, []
        for _ in range(20):
            known = self._open[customer.place // self._every]
            if known:
                currency = dice.pick(known).currency
                chosen = self._some([due for due in known if due.currency == currency])
                numbers = {due.number for due in chosen}
                known[:] = [due for due in known if due.number not in numbers]
                return customer, chosen
            customer = self._payer_of(case)
        return customer, []

    def _payer_of(self, case: str) -> Customer:
        if case == "net of credits" and self._credits and self._dice.chance(0.8):
            return self._agenda.customers[self._dice.pick(self._credits).customer]
        return self._wheel.turn(self._dice)

    def _some(self, known: list[Due]) -> list[Due]:
        """Which of a customer's open invoices a payment is for: a batch, the oldest, neighbours, or any few."""
        dice = self._dice
        batch = _longest_run(known)
        if batch and dice.chance(0.5):
            return batch
        count = _HOW_MANY.turn(dice)
        if dice.chance(0.4):
            return dice.some(known, count)
        start = dice.below(max(1, len(known) - count + 1)) if dice.chance(0.5) else 0
        return known[start : start + count]

    def _amount(self, customer: Customer, dues: list[Due], case: str) -> tuple[int, list[Due], str]:
        """What is paid (always something), what it is meant for, and the case more closely."""
        dice, unit = self._dice, unit_of(dues[0].currency)
        total = sum(due.amount for due in dues)
        less = 0
        if case == "discount":
            less = sum(discount_on(customer, due.amount) for due in dues)
        elif case == "bank charges":
            less = dice.pick((5, 8, 12, 15, 25)) * unit
        elif case == "short":
            reason = SHORT_REASONS.turn(dice)
            less, case = _shortage(reason, dues, dice), f"short {reason}"
        elif case == "over":
            less = -dice.pick((1, 3, 10, 50)) * unit
        elif case == "rounded":
            less = total % (unit * 10)
        elif case == "oldest first" and len(dues) > 1:
            part = max(1, dues[-1].amount * dice.between(20, 80) // 100)
            return total - dues[-1].amount + part, [*dues[:-1], replace(dues[-1], amount=part)], case
        elif case == "net of credits":
            dues = dues + self._netted(customer, dues[0].currency, total)
            less = sum(due.amount for due in dues) - total
        elif case == "other currency":
            less = total * 8 // 100
        less = min(less, total // 2)
        return total - less, dues, case if less else "exact"

    def _netted(self, customer: Customer, currency: str, total: int) -> list[Due]:
        """The first credit notes of the customer that together leave half of ``total`` to be paid, or more."""
        netted: list[Due] = []
        room = total // 2
        for credit in self._credits:
            if (credit.customer, credit.currency) == (customer.place, currency) and credit.amount <= room:
                netted.append(credit)
                room -= credit.amount
        self._credits = [credit for credit in self._credits if credit not in netted]
        return netted

    def _payment(
        self,
        day: int,
        payer: Customer,
        currency: str,
        amount: int,
        text: str,
        meant: Sequence[Due],
        case: str,
    ) -> PlannedPayment:
        dice, agenda = self._dice, self._agenda
        party, number = payer.code, agenda.number("PAY", day)
        sender = self._senders[payer.place]
        method = payer.method
        name, account = sender.told(serial_of(number), method)
        if dice.chance(_UNKNOWN_PAYER):
            # From a bank that the customer does not use as a rule: who knew the other knows this one the second time.
            party, case, method = SUSPENSE, f"unknown payer, {case}", "wire"
            name, account = sender.other_name, sender.other_account
        elif dice.chance(HOSTILE_SHARE):
            text, case = hostile_memo(dice, text), f"hostile, {case}"
        return PlannedPayment(
            number=number,
            party=party,
            currency=currency,
            amount=amount,
            on=agenda.date(day),
            text=text,
            method=method,
            payer=name,
            payer_account=account,
            meant=tuple((due.number, due.amount) for due in meant),
            case=case,
        )


def _longest_run(dues: Sequence[Due]) -> list[Due]:
    """The longest three or more whose numbers follow each other without a gap; empty if there are none."""
    best: list[Due] = []
    run: list[Due] = []
    for due in dues:
        run = [*run, due] if run and follow_each_other([run[-1], due]) else [due]
        if len(run) > max(2, len(best)):
            best = run
    return best


def _shortage(reason: str, dues: Sequence[Due], dice: Dice) -> int:
    if reason == "duplicate" and len(dues) > 1:
        return min(due.amount for due in dues)
    if reason == "freight":
        return dice.pick(FREIGHTS)
    return max(1, dues[-1].amount * dice.between(3, 25) // 100)


def _lateness(customer: Customer, dues: Sequence[Due], day: int, agenda: Agenda) -> str:
    """Whether a discount is taken without terms, or too late for some of what is paid."""
    if customer.discount is None:
        return ", without terms"
    _, within = customer.discount
    return ", late" if any((agenda.date(day) - agenda.date(due.born)).days > within for due in dues) else ""
