"""A promise to pay as the account says it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from screens import words

if TYPE_CHECKING:
    from data.broker.protocol.rows import PromiseRow

_STATES = {"small": "open", "covered": "money for it is here, not applied"}


def state(row: PromiseRow) -> str:
    """What became of it."""
    return _STATES.get(row["state"], row["state"])


def said(row: PromiseRow) -> str:
    """How much by when, and what was noted."""
    amount = words.money(row["amount"], row["currency"])
    return f"promised {amount} by {words.day(row['on'])}" + (f": {row['why']}" if row["why"] else "")
