"""Whether an order is accepted, needs another person's approval, or is refused, with the reason in words. Pure."""

from __future__ import annotations

from arqueue.control.authority import covered, use_of, who_could
from arqueue.control.commands import (
    Adjust,
    Annotate,
    ApplyPayment,
    Command,
    Dispute,
    Escalate,
    Identify,
    Resolve,
    Unapply,
    items_of,
)
from arqueue.control.decision import Accepted, Decision, NeedsApproval, Refusal
from arqueue.control.situation import Sight, Situation
from arqueue.model.ledger import ItemKind, ItemState
from arqueue.model.money import Money
from arqueue.model.people import Role

__all__ = [
    "OUTCOMES",
    "Accepted",
    "Decision",
    "NeedsApproval",
    "Refusal",
    "Sight",
    "Situation",
    "decide",
    "may_approve",
    "may_break_glass",
]


OUTCOMES = ("valid", "invalid")
"""How a dispute ends: the customer was right, or was not."""
_REFRESH = "look at the account again: it has changed"
_GLASS = "break-glass"
_PEOPLE = "an administrator corrects the people file; until then no money moves"


def decide(command: Command, situation: Situation) -> Decision:
    """The first rule that forbids it, else accepted."""
    if situation.person.reads_only:
        return Refusal("auditors read only", "an auditor changes nothing", "ask a collector")
    if situation.people.fault and items_of(command):
        return Refusal("a people file that can be read", situation.people.fault, _PEOPLE)
    if command.op not in situation.operations:
        return Refusal(
            "not in this ledger",
            f"this accounting system cannot {command.op}",
            "do it in the accounting system itself",
        )
    match command:
        case ApplyPayment():
            return _apply(command, situation)
        case Adjust():
            return _adjust(command, situation)
        case Unapply():
            return _unapply(command, situation)
        case Annotate():
            return _annotate(command, situation)
        case Escalate():
            return _escalate(command, situation)
        case Dispute():
            return _dispute(command, situation)
        case Resolve():
            return _resolve(command, situation)
        case Identify():
            return _identify(command, situation)


def _apply(command: ApplyPayment, situation: Situation) -> Decision:
    payment = situation.items.get(command.payment)
    if not command.lines:
        return Refusal("something to apply to", "no invoice is chosen", "mark at least one line with Space")
    if payment is None:
        return _unknown(command.payment)
    if payment.item.is_debit:
        return Refusal(
            "credits only", f"{payment.item.number} is not a payment or credit", "choose a payment"
        )
    refusal = _usable(payment)
    if refusal:
        return refusal
    chosen = [line.item for line in command.lines]
    if len(set(chosen)) != len(chosen):
        return Refusal("each item once", "an invoice is named twice", "put both amounts on one line")
    for line in command.lines:
        refusal = _line(line.item, line.amount, payment, situation)
        if refusal:
            return refusal
    total = sum(line.amount.minor for line in command.lines)
    if total > -payment.open.minor:
        return Refusal(
            "no more than is open",
            f"{Money(total, payment.open.currency)} is more than the {-payment.open} open of {payment.item.number}",
            "take a line away or lower an amount",
        )
    return _covered(command, payment, situation)


def _line(item_id: str, amount: Money, payment: Sight, situation: Situation) -> Refusal | None:
    sight = situation.items.get(item_id)
    if sight is None:
        return _unknown(item_id)
    number = sight.item.number
    if not sight.item.is_debit:
        return Refusal("debits only", f"{number} is not something the customer owes", "choose an invoice")
    if refusal := _usable(sight):
        return refusal
    if amount.currency != payment.open.currency or sight.open.currency != amount.currency:
        return Refusal(
            "one currency",
            f"{number} is in {sight.open.currency}, the payment in {payment.open.currency}",
            "apply across currencies in the accounting system: it books the exchange difference",
        )
    if amount.minor <= 0:
        return Refusal(
            "positive amounts", f"the amount for {number} must be above zero", "correct the amount"
        )
    if amount.minor > sight.open.minor:
        return Refusal(
            "no more than is open",
            f"{amount:,} is more than the {sight.open:,} open of {number}",
            "lower the amount",
        )
    if sight.family != payment.family:
        return Refusal(
            "one family",
            f"{number} belongs to a customer outside the payer's family",
            "escalate it: the payment may stand on the wrong account",
        )
    return None


