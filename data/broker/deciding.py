"""From what a face asked to what the rules say of it: the command in full, what it may look at, and the review."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from arqueue.control.commands import (
    Adjust,
    Annotate,
    ApplyPayment,
    Command,
    Escalate,
    Expected,
    Line,
    Order,
    Unapply,
    effects,
    items_of,
    to_wire,
)
from arqueue.control.decide import (
    Accepted,
    Decision,
    NeedsApproval,
    Refusal,
    Sight,
    Situation,
    decide,
    may_approve,
)
from arqueue.control.states import CommandState
from arqueue.errors import ArqueueError, Invalid, NotFound, Refused
from arqueue.model.ledger import Item, Party
from arqueue.model.money import Money
from arqueue.model.people import People
from arqueue.model.text import clean, clean_line
from data.broker import protocol
from data.broker.ledger import Ledger
from data.broker.reading import Reader
from data.broker.requests import AdjustIn, AnnotateIn, ApplyIn, EscalateIn, UnapplyIn
from data.store import queue
from data.store.outbox import Stored

_FILLED_IN = {"on": "", "method": ""}
AnyIn = ApplyIn | UnapplyIn | AdjustIn | AnnotateIn | EscalateIn


@dataclass(frozen=True, slots=True)
class Draft:
    """A command with everything that its decision, its storage and its review need."""

    command: Command
    decision: Decision
    sights: Mapping[str, Sight]
    target: str
    target_item: Item | None
    party: Party | None
    party_id: str | None
    amount: Money
    words: str
    expect: Mapping[str, Expected]
    """The items whose residual moves, as they will be when this order's turn comes."""


def draft(reader: Reader, asked: AnyIn, people: People, ledger: Ledger) -> Draft:
    """Complete, look, decide. Raises Invalid or NotFound where there is nothing to decide on."""
    command = _complete(reader, asked, ledger)
    named = _named_items(command)
    sights = _sights(reader, named)
    target = _target(command)
    item = sights[target].item if target in sights else None
    party_id = item.party_id if item else target
    party = reader.party(party_id)
    situation = Situation(
        person=reader.person,
        people=people,
        items=sights,
        parties={party_id} if party else set(),
        reasons={method.code: method.id for method in ledger.methods},
        operations=ledger.operations,
        part_adjust=_part_adjust(ledger),
    )
    amount = _amount(command, item, reader, ledger)
    words = _words(command, sights, party, amount)
    moved = [sights[key].item for key in items_of(command) if key in sights]
    expect = queue.expected(reader.connection, moved)
    return Draft(
        command, decide(command, situation), sights, target, item, party, party_id, amount, words, expect
    )


def weigh(reader: Reader, row: Stored, people: People, ledger: Ledger) -> Draft:
    """A stored command decided for whoever would approve it, as things stand now: its own effect does not count against it.
    Raises Refused for one that does not wait for approval."""
    still_pending(row)
    order = row.order
    command = order.command
    sights = _sights(reader, _named_items(command), own=effects(command))
    situation = Situation(
        person=reader.person,
        people=people,
        items=sights,
        parties={sight.item.party_id for sight in sights.values()},
        reasons={method.code: method.id for method in ledger.methods},
        operations=ledger.operations,
        part_adjust=_part_adjust(ledger),
    )
    decision = may_approve(command, row.person, situation)
    if isinstance(decision, Accepted) and (moved := outdated(reader, order)) is not None:
        decision = Refusal(
            "as it was ordered",
            f"{moved.number} has changed since this was ordered",
            "decline it; whoever ordered it looks again and orders anew",
        )
    item = sights[row.target].item if row.target in sights else None
    party = reader.party(row.party_id) if row.party_id else None
    return Draft(
        command, decision, sights, row.target, item, party, row.party_id, row.amount, row.words, order.expect
    )


def still_pending(row: Stored) -> None:
    """Raises Refused for a command that nobody can approve or decline any more."""
    if row.state is not CommandState.PENDING:
        raise Refused(
            f"it is {row.state.value}, not pending",
            "see what became of it: `arqueue outbox`",
            rule="pending only",
        )


def outdated(reader: Reader, order: Order) -> Item | None:
    """An item that is no longer as a stored order expects it, so that sending it could only end in a conflict."""
    items = [item for key in order.expect if (item := reader.item(key)) is not None]
    now = queue.expected(reader.connection, items)
    for item in items:
        seen, is_now = order.expect[item.id], now[item.id]
        if seen.residual != is_now.residual or seen.version not in ("", is_now.version):
            return item
    return None


def review(reader: Reader, made: Draft) -> protocol.Review:
    """What it would do, item by item, and whether this person may."""
    decision = made.decision
    verdict = decision if not isinstance(decision, Accepted) else None
    return {
        "verdict": "accepted"
        if verdict is None
        else "needs_approval"
        if isinstance(verdict, NeedsApproval)
        else "refused",
        "words": made.words,
        "party": made.party.name if made.party else "",
        "party_code": made.party.code if made.party else "",
        "lines": _lines(made),
        "reason": verdict.reason if verdict else "",
        "rule": verdict.rule if verdict else "",
        "hint": verdict.hint if verdict else "",
        "money": bool(effects(made.command)) or isinstance(made.command, Unapply),
    }


def differs(reader: Reader, asked: AnyIn, stored: Command, ledger: Ledger) -> bool:
    """Whether a repeated intent asks for something else than it became; what was filled in (date, method) does not count.
    What cannot be completed any more, because its item went, is taken for the same."""
    try:
        return to_wire(_complete(reader, asked, ledger)) | _FILLED_IN != to_wire(stored) | _FILLED_IN
    except ArqueueError:
        return False


