"""Promises to pay: what was promised, what came of it, and what follows for the account. Pure.

A promise is of an amount by a day, and about the debits that were open then and due by that day. What these came down since,
by a payment, a credit or a write-off, is paid; what is on its way to them counts. After the day and some days of tolerance the
promise is kept, kept in part or broken (the states of SAP's collections management). Money that came since and is not applied
yet may be the promised one: as long as it would suffice, nobody is said to have broken a promise.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from arqueue.model.ledger import ItemKind, OpenItem
from arqueue.model.money import Money

if TYPE_CHECKING:  # who only paints a promise starts faster without it
    from arqueue.cash.covering import Cover


class PromiseState(StrEnum):
    """What became of a promise, as rules ask for it."""

    OPEN = "open"
    SMALL = "small"
    """Open, and of less than half of what is overdue or was paid of it: it does not keep anybody from chasing the rest."""
    COVERED = "covered"
    """The day is over; what came and is not applied yet would suffice."""
    KEPT = "kept"
    PARTLY = "partly kept"
    BROKEN = "broken"

    @property
    def said(self) -> str:
        """In words for people."""
        return _SAID.get(self, self.value)


_SAID: Final = {PromiseState.SMALL: "open", PromiseState.COVERED: "money for it is here, not applied"}
OVER: Final = frozenset({PromiseState.KEPT})
"""What nobody has to look at any more."""


@dataclass(frozen=True, slots=True)
class Promise:
    """A promise of one customer in one currency. ``on`` is the promised business date, ``until`` the last one on which it is
    open, ``level`` how often promises before it were put off. ``debits`` are what it is about, with what was open of each (minor
    units), ``credits`` the unapplied payments that were there already."""

    amount: Money
    on: date
    until: date
    level: int
    debits: Mapping[str, int]
    credits: frozenset[str]


@dataclass(frozen=True, slots=True)
class Standing:
    """How a promise stands on a business date, and what was paid of it, at most all."""

    state: PromiseState
    paid: Money


def standing(
    promise: Promise, live: Sequence[OpenItem], today: date, covers: Sequence[Cover] = ()
) -> Standing:
    """``live`` are the customer's open items, ``covers`` what unapplied payments of its family probably pay."""
    now = {each.item.id: max(0, each.open.minor) for each in live}
    down = sum(max(0, then - now.get(key, 0)) for key, then in promise.debits.items())
    paid = Money(min(down, promise.amount.minor), promise.amount.currency)
    return Standing(_state(promise, down, _arrived(promise, live, covers), today), paid)


def _state(promise: Promise, down: int, arrived: int, today: date) -> PromiseState:
    if down >= promise.amount.minor:
        return PromiseState.KEPT
    if today <= promise.until:
        return PromiseState.OPEN
    if down + arrived >= promise.amount.minor:
        return PromiseState.COVERED
    return PromiseState.PARTLY if down else PromiseState.BROKEN


def _arrived(promise: Promise, live: Sequence[OpenItem], covers: Sequence[Cover]) -> int:
    """Unapplied payments that came since, minor units: the customer's own, and the family's that probably pay what was promised;
    not those that probably pay something else."""
    elsewhere = {
        cover.payment.item.id
        for cover in covers
        if promise.debits.keys().isdisjoint(each.item.id for each in cover.items)
    }
    cash = [each for each in live if each.item.kind is ItemKind.PAYMENT]
    found = {each.item.id: each.open for each in (*cash, *(cover.payment for cover in covers))}
    return sum(
        max(0, -left.minor)
        for key, left in found.items()
        if left.currency == promise.amount.currency and key not in promise.credits | elsewhere
    )


def facts(
    promise: Promise,
    live: Sequence[OpenItem],
    late: Sequence[OpenItem],
    today: date,
    covers: Sequence[Cover] = (),
) -> dict[str, int | str | None]:
    """What rules may ask of an account that promised: ``late`` is what is overdue of it in the currency of the promise."""
    found = standing(promise, live, today, covers)
    state, owed = found.state, found.paid.minor + sum(each.open.minor for each in late)
    if state is PromiseState.OPEN and promise.amount.minor * 2 < owed:
        state = PromiseState.SMALL
    return {
        "promise_state": state.value,
        "promise_level": promise.level,
        "promised_on": promise.on.isoformat(),
        "promise_words": words(promise.amount, promise.on, found.paid),
    }


def words(amount: Money, on: date, paid: Money) -> str:
    """``500.00 EUR by 2026-11-20``, and what came of it."""
    said = f"{amount.decimal:,} {amount.currency} by {on}"
    return f"{said}, {paid.decimal:,} came" if 0 < paid.minor < amount.minor else said


def next_level(level: int | None, state: PromiseState | None) -> int:
    """The level of a promise that follows another (``level`` None: there was none): one more where that one was open, kept in
    part or broken, or was withdrawn (``state`` None); a kept one raises nothing. After SAP's promises to pay."""
    if level is None:
        return 0
    return level if state in OVER else level + 1
