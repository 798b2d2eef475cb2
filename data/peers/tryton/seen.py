"""Which rows of the overlap were told already, so that reading them again costs a stamp each and not their whole neighbourhood.

What was told counts only if it was stored, and that shows in the cursor that comes back: another cursor than the one that
was handed out last forgets everything. Nothing depends on this memory but speed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from data.peers.tryton.rpc import Row


@dataclass(slots=True)
class Seen:
    """Rows by model and id with the stamp that they had when they were told."""

    before: dict[tuple[str, int], str] = field(default_factory=dict)
    """Of the sweep before this one."""
    now: dict[tuple[str, int], str] = field(default_factory=dict)
    _cursor: str = ""

    def resume(self, cursor: str | None) -> None:
        """A page after this cursor is wanted."""
        if cursor != self._cursor:
            self.before, self.now = {}, {}

    def begin(self) -> None:
        """A new sweep: what it does not meet again is too old to be met at all."""
        self.before, self.now = self.now, {}

    def hand_out(self, cursor: str) -> None:
        """The page and this cursor are handed out; every page has a cursor of its own."""
        self._cursor = cursor

    def fresh(self, model: str, rows: Iterable[Row]) -> list[Row]:
        """The rows that were not told under the stamp that they have now."""
        return [row for row in rows if self.is_fresh(model, row["id"], row["_timestamp"])]

    def is_fresh(self, model: str, number: int, stamp: str) -> bool:
        """Whether a row was not told under this stamp; from now on it is."""
        key = (model, number)
        fresh = self.before.get(key) != stamp and self.now.get(key) != stamp
        self.now[key] = stamp
        return fresh
