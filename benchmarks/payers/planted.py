"""Sums with nothing to go by: so many open items, a payment of a few of them at random, no text and no past."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Final

from arqueue.cash.case import PaymentCase
from arqueue.model.ledger import Item, ItemKind, ItemState, OpenItem, Party
from arqueue.model.money import Money
from benchmarks.payers.accounts import amount, price_list
from benchmarks.payers.simulation import END

KINDS_OF_K: Final = (1, 2, 3, 5, 8, 0)
"""How many items a payment is for; 0 stands for half of all."""


@dataclass(frozen=True, slots=True)
class Planted:
    """A case with its answer."""

    case: PaymentCase
    paid: frozenset[str]
    amounts: tuple[int, ...]
    earlier: OpenItem
    """Another payment of the same customer, for three of the items."""

    @property
    def target(self) -> int:
        """The payment, in minor units."""
        return -self.case.payment.open.minor


def planted(rng: Random, open_items: int, family: str, k: int) -> Planted:
    """`open_items` invoices of three months and a payment of `k` of them (half of them for 0)."""
    prices = price_list(rng)
    amounts = tuple(amount(rng, family, prices) for _ in range(open_items))
    debits = [_invoice(number, minor, rng) for number, minor in enumerate(amounts)]
    chosen = rng.sample(debits, min(k or open_items // 2, open_items - 1))
    case = PaymentCase(
        payment=_payment("payment", chosen),
        today=END,
        debits=debits,
        parties={"party:1": Party(id="party:1", code="C1", name="Planted Ltd", version="1", terms="net 30")},
    )
    paid = frozenset(each.item.id for each in chosen)
    return Planted(case, paid, amounts, _payment("earlier", debits[:3]))


def _payment(key: str, chosen: Sequence[OpenItem]) -> OpenItem:
    total = Money(-sum(each.open.minor for each in chosen), "USD")
    payment = Item(
        id=key,
        kind=ItemKind.PAYMENT,
        number="R1",
        party_id="party:1",
        total=total,
        residual=total,
        doc_date=END,
        state=ItemState.OPEN,
        version="1",
        method="wire",
    )
    return OpenItem(payment, total)


def _invoice(number: int, minor: int, rng: Random) -> OpenItem:
    issued = END - timedelta(rng.randint(1, 90))
    value = Money(minor, "USD")
    item = Item(
        id=f"item:{number}",
        kind=ItemKind.INVOICE,
        number=f"INV-{10_000 + 3 * number}",
        party_id="party:1",
        total=value,
        residual=value,
        doc_date=issued,
        due_date=issued + timedelta(30),
        state=ItemState.OPEN,
        version="1",
    )
    return OpenItem(item, value)
