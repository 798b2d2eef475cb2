"""The mirror's entities: what the accounting system says, never edited by us.

Amounts are signed from the receivable's side: a debit (invoice) is positive, a credit (payment, credit note) negative.
So the balance of a customer in one currency is the plain sum of its residuals. Identifiers are opaque, ``kind:key``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from arqueue.model.money import Money


class ItemKind(StrEnum):
    """What an open item is."""

    INVOICE = "invoice"
    INSTALMENT = "instalment"
    CREDIT = "credit"
    PAYMENT = "payment"
    JOURNAL = "journal"


class ItemState(StrEnum):
    """Where an item stands in the ledger."""

    OPEN = "open"
    CLOSED = "closed"
    VOID = "void"
    DRAFT = "draft"


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """A customer; ``parent_id`` makes a family whose members pay for each other."""

    id: str
    code: str
    name: str
    version: str
    parent_id: str | None = None
    currency: str | None = None
    credit_limit: Money | None = None
    on_hold: bool = False
    terms: str = ""
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    """What the ledger counts it among, as one word each (``key-account``): categories, labels."""
    active: bool = True
    modified_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One open item, debit or credit alike; ``residual`` is the ledger's own figure."""

    id: str
    kind: ItemKind
    number: str
    party_id: str
    total: Money
    residual: Money
    doc_date: date
    state: ItemState
    version: str
    due_date: date | None = None
    residual_base: Money | None = None
    """The residual in the company's currency, at the ledger's own rate."""
    parent_id: str | None = None
    reference: str = ""
    """The customer's own reference for the document."""
    purchase_order: str = ""
    text: str = ""
    """Remittance text of a payment, description of anything else."""
    method: str = ""
    """How a payment came: wire, check, card…"""
    payer: str = ""
    """Who sent a payment, as the bank names them; empty where the ledger does not say."""
    payer_account: str = ""
    """The account that a payment came from, as the bank gives it (IBAN or another token); never shown, only compared."""
    dispute: str = ""
    """The ledger's reason for a dispute or chasing block; empty when there is none."""
    returned: str = ""
    """The return code of a payment that bounced (R01…); empty when it did not."""
    dunning_level: int | None = None
    """How many reminders went out about it; 0 for none yet, None where the ledger does not say."""
    modified_at: datetime | None = None

    @property
    def is_debit(self) -> bool:
        """True for what the customer owes us."""
        return self.total.minor > 0


@dataclass(frozen=True, slots=True)
class OpenItem:
    """An item and what the screen shows as open: the ledger's residual less the amounts of commands not final."""

    item: Item
    open: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Allocation:
    """A credit applied to a debit; both amounts are positive and differ only across currencies."""

    id: str
    credit_item: str
    debit_item: str
    amount: Money
    on: date
    version: str
    amount_debit: Money | None = None
    void: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A remark that stands on a record of the ledger."""

    id: str
    target: str
    author: str
    at: datetime
    text: str
    version: str
    command_id: str = ""
    """Our command that wrote it; empty for notes of others."""


Entity = Party | Item | Allocation | Note


@dataclass(frozen=True, slots=True, kw_only=True)
class AdjustmentMethod:
    """A way the ledger can write a difference off: its own identifier and the GL account it books to."""

    id: str
    code: str
    name: str
    account: str
