"""What an order is about, as it stands in Tryton now, and whether that is what the order expects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from arqueue.control.commands import Order
from arqueue.model.ledger import Allocation, Entity, Item
from data.peers.contract import Stale
from data.peers.tryton.book import Book
from data.peers.tryton.feed import tell
from data.peers.tryton.lookup import number_of
from data.peers.tryton.reader import Reader


@dataclass(frozen=True, slots=True)
class Sight:
    """What an order is about, as it stands in Tryton now."""

    book: Book
    entities: tuple[Entity, ...]

    def item(self, item_id: str) -> Item | None:
        """The item of that id, if it is one."""
        return next((each for each in self.entities if isinstance(each, Item) and each.id == item_id), None)

    def open(self, item_id: str) -> int:
        """What is open of it, in positive minor units; nothing of what is not there."""
        item = self.item(item_id)
        return abs(item.residual.minor) if item else 0

    def applied(self, credit: str, debit: str) -> list[Allocation]:
        """What of this credit is applied to this debit."""
        pair = (credit, debit)
        found = (each for each in self.entities if isinstance(each, Allocation))
        return [each for each in found if (each.credit_item, each.debit_item) == pair]


async def look(reader: Reader, item_ids: Sequence[str], *, also: Sequence[int] = ()) -> Sight:
    """These items with all that hangs together with them, and these lines. Raises as `Reader`."""
    numbers = {number for each in item_ids if (number := number_of(each, "line")) is not None}
    book = await reader.gather(numbers | set(also))
    told = await tell(reader, book)
    return Sight(book, tuple(told.upserts))


def before(order: Order, sight: Sight, item_id: str) -> int:
    """What was open when the order was decided, in positive minor units; what is open now where the order does not say."""
    seen = order.expect.get(item_id)
    return abs(seen.residual.minor) if seen else sight.open(item_id)


def unexpected(order: Order, sight: Sight) -> Stale | None:
    """Whether the ledger is other than the order expects: the version where one was seen, and always the residual."""
    for item_id, seen in order.expect.items():
        item = sight.item(item_id)
        if item is None:
            return Stale(f"{item_id} is not in Tryton any more", sight.entities)
        if item.residual != seen.residual:
            words = f"{item.number} has {item.residual} open, not {seen.residual}"
            return Stale(words, sight.entities)
        if seen.version and item.version != seen.version:
            return Stale(f"{item.number} was changed in Tryton", sight.entities)
    return None
