"""Which documents a customer's payables department puts into one payment: one small rule a class."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from benchmarks.payers.accounts import Account, Document

Choice = Callable[[Account, date, Random], list[Document]]
"""The documents to pay on a day; none when nothing is to be paid."""


def entered(account: Account, day: date) -> list[Document]:
    """Debits that have arrived and been typed in; an invoice takes two days to get there."""
    return [each for each in account.debits() if each.on <= day - timedelta(2)]


def due(account: Account, day: date) -> list[Document]:
    """Debits due by a day, the longest due first."""
    return sorted((each for each in entered(account, day) if each.due <= day), key=by_due)


def by_due(document: Document) -> tuple[date, date, int]:
    """Due date, then date of issue, then order of issue."""
    return (document.due, document.on, int(document.id.rpartition(":")[2]))


@dataclass(frozen=True, slots=True)
class OneInvoice:
    """One payment for each invoice, about when it is due, in whatever order they come to hand."""

    def __call__(self, account: Account, day: date, rng: Random) -> list[Document]:
        ready = due(account, day + timedelta(3))
        if not ready:
            return []
        return [ready[0] if rng.random() < 0.6 else rng.choice(ready)]


@dataclass(frozen=True, slots=True)
class DueRun:
    """A payment run: everything that falls due before the next one."""

    ahead: int

    def __call__(self, account: Account, day: date, rng: Random) -> list[Document]:
        return due(account, day + timedelta(self.ahead))


@dataclass(frozen=True, slots=True)
class ApprovedRun:
    """A payment run of what is due and signed; what waits for a signature misses it."""

    ahead: int

    def __call__(self, account: Account, day: date, rng: Random) -> list[Document]:
        return [each for each in due(account, day + timedelta(self.ahead)) if each.approved <= day]


@dataclass(frozen=True, slots=True)
class ByStatement:
    """All of last month's documents, whatever their terms, from the monthly statement."""

    def __call__(self, account: Account, day: date, rng: Random) -> list[Document]:
        month_end = day.replace(day=1) - timedelta(1)
        month = [
            each
            for each in entered(account, day)
            if (each.on.year, each.on.month) == (month_end.year, month_end.month)
        ]
        return month or [each for each in entered(account, day) if each.on <= month_end]


@dataclass(frozen=True, slots=True)
class WholeBalance:
    """Everything that the last statement showed."""

    def __call__(self, account: Account, day: date, rng: Random) -> list[Document]:
        return [each for each in entered(account, day) if each.on <= day - timedelta(5)]


@dataclass(frozen=True, slots=True)
class OldestToBudget:
    """As much of the longest due as this week's money covers, whole documents only."""

    def __call__(self, account: Account, day: date, rng: Random) -> list[Document]:
        ready = due(account, day + timedelta(5))
        budget = sum(each.open for each in ready) * rng.uniform(0.25, 0.8)
        chosen: list[Document] = []
        for each in ready:
            budget -= each.open
            if budget < 0 and chosen:
                break
            chosen.append(each)
        return chosen


@dataclass(frozen=True, slots=True)
class AnySome:
    """No rule that could be seen from outside: some documents out of those entered."""

    most: int = 6

    def __call__(self, account: Account, day: date, rng: Random) -> list[Document]:
        ready = entered(account, day)
        return rng.sample(ready, min(len(ready), rng.randint(1, self.most))) if ready else []


@dataclass(frozen=True, slots=True)
class ByOrder:
    """All documents of one order, or of two, once one of them is due."""

    def __call__(self, account: Account, day: date, rng: Random) -> list[Document]:
        ready = due(account, day + timedelta(7))
        if not ready:
            return []
        orders = {ready[0].order, *(rng.choice(ready).order for _ in range(rng.randint(0, 1)))}
        return [each for each in entered(account, day) if each.order in orders]


@dataclass(frozen=True, slots=True)
class ByBranch:
    """The head office pays for some of its branches, each branch's due documents."""

    def __call__(self, account: Account, day: date, rng: Random) -> list[Document]:
        ready = due(account, day + timedelta(7))
        branches = sorted({each.party for each in ready})
        paid = set(rng.sample(branches, rng.randint(1, min(3, len(branches))))) if branches else set()
        return [each for each in ready if each.party in paid]


@dataclass(frozen=True, slots=True)
class NextInstalment:
    """The instalments that are due, or the oldest document where there are none."""

    def __call__(self, account: Account, day: date, rng: Random) -> list[Document]:
        ready = due(account, day + timedelta(5))
        return [each for each in ready if each.parent] or ready[:1]


@dataclass(frozen=True, slots=True)
class Undisputed:
    """As another rule says, but for what is disputed."""

    rule: Choice

    def __call__(self, account: Account, day: date, rng: Random) -> list[Document]:
        return [each for each in self.rule(account, day, rng) if not each.dispute]


@dataclass(frozen=True, slots=True)
class Without:
    """As another rule says, but for a document or two that got stuck on somebody's desk."""

    rule: Choice
    most: int = 2

    def __call__(self, account: Account, day: date, rng: Random) -> list[Document]:
        chosen = self.rule(account, day, rng)
        stuck = set(range(len(chosen)))
        stuck = (
            set(rng.sample(sorted(stuck), min(len(chosen) - 1, rng.randint(1, self.most))))
            if chosen
            else set()
        )
        return [each for place, each in enumerate(chosen) if place not in stuck]


@dataclass(frozen=True, slots=True)
class NoTrifles:
    """As another rule says, but small amounts wait until there are more of them."""

    rule: Choice
    least: int = 10_000

    def __call__(self, account: Account, day: date, rng: Random) -> list[Document]:
        return [each for each in self.rule(account, day, rng) if each.open >= self.least]
