"""How much of the chosen documents arrives: credits netted, discounts, deductions, bank charges, round amounts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from benchmarks.payers.accounts import Account, Document
from benchmarks.payers.choosing import by_due


@dataclass(slots=True)
class Decision:
    """One payment as the payer means it; amounts in minor units, by document id, all positive."""

    lines: dict[str, int]
    """What of each debit is settled with money and credits."""
    credits: dict[str, int] = field(default_factory=dict)
    discounts: dict[str, int] = field(default_factory=dict)
    deductions: dict[str, int] = field(default_factory=dict)
    """Kept back for a reason: freight, price, shortage."""
    withheld: int = 0
    """Taken off on the way, without the payer meaning any one document."""
    extra: int = 0
    """Paid beyond all documents."""
    note: str = "exact"
    """What makes it differ from the plain sum of documents."""

    @property
    def amount(self) -> int:
        """What arrives."""
        return sum(self.lines.values()) - sum(self.credits.values()) - self.withheld + self.extra


Settlement = Callable[[Decision, Account, date, Random], None]
"""Changes a decision on its way out of the house."""


def plain(documents: list[Document]) -> Decision:
    """Every chosen document in full."""
    return Decision({each.id: each.open for each in documents})


def _by_id(account: Account, decision: Decision) -> list[Document]:
    return [account.documents[int(key.rpartition(":")[2]) - 1] for key in decision.lines]


@dataclass(frozen=True, slots=True)
class NetsCredits:
    """Uses open credit notes up, all or the oldest one, as long as something is left to pay."""

    chance: float = 1.0

    def __call__(self, decision: Decision, account: Account, day: date, rng: Random) -> None:
        if rng.random() >= self.chance:
            return
        room = decision.amount
        ready = [each for each in account.credits() if each.on <= day - timedelta(2)]
        for credit in ready if rng.random() < 0.6 else ready[:1]:
            if credit.open < room:
                decision.credits[credit.id] = credit.open
                room -= credit.open
        if decision.credits:
            decision.note = "credits"


@dataclass(frozen=True, slots=True)
class TakesDiscount:
    """Early-payment discount on every document still in its days, or `late` days after, or on some of them only."""

    late: int = 0
    share: float = 1.0
    cut: bool = False
    """Rounds the discount down to the cent, as some systems do."""

    def __call__(self, decision: Decision, account: Account, day: date, rng: Random) -> None:
        terms = account.customer.terms
        for each in _by_id(account, decision):
            last = each.on + timedelta(terms.within + self.late)
            whole = decision.lines[each.id] == each.total
            if terms.percent and whole and day <= last and rng.random() < self.share:
                exact = each.total * terms.percent
                discount = exact // 100 if self.cut else (exact + 50) // 100
                decision.lines[each.id] -= discount
                decision.discounts[each.id] = discount
        if decision.discounts:
            decision.note = "discount"


@dataclass(frozen=True, slots=True)
class BankCharges:
    """A bank on the way keeps its fee."""

    fees: tuple[int, ...] = (500, 750, 1000, 1500, 2000, 2500, 1250)

    def __call__(self, decision: Decision, account: Account, day: date, rng: Random) -> None:
        fee = rng.choice(self.fees)
        if decision.amount > 20 * fee:
            decision.withheld += fee
            decision.note = "charges"


@dataclass(frozen=True, slots=True)
class Deducts:
    """Keeps something back on one document: freight at a flat price, a price difference, missing pieces."""

    def __call__(self, decision: Decision, account: Account, day: date, rng: Random) -> None:
        target = rng.choice(_by_id(account, decision))
        value = decision.lines[target.id]
        kept = rng.choice(
            (rng.choice((1500, 2500, 4500, 8950)), value * rng.randint(2, 12) // 100, value // 8)
        )
        if 0 < kept < value // 2:
            decision.lines[target.id] -= kept
            decision.deductions[target.id] = kept
            decision.note = "deduction"


@dataclass(frozen=True, slots=True)
class DropsCents:
    """Sends whole units: the cents stay behind."""

    def __call__(self, decision: Decision, account: Account, day: date, rng: Random) -> None:
        if decision.amount > 1000 and decision.amount % 100:
            decision.withheld += decision.amount % 100
            decision.note = "rounded"


@dataclass(frozen=True, slots=True)
class OnAccount:
    """A round amount for whatever is oldest: the last document is covered in part."""

    def __call__(self, decision: Decision, account: Account, day: date, rng: Random) -> None:
        ready = sorted((each for each in account.debits() if each.on <= day - timedelta(2)), key=by_due)
        balance = sum(each.open for each in ready)
        step = rng.choice((5000, 10_000, 50_000, 100_000))
        room = int(balance * rng.uniform(0.2, 0.7)) // step * step
        decision.lines.clear()
        for each in ready:
            if room <= 0:
                break
            decision.lines[each.id] = min(room, each.open)
            room -= each.open
        decision.note = "on account"


@dataclass(frozen=True, slots=True)
class PaysPart:
    """A share of one document: half of it, a third, a deposit."""

    def __call__(self, decision: Decision, account: Account, day: date, rng: Random) -> None:
        key = max(decision.lines, key=lambda each: decision.lines[each])
        decision.lines[key] = max(1, decision.lines[key] * rng.choice((30, 50, 50, 33, 25)) // 100)
        decision.note = "part"


@dataclass(frozen=True, slots=True)
class Overpays:
    """Too much: a typing error, a rounded-up amount, a payment in advance."""

    def __call__(self, decision: Decision, account: Account, day: date, rng: Random) -> None:
        up = -decision.amount % 10_000
        decision.extra = rng.choice((up or 10_000, rng.randint(100, 9999), 50_000))
        decision.note = "overpaid"
