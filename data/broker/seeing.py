"""Items as a decision sees them: what the mirror holds, less what is under way, less what the commands before in the same order
will have done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Self

from arqueue.control.authority import Use
from arqueue.control.commands import Command, Dispute, Expected, Unapply, effects
from arqueue.control.decide import Sight
from arqueue.model.ledger import Item, ItemState
from arqueue.model.money import CurrencyMismatch
from data.broker.reading import Reader
from data.store import disputes, queue


@dataclass(frozen=True, slots=True)
class Ahead:
    """What the commands before in the same order will have done, though none is stored yet; minor units by item, positive for
    what is taken, negative for what comes back, zero where only the version changes."""

    taken: Mapping[str, int] = field(default_factory=dict)
    disputed: Mapping[str, str] = field(default_factory=dict)
    used: tuple[Use, ...] = ()
    """What they use of the limits of whoever orders."""

    def after(self, command: Command, use: Use | None = None) -> Self:
        """With one command more, and what it uses of a limit."""
        taken = dict(self.taken)
        for item, minor in moves(command).items():
            taken[item] = taken.get(item, 0) + minor
        disputed = dict(self.disputed)
        if isinstance(command, Dispute):
            taken.setdefault(command.item, 0)
            disputed[command.item] = command.reason
        used = (*self.used, use) if use else self.used
        return replace(self, taken=taken, disputed=disputed, used=used)


NOTHING = Ahead()


def moves(command: Command) -> dict[str, int]:
    """By how many minor units a command moves each item towards zero; negative away from it."""
    if isinstance(command, Unapply):
        return {command.credit_item: -command.amount.minor, command.debit_item: -command.amount.minor}
    try:
        return {item: amount.minor for item, amount in effects(command).items()}
    except CurrencyMismatch:
        return {}  # no decision accepts it


def sights(
    reader: Reader,
    ids: Iterable[str],
    ahead: Ahead = NOTHING,
    *,
    own_id: str = "",
) -> dict[str, Sight]:
    """``own_id`` is a stored command that is looked at again: what it takes is open for it, and the dispute that it opened is not
    in its way."""
    keys = list(dict.fromkeys(ids))
    taken = queue.pending(reader.connection, keys, but=own_id)
    cases = disputes.open_on(reader.connection, keys, but=own_id)
    ending = disputes.being_resolved(reader.connection, keys, but=own_id)
    found = [item for key in keys if (item := reader.item(key)) is not None]
    then = expected(reader, found, ahead)
    return {
        item.id: Sight(
            _reopened(item, ahead),
            queue.open_amount(item, taken.get(item.id, 0) + ahead.taken.get(item.id, 0)),
            family(reader, item.party_id),
            reader.party(item.party_id) is None,
            then[item.id].residual,
            cases.get(item.id) or ahead.disputed.get(item.id, "") or item.dispute,
            item.id in cases,
            item.id in ending,
        )
        for item in found
    }


def expected(reader: Reader, items: Sequence[Item], ahead: Ahead = NOTHING) -> dict[str, Expected]:
    """How the ledger will have these items when the turn of a command after ``ahead`` comes."""
    seen = queue.expected(reader.connection, items)
    for item in items:
        if item.id in ahead.taken:
            then = replace(item, residual=seen[item.id].residual)
            seen[item.id] = Expected("", queue.open_amount(then, ahead.taken[item.id]))
    return seen


def _reopened(item: Item, ahead: Ahead) -> Item:
    """An item of which something comes back is open again by then."""
    if item.state is ItemState.CLOSED and ahead.taken.get(item.id, 0) < 0:
        return replace(item, state=ItemState.OPEN)
    return item


def family(reader: Reader, party_id: str) -> str:
    """The head of the customers who pay for each other."""
    party = reader.party(party_id)
    return party.parent_id if party and party.parent_id else party_id
