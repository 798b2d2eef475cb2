"""The mixes that figures are told for: the usual one, and one held out, of other rules, other weights and another seed.

Weights are a reading of practice, not a survey: most buyers run payables weekly or fortnightly and pay what is due, small
ones pay single invoices, a few do things nobody can see a rule in; somewhat under half of all payments name no document."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Final

from benchmarks.payers import choosing, wording
from benchmarks.payers.accounts import Account, Document, Terms
from benchmarks.payers.choosing import ByOrder, DueRun, OneInvoice, Undisputed, Without
from benchmarks.payers.settling import (
    BankCharges,
    Deducts,
    DropsCents,
    NetsCredits,
    OnAccount,
    Overpays,
    PaysPart,
    Settlement,
    TakesDiscount,
)
from benchmarks.payers.simulation import Mix, Payer

_DISCOUNTS: Final = (Terms(30, 2, 10), Terms(45, 3, 14), Terms(30, 1, 10), Terms(60, 2, 20))


def _early(name: str, every: int, ahead: int, settle: tuple[Settlement, ...]) -> Payer:
    """Somebody with terms that give a discount."""
    return Payer(name=name, every=every, choose=DueRun(ahead), settle=settle, terms=_DISCOUNTS)


USUAL: Final = Mix(
    name="usual",
    seed=20261120,
    payers=(
        (14, Payer(name="one invoice", every=5, choose=OneInvoice())),
        (10, Payer(name="weekly run", every=7, choose=DueRun(7))),
        (8, Payer(name="fortnightly run", every=14, choose=DueRun(10))),
        (6, Payer(name="run of what is signed", every=7, choose=choosing.ApprovedRun(7))),
        (5, Payer(name="run less a stuck one", every=10, choose=Without(DueRun(7)))),
        (5, Payer(name="run less disputes", every=10, choose=Undisputed(DueRun(7)))),
        (4, Payer(name="run less trifles", every=10, choose=choosing.NoTrifles(DueRun(7)))),
        (6, Payer(name="by statement", every=30, choose=choosing.ByStatement())),
        (3, Payer(name="whole balance", every=30, choose=choosing.WholeBalance())),
        (5, Payer(name="oldest to a budget", every=10, choose=choosing.OldestToBudget())),
        (4, Payer(name="any some", every=8, choose=choosing.AnySome())),
        (4, Payer(name="by order", every=8, choose=ByOrder())),
        (3, Payer(name="head office, by branch", every=10, choose=choosing.ByBranch(), branches=5)),
        (2, Payer(name="instalments", every=15, choose=choosing.NextInstalment(), instalments=0.6)),
        (5, Payer(name="run, credits netted", every=10, choose=DueRun(7), settle=(NetsCredits(),), credits=0.2)),
        (4, _early("discount earned", 5, 35, (TakesDiscount(),))),
        (2, _early("discount late", 10, 30, (TakesDiscount(late=12),))),
        (2, _early("discount on some", 7, 28, (TakesDiscount(late=3, share=0.6),))),
        (4, Payer(name="bank charges", every=10, choose=DueRun(7), settle=(BankCharges(),))),
        (4, Payer(name="deduction", every=10, choose=DueRun(7), settle=(Deducts(),))),
        (2, Payer(name="drops cents", every=10, choose=DueRun(7), settle=(DropsCents(),))),
        (3, Payer(name="round on account", every=14, choose=DueRun(30), settle=(OnAccount(),))),
        (2, Payer(name="part of one", every=10, choose=OneInvoice(), settle=(PaysPart(),))),
        (2, Payer(name="overpays", every=10, choose=OneInvoice(), settle=(Overpays(),))),
        (1, Payer(name="pays twice", every=10, choose=DueRun(7), twice=True)),
        (1, Payer(name="other currency", every=10, choose=DueRun(7), other_currency=True)),
    ),
    writers=(
        (40, wording.nothing),
        (3, wording.month),
        (14, wording.every),
        (9, wording.with_amounts),
        (8, wording.short),
        (5, wording.cut),
        (3, wording.some),
        (4, wording.slipped),
        (3, wording.orders),
        (3, wording.span),
        (3, wording.decoyed),
        (5, wording.filed),
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class NewestAsked:
    """Pays what was asked for on the telephone: the largest few of what is overdue."""

    def __call__(self, account: Account, day: date, rng: Random) -> list[Document]:
        late = choosing.due(account, day - timedelta(5))
        return sorted(late, key=lambda each: -each.open)[: rng.randint(1, 3)]


@dataclass(frozen=True, slots=True)
class FitsBudget:
    """Goes down the due list and takes whatever still fits this week's money, passing over what does not."""

    def __call__(self, account: Account, day: date, rng: Random) -> list[Document]:
        ready = choosing.due(account, day + timedelta(4))
        room = sum(each.open for each in ready) * rng.uniform(0.3, 0.9)
        chosen = []
        for each in ready:
            if each.open <= room:
                room -= each.open
                chosen.append(each)
        return chosen


