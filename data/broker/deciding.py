"""What the rules say of an order: its commands one after the other, each seeing what the ones before it will have done, and the
review of it for a person."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from arqueue.control.authority import Use, use_of
from arqueue.control.commands import (
    Adjust,
    Annotate,
    ApplyPayment,
    Command,
    Dispute,
    Escalate,
    Expected,
    Identify,
    Order,
    Resolve,
    Unapply,
    items_of,
    subjects_of,
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
    may_break_glass,
)
from arqueue.control.states import FAILED, CommandState
from arqueue.errors import Refused
from arqueue.model.ledger import Item, Party
from arqueue.model.money import Money
from data.broker import protocol, seeing, wording
from data.broker.completing import AnyIn, House, complete
from data.broker.ledger import Ledger
from data.broker.reading import Reader
from data.broker.requests import SettleIn
from data.broker.seeing import Ahead
from data.peers.contract import Support
from data.store import authority, outbox, queue, stored
from data.store.instants import Instant
from data.store.outbox import Stored


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

    @property
    def use(self) -> Use | None:
        """What it takes of the limit of whoever lets it through."""
        return use_of(self.command, self.party_id or "", self.amount)


@dataclass(frozen=True, slots=True)
class Drafts:
    """An order as the commands that it becomes, in the order in which they are sent; ``refusal`` where it does not even become
    any."""

    parts: tuple[Draft, ...]
    refusal: Refusal | None = None
    item: Item | None = None
    party: Party | None = None

    @property
    def decision(self) -> Decision:
        """Of the whole order: it is refused with the first command that is, and asks approval with the first that needs it."""
        if self.refusal is not None:
            return self.refusal
        for kind in (Refusal, NeedsApproval):
            for part in self.parts:
                if isinstance(part.decision, kind):
                    return self._said(part, part.decision)
        return Accepted()

    def _said(self, part: Draft, decision: Refusal | NeedsApproval) -> Decision:
        """The decision on one command, which is named where there are several."""
        if len(self.parts) == 1:
            return decision
        return replace(decision, reason=f"{part.words}: {decision.reason}")

    @property
    def words(self) -> str:
        """The whole order in a line."""
        if not self.parts:
            return f"settle {self.item.number}" if self.item else "settle"
        return wording.together([part.words for part in self.parts])

    def parties(self, reader: Reader) -> set[str]:
        """The customers whose work it changes."""
        about = {part.party_id for part in self.parts if part.party_id}
        moved = [item for part in self.parts for item in items_of(part.command)]
        return about | queue.parties_of(reader.connection, moved)


def drafts(reader: Reader, asked: AnyIn, house: House) -> Drafts:
    """Complete, look, decide. Raises Invalid or NotFound where there is nothing to decide on."""
    commands = complete(reader, asked, house)
    if isinstance(commands, Refusal):
        item = reader.item_named(asked.payment) if isinstance(asked, SettleIn) else None
        return Drafts((), commands, item, reader.party(item.party_id) if item else None)
    parts = _in_turn(reader, commands, house)
    late = [part.command for part in parts if _may_come_late(part)]
    if late and len(late) < len(parts):
        # what waits for a yes comes after what does not, and expects what that leaves
        rest = [part.command for part in parts if not _may_come_late(part)]
        parts = _in_turn(reader, [*rest, *late], house)
    return Drafts(parts)


def _may_come_late(part: Draft) -> bool:
    return isinstance(part.command, Adjust) and isinstance(part.decision, NeedsApproval)


def _in_turn(reader: Reader, commands: Sequence[Command], house: House) -> tuple[Draft, ...]:
    """Each decided as if those before it were done. What follows an application that waits for approval waits as well."""
    ahead, waits, made = Ahead(), "", list[Draft]()
    for command in commands:
        part = _draft(reader, command, house, ahead)
        if waits and isinstance(part.decision, Accepted):
            part = replace(part, decision=_behind(waits))
        elif isinstance(part.decision, NeedsApproval) and not isinstance(command, Adjust):
            waits = waits or part.words
        made.append(part)
        ahead = ahead.after(command, part.use if isinstance(part.decision, Accepted) else None)
    return tuple(made)


def _behind(words: str) -> NeedsApproval:
    return NeedsApproval(
        "in its order",
        f"it follows {words}, which needs approval",
        "whoever approves that approves this next",
    )


def _draft(reader: Reader, command: Command, house: House, ahead: Ahead) -> Draft:
    sights = seeing.sights(reader, subjects_of(command), ahead)
    target = _target(command)
    item = sights[target].item if target in sights else None
    party_id = item.party_id if item else target
    parties = {
        key: found for key in _named_parties(command, party_id) if (found := reader.party(key)) is not None
    }
    amount = _amount(command, sights.get(target), house.ledger)
    moved = [sights[key].item for key in items_of(command) if key in sights]
    situation = _situation(reader, house, sights, parties, stored.coming_back(reader.connection))
    spent = [*_spent(reader, house, use_of(command, party_id, amount)), *ahead.used]
    return Draft(
        command,
        decide(command, replace(situation, spent=spent)),
        sights,
        target,
        item,
        parties.get(party_id),
        party_id,
        amount,
        wording.words_of(command, sights, parties, amount),
        seeing.expected(reader, moved, ahead),
    )


def _situation(
    reader: Reader,
    house: House,
    sights: Mapping[str, Sight],
    parties: Mapping[str, Party],
    coming_back: Collection[str],
) -> Situation:
    return Situation(
        person=reader.person,
        people=house.people,
        items=sights,
        parties=set(parties),
        reasons=house.methods,
        operations=house.ledger.operations,
        part_adjust=_part_adjust(house.ledger),
        resolves=_resolves(house.ledger),
        coming_back=coming_back,
    )


def _spent(reader: Reader, house: House, use: Use | None) -> list[Use]:
    """What whoever looks let through of the same kind in the last 24 hours."""
    if use is None:
        return []
    now = Instant.of(house.clock)
    return authority.spent(reader.connection, reader.person.id, use.action, use.amount.currency, now)


def weigh(reader: Reader, row: Stored, house: House, *, glass: str | None = None) -> Draft:
    """A stored command decided for whoever would approve it, as things stand now: its own effect does not count against it;
    with ``glass`` (why) as one of two who break the glass. Raises Refused for one that does not wait for approval."""
    still_pending(row)
    order = row.order
    command = order.command
    sights = seeing.sights(reader, subjects_of(command), own_id=row.id)
    named = _named_parties(command, row.party_id or "") | {sight.item.party_id for sight in sights.values()}
    parties = {key: found for key in named if (found := reader.party(key)) is not None}
    back = stored.coming_back(reader.connection, but=row.id)
    situation = _situation(reader, house, sights, parties, back)
    situation = replace(situation, spent=_spent(reader, house, authority.use_of_row(reader.connection, row)))
    decision = (
        may_approve(command, row.person, situation)
        if glass is None
        else may_break_glass(command, row.person, glass, situation)
    )
    if isinstance(decision, Accepted):
        decision = _out_of_turn(reader, row) or _outdated(reader, order) or decision
    item = sights[row.target].item if row.target in sights else None
    return Draft(
        command,
        decision,
        sights,
        row.target,
        item,
        parties.get(row.party_id or ""),
        row.party_id,
        row.amount,
        row.words,
        order.expect,
    )


def still_pending(row: Stored) -> None:
    """Raises Refused for a command that nobody can approve or decline any more."""
    if row.state is not CommandState.PENDING:
        raise Refused(
            f"it is {row.state.value}, not pending",
            "see what became of it: `arqueue outbox`",
            rule="pending only",
        )


def _out_of_turn(reader: Reader, row: Stored) -> Refusal | None:
    """What was ordered together is approved in its order: each expects what the one before it leaves."""
    before = outbox.stands_on(reader.connection, row)
    for earlier in before:
        if earlier.state in FAILED:
            return Refusal(
                "in its order",
                f"it was ordered together with {earlier.words}, which is {earlier.state.value}",
                "decline it; whoever ordered it looks again and orders anew",
            )
    for earlier in before:
        if earlier.state is CommandState.PENDING:
            return Refusal("in its order", f"{earlier.words} comes before it", "approve that one first")
    return None


def _outdated(reader: Reader, order: Order) -> Refusal | None:
    """Whether an item is no longer as a stored order expects it, so that sending it could only end in a conflict."""
    items = [item for key in order.expect if (item := reader.item(key)) is not None]
    now = queue.expected(reader.connection, items)
    for item in items:
        seen, is_now = order.expect[item.id], now[item.id]
        if seen.residual != is_now.residual or seen.version not in ("", is_now.version):
            return Refusal(
                "as it was ordered",
                f"{item.number} has changed since this was ordered",
                "decline it; whoever ordered it looks again and orders anew",
            )
    return None


def review(reader: Reader, made: Drafts) -> protocol.Review:
    """What it would do, item by item, and whether this person may."""
    verdict, reason, rule, hint = _verdict(made.decision)
    party = made.parts[0].party if made.parts else made.party
    return {
        "verdict": verdict,
        "words": made.words,
        "party": party.name if party else "",
        "party_code": party.code if party else "",
        "lines": wording.lines_of([(part.command, part.sights) for part in made.parts]),
        "reason": reason,
        "rule": rule,
        "hint": hint,
        "money": any(seeing.moves(part.command) for part in made.parts),
        "parts": [_part(part) for part in made.parts],
    }


def weighed(reader: Reader, made: Draft) -> protocol.Review:
    """The review of one stored command."""
    return review(reader, Drafts((made,)))


def _part(part: Draft) -> protocol.ReviewPart:
    verdict, reason, _, hint = _verdict(part.decision)
    return {"words": part.words, "verdict": verdict, "reason": reason, "hint": hint}


def _verdict(decision: Decision) -> tuple[protocol.Verdict, str, str, str]:
    match decision:
        case Accepted():
            return "accepted", "", "", ""
        case NeedsApproval():
            return "needs_approval", decision.reason, decision.rule, decision.hint
        case Refusal():
            return "refused", decision.reason, decision.rule, decision.hint


def _named_parties(command: Command, party_id: str) -> set[str]:
    return {party_id, command.party} if isinstance(command, Identify) else {party_id}


def _target(command: Command) -> str:
    match command:
        case ApplyPayment() | Identify():
            return command.payment
        case Unapply():
            return command.credit_item
        case Adjust() | Dispute() | Resolve():
            return command.item
        case Annotate() | Escalate():
            return command.target


def _part_adjust(ledger: Ledger) -> bool:
    operation = ledger.capabilities.operations.get("adjust")
    return operation is None or operation.explicit_amount


def _resolves(ledger: Ledger) -> bool:
    operation = ledger.capabilities.operations.get("resolve")
    return operation is not None and operation.support is Support.NATIVE


def _amount(command: Command, sight: Sight | None, ledger: Ledger) -> Money:
    match command:
        case ApplyPayment():
            return wording.applied(command.lines, sight.open.currency if sight else ledger.currency)
        case Unapply() | Adjust() | Dispute():
            return command.amount
        case Escalate() | Annotate() | Resolve() | Identify():
            return abs(sight.open) if sight else Money.zero(ledger.currency)
