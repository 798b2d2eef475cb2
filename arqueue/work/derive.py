"""What of a customer's open items is work: pure, from the mirror's figures and what is already under way."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from arqueue.cash.covering import Cover
from arqueue.model.ledger import ItemKind, ItemState, OpenItem, Party
from arqueue.model.money import Money
from arqueue.model.text import clean_line
from arqueue.model.work import WorkItem, WorkKind
from arqueue.work.strategy import DEFAULT, Fact, Strategy

_NUMBER = re.compile(r"[0-9]{4,}")
_NUMBERS_SHOWN, _COVERS_SHOWN = 3, 2


@dataclass(frozen=True, slots=True)
class Trouble:
    """A command that did not work, or a thing handed up: what it says and whom it is for."""

    id: str
    kind: WorkKind
    item_id: str | None
    subject: str
    words: str
    amount: Money
    since: date
    owner: str | None
    command_id: str | None


@dataclass(frozen=True, slots=True)
class Customer:
    """Everything that decides a customer's work. ``party`` is None for one that vanished from the ledger."""

    party_id: str
    party: Party | None
    items: Sequence[OpenItem]
    troubles: Sequence[Trouble] = ()
    covers: Sequence[Cover] = ()
    """What the unapplied money of the whole family probably pays."""


def derive(
    customer: Customer, today: date, strategy: Strategy = DEFAULT, *, base_currency: str = ""
) -> list[WorkItem]:
    """The customer's rows of the queue. ``today`` is the company's business date; an amount has a size (for rules that ask
    for one) where the ledger gives its worth in the company's currency, or where that is the amount's own."""
    live = [each for each in customer.items if each.item.state is ItemState.OPEN and each.open.minor]
    return [
        *_payments(customer, live, today, strategy, base_currency),
        *_disputes(customer, live, today, strategy, base_currency),
        *_overdue(customer, live, today, strategy, base_currency),
        *_troubles(customer, today, strategy, base_currency),
    ]


def _payments(
    customer: Customer, live: Sequence[OpenItem], today: date, strategy: Strategy, base_currency: str
) -> Iterator[WorkItem]:
    waiting = [each for each in live if each.item.kind is ItemKind.PAYMENT and each.open.minor < 0]
    if not waiting:
        return
    debits = [each for each in live if each.open.minor > 0]
    # the last run of digits counts: the 2026 of INV-2026-0815 is in half of all remittance texts
    digits = {found for each in debits for found in _NUMBER.findall(each.item.number)[-1:]}
    amounts = {(each.open.currency, each.open.minor) for each in debits}
    for each in waiting:
        named = any(found in digits for found in _NUMBER.findall(each.item.text))
        facts: dict[str, Fact] = {
            "age_days": (today - each.item.doc_date).days,
            "names_open": named,
            "equals_open": (each.open.currency, -each.open.minor) in amounts,
            **_size(_base(each, base_currency)),
        }
        yield WorkItem(
            id=f"payment/{each.item.id}",
            kind=WorkKind.PAYMENT,
            party_id=customer.party_id,
            item_id=each.item.id,
            subject=each.item.number,
            amount=-each.open,
            since=min(each.item.doc_date, today),
            reasons=strategy.judge(WorkKind.PAYMENT, facts),
            base=_base(each, base_currency),
            due=each.item.due_date,
        )


def _disputes(
    customer: Customer, live: Sequence[OpenItem], today: date, strategy: Strategy, base_currency: str
) -> Iterator[WorkItem]:
    """No ledger says when a dispute began, so its age is that of the document."""
    for each in live:
        if not each.item.dispute or each.open.minor <= 0:
            continue
        facts: dict[str, Fact] = {
            "dispute": clean_line(each.item.dispute, limit=40),
            "age_days": (today - each.item.doc_date).days,
            **_size(_base(each, base_currency)),
        }
        yield WorkItem(
            id=f"dispute/{each.item.id}",
            kind=WorkKind.DISPUTE,
            party_id=customer.party_id,
            item_id=each.item.id,
            subject=each.item.number,
            amount=each.open,
            since=min(each.item.doc_date, today),
            reasons=strategy.judge(WorkKind.DISPUTE, facts),
            base=_base(each, base_currency),
            due=each.item.due_date,
        )


def _overdue(
    customer: Customer, live: Sequence[OpenItem], today: date, strategy: Strategy, base_currency: str
) -> Iterator[WorkItem]:
    """One row a customer and currency; disputed items are not chased."""
    by_currency: dict[str, list[OpenItem]] = defaultdict(list)
    for each in live:
        due = each.item.due_date
        if each.open.minor > 0 and due and due < today and not each.item.dispute:
            by_currency[each.open.currency].append(each)
    for currency, late in by_currency.items():
        oldest = min(each.item.due_date or today for each in late)
        amount = sum((each.open for each in late), Money.zero(currency))
        facts: dict[str, Fact] = {
            "count": len(late),
            "days_past_due": (today - oldest).days,
            "on_hold": bool(customer.party and customer.party.on_hold),
            "over_limit": _over_limit(customer, live),
            **_paid(customer.covers, late),
            **_unapplied(customer.covers, live, late),
            **_size(_sum_base(late, base_currency)),
        }
        yield WorkItem(
            id=f"overdue/{customer.party_id}/{currency}",
            kind=WorkKind.OVERDUE,
            party_id=customer.party_id,
            # a single item can be acted on from the list, without opening the account
            item_id=late[0].item.id if len(late) == 1 else None,
            subject=late[0].item.number if len(late) == 1 else f"{len(late)} items",
            amount=amount,
            since=oldest,
            reasons=strategy.judge(WorkKind.OVERDUE, facts),
            base=_sum_base(late, base_currency),
            due=oldest,
        )


