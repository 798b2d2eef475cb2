"""One order to settle a payment, as the several commands that carry it out: credits first, then the payment, then what becomes
of each rest. Pure; each command is still decided by itself, seeing what the ones before it will have done."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from arqueue.control.commands import (
    Adjust,
    Annotate,
    ApplyPayment,
    Command,
    Dispute,
    Escalate,
    Line,
)
from arqueue.control.decide import Refusal, Sight
from arqueue.model.money import Money
from arqueue.model.people import Role


class How(StrEnum):
    """What becomes of the rest of a line."""

    OPEN = "open"
    DISPUTE = "dispute"
    WRITEOFF = "writeoff"


@dataclass(frozen=True, slots=True)
class Short:
    """What becomes of so much of the rest; of all of it where no amount is said. ``reason`` is words for a dispute, a reason code
    for a write-off."""

    how: How
    reason: str = ""
    note: str = ""
    amount: Money | None = None


@dataclass(frozen=True, slots=True)
class SettledLine:
    """One debit: ``amount`` is what payment and credits pay of it together, ``discount`` is written off beside it."""

    item: str
    amount: Money
    discount: Money
    short: Short | None = None


@dataclass(frozen=True, slots=True)
class Settlement:
    """The whole order. ``refund`` asks for what is left of the payment to be paid back; else it stays on account."""

    payment: str
    lines: tuple[SettledLine, ...]
    credits: tuple[Line, ...] = ()
    refund: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Terms:
    """What the company fills in: the business date, the ledger's write-off method of each reason code, and the reason code of an
    early-payment discount."""

    on: date
    methods: Mapping[str, str]
    discount_reason: str


def expand(settlement: Settlement, items: Mapping[str, Sight], terms: Terms) -> tuple[Command, ...] | Refusal:
    """The commands in the order in which they are sent, or why the order does not add up; ``items`` holds every item that it
    names."""
    refusal = next(_misfits(settlement, items), None)
    if refusal is not None:
        return refusal
    commands: list[Command] = []
    due = {line.item: line.amount for line in settlement.lines}
    for credit, lines in _spread(settlement, items).items():
        commands.append(ApplyPayment(credit, lines, terms.on))
        for line in lines:
            due[line.item] -= line.amount
    paid = tuple(Line(item, amount) for item, amount in due.items() if amount)
    commands.append(ApplyPayment(settlement.payment, paid, terms.on))
    commands += _discounts(settlement, terms)
    commands += _shorts(settlement, items, terms)
    payment = items[settlement.payment]
    if settlement.refund:
        left = -payment.open - Money.total((line.amount for line in paid), payment.open.currency)
        why = f"refund of {left} {left.currency} requested"
        note = f": {settlement.note}" if settlement.note else ""
        commands.append(Escalate(settlement.payment, Role.SUPERVISOR.value, why + note))
    elif settlement.note:
        commands.append(Annotate(settlement.payment, settlement.note))
    return tuple(commands)


def _misfits(settlement: Settlement, items: Mapping[str, Sight]) -> Iterator[Refusal]:
    """What does not add up, line by line. What is open of a credit, and who may, is left to the rules of each command."""
    payment = items[settlement.payment]
    number, currency = payment.item.number, payment.open.currency
    if not settlement.lines:
        yield Refusal("something to apply to", "no invoice is chosen", "mark at least one line with Space")
    named = [line.item for line in settlement.lines] + [each.item for each in settlement.credits]
    for key in named:
        yield from _misnamed(key, named, items[key], payment)
    for line in settlement.lines:
        yield from _unfit(line, items[line.item])
    for credit in settlement.credits:
        if credit.amount.minor <= 0:
            words = f"the amount used of {items[credit.item].item.number} must be above zero"
            yield Refusal("positive amounts", words, "correct the amount")
    lines = Money.total((line.amount for line in settlement.lines), currency)
    netted = Money.total((each.amount for each in settlement.credits), currency)
    if netted >= lines:
        yield Refusal(
            "the payment pays something",
            f"the credits ({netted}) pay all of the {lines} by themselves: nothing of {number} is used",
            "leave a credit out, or apply the credit by itself",
        )
    if settlement.refund and lines - netted >= -payment.open:
        yield Refusal(
            "something to refund",
            f"nothing is left of {number} to pay back",
            "leave the rest on account, or lower an amount",
        )


def _misnamed(key: str, named: Sequence[str], sight: Sight, payment: Sight) -> Iterator[Refusal]:
    number = sight.item.number
    if named.count(key) > 1:
        yield Refusal("each item once", f"{number} is named twice", "put both amounts on one line")
    if key == payment.item.id:
        yield Refusal("each item once", f"{number} is the payment itself", "name it once, as the payment")
    if sight.open.currency != payment.open.currency:
        yield Refusal(
            "one currency",
            f"{number} is in {sight.open.currency}, the payment in {payment.open.currency}",
            "apply across currencies in the accounting system: it books the exchange difference",
        )


def _unfit(line: SettledLine, sight: Sight) -> Iterator[Refusal]:
    """Why amount, discount and what becomes of the rest do not fit into what is open of the item."""
    number, short = sight.item.number, line.short
    if line.amount.minor <= 0:
        yield Refusal("positive amounts", f"the amount for {number} must be above zero", "correct the amount")
    if line.discount.minor < 0:
        yield Refusal(
            "positive amounts", f"the discount on {number} cannot be negative", "correct the amount"
        )
    if line.amount > sight.open:
        yield Refusal(
            "no more than is open",
            f"{line.amount} is more than the {sight.open} open of {number}",
            "lower the amount",
        )
    rest = sight.open - line.amount - line.discount
    if rest.minor < 0:
        words = f"{line.amount} and the discount of {line.discount} are more than the {sight.open} open of {number}"
        yield Refusal("no more than is open", words, "lower the amount or the discount")
    if short is None or short.how is How.OPEN:
        return
    if not rest:
        yield Refusal(
            "a rest",
            f"nothing is left of {number} to {_doing(short)}",
            "leave it out, or lower the amount",
        )
    if short.amount is not None and not 0 < short.amount.minor <= rest.minor:
        words = f"{short.amount} is not within the {rest} that is left of {number} to {_doing(short)}"
        yield Refusal("no more than is left", words, "correct the amount")


def _doing(short: Short) -> str:
    return "dispute" if short.how is How.DISPUTE else "write off"


def _spread(settlement: Settlement, items: Mapping[str, Sight]) -> dict[str, tuple[Line, ...]]:
    """Which debits each credit pays and how much of each: those of the credit's own customer first, since some ledgers apply
    within one customer only; in the order given. A credit that finds no debit left is an order that pays too much, which the
    rules saw before."""
    due = {line.item: line.amount.minor for line in settlement.lines}
    free = {credit.item: credit.amount.minor for credit in settlement.credits}
    shares: dict[str, dict[str, int]] = {credit: {} for credit in free}
    for at_home in (True, False):
        for credit, share in shares.items():
            for item, still in due.items():
                if at_home and items[item].item.party_id != items[credit].item.party_id:
                    continue
                taken = min(still, free[credit])
                if taken:
                    share[item] = share.get(item, 0) + taken
                    due[item] = still - taken
                    free[credit] -= taken
    return {
        credit: tuple(Line(item, Money(minor, items[item].open.currency)) for item, minor in share.items())
        for credit, share in shares.items()
    }


def _discounts(settlement: Settlement, terms: Terms) -> Iterator[Command]:
    reason = terms.discount_reason
    for line in settlement.lines:
        if line.discount:
            yield Adjust(
                line.item,
                line.discount,
                reason,
                terms.methods.get(reason, ""),
                terms.on,
                "early-payment discount",
            )


def _shorts(settlement: Settlement, items: Mapping[str, Sight], terms: Terms) -> Iterator[Command]:
    for line in settlement.lines:
        short = line.short
        if short is None or short.how is How.OPEN:
            continue
        rest = items[line.item].open - line.amount - line.discount
        amount = rest if short.amount is None else short.amount
        if short.how is How.DISPUTE:
            yield Dispute(line.item, amount, short.reason, short.note)
        else:
            method = terms.methods.get(short.reason, "")
            yield Adjust(line.item, amount, short.reason, method, terms.on, short.note)
