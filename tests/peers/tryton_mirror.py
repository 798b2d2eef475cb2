"""A mirror in memory: what a store makes of the connector's pages, and nothing else."""

from __future__ import annotations

from typing import TypeVar

from arqueue.model.ledger import Allocation, Entity, Item, Note, Party
from data.peers.contract import Page, Quarantined
from data.peers.tryton.connector import TrytonPeer

E = TypeVar("E", bound=Entity)


class Mirror:
    """Entities by id, kept up by pulling."""

    def __init__(self, peer: TrytonPeer) -> None:
        self.peer = peer
        self.cursor: str | None = None
        self.entities: dict[str, Entity] = {}
        self.quarantined: dict[str, Quarantined] = {}
        self.pages = 0

    async def pull(self) -> set[str]:
        """Take every page there is; ids whose entity changed or went."""
        changed: set[str] = set()
        while True:
            page = await self.peer.pull(self.cursor)
            changed |= self.take(page)
            self.cursor, self.pages = page.cursor, self.pages + 1
            if not page.more:
                return changed

    def take(self, page: Page) -> set[str]:
        """Take one page in as the store does: the version decides."""
        changed = set()
        for entity in page.upserts:
            known = self.entities.get(entity.id)
            if known is None or known.version != entity.version:
                self.entities[entity.id] = entity
                changed.add(entity.id)
        for gone in page.tombstones:
            if self.entities.pop(gone, None) is not None:
                changed.add(gone)
        self.quarantined |= {each.entity_id: each for each in page.quarantined}
        return changed

    def of(self, kind: type[E]) -> list[E]:
        """Every entity of a kind."""
        return [each for each in self.entities.values() if isinstance(each, kind)]

    def item(self, number: str) -> Item:
        """The item of that number."""
        (found,) = [each for each in self.of(Item) if each.number == number]
        return found

    def party(self, code: str) -> Party:
        """The customer of that code."""
        (found,) = [each for each in self.of(Party) if each.code == code]
        return found

    def applied(self) -> dict[tuple[str, str], str]:
        """(credit, debit) by number → what is applied, as a decimal string."""
        names = {each.id: each.number for each in self.of(Item)}
        return {
            (names[each.credit_item], names[each.debit_item]): str(each.amount)
            for each in self.of(Allocation)
        }

    def notes(self, target: str) -> list[Note]:
        """Remarks on something."""
        return [each for each in self.of(Note) if each.target == target]