def _unapplied(
    covers: Sequence[Cover], live: Sequence[OpenItem], late: Sequence[OpenItem]
) -> dict[str, Fact]:
    """Whether the customer's own open credits together reach what is overdue; a payment that is probably for something else
    is no such credit."""
    amount = Money.total((each.open for each in late), late[0].open.currency)
    open_late = {each.item.id for each in late}
    elsewhere = {
        cover.payment.item.id
        for cover in covers
        if open_late.isdisjoint(each.item.id for each in cover.items)
    }
    credits = [
        each
        for each in live
        if each.open.minor < 0 and each.open.currency == amount.currency and each.item.id not in elsewhere
    ]
    unapplied = -Money.total((each.open for each in credits), amount.currency)
    name = credits[0].item.number if len(credits) == 1 else f"{len(credits)} credits,"
    return {
        "unapplied": f"{name} {unapplied.decimal:,}",
        "covered": unapplied >= amount,
        "part_covered": Money.zero(amount.currency) < unapplied < amount,
    }


def _paid(covers: Sequence[Cover], late: Sequence[OpenItem]) -> dict[str, Fact]:
    """What of the overdue items some payment of the family probably pays, with the likely match in words."""
    open_late = {each.item.id for each in late}
    matched = [
        (cover.payment, numbers)
        for cover in covers
        if (numbers := [each.item.number for each in cover.items if each.item.id in open_late])
    ]
    if not matched:
        return {}
    paid = {each.item.id for cover in covers for each in cover.items} & open_late
    words = [
        f"{payment.item.number} {abs(payment.open).decimal:,} probably pays {_some(numbers)}"
        for payment, numbers in matched[:_COVERS_SHOWN]
    ]
    if (more := len(matched) - _COVERS_SHOWN) > 0:
        words.append(f"{more} more {'payment' if more == 1 else 'payments'}")
    return {
        "paid": paid == open_late,
        "part_paid": paid < open_late,
        "paid_words": "; ".join(words),
    }


def _some(numbers: Sequence[str]) -> str:
    more = len(numbers) - _NUMBERS_SHOWN
    return ", ".join(numbers[:_NUMBERS_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _troubles(customer: Customer, today: date, strategy: Strategy, base_currency: str) -> Iterator[WorkItem]:
    for trouble in customer.troubles:
        yield WorkItem(
            id=trouble.id,
            kind=trouble.kind,
            party_id=customer.party_id or None,
            item_id=trouble.item_id,
            subject=trouble.subject,
            amount=trouble.amount,
            since=trouble.since,
            reasons=strategy.judge(
                trouble.kind,
                {
                    "words": trouble.words,
                    "age_days": (today - trouble.since).days,
                    **_size(abs(trouble.amount) if trouble.amount.currency == base_currency else None),
                },
            ),
            owner=trouble.owner,
            command_id=trouble.command_id,
            base=abs(trouble.amount) if trouble.amount.currency == base_currency else None,
        )


def _base(each: OpenItem, base_currency: str) -> Money | None:
    """The size of what is open in the company's currency: at the ledger's own rate, the open share of its base residual; None
    for a foreign amount whose worth the ledger does not say (1,000,000 JPY are not 1,000,000 EUR)."""
    base, residual = each.item.residual_base, each.item.residual
    if base is not None and residual.minor:
        return Money(abs(base.minor) * abs(each.open.minor) // abs(residual.minor), base.currency)
    return abs(each.open) if each.open.currency == base_currency else None


def _sum_base(items: Iterable[OpenItem], base_currency: str) -> Money | None:
    parts = [part for each in items if (part := _base(each, base_currency)) is not None]
    if len({part.currency for part in parts}) != 1:
        return None
    return Money.total(parts, parts[0].currency)


def _size(base: Money | None) -> dict[str, Fact]:
    if base is None:
        return {}
    return {"base_units": int(base.decimal), "base_words": f"{int(base.decimal):,} {base.currency}"}


def _over_limit(customer: Customer, live: Sequence[OpenItem]) -> bool:
    """Whether what is owed less what is unapplied, as far as it can be told in the limit's currency, is above the limit."""
    limit = customer.party.credit_limit if customer.party else None
    if limit is None or not limit.minor:
        return False
    used = 0
    for each in live:
        worth = abs(each.open) if each.open.currency == limit.currency else _base(each, "")
        if worth is not None and worth.currency == limit.currency:
            used += worth.minor if each.open.minor > 0 else -worth.minor
    return used > limit.minor
