"""Apply opened on one payment of a customer after the other, over a real store file and a real matching worker: the first of an
account, the next with nothing changed, the next after one was ordered, and the next after the ledger has booked that."""

from __future__ import annotations

import argparse
import asyncio
import json
import sqlite3
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from random import Random
from typing import Final

from sqlite_utils import Database

from arqueue.control.commands import ApplyPayment, Expected, Line, new_id, seal
from arqueue.control.states import CommandState
from arqueue.model.ledger import Allocation, Entity, Item, ItemKind, ItemState, Party
from arqueue.model.money import Money
from arqueue.model.people import Person, Role
from arqueue.settings import CashSection
from data.broker.applying import Terms, gather
from data.broker.cash import Habits
from data.broker.frames import Packed
from data.broker.gathered import Gathered
from data.broker.ledger import NOTHING_KNOWN
from data.broker.matching import Matcher
from data.broker.reading import Reader
from data.peers.contract import Page
from data.store import mirror, outbox
from data.store.audit import Actor
from data.store.outbox import NewCommand
from data.store.store import Store

SIZES: Final = (50, 500, 5_000)
_TODAY: Final = date(2026, 11, 20)
_AT: Final = "2026-11-20T00:00:00+00:00"
_ANN: Final = Person("ann", "Ann", frozenset({Role.SUPERVISOR}))
_PAYMENTS: Final = 4
_PAID_BEFORE: Final = 100
_PAGE: Final = 500
_STEPS: Final = ("first", "the same again", "next", "next, one ordered", "next, it is booked")
"""Which payment of a customer is looked at, and what happened since the one before."""
_STAGES: Final = ("gathered", "answered", "read", "all")
"""From the store; by the worker, there and back; from JSON, as a face does."""


def customer(number: int, size: int, terms: str, rng: Random) -> tuple[Party, list[Item], list[Item]]:
    """Somebody with so many open invoices of three months, and payments that name three of them each: the search is short."""
    party = Party(
        id=f"party:{number}", code=f"C{number}", name=f"Customer {number}", version="1", terms=terms
    )
    invoices = []
    for place in range(size):
        amount, day = Money(rng.randrange(1_000, 900_000), "EUR"), _TODAY - timedelta(days=rng.randrange(90))
        invoices.append(
            replace(
                _item(f"{number}-{place}", party, ItemKind.INVOICE, amount, day),
                due_date=day + timedelta(days=30),
                reference=f"4500{place:07}",
                purchase_order=f"PO-{place // 3:06}",
                text="Goods and services",
            )
        )
    payments = []
    for place in range(_PAYMENTS):
        paid = invoices[place * 3 : place * 3 + 3]
        amount = -Money.total((each.residual for each in paid), "EUR")
        payment = _item(f"p{number}-{place}", party, ItemKind.PAYMENT, amount, _TODAY)
        payments.append(replace(payment, text=" ".join(each.number for each in paid)))
    rng.shuffle(invoices)
    return party, invoices, payments


def past(party: Party) -> list[Item | Allocation]:
    """What was paid before, which says how the customer pays: so many payments, three invoices each."""
    found: list[Item | Allocation] = []
    for place in range(_PAID_BEFORE):
        day, nothing = _TODAY - timedelta(days=20 + 3 * place), Money.zero("EUR")
        payment = _item(f"b{party.code}-{place}", party, ItemKind.PAYMENT, Money(-90_000, "EUR"), day)
        closed = [replace(payment, residual=nothing, residual_base=None, state=ItemState.CLOSED)]
        for part in range(3):
            key = f"{party.code}-{place}-{part}"
            paid = _item(f"c{key}", party, ItemKind.INVOICE, Money(30_000, "EUR"), day - timedelta(days=30))
            closed.append(replace(paid, residual=nothing, residual_base=None, state=ItemState.CLOSED))
            found.append(
                Allocation(
                    id=f"allocation:{key}",
                    credit_item=payment.id,
                    debit_item=paid.id,
                    amount=Money(30_000, "EUR"),
                    on=day,
                    version="1",
                )
            )
        found += closed
    return found


def _item(key: str, party: Party, kind: ItemKind, amount: Money, day: date) -> Item:
    return Item(
        id=f"item:{key}",
        kind=kind,
        number=f"N-2026-{key}",
        party_id=party.id,
        total=amount,
        residual=amount,
        residual_base=amount,
        doc_date=day,
        state=ItemState.OPEN,
        version=f"{key}-1",
    )


def store_page(database: Database, entities: Sequence[Entity]) -> None:
    """As the puller does."""
    for start in range(0, len(entities), _PAGE):
        page = Page("c", True, tuple(entities[start : start + _PAGE]))
        mirror.store_page(database, page, feed=True, at=_AT)


