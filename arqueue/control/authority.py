"""Whose authority an order stands on: limits for one order, what was let through in the last 24 hours, approvals of others. Pure.

Every order that moves money uses the limit of exactly one person: its maker's where that suffices, else its approver's. One that
was let through by break-glass uses nobody's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from arqueue.control.commands import Adjust, ApplyPayment, Command, Identify, Unapply
from arqueue.control.decision import Accepted, NeedsApproval
from arqueue.model.money import Money
from arqueue.model.people import People, Person

DAY_S = 24 * 3600
APPROVAL_S = 72 * 3600
"""So long an order waits for approval, and so long an approval waits for the order to be sent."""
GLASS_EYES = 2
"""So many different supervisors break the glass."""


@dataclass(frozen=True, slots=True)
class Use:
    """What an order takes of a limit; ``party`` is the customer whose account it moves."""

    action: str
    amount: Money
    reason: str = ""
    party: str = ""


@dataclass(frozen=True, slots=True)
class Approval:
    """One person's yes: the hash of the bytes that it was given to, and how long ago, in seconds."""

    person: str
    body_sha: str
    at: str
    age_s: float
    glass: bool = False
    why: str = ""


def use_of(command: Command, party: str, amount: Money) -> Use | None:
    """What it takes; None for what moves no money. ``amount`` is what is open of a payment that changes its account."""
    match command:
        case ApplyPayment() if command.lines:
            currency = command.lines[0].amount.currency
            alike = (line.amount for line in command.lines if line.amount.currency == currency)
            moved = Money.total(alike, currency)  # no decision accepts any other
            return Use(command.op, moved, party=party)
        case Adjust():
            return Use(command.op, command.amount, command.reason, party)
        case Unapply():
            return Use(command.op, command.amount, party=party)
        case Identify():
            return Use(command.op, amount, party=party)
        case _:
            return None


def covered(person: Person, use: Use, spent: Sequence[Use]) -> Accepted | NeedsApproval:
    """Whether this person's own limits let it through. An adjustment needs a limit; of everything else only whoever has one for
    the action is held to it, also in currencies that it does not name. ``spent`` is what the person let through in 24 hours."""
    action, amount = use.action, use.amount
    if action != Adjust.op and not any(limit.action == action for limit in person.limits):
        return Accepted()
    limit = person.binding(action, amount.currency, use.reason)
    if limit is None:
        return NeedsApproval(
            f"limit {action} {amount.currency}",
            f"you have no limit to {action} in {amount.currency}",
            "somebody with a limit must approve it",
        )
    if amount > limit.amount:
        return NeedsApproval(
            f"limit {action} {limit.amount.currency} {limit.amount}",
            f"{amount:,} {amount.currency} is above your limit of {limit.amount:,}",
            "somebody with a higher limit must approve it",
        )
    under = [each for each in spent if person.binding(each.action, amount.currency, each.reason) == limit]
    here = [each for each in under if each.party == use.party]
    for most, used, whose in ((limit.per_day, under, ""), (limit.per_customer, here, " with this customer")):
        if most is not None and (over := _over(use, most, used, whose)):
            return over
    return Accepted()


def _over(use: Use, most: Money, used: Sequence[Use], whose: str) -> NeedsApproval | None:
    currency = most.currency
    before = Money.total((each.amount for each in used if each.amount.currency == currency), currency)
    if before + use.amount <= most:
        return None
    return NeedsApproval(
        f"limit {use.action} {currency} {most} a day{whose}",
        f"today {before:,} of {most:,} {currency} are used{whose}, and this takes {use.amount:,}",
        "somebody who has as much left must approve it; what is used counts for 24 hours",
    )


def who_could(use: Use, people: People, but: str) -> list[Person]:
    """Whose limit for one order covers it, whatever they used today."""
    return [
        person
        for person in people
        if person.id != but and not person.reads_only and isinstance(covered(person, use, ()), Accepted)
    ]


@dataclass(frozen=True, slots=True)
class Claim:
    """An order about to be sent: who made it, the hash of its bytes, what it takes, and who said yes."""

    maker: str
    body_sha: str
    use: Use | None
    approvals: Sequence[Approval] = ()


def withdrawn(claim: Claim, people: People, spent: Callable[[str], Sequence[Use]]) -> str:
    """Why an order may not be sent any more, though it was let through; empty when it may. ``spent`` says what a person let
    through in 24 hours before this order."""
    maker = people.find(claim.maker)
    if maker is None:
        return f"{claim.maker}, who ordered it, is not in the people file any more"
    if maker.reads_only:
        return f"{claim.maker}, who ordered it, may only read now"
    if claim.use is None:
        return ""
    given = [each for each in claim.approvals if each.person != claim.maker]
    if not given:
        decision = covered(maker, claim.use, spent(maker.id))
        return _of(maker, decision.reason) if isinstance(decision, NeedsApproval) else ""
    glass = [each for each in given if each.glass]
    plain = [each for each in given if not each.glass]
    lost = [words for each in plain if (words := _lost(each, claim, people, spent))]
    if len(lost) < len(plain):
        return ""
    broken = [words for each in glass if (words := _lost(each, claim, people, spent))]
    if len({each.person for each in glass}) >= GLASS_EYES:
        return broken[0] if broken else ""
    return (lost or broken or ["the second approval is missing"])[0]


def _lost(approval: Approval, claim: Claim, people: People, spent: Callable[[str], Sequence[Use]]) -> str:
    """Why this yes does not count any more; empty when it does."""
    person = people.find(approval.person)
    if person is None or person.reads_only:
        return f"{approval.person}, who approved it, may approve nothing any more"
    if approval.body_sha != claim.body_sha:
        return f"what {approval.person} approved is not what would be sent"
    if approval.age_s > APPROVAL_S:
        return f"the approval of {approval.person} is older than {APPROVAL_S // 3600} hours"
    if approval.glass:
        return "" if person.supervises else f"{approval.person}, who approved it, is no supervisor any more"
    if claim.use is None:
        return ""
    decision = covered(person, claim.use, spent(person.id))
    return _of(person, decision.reason) if isinstance(decision, NeedsApproval) else ""


def _of(person: Person, reason: str) -> str:
    return f"the authority of {person.id} covers it no more: " + reason.replace(
        "you have", f"{person.id} has"
    ).replace("your limit", "the limit")
