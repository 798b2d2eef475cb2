"""From what a face asked to commands in full: numbers become ids, amounts get their item's currency, the business date and the
ledger's write-off method are filled in, and one order becomes the several commands of it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from arqueue.cash.settle import How, SettledLine, Settlement, Short, Terms, expand
from arqueue.control.commands import (
    Adjust,
    Annotate,
    ApplyPayment,
    Command,
    Dispute,
    Escalate,
    Identify,
    Line,
    Resolve,
    Unapply,
)
from arqueue.control.decide import Refusal
from arqueue.errors import Invalid, NotFound
from arqueue.model.clock import Clock
from arqueue.model.ledger import Item
from arqueue.model.money import Money
from arqueue.model.people import People
from arqueue.model.text import clean, clean_line
from arqueue.settings import CashSection
from data.broker import seeing
from data.broker.ledger import Ledger
from data.broker.reading import Reader
from data.broker.requests import (
    AdjustIn,
    AnnotateIn,
    ApplyIn,
    DisputeIn,
    EscalateIn,
    IdentifyIn,
    LineIn,
    MoveIn,
    ResolveIn,
    SettleIn,
    SettleLineIn,
    ShortIn,
    SingleIn,
    UnapplyIn,
)

AnyIn = SingleIn | SettleIn | MoveIn


@dataclass(frozen=True, slots=True)
class House:
    """What the company says: who may do what, what its ledger can, its terms of cash application, and what time it is."""

    people: People
    ledger: Ledger
    cash: CashSection
    clock: Clock

    @property
    def methods(self) -> Mapping[str, str]:
        """Reason code → the ledger's write-off method."""
        return {method.code: method.id for method in self.ledger.methods}


def complete(reader: Reader, asked: AnyIn, house: House) -> tuple[Command, ...] | Refusal:
    """The commands of an order in the order in which they are sent, or why it does not add up. Raises Invalid or NotFound where
    there is nothing to decide on."""
    match asked:
        case SettleIn():
            made = settlement(reader, asked, house.ledger)
            named = [made.payment, *(line.item for line in made.lines), *(each.item for each in made.credits)]
            reason, _ = _reason(house.cash.discount_reason, house.ledger)
            found = expand(made, seeing.sights(reader, named), Terms(reader.today, house.methods, reason))
        case MoveIn():
            found = _move(reader, asked)
        case _:
            found = (single(reader, asked, house.ledger),)
    return found if isinstance(found, Refusal) else _told(found, house.ledger)


def single(reader: Reader, asked: SingleIn, ledger: Ledger) -> Command:
    """The one command that most orders are."""
    match asked:
        case ApplyIn():
            payment = reader.item_named(asked.payment)
            return ApplyPayment(payment.id, tuple(_line(reader, each) for each in asked.lines), reader.today)
        case UnapplyIn():
            return _unapply(reader, asked.allocation)
        case AdjustIn():
            item = reader.item_named(asked.item)
            reason, method = _reason(asked.reason, ledger)
            return Adjust(
                item.id, _amount(asked.amount, item), reason, method, reader.today, clean(asked.note)
            )
        case AnnotateIn():
            return Annotate(reader.target(asked.target), clean(asked.text))
        case EscalateIn():
            work = asked.work or (asked.target if "/" in asked.target else "")
            return Escalate(reader.target(asked.target), asked.to, clean(asked.why), work)
        case DisputeIn():
            item = reader.item_named(asked.item)
            (sight,) = seeing.sights(reader, [item.id]).values()
            amount = sight.open if asked.amount is None else _amount(asked.amount, item)
            return Dispute(item.id, amount, clean_line(asked.reason).strip(), clean(asked.note))
        case ResolveIn():
            return Resolve(reader.item_named(asked.item).id, asked.outcome, clean(asked.note))
        case IdentifyIn():
            payment = reader.item_named(asked.payment)
            return Identify(payment.id, reader.party_named(asked.party).id, reader.today)


def settlement(reader: Reader, asked: SettleIn, ledger: Ledger) -> Settlement:
    """The order to settle with ids for numbers and amounts in their items' currencies."""
    return Settlement(
        reader.item_named(asked.payment).id,
        tuple(_settled(reader, line, ledger) for line in asked.lines),
        tuple(_line(reader, each) for each in asked.credits),
        asked.rest == "refund",
        clean(asked.note).strip(),
    )


