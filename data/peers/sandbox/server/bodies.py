"""Orders as they are sent: what a body must hold to be one."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from arqueue.model.money import Money


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Amount(_Strict):
    """A positive amount: a decimal string and an ISO 4217 code."""

    amount: str
    currency: str

    @property
    def money(self) -> Money:
        """The amount. Raises Invalid."""
        return Money.parse(self.amount, self.currency)


class LineBody(Amount):
    """So much of one debit item."""

    item: str


class ApplyBody(_Strict):
    """Apply a credit to debits, all or nothing."""

    op: Literal["apply"]
    payment: str
    lines: list[LineBody] = Field(min_length=1, max_length=1000)
    on: date


class UnapplyBody(Amount):
    """Take one allocation back."""

    op: Literal["unapply"]
    allocation: str
    credit_item: str
    debit_item: str
    on: date


class AdjustBody(Amount):
    """Write a part of an item off to the GL account of an adjustment method."""

    op: Literal["adjust"]
    item: str
    reason: str
    method: str
    on: date
    note: str = ""


class AnnotateBody(_Strict):
    """Put a note on a record."""

    op: Literal["annotate"]
    target: str
    text: str = Field(min_length=1)


class EscalateBody(_Strict):
    """Put a note on a record that says to whom it was handed, and why."""

    op: Literal["escalate"]
    target: str
    to: str
    why: str
    work: str = ""


class DisputeBody(Amount):
    """Mark so much of a debit as disputed."""

    op: Literal["dispute"]
    item: str
    reason: str = Field(min_length=1)
    note: str = ""


class ResolveBody(_Strict):
    """End the dispute on a debit; ``outcome`` says whether the customer was right."""

    op: Literal["resolve"]
    item: str
    outcome: Literal["valid", "invalid"]
    note: str = ""


class IdentifyBody(_Strict):
    """Move what is open of a payment to the customer who sent it."""

    op: Literal["identify"]
    payment: str
    party: str
    on: date


class ExpectBody(_Strict):
    """What the order's author saw of an item; it must still be so. An empty version (orders before it are under way, whose
    version nobody knows yet) leaves the residual to tell."""

    version: str
    residual: str
    currency: str


class OrderBody(_Strict):
    """An order: ``id`` is also the Idempotency-Key; ``expect`` names every item whose residual it moves, and may name others."""

    id: str = Field(pattern="^[0-9a-f]{32}$")
    actor: str
    command: Annotated[
        ApplyBody
        | UnapplyBody
        | AdjustBody
        | AnnotateBody
        | EscalateBody
        | DisputeBody
        | ResolveBody
        | IdentifyBody,
        Field(discriminator="op"),
    ]
    expect: dict[str, ExpectBody]
    head: str = Field(default="", pattern="^([0-9a-f]{12}|[0-9a-f]{16})?$")
    """Where arqueue's audit stood when this was decided; it is kept in the memo, out of arqueue's reach."""

    @property
    def memo(self) -> str:
        """By what a person finds the posting."""
        return f"audit {self.head} arqueue {self.id}" if self.head else f"arqueue {self.id}"