def _adjust(command: Adjust, situation: Situation) -> Decision:
    sight = situation.items.get(command.item)
    if sight is None:
        return _unknown(command.item)
    if refusal := _usable(sight):
        return refusal
    if command.reason not in situation.reasons:
        known = ", ".join(sorted(situation.reasons)) or "none: the accounting system has no write-off method"
        return Refusal(
            "a known reason", f"there is no reason code {command.reason!r}", f"known codes: {known}"
        )
    if command.method != situation.reasons[command.reason]:
        return Refusal(
            "the reason's own account",
            f"reason {command.reason!r} now stands for another write-off method",
            "make the adjustment again",
        )
    if command.amount.currency != sight.open.currency:
        return Refusal(
            "one currency", f"{sight.item.number} is in {sight.open.currency}", "use that currency"
        )
    if command.amount.minor <= 0:
        return Refusal("positive amounts", "the amount must be above zero", "correct the amount")
    if command.amount.minor > abs(sight.open.minor):
        return Refusal(
            "no more than is open",
            f"{command.amount:,} is more than the {abs(sight.open):,} open of {sight.item.number}",
            "lower the amount",
        )
    whole = abs(sight.item.residual if sight.then is None else sight.then)
    if not situation.part_adjust and command.amount != whole:
        return Refusal(
            "all or nothing",
            f"this accounting system writes off only all that is open of {sight.item.number}: {whole}",
            "apply the payment first, then adjust the rest",
        )
    return _covered(command, sight, situation)


def _covered(command: Command, sight: Sight, situation: Situation) -> Decision:
    """Whether the person's own limits let it through."""
    use = use_of(command, sight.item.party_id, abs(sight.open))
    return covered(situation.person, use, situation.spent) if use else Accepted()


def _unapply(command: Unapply, situation: Situation) -> Decision:
    for item_id in (command.credit_item, command.debit_item):
        if item_id not in situation.items:
            return _unknown(item_id)
    if command.allocation in situation.coming_back:
        return Refusal("once", "that allocation is being taken back already", "see `arqueue outbox`")
    return _covered(command, situation.items[command.credit_item], situation)


def _annotate(command: Annotate, situation: Situation) -> Decision:
    if not command.text.strip():
        return Refusal("a note says something", "the note is empty", "write what happened")
    if command.target not in situation.items and command.target not in situation.parties:
        return _unknown(command.target)
    return Accepted()


def _escalate(command: Escalate, situation: Situation) -> Decision:
    if not command.why.strip():
        return Refusal("a reason", "an escalation needs a reason", "write what is to be decided")
    roles = {role.value for role in Role}
    names = {person.id for person in situation.people}
    if command.to not in roles | names:
        return Refusal(
            "somebody real",
            f"there is no person or role {command.to!r}",
            f"known: {', '.join(sorted(names))}",
        )
    if command.to == situation.person.id:
        return Refusal(
            "to somebody else", "this would escalate it to yourself", "choose another person or a role"
        )
    if command.target not in situation.items and command.target not in situation.parties:
        return _unknown(command.target)
    return Accepted()


def _dispute(command: Dispute, situation: Situation) -> Decision:
    sight = situation.items.get(command.item)
    if sight is None:
        return _unknown(command.item)
    number = sight.item.number
    if not sight.item.is_debit:
        return Refusal(
            "debits only", f"{number} is not something the customer owes", "dispute the invoice itself"
        )
    if refusal := _usable(sight):
        return refusal
    if not command.reason.strip():
        return Refusal("a reason", "a dispute needs a reason", "say what the customer objects to")
    if sight.disputed:
        return Refusal(
            "one dispute an item",
            f"{number} is disputed already: {sight.disputed}",
            "resolve that dispute first, or put a note on it",
        )
    if command.amount.currency != sight.open.currency:
        return Refusal("one currency", f"{number} is in {sight.open.currency}", "use that currency")
    if command.amount.minor <= 0:
        return Refusal("positive amounts", "the disputed amount must be above zero", "correct the amount")
    if command.amount > sight.open:
        return Refusal(
            "no more than is open",
            f"{command.amount:,} is more than the {sight.open:,} open of {number}",
            "lower the amount",
        )
    return Accepted()


