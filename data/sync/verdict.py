"""What an attempt came to, in the words of the store."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from arqueue.control.commands import Command, Order, items_of
from arqueue.control.states import CommandState
from arqueue.model.cards import masked
from arqueue.model.ledger import Entity, Item
from arqueue.model.text import guard
from data.peers.contract import Stale

_CAP = 300


@dataclass(frozen=True, slots=True)
class Verdict:
    """An outcome in the words of the store."""

    state: CommandState
    name: str
    words: str
    refs: Sequence[str] = ()
    entities: Sequence[Entity] = ()
    wait_s: float | None = None
    stop: bool = False
    sent: bool = False
    """Its bytes left in this attempt, or may have."""
    behind: bool = False
    """It fell with another command of the same order."""


def plain(text: str) -> str:
    """A peer's words for the outbox and the screen: an outcome is never lost for a character in it."""
    return masked(guard(text.replace("\n", " ")))[:_CAP]


def with_figures(stale: Stale, order: Order) -> str:
    """What is open now of each item that moved, where the peer's own words do not say it."""
    moved = [
        f"{each.number} has {each.residual} {each.residual.currency} open, not {seen.residual}"
        for each in stale.entities
        if isinstance(each, Item)
        and (seen := order.expect.get(each.id)) is not None
        and seen.residual != each.residual
        and str(each.residual) not in stale.words
    ]
    return ": ".join([stale.words, ", ".join(moved)]) if moved else stale.words


def shows(entities: Sequence[Entity], here: Collection[str], command: Command) -> bool:
    """Whether these are the figures of every item that a command moved and that is ``here``."""
    return {each.id for each in entities} >= {*items_of(command)} & {*here}


def unread(verdict: Verdict, wait_s: float) -> Verdict:
    """Proved to be posted, without the figures: it stays taken off what is open until a look-up brings them."""
    words = "posted, but what is open now could not be read back: it is looked up"
    return replace(verdict, state=CommandState.UNKNOWN, name="unread", words=words, wait_s=wait_s)
