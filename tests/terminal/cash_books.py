"""Accounting's side of a cash case: makes the documents in a ledger, and says over the ledger's own API what is in its books."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, Protocol, TypeVar

from data.broker.client import BrokerClient
from data.demo.launch import TODAY, Demo
from data.demo.tryton.server import Running
from data.peers.sandbox.accountant import Accountant as SandboxAccountant
from tests.peers.tryton_accountant import LINE
from tests.peers.tryton_accountant import Accountant as TrytonAccountant
from tests.peers.tryton_world import TrytonWorld

T = TypeVar("T")
PAID: Final = "1000.00"


@dataclass(frozen=True, slots=True)
class Case:
    """One customer with discount terms, a payment of 1,000.00 and what it may be for; all by their numbers."""

    payment: str
    whole: str
    """500.00."""
    early: str
    """300.00, of which two per cent may be taken off."""
    short: str
    """200.00."""
    other: str
    """400.00, which the payment is not for."""


class Books(Protocol):
    """A ledger as its own people see it."""

    account_of: dict[str, str]
    """The GL account of the reason codes that a case uses, as the ledger names it."""

    def make(self) -> Case: ...
    def open(self, number: str) -> Decimal: ...
    def booked(self, command: str) -> dict[str, Decimal]: ...


class SandboxBooks:
    """The sandbox ledger with the accountant's token."""

    def __init__(self, company: Demo) -> None:
        self._company = company
        self.account_of = {"SMALL": "6810", "DISC": "4800"}
        self._ids: dict[str, str] = {}

    def make(self) -> Case:
        """A customer of the case's own."""

        async def make(books: SandboxAccountant) -> Case:
            party = await books.create_party("Quill & Sons Bindery", currency="EUR", terms="2/10 net 30")

            async def number(kind: str, value: str, **more: Any) -> str:
                body = {"party": party, "amount": value, "currency": "EUR", **more}
                row = (await books.call("POST", f"/v1/accountant/{kind}", body))["rows"][0]
                self._ids[row["number"]] = row["id"]
                return str(row["number"])

            values = ("500.00", "300.00", "200.00", "400.00")
            whole, early, short, other = [await number("invoices", value) for value in values]
            return Case(await number("payments", PAID, method="wire"), whole, early, short, other)

        return self._ask(make)

    def open(self, number: str) -> Decimal:
        """The residual of an item."""
        (row,) = self._ask(lambda books: books.rows([self._ids[number]]))
        return Decimal(row["residual"])

    def booked(self, command: str) -> dict[str, Decimal]:
        """What a command put on which account, in debit."""
        entries = self._ask(lambda books: books.journal(command=command))
        sums: dict[str, Decimal] = {}
        for line in (line for entry in entries for line in entry["lines"]):
            value = Decimal(line["debit"] or 0) - Decimal(line["credit"] or 0)
            sums[line["account"]] = sums.get(line["account"], Decimal(0)) + value
        return sums

    def _ask(self, ask: Callable[[SandboxAccountant], Awaitable[T]]) -> T:
        async def look() -> T:
            books = SandboxAccountant(self._company.peer.url, self._company.accountant_token)
            try:
                return await ask(books)
            finally:
                await books.close()

        return asyncio.run(look())


class TrytonBooks:
    """A real Tryton, as its administrator."""

    party: Final = "C-00029"
    """A customer of the demo company who has 2/10 net 30."""

    def __init__(self, company: Demo) -> None:
        assert isinstance(company.peer, Running)
        self._peer = company.peer
        self.account_of = {"SMALL": "6.1.2", "DISC": "4.3.1"}

    def make(self) -> Case:
        """Invoices and a receipt of the business date."""

        async def make(books: TrytonAccountant, _: TrytonWorld) -> Case:
            values = ("500.00", "300.00", "200.00", "400.00")
            numbers = [await books.post_invoice(self.party, value, invoice_date=TODAY) for value in values]
            return Case(await books.receive(self.party, PAID, on=TODAY), *numbers)

        return self._ask(make)

    def open(self, number: str) -> Decimal:
        """What Tryton says is to pay of an invoice; of a receipt what is neither matched nor linked."""

        async def look(books: TrytonAccountant, world: TrytonWorld) -> Decimal:
            if await books.ids("account.invoice", [["number", "=", number]]):
                return Decimal((await books.invoice(number))["amount_to_pay"])
            return (await world.residual(f"line:{await books.credit(number)}")).decimal

        return self._ask(look)

    def booked(self, command: str) -> dict[str, Decimal]:
        """What the moves that name a command put on which account, in debit."""

        async def look(books: TrytonAccountant, _: TrytonWorld) -> dict[str, Decimal]:
            session = books.session
            domain = [["move.description", "like", f"%{command}"], ["move_state", "=", "posted"]]
            lines = await session.rows(LINE, domain, ["debit", "credit", "account"])
            named = [["id", "in", [line["account"] for line in lines]]]
            codes = {row["id"]: row["code"] for row in await session.rows("account.account", named, ["code"])}
            sums: dict[str, Decimal] = {}
            for line in lines:
                code = str(codes[line["account"]])
                sums[code] = sums.get(code, Decimal(0)) + line["debit"] - line["credit"]
            return sums

        return self._ask(look)

    def _ask(self, ask: Callable[[TrytonAccountant, TrytonWorld], Awaitable[T]]) -> T:
        async def look() -> T:
            books = TrytonAccountant(self._peer)
            try:
                return await ask(books, TrytonWorld(books))
            finally:
                await books.close()

        return asyncio.run(look())


def asked(company: Demo, method: str, **params: Any) -> Any:
    """One question to the company's broker."""

    async def talk() -> Any:
        client = await BrokerClient.open(company.settings.socket)
        try:
            return await client.call(method, **params)
        finally:
            await client.close()

    return asyncio.run(talk())
