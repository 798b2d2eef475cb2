"""Orders of work that are compared: each says what comes first of a day's overdue accounts."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from arqueue.work.facts import BUCKETS
from arqueue.work.judge import judge
from arqueue.work.strategy import Strategy
from benchmarks.ranking.past import Past


@dataclass(frozen=True, slots=True)
class Account:
    """A customer's overdue invoices on a day: their sum in minor units, the oldest due date, how many, the last call."""

    customer: str
    minor: int
    due: date
    items: int
    contacted: date | None


Order = Callable[[Sequence[Account], date, Past], list[Account]]


def by(key: Callable[[Account, date, Past], float]) -> Order:
    """What has most of something first."""
    return lambda accounts, today, past: sorted(
        accounts, key=lambda each: (-key(each, today, past), each.customer)
    )


def _days(account: Account, today: date) -> int:
    return (today - account.due).days


def _bucket(account: Account, today: date, past: Past) -> float:
    """Ageing bucket first, the larger first inside it."""
    days = _days(account, today)
    place = next((len(BUCKETS) - at for at, (least, _) in enumerate(BUCKETS) if days >= least), 0)
    return place * 1e15 + account.minor


def strategy_order(strategy: Strategy, currency: str, *, habits: bool) -> Order:
    """By the sum of a strategy's points, as the queue ranks; with or without what was learned of the customer. Equal scores: the
    larger first, as in the queue."""

    def score(account: Account, today: date, past: Past) -> float:
        days, count = (habits and past.habit(account.customer)) or (None, None)
        row: Mapping[str, int | str | None] = {
            "kind": "overdue",
            "amount": account.minor,
            "currency": currency,
            "base_minor": account.minor,
            "base_currency": currency,
            "since": account.due.isoformat(),
            "due": account.due.isoformat(),
            "items": account.items,
            "contacted_on": account.contacted.isoformat() if account.contacted else None,
            "habit_days": days,
            "habit_count": count,
        }
        return sum(reason.points for reason in judge(strategy, row, today)) * 1e13 + account.minor

    return by(score)


def shuffled(seed: int) -> Order:
    """Any order."""
    rng = random.Random(seed)
    return lambda accounts, today, past: rng.sample(accounts, len(accounts))


def orders(strategy: Strategy, currency: str, seed: int) -> dict[str, Order]:
    """By name, the one that all are compared with first."""
    return {
        "random": shuffled(seed),
        "oldest first": by(lambda each, today, past: _days(each, today)),
        "largest first": by(lambda each, today, past: each.minor),
        "ageing bucket, then size": by(_bucket),
        f"strategy {strategy.name}, habits unknown": strategy_order(strategy, currency, habits=False),
        f"strategy {strategy.name}": strategy_order(strategy, currency, habits=True),
        "payment behaviour: amount x expected wait": by(
            lambda each, today, past: each.minor * past.expected_wait(each.customer, _days(each, today))
        ),
    }
