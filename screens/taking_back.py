"""Take back what is unsent, and order anew what was taken back last: the same content, a new intent, the usual review."""

from __future__ import annotations

import uuid
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from arqueue.errors import ArqueueError, NotFound, Refused
from screens.review.proposed import Proposed

if TYPE_CHECKING:
    from data.broker.protocol import CommandRow, ItemRow, Outbox, Review, ReviewLine, Shown, Submitted
    from screens.desk import Desk

_NEWEST = 100
"""So many of the newest orders are looked through for one on the same record."""
_SAME = ("version", "open", "residual", "state", "dispute", "returned")
"""What of an item tells that nobody touched it."""


@dataclass(frozen=True, slots=True)
class Ordered:
    """An order of this session as it was asked for, and what its review said it would change."""

    command: dict[str, Any]
    lines: list[ReviewLine]
    words: str
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Taken:
    """What was taken back last; ``ordered`` is None where it was not ordered in this session."""

    row: CommandRow
    ordered: Ordered | None
    item: ItemRow | None
    """Its record as it was just after that."""

    @property
    def words(self) -> str:
        """The order in a line."""
        return self.ordered.words if self.ordered is not None else self.row["words"]

    @property
    def whole(self) -> bool:
        """Whether nothing of the order had left."""
        back = self.row.get("taken_back", [])
        return self.ordered is not None and len(back) == len(self.ordered.ids)


class TakingBack:
    """The orders of this session that may be taken back, and the one that was."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._ordered: dict[str, Ordered] = {}
        self.last: Taken | None = None

    def remember(self, proposed: Proposed, submitted: Submitted) -> None:
        """It is in the store; ``forget`` when it has left."""
        ordered = Ordered(
            proposed.command, proposed.review["lines"], submitted["words"], tuple(submitted["ids"])
        )
        self._ordered.update(dict.fromkeys(ordered.ids, ordered))

    def forget(self, order: str) -> None:
        """It is final otherwise than by being taken back."""
        self._ordered.pop(order, None)

    async def take(self, order: str) -> Taken:
        """Take an order back. Raises what the broker says, and nothing is taken back then."""
        ordered = self._ordered.get(order)
        row: CommandRow = await self._desk.call("undo", id=order)
        item = None
        with suppress(ArqueueError):  # what cannot be read now counts as changed later
            item = await self._record(row["target"])
        self.last = taken = Taken(row, ordered, item)
        return taken

    async def proposed(self) -> tuple[Proposed, str]:
        """What was taken back last, reviewed anew under an intent of its own, and what it is in a line. Raises Refused, in
        words, where it cannot be the same order any more."""
        taken = self.last
        if taken is None:
            raise Refused("nothing was taken back here, or it was put back already")
        ordered = taken.ordered
        if ordered is None:
            raise Refused(f"not ordered in this session: {taken.words}", "order it anew from its row")
        if not taken.whole:
            raise Refused(f"a part of it had left already: {taken.words}", "order the rest from its row")
        await self._untouched(taken)
        review: Review = await self._desk.call("review", command=ordered.command)
        if review["verdict"] != "refused" and review["lines"] != ordered.lines:
            raise Refused(f"what is open changed since: {taken.words}", "look at it and order anew")
        return Proposed(ordered.command, uuid.uuid4().hex, review), taken.words

    async def _untouched(self, taken: Taken) -> None:
        row = taken.row
        now = await self._record(row["target"])
        if _facts(now) != _facts(taken.item):
            known = now or taken.item
            number = known["number"] if known is not None else "its record"
            raise Refused(f"{number} changed since: {taken.words}", "look at it and order anew")
        newest: Outbox = await self._desk.call("outbox", states=[], limit=_NEWEST, offset=0)
        for other in newest["rows"]:
            since = other["created_at"] > row["updated_at"] and other["state"] != "cancelled"
            if since and other["target"] == row["target"]:
                raise Refused(f"another order came since: {other['words']}", "look at it and order anew")

    async def _record(self, target: str) -> ItemRow | None:
        try:
            shown: Shown = await self._desk.call("show", id=target)
        except NotFound:
            return None
        return shown["item"]


def _facts(item: ItemRow | None) -> tuple[object, ...]:
    return tuple(item[name] for name in _SAME) if item is not None else ()  # type: ignore[literal-required]
