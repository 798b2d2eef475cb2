"""What a decision looks at: who asks, the items as they will be, what the ledger can do."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from arqueue.control.authority import Use
from arqueue.model.ledger import Item
from arqueue.model.money import Money
from arqueue.model.people import People, Person


@dataclass(frozen=True, slots=True)
class Sight:
    """An item as the decider sees it: what is open of it after the commands under way, and whose family it is of."""

    item: Item
    open: Money
    family: str
    party_gone: bool = False
    then: Money | None = None
    """The ledger's residual when the order's turn comes, after those under way; None: as it is now."""
    disputed: str = ""
    """The reason of an open dispute, the ledger's or ours."""
    disputed_here: bool = False
    """Whether the case is ours."""
    resolving: bool = False
    """Whether an order to end the dispute is under way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """All that a decision may look at."""

    person: Person
    people: People
    items: Mapping[str, Sight]
    parties: Collection[str]
    """Customers that exist in the mirror, of those that the command names."""
    reasons: Mapping[str, str]
    """Reason code → the ledger's write-off method."""
    operations: Collection[str]
    part_adjust: bool = True
    """Whether the ledger can write a part of an item off and leave the rest open."""
    resolves: bool = True
    """Whether the ledger can end a dispute that stands in it."""
    coming_back: Collection[str] = ()
    """Allocations that orders under way take back."""
    spent: Sequence[Use] = ()
    """What this person let through in the last 24 hours, and with what comes before in the same order."""
