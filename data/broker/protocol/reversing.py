"""What the broker says of an order that is to be taken back."""

from __future__ import annotations

from typing import Literal, TypedDict

from data.broker.protocol.rows import CommandRow

Way = Literal["undo", "wait", "unapply", "apply", "resolve", "none"]


class Reversal(TypedDict):
    """What can be done about an order. ``way``: ``undo`` it while it is unsent, ``wait`` for an outcome, or open the form of the
    order that reverses it; ``none`` where there is no such form."""

    order: CommandRow
    words: str
    """All of the order in a line; of one that has no way back, the command that has none."""
    way: Way
    item: str
    """What the form is about."""
    allocations: list[str]
    """What it applied or wrote off and nothing took back yet."""
    says: str
    """How it is reversed, in words for a line."""
    hint: str
