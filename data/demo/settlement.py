"""How invoices of the past got paid: payment runs by each customer's habit, credits that settle, money that bounced."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Final

from data.demo.agenda import Agenda
from data.demo.customers import (
    DISCOUNT_EARLY,
    DISCOUNT_UNEARNED,
    NETS_CREDITS,
    OLDEST_FIRST,
    ROUNDS,
    SHORT_FREIGHT,
    SPLITS,
    Customer,
    discount_on,
)
from data.demo.goods import credit_text, dispute_note, unit_of
from data.demo.hostile import hostile_memo
from data.demo.plan import PlannedCredit, PlannedDocument, PlannedNote, PlannedPayment
from data.demo.remittance import APPLIED_STYLES, Due, write
from data.demo.senders import Sender, serial_of

RETURN_CODES: Final = ("R01", "R02", "R08", "R09", "R10", "R29")
RETURNABLE: Final = frozenset({"ach", "check", "direct debit", "bacs", "sepa"})
HOSTILE_SHARE: Final = 0.01
_DISPUTED_ONCE: Final = 0.23


class Settlement:
    """Pays what is to be paid by today, each customer in its own way."""

    def __init__(self, agenda: Agenda, senders: Sequence[Sender], authors: Sequence[str]) -> None:
        self._agenda = agenda
        self._senders = senders
        self._dice = agenda.dice
        self._authors = authors

    def promise(self, customer: Customer, due: Due, freight: int) -> None:
        """See to it that the invoice is closed before today; ``freight`` is what of it is freight, 0 for none."""
        dice, agenda = self._dice, self._agenda
        late = customer.late + int(customer.spread * dice.normal())
        if dice.chance(_DISPUTED_ONCE):
            late += dice.between(2, 9)
            quick = customer.habit == DISCOUNT_EARLY
            noted = dice.between(
                due.born + 2, due.born + 5 if quick else min(due.due + late, agenda.span - 1)
            )
            agenda.at(noted, partial(self._note_dispute, due.number))
        chance = dice.random()
        if chance < 0.012 and due.born + 3 < agenda.span:
            agenda.at(self._soon(due.born + 2, 40), partial(self._credit, due, due.amount, "returned"))
            return
        if chance < 0.045 or (customer.habit == NETS_CREDITS and chance < 0.4):
            credited = max(1, due.amount * dice.between(3, 35) // 100)
            agenda.at(self._soon(due.born + 2, 14), partial(self._credit, due, credited, "goods"))
            due = replace(due, amount=due.amount - credited)
        elif customer.habit == SHORT_FREIGHT and 0 < freight < due.amount and due.due + 40 < agenda.span:
            agenda.at(due.due + 34 + dice.below(6), partial(self._credit, due, freight, "freight"))
            due = replace(due, amount=due.amount - freight)
        if customer.habit in (DISCOUNT_EARLY, DISCOUNT_UNEARNED) and dice.chance(0.8):
            due = replace(due, discount=discount_on(customer, due.amount))
            if customer.habit == DISCOUNT_EARLY and due.born + 9 < agenda.span:
                # A weekend brings an invoice's date forward by up to two days; the shortest discount ends after ten.
                agenda.owe_on(due.born + dice.between(5, 8), due)
                return
        agenda.owe(max(due.born + 1, due.due + late), due)

    def pay(self, day: int, payer: Customer, currency: str, dues: list[Due]) -> Iterator[PlannedDocument]:
        """One payment run: what of the dues is paid now and in what shape; the rest goes into a later run."""
        agenda, dice = self._agenda, self._dice
        dues.sort(key=lambda due: due.due)
        later = day + max(payer.every, 6)
        if later < agenda.span:
            dues = self._paid_now(payer, currency, dues, later)
        applied, discounts = _by_number(dues)
        paid = sum(applied.values())
        extra = 0
        if day > agenda.span - 60 and dice.chance(0.02):
            extra = dice.pick((1, 5, 10, 25)) * unit_of(currency) * 10 or paid
        text = write(APPLIED_STYLES.turn(dice), dues, agenda.writer(payer, day), dice)
        number = agenda.number("PAY", day)
        name, account = self._senders[payer.place].told(serial_of(number), payer.method)
        payment = PlannedPayment(
            number=number,
            party=payer.code,
            currency=currency,
            amount=paid + extra,
            on=agenda.date(day),
            text=hostile_memo(dice, text) if dice.chance(HOSTILE_SHARE) else text,
            method=payer.method,
            payer=name,
            payer_account=account,
            applied=tuple(applied.items()),
            discounts=tuple(discounts.items()),
            case="overpaid" if extra else "",
        )
        if not discounts and payer.method in RETURNABLE and later + 8 < agenda.span and dice.chance(0.002):
            payment = self._bounced(payment, day)
            for due in dues:
                agenda.owe_on(later + dice.between(2, 7), replace(due, discount=0))
        elif day > agenda.span - 45 and dice.chance(0.012):
            agenda.at(min(agenda.span, day + dice.between(2, 8)), partial(self._again, payment))
        yield payment

    def return_soon(self, day: int, payer: Customer, due: Due) -> Iterable[PlannedDocument]:
        """Pay an invoice with a payment that bounces a few days on, so that the invoice is open again today."""
        payment = next(self.pay_plainly(day, payer, due, due.amount, "returned"))
        yield self._bounced(payment, day)

    def pay_plainly(
        self, day: int, payer: Customer, due: Due, amount: int, case: str
    ) -> Iterator[PlannedPayment]:
        """Pay a part of one invoice, or all of it, without any habit."""
        agenda, dice = self._agenda, self._dice
        text = write(APPLIED_STYLES.turn(dice), [due], agenda.writer(payer, day), dice)
        number = agenda.number("PAY", day)
        method = payer.method if case != "returned" or payer.method in RETURNABLE else "check"
        name, account = self._senders[payer.place].told(serial_of(number), method)
        yield PlannedPayment(
            number=number,
            party=payer.code,
            currency=due.currency,
            amount=amount,
            on=agenda.date(day),
            text=text,
            method=method,
            payer=name,
            payer_account=account,
            applied=((due.number, amount),),
            case=case,
        )

    def credit(self, day: int, due: Due, amount: int, reason: str) -> Iterable[PlannedDocument]:
        """Credit a part of an invoice; it is applied at once."""
        return self._credit(due, amount, reason, day)

    def _paid_now(self, payer: Customer, currency: str, dues: list[Due], later: int) -> list[Due]:
        """The dues as this run pays them; what is left of the last ones is noted for ``later``."""
        unit = unit_of(currency)
        if payer.habit == SPLITS:
            return [
                due if due.split or due.amount < 2 else self._put_off(due, due.amount // 2, later)
                for due in dues
            ]
        last = dues[-1]
        before = sum(due.amount - due.discount for due in dues[:-1])
        if payer.habit == OLDEST_FIRST and len(dues) > 1 and not last.discount and self._dice.chance(0.7):
            total = (before + last.amount * self._dice.between(30, 80) // 100) // (unit * 100) * unit * 100
        elif payer.habit == ROUNDS and not last.discount:
            total = (before + last.amount) // (unit * 10) * unit * 10
        else:
            return dues
        part = total - before
        return [*dues[:-1], self._put_off(last, part, later)] if 0 < part < last.amount else dues

    def _put_off(self, due: Due, now: int, later: int) -> Due:
        self._agenda.owe_on(later, replace(due, amount=due.amount - now, discount=0, split=True))
        return replace(due, amount=now, discount=min(due.discount, now - 1))

    def _bounced(self, payment: PlannedPayment, day: int) -> PlannedPayment:
        agenda, dice = self._agenda, self._dice
        back = min(agenda.span, day + dice.between(2, 5))
        code = "R08" if payment.method == "check" and dice.chance(0.5) else dice.pick(RETURN_CODES)
        return replace(payment, returned_on=agenda.date(back), return_code=code, case="returned")

    def _again(self, payment: PlannedPayment, day: int) -> Iterable[PlannedDocument]:
        """The same payment a second time, by mistake: nothing is left that it could be applied to."""
        agenda = self._agenda
        number, on = agenda.number("PAY", day), agenda.date(day)
        yield replace(
            payment, number=number, on=on, applied=(), discounts=(), meant=payment.applied, case="duplicate"
        )

    def _credit(self, due: Due, amount: int, reason: str, day: int) -> Iterable[PlannedDocument]:
        agenda = self._agenda
        yield PlannedCredit(
            number=agenda.number("CN", day),
            party=agenda.customers[due.customer].code,
            currency=due.currency,
            amount=amount,
            on=agenda.date(day),
            text=credit_text(reason, due.number, self._dice),
            applied=((due.number, amount),),
        )

    def _note_dispute(self, number: str, day: int) -> Iterable[PlannedDocument]:
        text = dispute_note(self._dice)
        yield PlannedNote(
            target=number, author=self._dice.pick(self._authors), on=self._agenda.date(day), text=text
        )

    def _soon(self, earliest: int, room: int) -> int:
        return self._dice.between(earliest, min(earliest + room, self._agenda.span - 1))


def _by_number(dues: Iterable[Due]) -> tuple[dict[str, int], dict[str, int]]:
    """Cash and discount by invoice: instalments of one invoice in one payment are one line."""
    applied: dict[str, int] = {}
    discounts: dict[str, int] = {}
    for due in dues:
        applied[due.number] = applied.get(due.number, 0) + due.amount - due.discount
        if due.discount:
            discounts[due.number] = discounts.get(due.number, 0) + due.discount
    return applied, discounts
