"""A company as a plan: what happened in its receivables, told without any accounting system's vocabulary.

The generator writes a plan, each peer's loader carries it out. Amounts are integer minor units of ``currency`` and positive;
dates are business dates; documents come in the order of their dates, so that a loader can post as it reads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedParty:
    """A customer. ``name`` may be hostile: the real world's are."""

    code: str
    name: str
    currency: str
    terms_days: int
    discount: tuple[int, int] | None = None
    """What it may take off for paying early: basis points, and within how many days of the invoice."""
    parent: str | None = None
    credit_limit: int | None = None
    on_hold: bool = False
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    """What it is counted among, one word each."""
    habit: str = ""
    """How it usually pays, in words: the truth behind the history, for tests and benchmarks. Loaders leave it out."""

    @property
    def terms(self) -> str:
        """The terms as they stand on an invoice: "net 30", "2/10 net 30"."""
        net = f"net {self.terms_days}"
        if self.discount is None:
            return net
        points, days = self.discount
        return f"{points / 100:g}/{days} {net}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedInvoice:
    """An invoice; with ``instalments`` (due date, amount) it falls due in parts that sum to ``amount``."""

    number: str
    party: str
    currency: str
    amount: int
    on: date
    due: date
    reference: str = ""
    purchase_order: str = ""
    text: str = ""
    instalments: tuple[tuple[date, int], ...] = ()
    dispute: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedCredit:
    """A credit note, open or applied to invoices (number, amount)."""

    number: str
    party: str
    currency: str
    amount: int
    on: date
    text: str = ""
    applied: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedPayment:
    """Money that came in: what of it is applied, what stays unapplied, whether it bounced."""

    number: str
    party: str
    currency: str
    amount: int
    on: date
    text: str = ""
    method: str = "wire"
    payer: str = ""
    """Who sent it, as its bank spells the name; empty where the bank does not say."""
    payer_account: str = ""
    applied: tuple[tuple[str, int], ...] = ()
    discounts: tuple[tuple[str, int], ...] = ()
    """Early-payment discounts granted beside it: (invoice number, amount written off to the discount account)."""
    returned_on: date | None = None
    return_code: str = ""
    meant: tuple[tuple[str, int], ...] = ()
    """What the payer meant it for, credit notes (CN-…) that were netted among them, both positive. No ledger knows: loaders
    leave it out."""
    case: str = ""
    """The situation that it is an example of ("zeros lost, short freight"). Loaders leave it out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedNote:
    """A remark on a customer (code) or a document (number)."""

    target: str
    author: str
    on: date
    text: str


PlannedDocument = PlannedInvoice | PlannedCredit | PlannedPayment | PlannedNote


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanyPlan:
    """A whole company. ``rates`` is the worth of one unit of a currency in the company's own."""

    name: str
    currency: str
    today: date
    parties: Sequence[PlannedParty]
    documents: Callable[[], Iterator[PlannedDocument]]
    """Every document by date; made anew at each call, the same each time, so that a million need no memory."""
    rates: Mapping[str, Decimal] = field(default_factory=dict)
    reminders: tuple[tuple[int, int], ...] = ()
    """(days past due, level): which reminder went out so many days after the due date about what is open and not disputed."""
    seed: int = 0
