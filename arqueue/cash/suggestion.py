"""What the engine answers: ways to apply a payment, ranked, each with its arithmetic and its reasons. Pure data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from arqueue.model.money import Money


class Evidence(StrEnum):
    """What speaks for a suggestion, strongest first."""

    ADVICE = "advice"
    """A structured remittance names the documents."""
    REFERENCE = "reference"
    """The remittance text names them."""
    EXACT = "exact"
    """The open amounts come to the payment to the cent."""
    DISCOUNT = "discount"
    """They do with early-payment discounts taken."""
    EXCLUSION = "exclusion"
    """All but a few: what is left out comes to balance less payment."""
    TOLERANCE = "tolerance"
    """They do within the tolerance, or less what a bank may have charged."""
    OLDEST = "oldest"
    """Nothing fits: what comes nearest, or oldest due first."""


class DifferenceKind(StrEnum):
    """What does not come out even."""

    NONE = "none"
    SHORT = "short"
    """An item keeps a rest."""
    OVER = "over"
    """The payment keeps a rest."""
    DISCOUNT = "discount"
    """Discounts make up the difference; each line says its own."""
    CHARGES = "charges"
    """About what a bank takes off."""
    TOLERANCE = "tolerance"
    """Small enough to be written off."""


@dataclass(frozen=True, slots=True)
class SuggestedLine:
    """One item and what becomes of it: a debit's ``amount`` is positive and paid by the payment and the credits together; a
    credit's is negative and used up. ``discount`` (zero or positive) closes a debit beside what is paid."""

    item: str
    amount: Money
    discount: Money
    short: Money
    """What this line then still keeps open, that the payer seems to regard as settled; zero for most."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What is left over on either side; ``item`` keeps it where it is one item's."""

    kind: DifferenceKind
    amount: Money
    item: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """One way: ``applied`` (the sum of all lines: debits less credits used) plus ``left`` is the payment's open amount."""

    kind: Evidence
    lines: tuple[SuggestedLine, ...]
    applied: Money
    left: Money
    difference: Difference
    answers: int = 1
    """How many equally good answers exist."""
    counted: bool = True
    """False: there are more than ``answers``."""
    sure: bool = False
    """Unique, to the cent, and named by the payer: what may be posted without a person, where policy lets it."""
    why: tuple[str, ...] = ()

    @property
    def unique(self) -> bool:
        """Whether it is the only answer of its kind."""
        return self.answers == 1 and self.counted


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestions:
    """Ranked ways, best first; ``complete`` is False when the time was over before the search was, so that there may be better
    ones. (A count that was not finished is said by each way.)"""

    ways: tuple[Suggestion, ...]
    complete: bool = True
    notes: tuple[str, ...] = ()
    """What the engine left out and why: items in other currencies, a text cut short."""