def _resolve(command: Resolve, situation: Situation) -> Decision:
    sight = situation.items.get(command.item)
    if sight is None:
        return _unknown(command.item)
    number = sight.item.number
    if command.outcome not in OUTCOMES:
        return Refusal(
            "valid or invalid",
            f"a dispute is not resolved as {command.outcome!r}",
            "say valid if the customer was right, else invalid",
        )
    if not sight.disputed:
        return Refusal("an open dispute", f"no dispute on {number} is open", _REFRESH)
    if sight.resolving:
        return Refusal(
            "an open dispute",
            f"the dispute on {number} is being resolved already",
            "see what becomes of it: `arqueue outbox`",
        )
    if not (sight.disputed_here or situation.resolves):
        return Refusal(
            "not in this ledger",
            f"the dispute on {number} stands in the accounting system, which does not let it be ended from here",
            "end it in the accounting system itself",
        )
    return Accepted()


def _identify(command: Identify, situation: Situation) -> Decision:
    sight = situation.items.get(command.payment)
    if sight is None:
        return _unknown(command.payment)
    number = sight.item.number
    if sight.item.kind is not ItemKind.PAYMENT or sight.item.is_debit:
        return Refusal("payments only", f"{number} is not a payment", "choose a payment")
    if refusal := _usable(sight):
        return refusal
    if command.party not in situation.parties:
        return Refusal(
            "a living customer",
            f"{command.party} is no customer in the ledger as it was last synced",
            "choose the customer who sent it: see `arqueue find`",
        )
    if command.party == sight.item.party_id:
        return Refusal(
            "another customer", f"{number} is on that customer's account already", "choose another customer"
        )
    if sight.then is not None and sight.then != sight.open:
        # it goes with all that is open by then: what that is must be what is shown, and what limits are asked for
        unsure = abs(sight.then - sight.open)
        return Refusal(
            "all that is open",
            f"{unsure} of {number} is under way, and nobody knows yet whether it stays open",
            "have it approved or declined, or wait for its outcome: see `arqueue outbox`",
        )
    return _covered(command, sight, situation)


def may_approve(command: Command, maker: str, situation: Situation) -> Decision:
    """Whether this person may approve what another one made. A person never approves their own, by whatever account."""
    if refusal := _other_eyes(maker, situation):
        return refusal
    decision = decide(command, situation)
    if isinstance(decision, NeedsApproval):
        return Refusal(decision.rule, decision.reason, decision.hint)
    return decision


def may_break_glass(command: Command, maker: str, why: str, situation: Situation) -> Decision:
    """Whether this supervisor may be one of the two who let something through that is above everybody's limit."""
    if refusal := _other_eyes(maker, situation):
        return refusal
    if not situation.person.supervises:
        return Refusal(_GLASS, "only supervisors break the glass", "ask two of them")
    if not why.strip():
        return Refusal(_GLASS, "breaking the glass needs a reason", "say why: it stands in the audit")
    decision = decide(command, situation)
    if isinstance(decision, Refusal):
        return decision
    if isinstance(decision, Accepted):
        return Refusal(_GLASS, "your limit covers it", "approve it as usual")
    sight = next((situation.items[key] for key in items_of(command) if key in situation.items), None)
    use = use_of(command, sight.item.party_id, abs(sight.open)) if sight else None
    if use and (able := who_could(use, situation.people, maker)):
        names = ", ".join(person.id for person in able)
        return Refusal(_GLASS, f"the limit of {names} covers it", "ask them to approve it")
    return Accepted()


def _other_eyes(maker: str, situation: Situation) -> Refusal | None:
    """An order is approved by another person, and only while its maker may still make one."""
    if situation.person.id == maker:
        return Refusal(
            "four eyes", "your own command needs another person", "ask somebody with a sufficient limit"
        )
    person = situation.people.find(maker)
    if person is None or person.reads_only:
        return Refusal("a maker who may act", f"{maker}, who ordered it, may order nothing now", "decline it")
    return None


def _usable(sight: Sight) -> Refusal | None:
    if sight.party_gone:
        return Refusal(
            "a living customer",
            f"the customer of {sight.item.number} vanished from the accounting system",
            "sync again (R); if it stays, ask whoever deleted or merged it",
        )
    if sight.item.state is not ItemState.OPEN or not sight.open.minor:
        return Refusal("open items only", f"nothing is open of {sight.item.number}", _REFRESH)
    return None


def _unknown(item_id: str) -> Refusal:
    return Refusal("known items only", f"{item_id} is not in the ledger as it was last synced", _REFRESH)
