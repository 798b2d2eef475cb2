"""What takes a posted command back: another order of ours, or words that say why none does and what is done instead."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from arqueue.control.commands import (
    Adjust,
    Annotate,
    ApplyPayment,
    Dispute,
    Escalate,
    Identify,
    Resolve,
    Unapply,
)


class Way(StrEnum):
    """What can be done about an order that is not wanted any more."""

    UNDO = "undo"
    """Nothing of it was sent: it is taken back, and was never."""
    WAIT = "wait"
    """It may be posted: nobody knows before its outcome is there."""
    UNAPPLY = "unapply"
    APPLY = "apply"
    RESOLVE = "resolve"
    NONE = "none"
    """No order of ours reverses it, or nothing is left to reverse."""


@dataclass(frozen=True, slots=True)
class Back:
    """The way back from a posted command: in words for a line, and the command line's hint."""

    way: Way
    says: str
    hint: str


_ENTRY: Final = "post the reverse in the accounting system; an entry that is posted is never deleted"
_UNAPPLY: Final = "take the application back with `arqueue unapply`, or in the accounting system"
_BY_OP: Final = {
    ApplyPayment.op: Back(Way.UNAPPLY, "what it applied can be taken back", _UNAPPLY),
    Unapply.op: Back(Way.APPLY, "it can be applied anew", "apply it anew with `arqueue apply`"),
    Adjust.op: Back(Way.NONE, "the ledger has to reverse it", _ENTRY),
    Annotate.op: Back(
        Way.NONE, "a note stays; write another", "write another with `arqueue note`; a note is never deleted"
    ),
    Escalate.op: Back(
        Way.NONE, "it stays there; a note adds to it", "add to it with `arqueue note`, or ask them"
    ),
    Dispute.op: Back(
        Way.RESOLVE, "answering the dispute ends it", "end the dispute with `arqueue dispute resolve`"
    ),
    Resolve.op: Back(Way.NONE, "dispute it anew", "dispute the invoice anew with `arqueue dispute open`"),
    Identify.op: Back(
        Way.NONE, "move it back to whom it was with", "move the payment back with `arqueue identify`"
    ),
}
_WRITTEN_BACK: Final = Back(Way.UNAPPLY, "its write-off can be taken back", _UNAPPLY)


def way_back(op: str, *, writes_back: bool = False) -> Back:
    """From a posted command of this operation. ``writes_back``: a ledger reverses the entry of a write-off that is unapplied."""
    if op == Adjust.op and writes_back:
        return _WRITTEN_BACK
    return _BY_OP[op]
