"""The rows that a list holds of a view that may have a million: windows of 64, the last 24 of them."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from screens.desk import Desk

if TYPE_CHECKING:
    from data.broker.protocol import QueueRow, Wider, Window

SIZE = 64
KEPT = 24


@dataclass(slots=True, eq=False)
class Windows:
    """Part of one view under one filter, at one generation. Asking fills it; a change makes a new one."""

    desk: Desk
    view: str
    filter: str = ""
    sort: str = "rank"
    columns: tuple[str, ...] = ()
    """What its rows show; empty the usual ones."""
    whole: bool = False
    """Ask for all rows of a filter, where the first ones are there sooner."""
    more: bool = False
    """There are more rows than ``total``."""
    wider: list[Wider] | None = None
    """What holds all rows back, once it is known."""
    total: int = 0
    of: int = 0
    generation: int = -1
    stale: bool = False
    """A window of a later generation arrived: positions do not fit together any more."""
    _blocks: OrderedDict[int, list[QueueRow]] = field(default_factory=OrderedDict)
    _asked: set[int] = field(default_factory=set)

    def row(self, index: int) -> QueueRow | None:
        """A row if it is here."""
        block, place = divmod(index, SIZE)
        rows = self._blocks.get(block)
        if rows is None or place >= len(rows):
            return None
        self._blocks.move_to_end(block)
        return rows[place]

    def missing(self, first: int, last: int) -> list[int]:
        """The windows of these rows that are neither here nor asked for."""
        blocks = range(max(0, first) // SIZE, min(last, max(0, self.total - 1)) // SIZE + 1)
        return [block for block in blocks if block not in self._blocks and block not in self._asked]

    def ends(self) -> list[int]:
        """The windows that one key leads to from anywhere, as far as they are neither here nor asked for."""
        return [block for block in self._ends if block not in self._blocks and block not in self._asked]

    @property
    def _ends(self) -> set[int]:
        if self.more:
            return {0}
        return {0, max(0, self.total - SIZE) // SIZE, max(0, self.total - 1) // SIZE}

    def last_page(self, top: int, height: int) -> int:
        """Where a page begins that should begin at ``top``: the last one is full."""
        return max(0, min(top, self.total - height))

    async def fetch(self, block: int, *, aside: bool = False) -> None:
        """Ask for one window; ``aside`` when nobody waits for it. Raises what the broker says."""
        self._asked.add(block)
        way = {"aside": True} if aside else {}
        try:
            window: Window = await self.desk.call(
                "window", **self._asked_for, **way, whole=self.whole, offset=block * SIZE, limit=SIZE
            )
        finally:
            self._asked.discard(block)
        self.keep(block, window)

    def keep(self, block: int, window: Window) -> None:
        """Take in a window that arrived."""
        if self.generation not in (-1, window["generation"]):
            self.stale = True
        self.generation = window["generation"]
        self.total, self.of, self.more = window["total"], window["all"], window.get("more", False)
        self._blocks[block] = window["rows"]
        self._blocks.move_to_end(block)
        while len(self._blocks) > KEPT:
            del self._blocks[next(each for each in self._blocks if each not in self._ends)]

    async def fetch_rows(self, first: int, last: int, *, aside: bool = False) -> None:
        """Have these rows here; ``aside`` when nobody waits for them. Raises what the broker says."""
        if self.generation == -1:
            await self.fetch(max(0, first) // SIZE, aside=aside)
        await asyncio.gather(*(self.fetch(block, aside=aside) for block in self.missing(first, last)))

    async def widen(self) -> None:
        """Ask what holds all rows back. Raises what the broker says."""
        self.wider = await self.desk.call("widen", view=self.view, filter=self.filter)

    async def locate(self, identity: str | None) -> int | None:
        """Where a work item stands now, if there is one. Raises what the broker says."""
        if identity is None:
            return None
        place: dict[str, int | None] = await self.desk.call(
            "locate", **self._asked_for, whole=self.whole, id=identity
        )
        return place["position"]

    @property
    def _asked_for(self) -> dict[str, str]:
        return {"view": self.view, "filter": self.filter, "sort": self.sort}

    def rows_here(self) -> list[QueueRow]:
        """All rows that are here."""
        return [row for block in self._blocks.values() for row in block]

    @property
    def held(self) -> int:
        """How many windows are here."""
        return len(self._blocks)
