"""What of a customer's open items is work: pure, from the mirror's figures and what is already under way."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Final

from arqueue.cash.covering import Cover
from arqueue.model.ledger import Item, ItemKind, ItemState, OpenItem, Party
from arqueue.model.money import Money
from arqueue.model.text import clean_line
from arqueue.model.work import WorkItem, WorkKind
from arqueue.work import promises
from arqueue.work.promises import Promise

_NUMBER = re.compile(r"[0-9]{4,}")
_NUMBERS_SHOWN, _COVERS_SHOWN = 3, 2
DERIVATION: Final = 2
"""Which way work is derived; a store whose rows were derived another way is looked at anew, all of it."""
CREDIT_DAYS: Final = 90
"""So old is a credit note (or another credit that is no payment) when somebody must ask what becomes of it."""

Facts = dict[str, int | str | None]


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
class Bounced:
    """A payment that the bank took back, and the debits that it had paid and are open again. ``on`` is the day of the return."""

    payment: Item
    on: date
    debits: Sequence[OpenItem]


@dataclass(frozen=True, slots=True)
class Customer:
    """Everything that decides a customer's work. ``party`` is None for one that vanished from the ledger."""

    party_id: str
    party: Party | None
    items: Sequence[OpenItem]
    troubles: Sequence[Trouble] = ()
    covers: Sequence[Cover] = ()
    """What the unapplied money of the whole family probably pays."""
    disputed: Mapping[str, date] = field(default_factory=dict)
    """When disputes of ours were opened, by item."""
    bounced: Sequence[Bounced] = ()
    known: Mapping[str, int | str | None] = field(default_factory=dict)
    """What is known of the customer itself, by the queue's columns: contact, habit."""
    promises: Mapping[str, Promise] = field(default_factory=dict)
    """What it promised to pay and was not withdrawn, by currency."""


def derive(customer: Customer, today: date, *, base_currency: str = "") -> list[WorkItem]:
    """The customer's rows of the queue, not yet judged. ``today`` is the company's business date; an amount has a size (for rules
    that ask for one) where the ledger gives its worth in the company's currency, or where that is the amount's own."""
    live = [each for each in customer.items if each.item.state is ItemState.OPEN and each.open.minor]
    common = {**customer.known, **_account(customer, live)}
    return [
        replace(each, facts={**common, **each.facts})
        for each in (
            *_payments(customer, live, base_currency),
            *_disputes(customer, live, base_currency),
            *_overdue(customer, live, today, base_currency),
            *_credits(customer, live, today, base_currency),
            *_bounced(customer, base_currency),
            *_troubles(customer, base_currency),
        )
    ]


def _payments(customer: Customer, live: Sequence[OpenItem], base_currency: str) -> Iterator[WorkItem]:
    waiting = [each for each in live if each.item.kind is ItemKind.PAYMENT and each.open.minor < 0]
    if not waiting:
        return
    debits = [each for each in live if each.open.minor > 0]
    # the last run of digits counts: the 2026 of INV-2026-0815 is in half of all remittance texts
    digits = {found for each in debits for found in _NUMBER.findall(each.item.number)[-1:]}
    amounts = {(each.open.currency, each.open.minor) for each in debits}
    for each in waiting:
        named = any(found in digits for found in _NUMBER.findall(each.item.text))
        yield WorkItem(
            id=f"payment/{each.item.id}",
            kind=WorkKind.PAYMENT,
            party_id=customer.party_id,
            item_id=each.item.id,
            subject=each.item.number,
            amount=-each.open,
            since=each.item.doc_date,
            base=_base(each, base_currency),
            due=each.item.due_date,
            facts={
                "names_open": int(named),
                "equals_open": int((each.open.currency, -each.open.minor) in amounts),
            },
        )


