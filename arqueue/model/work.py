"""A work item: one thing in receivables that needs a person now, with the reasons for its rank."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from arqueue.model.money import Money


class WorkKind(StrEnum):
    """Why somebody must look."""

    RETURNED = "returned"
    PAYMENT = "payment"
    DISPUTE = "dispute"
    PROMISE = "promise"
    OVERDUE = "overdue"
    CREDIT = "credit"
    HOLD = "hold"
    AUDIT = "audit"
    FAILURE = "failure"
    ESCALATION = "escalation"


@dataclass(frozen=True, slots=True)
class Reason:
    """One satisfied rule: its points, and the words that a collector reads."""

    rule: str
    points: int
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkItem:
    """A row of the queue. ``since`` is the business date from which its age counts; ``amount`` is what is at stake."""

    id: str
    kind: WorkKind
    party_id: str | None
    item_id: str | None
    subject: str
    """What the row is about in a few characters: a document number, "4 invoices"."""
    amount: Money
    since: date
    reasons: tuple[Reason, ...] = ()
    """Why it ranks where it does, once it was judged."""
    owner: str | None = None
    """The person (or role) it is for; None for everybody."""
    command_id: str | None = None
    """The command behind a failure or an escalation."""
    base: Money | None = None
    """The size of the amount in the company's currency; None where the ledger does not say its worth."""
    due: date | None = None
    """The oldest due date of what the row is about."""
    facts: Mapping[str, int | str | None] = field(default_factory=dict)
    """What else rules may ask of it, by the queue's columns; what is not known is not there."""

    @property
    def score(self) -> int:
        """The arithmetic of the rank: the sum of the points of its reasons."""
        return sum(reason.points for reason in self.reasons)

    def row(self) -> dict[str, int | str | None]:
        """Its columns as the queue holds them: minor units, ISO dates."""
        return {
            "id": self.id,
            "kind": self.kind.value,
            "party_id": self.party_id,
            "item_id": self.item_id,
            "subject": self.subject,
            "amount": self.amount.minor,
            "currency": self.amount.currency,
            "since": self.since.isoformat(),
            "owner": self.owner,
            "command_id": self.command_id,
            "base_minor": self.base.minor if self.base else None,
            "base_currency": self.base.currency if self.base else None,
            "due": self.due.isoformat() if self.due else None,
            **self.facts,
        }
