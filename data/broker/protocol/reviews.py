"""What the broker says of an order before it is given, and when it is."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict

from data.broker.protocol.rows import CommandRow


class ReviewLine(TypedDict):
    """One item before and after."""

    item: str
    number: str
    before: str
    change: str
    after: str
    currency: str


Verdict = Literal["accepted", "needs_approval", "refused"]


class ReviewPart(TypedDict):
    """One command of an order, as the rules see it after those before it."""

    words: str
    verdict: Verdict
    reason: str
    hint: str


class Review(TypedDict):
    """What the order would do, and whether the rules let this person do it. ``lines`` go from before the first command of it to
    after the last."""

    verdict: Verdict
    words: str
    party: str
    party_code: str
    lines: list[ReviewLine]
    reason: str
    rule: str
    hint: str
    money: bool
    parts: list[ReviewPart]
    """Its commands in the order in which they are sent; empty where it does not become any."""


class Weighed(TypedDict):
    """A pending command before the eyes of an approver: what it would do now, and whether the rules let this person approve
    it. ``asked`` is the order as its maker gave it, with reason and note; ``verdict`` is never ``needs_approval``."""

    command: CommandRow
    asked: dict[str, Any]
    review: Review


class Submitted(TypedDict):
    """The command is in the store, with its audit row: only now a screen may say so."""

    id: str
    """Of the first, where one order became several commands."""
    ids: list[str]
    """All of them, in the order in which they are sent."""
    state: str
    """``pending`` where any of them waits for approval."""
    words: str
    repeated: bool
    """The same intent was submitted before: this is that command."""
    going: NotRequired[bool]
    """Whether some of it is on its way, also where another part waits for approval."""
    reversible: NotRequired[bool]
    """Whether orders of ours reverse all of it, also once it is posted."""


Way = Literal["undo", "wait", "unapply", "apply", "resolve", "none"]


class Reversal(TypedDict):
    """What can be done about an order that is not wanted. ``way``: ``undo`` it while it is unsent, ``wait`` for an outcome,
    or open the form of the order that reverses it; ``none`` where there is no such form."""

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