def _disputes(customer: Customer, live: Sequence[OpenItem], base_currency: str) -> Iterator[WorkItem]:
    """No ledger says when a dispute began, so its age is that of the document where it was not opened here."""
    for each in live:
        if not each.item.dispute or each.open.minor <= 0:
            continue
        opened = customer.disputed.get(each.item.id, each.item.doc_date)
        yield WorkItem(
            id=f"dispute/{each.item.id}",
            kind=WorkKind.DISPUTE,
            party_id=customer.party_id,
            item_id=each.item.id,
            subject=each.item.number,
            amount=each.open,
            since=opened,
            base=_base(each, base_currency),
            due=each.item.due_date,
            facts={
                "dispute": clean_line(each.item.dispute, limit=40),
                "dispute_state": "open",
                "disputed_on": opened.isoformat(),
            },
        )


def _overdue(
    customer: Customer, live: Sequence[OpenItem], today: date, base_currency: str
) -> Iterator[WorkItem]:
    """One row a customer and currency; disputed items are not chased."""
    by_currency: dict[str, list[OpenItem]] = defaultdict(list)
    for each in live:
        due = each.item.due_date
        if each.open.minor > 0 and due and due < today and not each.item.dispute:
            by_currency[each.open.currency].append(each)
    for currency, late in by_currency.items():
        oldest = min(each.item.due_date or today for each in late)
        yield WorkItem(
            id=f"overdue/{customer.party_id}/{currency}",
            kind=WorkKind.OVERDUE,
            party_id=customer.party_id,
            # a single item can be acted on from the list, without opening the account
            item_id=late[0].item.id if len(late) == 1 else None,
            subject=late[0].item.number if len(late) == 1 else f"{len(late)} items",
            amount=Money.total((each.open for each in late), currency),
            since=oldest,
            base=_sum_base(late, base_currency),
            due=oldest,
            facts={
                "items": len(late),
                **_cover(customer.covers, live, late),
                **_promised(customer, currency, live, late, today),
            },
        )


def _credits(
    customer: Customer, live: Sequence[OpenItem], today: date, base_currency: str
) -> Iterator[WorkItem]:
    """Credits that nobody used for long, one row a customer and currency; payments are rows of their own."""
    old = today - timedelta(days=CREDIT_DAYS)
    by_currency: dict[str, list[OpenItem]] = defaultdict(list)
    for each in live:
        if each.open.minor < 0 and each.item.kind is not ItemKind.PAYMENT and each.item.doc_date <= old:
            by_currency[each.open.currency].append(each)
    for currency, found in by_currency.items():
        yield WorkItem(
            id=f"credit/{customer.party_id}/{currency}",
            kind=WorkKind.CREDIT,
            party_id=customer.party_id,
            item_id=found[0].item.id if len(found) == 1 else None,
            subject=found[0].item.number if len(found) == 1 else f"{len(found)} credits",
            amount=-Money.total((each.open for each in found), currency),
            since=min(each.item.doc_date for each in found),
            base=_sum_base(found, base_currency),
            facts={"items": len(found)},
        )


def _bounced(customer: Customer, base_currency: str) -> Iterator[WorkItem]:
    """A row until what the payment had paid is paid again, in the currency of the payment."""
    for each in customer.bounced:
        again = [debit for debit in each.debits if debit.open.currency == each.payment.total.currency]
        if not again:
            continue
        yield WorkItem(
            id=f"returned/{each.payment.id}",
            kind=WorkKind.RETURNED,
            party_id=customer.party_id,
            item_id=each.payment.id,
            subject=each.payment.number,
            amount=Money.total((debit.open for debit in again), each.payment.total.currency),
            since=each.on,
            base=_sum_base(again, base_currency),
            due=min((debit.item.due_date for debit in again if debit.item.due_date), default=None),
            facts={"items": len(again), "returned": clean_line(each.payment.returned, limit=40)},
        )


def _promised(
    customer: Customer, currency: str, live: Sequence[OpenItem], late: Sequence[OpenItem], today: date
) -> Facts:
    promise = customer.promises.get(currency)
    return promises.facts(promise, live, late, today, customer.covers) if promise else {}


