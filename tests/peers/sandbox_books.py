"""A sandbox ledger in this process, without HTTP: for rules, properties and races."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from arqueue.control.commands import Command, Expected, Order, items_of, new_id, seal
from arqueue.model.money import Money
from data.peers.sandbox.server import documents, feed, parties
from data.peers.sandbox.server.bodies import OrderBody
from data.peers.sandbox.server.ledger import Company, Ledger, create
from data.peers.sandbox.server.orders import Orders, Placed
from tests.peers.books import HEAD

DAY = date(2026, 11, 20)
RATES = {"EUR": Decimal("1.08"), "JPY": Decimal("0.0067"), "KWD": Decimal("3.25")}


class SandboxBooks:
    """A ledger with short words for what tests do to it."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.orders = Orders(ledger)

    def party(self, name: str = "ACME", currency: str = "USD") -> int:
        """A customer; its key."""
        with self.ledger.write() as writing:
            return parties.add_party(writing, parties.NewParty(name=name, currency=currency))

    def issue(self, kind: str, party: int, minor: int, currency: str = "USD", **more: Any) -> int:
        """An invoice, credit or payment of that magnitude; its key."""
        with self.ledger.write() as writing:
            total = minor if kind == "invoice" else -minor
            document = documents.Document(
                kind=kind, party=party, currency=currency, total=total, on=more.pop("on", DAY), **more
            )
            return documents.issue(writing, document)

    def row(self, kind: str, key: int) -> Mapping[str, Any]:
        """An entity as the API says it."""
        with self.ledger.read() as connection:
            (row,) = feed.entities(connection, [(kind, key)])
        return row

    def residual(self, item: int) -> str:
        """What is open of an item."""
        return str(self.row("item", item)["residual"])

    def order(self, command: Command, actor: str = "ann") -> Order:
        """An order that expects what is there now."""
        expect = {}
        for item in items_of(command):
            row = self.row(*_parse(item))
            if "deleted" not in row:
                residual = Money.parse(row["residual"], row["currency"])
                expect[item] = Expected(row["version"], residual)
        return seal(new_id(), command, expect, actor, head=HEAD)

    def place(self, order: Order, *, discard: bool = False) -> Placed:
        """Send an order."""
        return self.orders.place(OrderBody.model_validate_json(order.body), order.body, discard=discard)

    def census(self) -> dict[str, tuple[str, str]]:
        """Version and residual of every open item."""
        with self.ledger.read() as connection:
            rows = feed.census(connection, "", 20_000)["rows"]
        return {item: (version, residual) for item, version, residual, _ in rows}

    def changed(self) -> list[Mapping[str, Any]]:
        """The whole feed, oldest change first."""
        with self.ledger.read() as connection:
            return list(feed.changes(connection, "", 20_000)["rows"])

    def trial_balance(self) -> dict[str, Any]:
        """The ledger's own control figures."""
        with self.ledger.read() as connection:
            return feed.trial_balance(connection)

    def check(self) -> None:
        """Every figure agrees with every other."""
        balance = self.trial_balance()
        assert balance["agrees"], balance
        assert Money.parse(balance["total"], balance["currency"]).minor == 0
        with self.ledger.read() as connection:
            wrong = connection.execute(_UNEXPLAINED).fetchall()
        assert not wrong, [dict(row) for row in wrong]


_UNEXPLAINED = """
SELECT i.id, i.total, i.residual, sum(a.amount) AS taken FROM item i
LEFT JOIN allocation a ON NOT a.void AND (a.credit_item = i.id OR a.debit_item = i.id)
WHERE NOT EXISTS (SELECT 1 FROM item p WHERE p.parent_id = i.id)
GROUP BY i.id HAVING abs(i.total) <> abs(i.residual) + coalesce(sum(a.amount), 0)
"""


def _parse(entity_id: str) -> tuple[str, int]:
    parsed = feed.parse_id(entity_id)
    assert parsed is not None
    return parsed


@contextmanager
def open_books(folder: Path, **company: Any) -> Iterator[SandboxBooks]:
    """A new ledger in a folder."""
    path = folder / "ledger.sqlite"
    create(
        path, Company(**{"name": "Test", "currency": "USD", "business_date": DAY, "rates": RATES, **company})
    )
    ledger = Ledger(path)
    try:
        yield SandboxBooks(ledger)
    finally:
        ledger.close()
