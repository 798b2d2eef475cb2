"""A remittance advice, whatever file it came in: which documents a payer says that a payment is for. Pure data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from arqueue.model.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class AdviceLine:
    """One document as the payer names it. Amounts are positive for what is paid, negative for a credit that is netted."""

    reference: str
    """Cleaned text: an invoice, credit note or order number as the payer writes it."""
    amount: Money | None = None
    """What is paid of it; None where the advice does not say."""
    discount: Money | None = None
    on: date | None = None
    """The document's date."""
    reason: str = ""
    """Why less is paid, as the payer says it."""
    where: str = ""
    """Where its amount stands in the file, for messages: line 3, amount paid."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """The lines of one payment, in their order. ``source`` is the format: csv, text, camt.053, pain.001, bai2, edi 820."""

    source: str
    lines: tuple[AdviceLine, ...]
    payer: str = ""
    payment_reference: str = ""
    """By which the advice and the payment find each other."""
    total: Money | None = None
    on: date | None = None
    text: str = ""
    """What it says in free words. Without lines of its own, its lines are what looks like documents in them."""
