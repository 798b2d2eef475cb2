"""Two years of receivables, day by day: each invoice's fate is thrown when it is written, so that nothing is kept.

An invoice is meant either to be closed by today (then ``Settlement`` pays it) or to be open today (then it is
disputed, paid in part, bounced, or simply not paid, and perhaps named by a payment that nobody has applied).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Final

from arqueue.model.money import Money
from data.demo.agenda import Agenda
from data.demo.customers import Customer, discount_on, invoice_amount
from data.demo.dice import Dice, Wheel, plain_sum
from data.demo.goods import (
    DISPUTES,
    FREIGHTS,
    GOODS,
    contact_note,
    credit_text,
    open_dispute_note,
    unit_of,
)
from data.demo.plan import PlannedCredit, PlannedDocument, PlannedInvoice, PlannedNote
from data.demo.remittance import Due
from data.demo.senders import Sender
from data.demo.settlement import Settlement
from data.demo.unapplied import UnappliedCash

SPAN: Final = 730
"""Days from the first document to today."""
AUTHORS: Final = ("mara", "jonas", "aiko", "pieter", "noor")


@dataclass(frozen=True, slots=True)
class Volume:
    """How many of each there are to be over the whole history."""

    open_invoices: int
    closed_invoices: int
    unapplied: int
    open_credits: int
    notes: int
    watch_every: int = 1
    """One customer in so many is known by heart, and can be the one behind an unapplied payment."""
    bounced: float = 0.02
    """How likely an open invoice that is due about now was paid by a payment that bounced."""


_Shape = Callable[[int], float]
_Fate = Callable[[Customer, Due, int], tuple[str, Sequence[Due]]]
"""Decides what becomes of an invoice; answers the reason of its dispute and its instalments, if any."""


def _piecewise(*pieces: tuple[int, float]) -> _Shape:
    """Shares by age: each piece reaches up to its age (exclusive) and holds its share, evenly spread."""

    def share(age: int) -> float:
        start = 0
        for end, part in pieces:
            if age < end:
                return part / (end - start)
            start = end
        return 0.0

    return share


def _closed_share(age: int) -> float:
    return 0.0 if age < 8 else min(1.0, (age - 7) / 60.0) * (1.2 - 0.4 * age / SPAN)


_OPEN_SHARE: Final = _piecewise((30, 0.40), (60, 0.28), (90, 0.14), (130, 0.08), (365, 0.08), (SPAN, 0.02))
_CASH_SHARE: Final = _piecewise((5, 0.40), (12, 0.25), (40, 0.22), (120, 0.13))
_CREDIT_SHARE: Final = _piecewise((30, 0.50), (90, 0.25), (300, 0.25))
_NOTE_SHARE: Final = _piecewise((20, 0.45), (120, 0.55))
# Up to which age of an invoice each wheel of payers holds, from the quick ones to the troubled ones.
_WHEEL_AGES: Final = (40, 75, 140, SPAN + 1)


class History:
    """One telling of a company's documents, day by day."""

    def __init__(self, agenda: Agenda, senders: Sequence[Sender], volume: Volume, dice: Dice) -> None:
        self._agenda = agenda
        self._customers = agenda.customers
        self._volume = volume
        self._dice = dice
        self._settlement = Settlement(agenda, senders, AUTHORS)
        self._cash = UnappliedCash(agenda, senders, volume.watch_every)
        self._any = Wheel([(customer, customer.weight) for customer in self._customers])
        self._owing = [
            Wheel([(customer, customer.weight * _lag(customer, band)) for customer in self._customers])
            for band in range(len(_WHEEL_AGES))
        ]

    def tell(self) -> Iterator[PlannedDocument]:
        """Every document, by date."""
        volume, agenda = self._volume, self._agenda
        opened = _spread(volume.open_invoices, _OPEN_SHARE)
        closed = _spread(volume.closed_invoices, _closed_share)
        cash = _spread(volume.unapplied, _CASH_SHARE)
        credited = _spread(volume.open_credits, _CREDIT_SHARE)
        notes = _spread(volume.notes, _NOTE_SHARE)
        for day in range(SPAN + 1):
            yield from self._invoices(day, closed[day], self._any, self._to_be_closed)
            owing = self._owing[next(band for band, end in enumerate(_WHEEL_AGES) if SPAN - day < end)]
            yield from self._invoices(day, opened[day], owing, self._to_stay_open)
            for _ in range(credited[day]):
                yield self._open_credit(day)
            for event in agenda.events(day):
                yield from event(day)
            for (payer, currency), dues in agenda.runs(day).items():
                yield from self._settlement.pay(day, self._customers[payer], currency, dues)
            for _ in range(cash[day]):
                yield self._cash.come_in(day)
            for _ in range(notes[day]):
                yield self._contact(day)

    def _invoices(
        self,
        day: int,
        count: int,
        wheel: Wheel[Customer],
        fate: _Fate,
    ) -> Iterator[PlannedInvoice]:
        dice, agenda = self._dice, self._agenda
        on = agenda.date(day)
        while count > 0:
            customer = wheel.turn(dice)
            run = min(count, dice.between(2, 5)) if dice.chance(0.06) else 1
            count -= run
            orders = customer.orders
            order = orders.format(dice.below(90_000)) if orders and dice.chance(0.85) else ""
            currency = customer.second if dice.chance(0.25) else customer.currency
            for _ in range(run):
                amount = invoice_amount(customer, currency, dice)
                due = Due(
                    agenda.number("INV", day),
                    customer.place,
                    currency,
                    amount,
                    day,
                    day + customer.terms,
                    order,
                )
                freight = dice.pick(FREIGHTS) if dice.chance(0.3) else 0
                freight = freight if freight * 2 < amount else 0
                text = dice.pick(GOODS)
                dispute, parts = fate(customer, due, freight)
                yield PlannedInvoice(
                    number=due.number,
                    party=customer.code,
                    currency=currency,
                    amount=amount,
                    on=on,
                    due=on + timedelta(days=customer.terms),
                    reference=f"{order} {on.month:02d}" if order and dice.chance(0.2) else "",
                    purchase_order=order,
                    text=f"{text}, incl. freight {Money(freight, currency).text}" if freight else text,
                    instalments=tuple((on + timedelta(days=part.due - day), part.amount) for part in parts),
                    dispute=dispute,
                )

    def _to_be_closed(self, customer: Customer, due: Due, freight: int) -> tuple[str, Sequence[Due]]:
        if due.born < SPAN - 170 and due.amount > customer.typical * 2 and self._dice.chance(0.05):
            parts = _instalments(due)
            for part in parts:
                self._agenda.owe(part.due + max(0, customer.late), part)
            return "", parts
        self._settlement.promise(customer, due, freight)
        return "", ()

    def _to_stay_open(self, customer: Customer, due: Due, freight: int) -> tuple[str, Sequence[Due]]:
        dice, agenda, chance = self._dice, self._agenda, self._dice.random()
        age = SPAN - due.born
        if age >= 5 and chance < 0.038:
            return self._dispute(customer, due, freight), ()
        if chance > 0.97 and due.amount > customer.typical:
            parts = _instalments(due)
            for part in parts[:-1]:
                if part.due > SPAN - 10 or dice.chance(0.2):
                    break
                agenda.owe_on(part.due, part)
            return "", parts
        if age >= 20 and chance < 0.13:
            self._pay_some(customer, due, freight, chance)
        elif (
            SPAN - 26 <= due.due <= SPAN - 3
            and customer.payer == customer.place
            and dice.chance(self._volume.bounced)
        ):
            day = dice.between(max(due.born + 1, due.due - 3, SPAN - 18), SPAN - 2)
            agenda.at(day, partial(self._settlement.return_soon, payer=customer, due=due))
        else:
            self._cash.remember(due)
        return "", ()

    def _dispute(self, customer: Customer, due: Due, freight: int) -> str:
        dice, agenda = self._dice, self._agenda
        reason = "freight" if freight and dice.chance(0.3) else DISPUTES.turn(dice)
        told = dice.between(due.born + 2, min(due.due + 10, SPAN))
        agenda.at(told, partial(self._note, due.number, open_dispute_note(reason, dice)))
        if told > due.born + 2 and told < SPAN and dice.chance(0.3):
            short = freight if reason == "freight" else max(1, due.amount * dice.between(4, 40) // 100)
            case = f"short {reason}"
            agenda.at(
                told,
                partial(
                    self._settlement.pay_plainly,
                    payer=customer,
                    due=due,
                    amount=due.amount - short,
                    case=case,
                ),
            )
        return reason

    def _pay_some(self, customer: Customer, due: Due, freight: int, chance: float) -> None:
        """Pay a part of an invoice that stays open: a good part, or all but a little, or by a credit note."""
        dice = self._dice
        day = dice.between(max(due.born + 5, min(due.due - 4, SPAN - 3)), min(due.due + 25, SPAN - 1))
        if chance < 0.085:
            part, case = due.amount * dice.between(20, 80) // 100, "partial"
        elif chance < 0.113:
            left, case = _little(customer, due, freight, dice)
            part = due.amount - left
        else:
            part = due.amount * dice.between(5, 50) // 100
            self._agenda.at(
                day, partial(self._settlement.credit, due=due, amount=max(1, part), reason="goods")
            )
            return
        if 0 < part < due.amount:
            pay = partial(self._settlement.pay_plainly, payer=customer, due=due, amount=part, case=case)
            self._agenda.at(day, pay)

    def _open_credit(self, day: int) -> PlannedCredit:
        dice, agenda = self._dice, self._agenda
        customer = self._any.turn(dice)
        credit = Due(
            agenda.number("CN", day),
            customer.place,
            customer.currency,
            max(100, invoice_amount(customer, customer.currency, dice) * dice.between(5, 60) // 100),
            day,
            day,
        )
        self._cash.remember_credit(credit)
        return PlannedCredit(
            number=credit.number,
            party=customer.code,
            currency=credit.currency,
            amount=credit.amount,
            on=agenda.date(day),
            text=credit_text("open", credit.number, dice),
        )

    def _contact(self, day: int) -> PlannedNote:
        customer = self._owing[2].turn(self._dice)
        return PlannedNote(
            target=customer.code,
            author=self._dice.pick(AUTHORS),
            on=self._agenda.date(day),
            text=contact_note(self._dice),
        )

    def _note(self, number: str, text: str, day: int) -> Iterable[PlannedDocument]:
        yield PlannedNote(
            target=number, author=self._dice.pick(AUTHORS), on=self._agenda.date(day), text=text
        )


def _little(customer: Customer, due: Due, freight: int, dice: Dice) -> tuple[int, str]:
    """A small amount that a payment stays short of its invoice, and what for."""
    unit = unit_of(due.currency)
    case = dice.pick(
        ("bank charges", "cents", "discount unearned", "short freight" if freight else "bank charges")
    )
    left = {
        "bank charges": dice.pick((5, 8, 10, 12, 15, 25)) * unit,
        "cents": dice.between(1, 95) * unit // 100,
        "discount unearned": discount_on(customer, due.amount),
        "short freight": freight,
    }[case]
    return max(1, left), case


def _instalments(due: Due) -> list[Due]:
    """Three parts a month apart that sum to the invoice."""
    third = due.amount // 3
    return [
        replace(due, amount=amount, due=due.due + 30 * turn)
        for turn, amount in enumerate((third, third, due.amount - 2 * third))
    ]


def _lag(customer: Customer, band: int) -> float:
    """How much more or less than its share a customer has of the open invoices of that age."""
    if band == 0:
        return 1.0
    ratio = max(0.0, (customer.terms + customer.late) / _WHEEL_AGES[band - 1])
    return max(0.03, min(4.0, ratio * ratio)) * (3.0 if customer.troubled and band > 1 else 1.0)


def _spread(total: int, share: _Shape) -> list[int]:
    """How many of ``total`` come on each day of the history, by the age that they will have today."""
    weights = [share(SPAN - day) for day in range(SPAN + 1)]
    whole = plain_sum(weights)
    counts, due, given = [], 0.0, 0
    for weight in weights:
        due += weight * total / whole
        counts.append(int(due + 0.5) - given)
        given += counts[-1]
    return counts