def _complete(reader: Reader, asked: AnyIn, ledger: Ledger) -> Command:
    """Numbers become ids, amounts get the item's currency, the business date and the ledger's method are filled in."""
    match asked:
        case ApplyIn():
            payment = reader.item_named(asked.payment)
            lines = tuple(_line(reader, each.item, each.amount) for each in asked.lines)
            return ApplyPayment(payment.id, lines, reader.today)
        case UnapplyIn():
            return _unapply(reader, asked.allocation)
        case AdjustIn():
            item = reader.item_named(asked.item)
            amount = Money.parse(asked.amount, item.residual.currency)
            reason, method = _reason(asked.reason, ledger)
            return Adjust(item.id, amount, reason, method, reader.today, clean(asked.note))
        case AnnotateIn():
            return Annotate(reader.target(asked.target), clean(asked.text))
        case EscalateIn():
            work = asked.work or (asked.target if "/" in asked.target else "")
            return Escalate(reader.target(asked.target), asked.to, clean(asked.why), work)


def _reason(code: str, ledger: Ledger) -> tuple[str, str]:
    """The reason code as the ledger spells it, and its method; an unknown one is left to the rules."""
    for method in ledger.methods:
        if method.code.casefold() == code.casefold():
            return method.code, method.id
    return code, ""


def _line(reader: Reader, key: str, amount: str) -> Line:
    item = reader.item_named(key)
    try:
        return Line(item.id, Money.parse(amount, item.residual.currency))
    except Invalid as error:
        raise Invalid(f"the amount for {item.number}: {error.message}", error.hint) from None


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


def _named_items(command: Command) -> tuple[str, ...]:
    match command:
        case Annotate(target=target) | Escalate(target=target):
            return (target,)
        case _:
            return items_of(command)


def _target(command: Command) -> str:
    match command:
        case ApplyPayment():
            return command.payment
        case Unapply():
            return command.credit_item
        case Adjust():
            return command.item
        case Annotate() | Escalate():
            return command.target


def _sights(reader: Reader, ids: Sequence[str], own: Mapping[str, Money] | None = None) -> dict[str, Sight]:
    """``own`` is what a stored command itself takes, which is open for that command."""
    taken = queue.pending(reader.connection, ids)
    free = {key: amount.minor for key, amount in (own or {}).items()}
    return {
        item.id: Sight(
            item,
            queue.open_amount(item, taken.get(item.id, 0) - free.get(item.id, 0)),
            _family(reader, item.party_id),
            reader.party(item.party_id) is None,
        )
        for key in ids
        if (item := reader.item(key)) is not None
    }


def _family(reader: Reader, party_id: str) -> str:
    party = reader.party(party_id)
    return party.parent_id if party and party.parent_id else party_id


def _part_adjust(ledger: Ledger) -> bool:
    operation = ledger.capabilities.operations.get("adjust")
    return operation is None or operation.explicit_amount


def _amount(command: Command, item: Item | None, reader: Reader, ledger: Ledger) -> Money:
    match command:
        case ApplyPayment():
            currency = item.residual.currency if item else ledger.currency
            return sum((line.amount for line in command.lines), Money.zero(currency))
        case Unapply() | Adjust():
            return command.amount
        case Escalate() | Annotate():
            if item is None:
                return Money.zero(ledger.currency)
            (sight,) = queue.with_open(reader.connection, [item])
            return abs(sight.open)


def _words(command: Command, sights: Mapping[str, Sight], party: Party | None, amount: Money) -> str:
    def number(key: str) -> str:
        return sights[key].item.number if key in sights else party.code if party else key

    match command:
        case ApplyPayment():
            first = ", ".join(number(line.item) for line in command.lines[:3])
            more = f" and {len(command.lines) - 3} more" if len(command.lines) > 3 else ""
            return f"apply {amount} {amount.currency} of {number(command.payment)} to {first}{more}"
        case Unapply():
            pair = f"{number(command.credit_item)} from {number(command.debit_item)}"
            return f"unapply {amount} {amount.currency} of {pair}"
        case Adjust():
            return f"adjust {number(command.item)} by {amount} {amount.currency} ({command.reason})"
        case Annotate():
            return f"note on {number(command.target)}: {clean_line(command.text, limit=60)}"
        case Escalate():
            return f"escalate {number(command.target)} to {command.to}: {clean_line(command.why, limit=60)}"


def _lines(made: Draft) -> list[protocol.ReviewLine]:
    """Open before and after: a credit moves up to zero, a debit down; what is unapplied moves away from it."""
    back = isinstance(made.command, Unapply)
    moved = effects(made.command)
    if isinstance(made.command, Unapply):
        moved = {made.command.credit_item: made.command.amount, made.command.debit_item: made.command.amount}
    lines: list[protocol.ReviewLine] = []
    for key, amount in moved.items():
        sight = made.sights.get(key)
        if sight is None:
            continue
        toward_zero = -amount if sight.item.is_debit else amount
        change = -toward_zero if back else toward_zero
        lines.append(
            {
                "item": key,
                "number": sight.item.number,
                "before": str(sight.open),
                "change": str(change),
                "after": str(sight.open + change)
                if sight.open.currency == change.currency
                else str(sight.open),
                "currency": sight.open.currency,
            }
        )
    return lines
