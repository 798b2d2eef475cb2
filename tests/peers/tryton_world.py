"""The accountant of a Tryton company, as the conformance suite wants one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal

from arqueue.control.commands import Order
from arqueue.model.money import Money
from tests.peers.tryton_accountant import INVOICE, LINE, Accountant


class TrytonWorld:
    """Everything by an administrator over Tryton's own API; nothing of the connector but its session."""

    currency = "EUR"

    def __init__(self, accountant: Accountant) -> None:
        self.books = accountant

    async def today(self) -> date:
        """Tryton has no date of its own but the clock's."""
        return datetime.now(UTC).date()

    async def new_party(self, name: str) -> str:
        """A customer with an address."""
        values = {"name": name, "addresses": [["create", [{}]]]}
        (number,) = await self.books.session.call("model.party.party.create", [values])
        return f"party:{number}"

    async def post_invoice(self, party: str, amount: Money) -> str:
        """A posted invoice; its due line."""
        number = await self.books.post_invoice(await self.code(party), str(amount))
        return f"line:{await self.books.due(number)}"

    async def receive_payment(self, party: str, amount: Money, text: str = "") -> str:
        """An unapplied receipt; its credit line."""
        number = await self.books.receive(await self.code(party), str(amount), text=text)
        return f"line:{await self.books.credit(number)}"

    async def post_credit(self, party: str, amount: Money) -> str:
        """A credit note: an invoice of less than nothing; its open line."""
        number = await self.books.post_invoice(await self.code(party), str(-amount))
        return f"line:{await self.books.due(number)}"

    async def reconcile(self, payment: str, invoice: str) -> None:
        """Match the two lines."""
        await self.books.reconcile(_line(payment), _line(invoice))

    async def unreconcile(self, payment: str, invoice: str) -> None:
        """Undo that."""
        await self.books.unreconcile(_line(payment))

    async def vanish(self) -> str:
        """A customer that was there for a moment."""
        party = await self.new_party("Gone with the wind")
        await self.books.session.call("model.party.party.delete", [_line(party)])
        return party

    async def residual(self, item: str) -> Money:
        """What Tryton calls amount_to_pay of an invoice; of a payment, what of it is neither matched nor linked."""
        row = await self.books.one(LINE, [["id", "=", _line(item)]], "move_origin", "debit")
        if row["debit"]:
            kind, _, number = str(row["move_origin"]).partition(",")
            assert kind == INVOICE
            invoice = await self.books.one(INVOICE, [["id", "=", int(number)]], "amount_to_pay")
            return Money.from_decimal(invoice["amount_to_pay"], self.currency)
        return Money.from_decimal(-await self._unapplied(_line(item)), self.currency)

    async def _unapplied(self, line: int) -> Decimal:
        """What is open of a credit line or, where it was split, of the lines that took its place."""
        fields = ("credit", "reconciliation", "invoice_payment", "move")
        row = await self.books.one(LINE, [["id", "=", line]], *fields)
        if row["reconciliation"] is None:
            return Decimal(0) if row["invoice_payment"] else Decimal(row["credit"])
        partners = [["reconciliation", "=", row["reconciliation"]], ["id", "!=", line], ["debit", ">", 0]]
        left = Decimal(0)
        for partner in await self.books.session.rows(LINE, partners, ["move", "debit"]):
            pieces = await self.books.session.rows(
                LINE,
                [
                    ["move", "=", partner["move"]],
                    ["id", "!=", partner["id"]],
                    ["account.type.receivable", "=", True],
                ],
                ["credit"],
            )
            if (
                sum((piece["credit"] for piece in pieces), Decimal(0)) == partner["debit"]
                and partner["debit"]
            ):
                invoice = await self.books.session.rows(INVOICE, [["move", "=", partner["move"]]], ["id"])
                if not invoice:
                    left += sum([await self._unapplied(piece["id"]) for piece in pieces], Decimal(0))
        return left

    async def tag(self, party: str, *tags: str) -> None:
        """Tags are categories, in words."""
        await self.books.categorise(_line(party), *tags)

    async def dun(self, item: str, level: int) -> None:
        """As the clerk's wizard leaves it: at that level, and sent."""
        await self.books.dun(_line(item), level)

    async def balance(self, party: str) -> Money:
        """What Tryton calls receivable of the customer."""
        row = await self.books.one("party.party", [["id", "=", _line(party)]], "receivable")
        return Money.from_decimal(row["receivable"], self.currency)

    async def booked(self, order: Order) -> Mapping[str, Money]:
        """What an order posted, by account, receivables left out: splits cancel out there."""
        lines = await self.books.session.rows(
            LINE, [["move.description", "like", f"%{order.id}"]], ["debit", "credit", "account"]
        )
        names = await self.books.session.rows(
            "account.account", [["id", "in", [line["account"] for line in lines]]], ["code", "name"]
        )
        of_account = {row["id"]: f"{row['code']} {row['name']}" for row in names}
        sums: dict[str, Money] = {}
        for line in lines:
            account = of_account[line["account"]]
            amount = Money.from_decimal(line["debit"] - line["credit"], self.currency)
            sums[account] = sums.get(account, Money.zero(self.currency)) + amount
        return sums

    async def notes(self, target: str) -> list[str]:
        """The remarks on a customer, or on the invoice behind an item."""
        resource = target.replace("party:", "party.party,")
        if target.startswith("line:"):
            row = await self.books.one(LINE, [["id", "=", _line(target)]], "move_origin")
            resource = str(row["move_origin"] or f"{LINE},{_line(target)}")
        rows = await self.books.session.rows("ir.note", [["resource", "=", resource]], ["message"])
        return [str(row["message"]) for row in rows]

    async def named(self, number: str) -> str:
        """The id of an invoice's or credit note's open line, or of a receipt's first credit line."""
        if await self.books.ids(INVOICE, [["number", "=", number]]):
            return f"line:{await self.books.due(number)}"
        return f"line:{await self.books.credit(number)}"

    async def code(self, party: str) -> str:
        """The code of a customer."""
        return str((await self.books.one("party.party", [["id", "=", _line(party)]], "code"))["code"])


def _line(item: str) -> int:
    return int(item.partition(":")[2])