class Company:
    """A store of customers of one size, and the worker beside it."""

    def __init__(self, folder: Path, size: int, customers: int, terms: str) -> None:
        self._store = Store(folder / "store.sqlite")
        self._terms, self._habits, self._matcher = Terms.of(CashSection()), Habits(), Matcher()
        rng = Random(size)
        self.customers = [customer(number, size, terms, rng) for number in range(customers)]
        self.took: dict[tuple[str, str], list[float]] = defaultdict(list)
        self.memory_mb = 0

    async def run(self) -> None:
        """Every step for every customer; the first one only warms up."""
        for party, invoices, payments in self.customers:
            page: list[Entity] = [party, *invoices, *payments, *past(party)]
            await self._store.write(partial(store_page, entities=page))
        for number, (party, invoices, payments) in enumerate(self.customers):
            await self._customer(party, invoices[:3], payments)
            if not number:
                self.took.clear()
        self.memory_mb = max(map(_memory_mb, self._matcher.pids), default=0)
        await self._matcher.stop()
        self._store.close()

    async def _customer(self, party: Party, invoices: Sequence[Item], payments: Sequence[Item]) -> None:
        await self._look("first", payments[0])
        await self._look("the same again", payments[0])
        await self._look("next", payments[1])
        await self._store.write(partial(ordered, party=party, payment=payments[1], invoices=invoices))
        await self._look("next, one ordered", payments[2])
        await self._store.write(partial(booked, payment=payments[1], invoices=invoices))
        await self._look("next, it is booked", payments[3])

    async def _look(self, step: str, payment: Item) -> None:
        started = time.perf_counter()
        gathered = await self._store.read(lambda connection: self._gathered(connection, payment.id))
        between = time.perf_counter()
        found = await self._matcher.answer(gathered)
        answered = time.perf_counter()
        told = json.loads(found.body) if isinstance(found, Packed) else found
        read = time.perf_counter()
        assert told["payment"]["id"] == payment.id
        stages = {
            "gathered": between - started,
            "answered": answered - between,
            "read": read - answered,
            "all": read - started,
        }
        for stage, seconds in stages.items():
            self.took[step, stage].append(seconds * 1000)

    def _gathered(self, connection: sqlite3.Connection, payment: str) -> Gathered:
        reader = Reader(connection, _ANN, _TODAY)
        return gather(
            reader, reader.item_named(payment), self._terms, NOTHING_KNOWN, self._habits.of, limit=9
        )


def ordered(database: Database, party: Party, payment: Item, invoices: Sequence[Item]) -> None:
    """The payment is applied to these, and that is under way."""
    lines = tuple(Line(each.id, each.residual) for each in invoices)
    command = ApplyPayment(payment.id, lines, _TODAY)
    seen = {each.id: Expected(each.version, each.residual) for each in (payment, *invoices)}
    new = NewCommand(
        order=seal(new_id(), command, seen, "ann"),
        intent=payment.id,
        target=payment.id,
        party_id=party.id,
        words="applied",
        amount=Money.total((line.amount for line in lines), "EUR"),
        state=CommandState.QUEUED,
        business_date=_TODAY.isoformat(),
        item_id=payment.id,
    )
    outbox.add(database, new, Actor("ann", 1000), at=_AT)


def booked(database: Database, payment: Item, invoices: Sequence[Item]) -> None:
    """The ledger has taken it: none of them is open any more."""
    command = outbox.of_intent(database.conn, payment.id)
    assert command is not None
    outbox.move(database, command, CommandState.CANCELLED, Actor("ann", 1000), at=_AT)
    closed = [
        replace(each, residual=Money.zero("EUR"), residual_base=None, state=ItemState.CLOSED, version="2")
        for each in (payment, *invoices)
    ]
    store_page(database, closed)


def _memory_mb(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text().split("VmHWM:")[1]
    return int(status.split()[0]) // 1024


def main() -> None:
    """Print milliseconds and, of each step, how many times as long as reading the answer it takes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--customers", type=int, default=6)
    parser.add_argument("--terms", default="", help='what the customers are offered, such as "2/10 net 30"')
    given = parser.parse_args()
    for size in given.sizes:
        with tempfile.TemporaryDirectory() as folder:
            Path(folder).chmod(0o700)
            company = Company(Path(folder), size, given.customers, given.terms)
            asyncio.run(company.run())
        print(f"{size} open items; the worker took {company.memory_mb} MB at most")
        read = statistics.median(company.took["first", "read"])
        for step in _STEPS:
            median = {stage: statistics.median(company.took[step, stage]) for stage in _STAGES}
            said = "  ".join(f"{stage} {ms:6.1f}" for stage, ms in median.items())
            print(f"  {step:20}  {said} ms  {median['all'] / read:5.1f} times reading it")


if __name__ == "__main__":
    main()
