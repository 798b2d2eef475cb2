"""What a remittance text says of open documents. Pure data."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Final, Literal, Self

from arqueue.model.money import Money

How = Literal["whole", "digits", "range", "slip", "order", "reference"]

SURE: Final = 80
"""From here on a mention stands by itself."""
LIKELY: Final = 60
"""From here on it is more likely meant than not; below, it wants an amount that agrees."""


@dataclass(frozen=True, slots=True)
class Mention:
    """One open item that a text names, once an item; ``strength`` from 0 to 100, see SURE and LIKELY."""

    item: str
    strength: int
    words: str
    """What was read as what: "INV-1001", "1001 (of INV-2026-1001)", "lNV-1OO1 read as INV-1001"."""
    amount: Money | None
    """What the text says beside it, signed as written."""
    on: date | None
    how: How

    def stronger(self, points: int) -> Self:
        """The same, more (or less) to be believed."""
        return replace(self, strength=max(1, min(100, self.strength + points)))


@dataclass(frozen=True, slots=True)
class Reading:
    """Mentions in the text's order; ``unknown`` looks like documents and matches nothing open."""

    mentions: tuple[Mention, ...]
    unknown: tuple[str, ...]
    cut: bool
    """Whether the text is longer than what was read."""