def fingerprint(reader: Reader, asked: AnyIn, ledger: Ledger) -> str:
    """By what an order that became several commands is known again when its intent is repeated: what was asked, whichever way
    items were named and amounts written."""
    match asked:
        case SettleIn():
            meant = repr(settlement(reader, asked, ledger))
        case MoveIn():
            to = reader.item_named(asked.to)
            amount = asked.amount and _amount(asked.amount, to)
            meant = repr((asked.allocation, to.id, amount))
        case _:
            meant = repr(asked)
    return hashlib.sha256(f"{asked.op} {meant}".encode()).hexdigest()


def _settled(reader: Reader, line: SettleLineIn, ledger: Ledger) -> SettledLine:
    item = reader.item_named(line.item)
    return SettledLine(
        item.id,
        _amount(line.amount, item),
        _amount(line.discount, item, "the discount on"),
        _short(line.short, item, ledger) if line.short else None,
    )


def _short(short: ShortIn, item: Item, ledger: Ledger) -> Short:
    how = How(short.how)
    reason = clean_line(short.reason).strip()
    if how is How.WRITEOFF:
        reason, _ = _reason(reason, ledger)
    amount = None if short.amount is None else _amount(short.amount, item, "what is left of")
    return Short(how, reason, clean(short.note), amount)


def _told(commands: tuple[Command, ...], ledger: Ledger) -> tuple[Command, ...]:
    """Where the ledger holds no disputes the case is ours alone, and a remark tells whoever looks there."""
    supports = ledger.capabilities.supports
    told: list[Command] = []
    for command in commands:
        told.append(command)
        if isinstance(command, Dispute | Resolve) and not supports(command.op) and supports("annotate"):
            told.append(Annotate(command.item, _remark(command)))
    return tuple(told)


def _remark(command: Dispute | Resolve) -> str:
    if isinstance(command, Dispute):
        words = f"Disputed: {command.amount} {command.amount.currency}: {command.reason}"
    else:
        words = f"Dispute ended: {command.outcome}"
    return f"{words}. {command.note}" if command.note else words


def _move(reader: Reader, asked: MoveIn) -> tuple[Command, ...] | Refusal:
    """Taken back whole, and applied anew: to the other debit, and what does not go there to the one that it was on."""
    back = _unapply(reader, asked.allocation)
    to = reader.item_named(asked.to)
    if to.id == back.debit_item:
        return Refusal("another debit", f"it is applied to {to.number} already", "name another invoice")
    if to.residual.currency != back.amount.currency:
        words = f"{to.number} is in {to.residual.currency}, the allocation in {back.amount.currency}"
        return Refusal(
            "one currency", words, "move it in the accounting system: it books the exchange difference"
        )
    amount = back.amount if asked.amount is None else _amount(asked.amount, to)
    if not 0 < amount.minor <= back.amount.minor:
        return Refusal(
            "no more than is applied",
            f"{amount} is not within the {back.amount} that is applied",
            "correct the amount",
        )
    lines = [Line(to.id, amount)]
    if amount != back.amount:
        lines.append(Line(back.debit_item, back.amount - amount))
    return back, ApplyPayment(back.credit_item, tuple(lines), reader.today)


def _reason(code: str, ledger: Ledger) -> tuple[str, str]:
    """The reason code as the ledger spells it, and its method; an unknown one is left to the rules."""
    for method in ledger.methods:
        if method.code.casefold() == code.casefold():
            return method.code, method.id
    return code, ""


def _line(reader: Reader, asked: LineIn) -> Line:
    item = reader.item_named(asked.item)
    return Line(item.id, _amount(asked.amount, item))


def _amount(text: str, item: Item, what: str = "the amount for") -> Money:
    try:
        return Money.parse(text, item.residual.currency)
    except Invalid as error:
        raise Invalid(f"{what} {item.number}: {error.message}", error.hint) from None


def _unapply(reader: Reader, allocation_id: str) -> Unapply:
    rows = reader.connection.execute(
        "SELECT credit_item, debit_item, amount, currency FROM allocation WHERE id = ? AND void = 0",
        (allocation_id,),
    ).fetchall()
    if not rows:
        raise NotFound(
            f"there is no allocation {allocation_id!r}", "see what is applied with `arqueue show ITEM`"
        )
    credit, debit, minor, currency = rows[0]
    return Unapply(allocation_id, credit, debit, Money(minor, currency), reader.today)
