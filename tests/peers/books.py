"""What the conformance suite works with: a connector, an accountant beside it, and what a store would hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from arqueue.control.commands import Command, Expected, Order, Unapply, effects, items_of, new_id, seal
from arqueue.model.ledger import Entity, Item
from arqueue.model.money import Money
from data.peers.contract import Peer

MAX_PAGES = 10_000
HEAD = "0123456789abcdef"
"""Where the audit stands in these stories."""


class World(Protocol):
    """An accountant: what somebody can do in any accounting system without arqueue. Amounts are in ``currency``."""

    currency: str

    async def today(self) -> date:
        """The ledger's business date."""

    async def new_party(self, name: str) -> str:
        """A customer; its id as the connector says it."""

    async def post_invoice(self, party: str, amount: Money) -> str:
        """A posted invoice with one due date; the id of the item that is open."""

    async def receive_payment(self, party: str, amount: Money, text: str = "") -> str:
        """A payment that is not applied to anything; the id of the item that is open."""

    async def post_credit(self, party: str, amount: Money) -> str:
        """A posted credit note that is not applied to anything; the id of the item that is open."""

    async def reconcile(self, payment: str, invoice: str) -> None:
        """Apply a payment to an invoice of the same amount."""

    async def unreconcile(self, payment: str, invoice: str) -> None:
        """Take that back."""

    async def vanish(self) -> str:
        """Make something that the connector can see, and delete it; the id it had."""

    async def residual(self, item: str) -> Money:
        """What is open of a document, asked of the system itself, signed as the mirror has it."""

    async def tag(self, party: str, *tags: str) -> None:
        """A customer is counted among these, and nothing else."""

    async def dun(self, item: str, level: int) -> None:
        """So many reminders about an open invoice went out."""

    async def balance(self, party: str) -> Money:
        """What a customer owes in all, asked of the system itself; what it has to its credit is negative."""

    async def named(self, number: str) -> str:
        """The id of the item that is open of the document with that number."""

    async def booked(self, order: Order) -> Mapping[str, Money]:
        """What an order posted, debit less credit by GL account code."""

    async def notes(self, target: str) -> list[str]:
        """The remarks that stand on a record."""


@dataclass(frozen=True, slots=True)
class Books:
    """A connector and the accountant beside it."""

    peer: Peer
    world: World


@dataclass(slots=True)
class Mirror:
    """What a store would hold after pulling."""

    entities: dict[str, Entity] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    fresh: int = 0
    """Rows that were new, or of a version not seen before."""


async def pull_all(peer: Peer, cursor: str | None = None, mirror: Mirror | None = None) -> tuple[Mirror, str]:
    """Pull until nothing more follows, as the synchronisation does."""
    mirror = mirror or Mirror()
    mirror.fresh = 0
    for _ in range(MAX_PAGES):
        page = await peer.pull(cursor)
        assert not page.quarantined
        for entity in page.upserts:
            known = mirror.entities.get(entity.id)
            mirror.fresh += known is None or known.version != entity.version
            mirror.entities[entity.id] = entity
            mirror.gone.discard(entity.id)
        for gone in page.tombstones:
            mirror.fresh += gone in mirror.entities
            mirror.entities.pop(gone, None)
            mirror.gone.add(gone)
        cursor = page.cursor
        if not page.more:
            return mirror, cursor
    raise AssertionError(f"still more after {MAX_PAGES} pages")


async def fetch(peer: Peer, item: str) -> Item:
    """An item as the connector sees it now; some connectors bring the remarks on it as well."""
    (found,) = [each for each in (await peer.get([item])).upserts if isinstance(each, Item)]
    return found


async def order_for(peer: Peer, command: Command, *, actor: str = "ann") -> Order:
    """An order as it is decided: with what is seen now as what is expected."""
    expect = {}
    for item in items_of(command):
        seen = await fetch(peer, item)
        expect[item] = Expected(seen.version, seen.residual)
    return seal(new_id(), command, expect, actor, head=HEAD)


async def batch_for(peer: Peer, commands: Sequence[Command], *, actor: str = "ann") -> list[Order]:
    """The orders of a batch as they are decided together, before the first is sent: what an earlier one moves is expected with
    the residual that it will leave, under a version that nobody knows yet."""
    seen: dict[str, Expected] = {}
    orders = []
    for command in commands:
        for item in items_of(command):
            if item not in seen:
                found = await fetch(peer, item)
                seen[item] = Expected(found.version, found.residual)
        orders.append(seal(new_id(), command, {item: seen[item] for item in items_of(command)}, actor))
        for item, by in _moves(command, seen).items():
            residual = seen[item].residual
            seen[item] = Expected("", Money(residual.minor + by, residual.currency))
    return orders


def _moves(command: Command, seen: Mapping[str, Expected]) -> dict[str, int]:
    """By how much a command changes residuals, in minor units: credits are negative."""
    if isinstance(command, Unapply):
        return {command.credit_item: -command.amount.minor, command.debit_item: command.amount.minor}
    return {
        item: -amount.minor if seen[item].residual.minor > 0 else amount.minor
        for item, amount in effects(command).items()
    }
