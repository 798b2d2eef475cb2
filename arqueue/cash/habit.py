"""How a customer usually pays, learned from what was applied before. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Habit:
    """Shares between 0 and 1 of the payments seen that were made so; with ``seen`` 0 nothing is known."""

    seen: int = 0
    oldest_first: float = 0.0
    by_statement: float = 0.0
    """All that was due, or all of one month."""
    net_of_discount: float = 0.0
    rounds: float = 0.0
    """Round amounts on account."""
    single: float = 0.0
    """One document a payment."""