@dataclass(frozen=True, slots=True)
class OneSigner:
    """Documents up to what one person may sign; the large ones go another way, one by one."""

    limit: int = 150_000

    def __call__(self, account: Account, day: date, rng: Random) -> list[Document]:
        ready = choosing.due(account, day + timedelta(7))
        large = [each for each in ready if each.open > self.limit]
        if large and rng.random() < 0.4:
            return large[:1]
        return [each for each in ready if each.open <= self.limit]


@dataclass(frozen=True, slots=True)
class OneCostCentre:
    """Documents with one delivery site's name on them, or those with none."""

    def __call__(self, account: Account, day: date, rng: Random) -> list[Document]:
        ready = choosing.due(account, day + timedelta(14))
        sites = sorted({each.reference for each in ready})
        site = rng.choice(sites) if sites else ""
        return [each for each in ready if each.reference == site]


@dataclass(frozen=True, slots=True)
class TenDaysOfPost:
    """What was issued in one stretch of the calendar, whenever it is due: the pile of one third of a month."""

    def __call__(self, account: Account, day: date, rng: Random) -> list[Document]:
        known = choosing.entered(account, day)
        if not known:
            return []
        start = min(known, key=choosing.by_due).on
        return [each for each in known if start <= each.on < start + timedelta(10)]


@dataclass(frozen=True, slots=True)
class RunAndAForgotten:
    """The weekly run and one old or young document that somebody asked to have put in."""

    def __call__(self, account: Account, day: date, rng: Random) -> list[Document]:
        ready = choosing.due(account, day + timedelta(6))
        taken = {each.id for each in ready}
        others = [each for each in choosing.entered(account, day) if each.id not in taken]
        return [*ready, rng.choice(others)] if others and ready else ready


@dataclass(frozen=True, slots=True)
class OldestLeft:
    """A payment run that always leaves the few longest due alone: they are forgotten, or argued about by telephone."""

    def __call__(self, account: Account, day: date, rng: Random) -> list[Document]:
        ready = choosing.due(account, day + timedelta(10))
        return ready[min(len(ready) // 3, 2) :]


HELD_OUT: Final = Mix(
    name="held out",
    seed=7907,
    payers=(
        (10, Payer(name="one at a time", every=4, choose=OneInvoice())),
        (10, Payer(name="run every ten days", every=10, choose=DueRun(12))),
        (8, Payer(name="what was asked for", every=9, choose=NewestAsked())),
        (8, Payer(name="what fits the money", every=9, choose=FitsBudget())),
        (7, Payer(name="one signer", every=7, choose=OneSigner())),
        (6, Payer(name="one site", every=10, choose=OneCostCentre())),
        (6, Payer(name="ten days of post", every=10, choose=TenDaysOfPost())),
        (7, Payer(name="run and a forgotten one", every=7, choose=RunAndAForgotten())),
        (5, Payer(name="run without the oldest", every=10, choose=OldestLeft())),
        (5, Payer(name="some of the orders", every=9, choose=Without(ByOrder(), 1))),
        (5, Payer(name="run, some credits", every=10, choose=DueRun(5), settle=(NetsCredits(0.7),), credits=0.2)),
        (4, _early("discount cut to the cent", 6, 30, (TakesDiscount(cut=True),))),
        (3, _early("discount and a deduction", 7, 30, (TakesDiscount(late=2), Deducts()))),
        (4, Payer(name="charges, credits", every=12, choose=DueRun(7), settle=(NetsCredits(0.5), BankCharges()), credits=0.15)),
        (4, Payer(name="deduction on one", every=6, choose=OneInvoice(), settle=(Deducts(),))),
        (3, Payer(name="on account", every=12, choose=DueRun(30), settle=(OnAccount(),))),
        (2, Payer(name="too much", every=9, choose=DueRun(7), settle=(Overpays(),))),
        (1, Payer(name="once more", every=9, choose=OneInvoice(), twice=True)),
        (1, Payer(name="in francs", every=9, choose=OneInvoice(), other_currency=True)),
        (1, Payer(name="a deposit", every=9, choose=OneInvoice(), settle=(PaysPart(),))),
    ),
    writers=(
        (48, wording.nothing),
        (6, wording.every),
        (9, wording.with_amounts),
        (10, wording.short),
        (7, wording.cut),
        (4, wording.some),
        (5, wording.slipped),
        (3, wording.orders),
        (2, wording.span),
        (4, wording.decoyed),
        (2, wording.filed),
    ),
)  # fmt: skip
