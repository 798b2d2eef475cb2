"""What the engine is given: a payment, what it could be for, and how far it may go. Pure data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from arqueue.cash.account import OpenAccount
from arqueue.cash.advice import Advice
from arqueue.cash.habit import Habit
from arqueue.model.ledger import OpenItem, Party
from arqueue.model.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How far the search may go and what counts as even; the company's, made stricter by the person's.

    Amounts are by ISO currency; a currency that is not named has none."""

    budget_ms: int = 150
    """Wall-clock bound: the best so far is returned and the search is said to be incomplete."""
    count_cap: int = 100_000
    """Equal answers are counted up to here, then "more than"."""
    tolerance: Mapping[str, Money] = field(default_factory=dict)
    """A difference up to this counts as even, if it is within the percentage as well."""
    tolerance_percent: Decimal = Decimal(0)
    """Of the amount applied."""
    charges: Mapping[str, Money] = field(default_factory=dict)
    """The most that a bank may have taken off on the way."""
    grace_days: int = 3
    """So long after its day an early-payment discount is still taken as earned."""

    @property
    def thorough(self) -> Policy:
        """The same with ten times the time, five seconds at most: for who would rather wait than miss a way."""
        return replace(self, budget_ms=max(self.budget_ms, min(10 * self.budget_ms, 5_000)))


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentCase:
    """One payment (or other open credit) and everything it could be applied to, as the screen shows it."""

    payment: OpenItem
    """Its ``open`` is negative."""
    today: date
    """The business date."""
    debits: Sequence[OpenItem] = ()
    """Open debits of the payer and its family; those in other currencies are flagged and left to the ledger."""
    credits: Sequence[OpenItem] = ()
    """Other open credits of the same customers (credit notes, on-account cash) that a payer may have netted."""
    parties: Mapping[str, Party] = field(default_factory=dict)
    """The payer and its family by id: names, terms ("2/10 net 30")."""
    habit: Habit = field(default_factory=Habit)
    advice: Advice | None = None
    """Structured remittance that came beside the payment."""
    policy: Policy = field(default_factory=Policy)
    account: OpenAccount | None = None
    """The same debits and credits, where they were read for an earlier payment; None reads them."""

    def __post_init__(self) -> None:
        """Raises ValueError for an account of other items."""
        kept = self.account
        if kept and not (kept.debits is self.debits and kept.credits is self.credits):
            raise ValueError("the account that was kept is not of these debits and credits")
