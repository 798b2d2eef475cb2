"""The accountant of the sandbox ledger."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from arqueue.control.commands import Order
from arqueue.model.money import Money
from data.peers.sandbox.accountant import Accountant


class SandboxWorld:
    """The accountant of the sandbox ledger, as the conformance suite wants one."""

    currency = "USD"

    def __init__(self, accountant: Accountant) -> None:
        self.books = accountant

    async def today(self) -> date:
        """The ledger's business date."""
        return await self.books.today()

    async def new_party(self, name: str) -> str:
        """A customer."""
        return await self.books.create_party(name)

    async def post_invoice(self, party: str, amount: Money) -> str:
        """A posted invoice."""
        (item,) = await self.books.post_invoice(party, amount)
        return item

    async def receive_payment(
        self, party: str, amount: Money, text: str = "", *, payer: str = "", account: str = ""
    ) -> str:
        """An unapplied payment, and what the bank says of its sender."""
        return await self.books.receive_payment(party, amount, text=text, payer=payer, payer_account=account)

    async def named(self, number: str) -> str:
        """The id of the document with that number; of an invoice in parts, of its first part."""
        rows = [row for row in await self._rows() if row["kind"] == "item"]
        ids = {row["number"]: str(row["id"]) for row in rows}
        return ids.get(f"{number}/1") or ids[number]

    async def post_credit(self, party: str, amount: Money) -> str:
        """An unapplied credit note."""
        return await self.books.post_credit(party, amount)

    async def reconcile(self, payment: str, invoice: str) -> None:
        """Apply all of it."""
        await self.books.apply(payment, invoice, await self.residual(invoice))

    async def unreconcile(self, payment: str, invoice: str) -> None:
        """Take that back."""
        pair = (payment, invoice)
        for row in await self._rows():
            if (
                row["kind"] == "allocation"
                and (row["credit_item"], row["debit_item"]) == pair
                and not row["void"]
            ):
                await self.books.unapply(row["id"])

    async def vanish(self) -> str:
        """A customer that was there for a moment."""
        party = await self.books.create_party("Gone with the wind")
        await self.books.delete_party(party)
        return party

    async def residual(self, item: str) -> Money:
        """What is open."""
        (row,) = await self.books.rows([item])
        return Money.parse(row["residual"], row["currency"])

    async def tag(self, party: str, *tags: str) -> None:
        """Tags are the customer's own."""
        await self.books.tag_party(party, *tags)

    async def dun(self, item: str, level: int) -> None:
        """It stands on the item."""
        await self.books.dun(item, level)

    async def balance(self, party: str) -> Money:
        """The sum of its open items, which the ledger compares with its lines on the control account."""
        assert (await self.books.trial_balance())["agrees"]
        items = [row for row in await self._rows() if row["kind"] == "item" and row["party_id"] == party]
        return Money.total((Money.parse(row["residual"], self.currency) for row in items), self.currency)

    async def booked(self, order: Order) -> Mapping[str, Money]:
        """What an order posted, by account."""
        sums: dict[str, Money] = {}
        for entry in await self.books.journal(command=order.id):
            for line in entry["lines"]:
                debit, credit = (Money.parse(line[side], line["currency"]) for side in ("debit", "credit"))
                before = sums.get(line["account"], Money.zero(line["currency"]))
                sums[line["account"]] = Money(before.minor + debit.minor - credit.minor, debit.currency)
        return sums

    async def notes(self, target: str) -> list[str]:
        """The remarks on a record."""
        return [
            row["text"] for row in await self._rows() if row["kind"] == "note" and row["target"] == target
        ]

    async def _rows(self) -> list[dict[str, Any]]:
        """The whole feed."""
        rows: list[dict[str, Any]] = []
        cursor, more = "", True
        while more:
            page = await self.books.call("GET", f"/v1/changes?limit=5000&cursor={cursor}")
            rows += page["rows"]
            cursor, more = page["cursor"], page["more"]
        return rows