def _cover(covers: Sequence[Cover], live: Sequence[OpenItem], late: Sequence[OpenItem]) -> Facts:
    """How far money that is here already may pay what is overdue, and which, in words."""
    paid, words = _paid(covers, late)
    if paid == "paid":
        return {"cover": paid, "cover_words": words}
    unapplied, named = _unapplied(covers, live, late)
    if unapplied == "all" or not paid:
        return {"cover": unapplied, "cover_words": named} if unapplied else {}
    return {"cover": paid, "cover_words": words}


def _unapplied(
    covers: Sequence[Cover], live: Sequence[OpenItem], late: Sequence[OpenItem]
) -> tuple[str, str]:
    """Whether the customer's own open credits together reach what is overdue (``all``) or some of it (``part``); a payment that
    is probably for something else is no such credit."""
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
    return (
        "all" if unapplied >= amount else "part" if unapplied.minor > 0 else "",
        f"{name} {unapplied.decimal:,}",
    )


def _paid(covers: Sequence[Cover], late: Sequence[OpenItem]) -> tuple[str, str]:
    """Whether payments of the family probably pay all overdue items (``paid``) or some (``part paid``), with the likely match in
    words."""
    open_late = {each.item.id for each in late}
    matched = [
        (cover.payment, numbers)
        for cover in covers
        if (numbers := [each.item.number for each in cover.items if each.item.id in open_late])
    ]
    if not matched:
        return "", ""
    paid = {each.item.id for cover in covers for each in cover.items} & open_late
    words = [
        f"{payment.item.number} {abs(payment.open).decimal:,} probably pays {_some(numbers)}"
        for payment, numbers in matched[:_COVERS_SHOWN]
    ]
    if (more := len(matched) - _COVERS_SHOWN) > 0:
        words.append(f"{more} more {'payment' if more == 1 else 'payments'}")
    return "paid" if paid == open_late else "part paid", "; ".join(words)


def _some(numbers: Sequence[str]) -> str:
    more = len(numbers) - _NUMBERS_SHOWN
    return ", ".join(numbers[:_NUMBERS_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _troubles(customer: Customer, base_currency: str) -> Iterator[WorkItem]:
    for trouble in customer.troubles:
        yield WorkItem(
            id=trouble.id,
            kind=trouble.kind,
            party_id=customer.party_id or None,
            item_id=trouble.item_id,
            subject=trouble.subject,
            amount=trouble.amount,
            since=trouble.since,
            owner=trouble.owner,
            command_id=trouble.command_id,
            base=abs(trouble.amount) if trouble.amount.currency == base_currency else None,
            facts={"words": trouble.words},
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


def _account(customer: Customer, live: Sequence[OpenItem]) -> Facts:
    """What the customer's card says, the highest reminder that went out about an open item, and how much of its credit limit is
    used: what is owed less what is unapplied, as far as it can be told in the limit's currency."""
    levels = [each.item.dunning_level for each in live if each.item.dunning_level is not None]
    dunned: Facts = {"dunning_level": max(levels)} if levels else {}
    party = customer.party
    if party is None:
        return dunned
    tags = f" {' '.join(party.tags)} " if party.tags else None
    card: Facts = {
        **dunned,
        "on_hold": int(party.on_hold),
        "code": party.code,
        "terms": party.terms or None,
        "tags": tags,
    }
    limit = party.credit_limit
    if limit is None or not limit.minor:
        return card
    used = 0
    for each in live:
        worth = abs(each.open) if each.open.currency == limit.currency else _base(each, "")
        if worth is not None and worth.currency == limit.currency:
            used += worth.minor if each.open.minor > 0 else -worth.minor
    return {
        **card,
        "credit_limit": int(limit.decimal),
        "credit_use": max(0, used * 100 // limit.minor),
        "over_limit": int(used > limit.minor),
    }
