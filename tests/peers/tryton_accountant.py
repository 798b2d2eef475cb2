"""The accountant's side of Tryton in tests: an administrator who works in the same books through the same API."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from data.demo.tryton.server import Running
from data.peers.contract import PeerSettings
from data.peers.tryton.rpc import Row, Session, Warned

LINE = "account.move.line"
INVOICE = "account.invoice"


class Accountant:
    """Moves the world from outside. Close it after use."""

    def __init__(self, running: Running) -> None:
        settings = PeerSettings("tryton", running.url, running.admin, running.database, "admin")
        self.session = Session(settings, deadline_s=30)

    async def close(self) -> None:
        """Let go of connections."""
        await self.session.close()

    async def one(self, model: str, domain: Sequence[Any], *fields: str) -> Row:
        """The one row that fits."""
        rows = await self.session.rows(model, domain, fields)
        assert len(rows) == 1, (model, domain, rows)
        return rows[0]

    async def ids(self, model: str, domain: Sequence[Any]) -> list[int]:
        """Ids of rows."""
        return [row["id"] for row in await self.session.rows(model, domain, ["id"])]

    async def invoice(self, number: str) -> Row:
        """An invoice with what Tryton itself says is to pay of it."""
        fields = ("state", "amount_to_pay", "lines_to_pay", "payment_lines", "party", "move")
        return await self.one(INVOICE, [["number", "=", number]], *fields)

    async def due(self, number: str) -> int:
        """The open due line of an invoice."""
        invoice = await self.invoice(number)
        rows = await self.session.rows(
            LINE, [["id", "in", invoice["lines_to_pay"]], ["reconciliation", "=", None]], ["id"]
        )
        return int(rows[0]["id"])

    async def credit(self, number: str) -> int:
        """The first credit line of a payment."""
        domain = [["move.number", "=", number], ["account.type.receivable", "=", True]]
        return min(await self.ids(LINE, domain))

    async def post_invoice(self, party: str, amount: str, **values: Any) -> str:
        """A new posted invoice to a customer; its number."""
        customer = await self.one("party.party", [["code", "=", party]], "addresses")
        receivable = await self.one("account.account", [["code", "=", "1.2.1"]], "id")
        revenue = await self.one("account.account", [["code", "=", "4.1.1"]], "id")
        currency = await self.one("currency.currency", [["code", "=", values.pop("currency", "EUR")]], "id")
        journal = await self.one("account.journal", [["code", "=", "REV"]], "id")
        row = {
            "type": "out",
            "journal": journal["id"],
            "party": customer["id"],
            "invoice_address": customer["addresses"][0],
            "account": receivable["id"],
            "currency": currency["id"],
            "lines": [
                [
                    "create",
                    [
                        {
                            "type": "line",
                            "account": revenue["id"],
                            "quantity": Decimal(1),
                            "unit_price": Decimal(amount),
                            "currency": currency["id"],
                            "description": "by hand",
                        }
                    ],
                ]
            ],
            **values,
        }
        (number,) = await self.session.call(f"model.{INVOICE}.create", [row])
        await self._sure(f"model.{INVOICE}.post", [number])
        return str((await self.one(INVOICE, [["id", "=", number]], "number"))["number"])

    async def receive(
        self, party: str, *amounts: str, text: str = "", on: date = date(2026, 11, 1), journal: str = "wire"
    ) -> str:
        """Money that came in, one credit line an amount; the entry's number."""
        amount = [(Decimal(0), Decimal(each)) for each in amounts]
        return await self._entry(party, amount, text, on, journal)

    async def learn(self, currency: str, rate: str, journal: str) -> None:
        """A currency and a journal that the company did not have."""
        values = {
            "name": currency,
            "code": currency,
            "symbol": currency,
            "digits": 2,
            "rounding": Decimal("0.01"),
            "rates": [["create", [{"date": date(2025, 1, 1), "rate": Decimal(rate)}]]],
        }
        await self.session.call("model.currency.currency.create", [values])
        journals = [{"name": journal, "code": journal.upper(), "type": "cash"}]
        await self.session.call("model.account.journal.create", journals)

    async def refund(self, party: str, amount: str, on: date = date(2026, 11, 2)) -> int:
        """Money that was given back; the customer's line."""
        number = await self._entry(party, [(Decimal(amount), Decimal(0))], "given back", on, "wire")
        domain = [["move.number", "=", number], ["account.type.receivable", "=", True]]
        (line,) = await self.ids(LINE, domain)
        return line

    async def _entry(
        self, party: str, amounts: Sequence[tuple[Decimal, Decimal]], text: str, on: date, book: str
    ) -> str:
        """A posted entry of the bank: (debit, credit) lines of a customer against cash; its number."""
        customer = await self.one("party.party", [["code", "=", party]], "id")
        receivable = await self.one("account.account", [["code", "=", "1.2.1"]], "id")
        cash = await self.one("account.account", [["code", "=", "1.1.1"]], "id")
        journal = await self.one("account.journal", [["name", "=", book]], "id")
        period = await self.one("account.period", [["start_date", "<=", on], ["end_date", ">=", on]], "id")
        lines: list[dict[str, Any]] = [
            {"account": receivable["id"], "party": customer["id"], "debit": debit, "credit": credit}
            for debit, credit in amounts
        ]
        total = sum((credit - debit for debit, credit in amounts), Decimal(0))
        zero = Decimal(0)
        lines.append({"account": cash["id"], "debit": max(total, zero), "credit": max(-total, zero)})
        move = {"journal": journal["id"], "period": period["id"], "date": on, "description": text}
        (number,) = await self.session.call(
            "model.account.move.create", [{**move, "lines": [["create", lines]]}]
        )
        await self._sure("model.account.move.post", [number])
        return str((await self.one("account.move", [["id", "=", number]], "number"))["number"])

    async def link(self, line: int, invoice: str) -> None:
        """Apply a line to an invoice in part, from the invoice's side: the line's own stamp does not move."""
        row = await self.invoice(invoice)
        change = {"payment_lines": [["add", [line]]]}
        await self.session.call(f"model.{INVOICE}.write", [row["id"]], change)

    async def unlink(self, line: int, invoice: str) -> None:
        """Take that back, again from the invoice's side."""
        row = await self.invoice(invoice)
        change = {"payment_lines": [["remove", [line]]]}
        await self.session.call(f"model.{INVOICE}.write", [row["id"]], change)

    async def reconcile(self, *lines: int) -> None:
        """Match lines that sum to zero."""
        async with self.session.wizard("account.move.reconcile_lines", LINE, lines) as wizard:
            await wizard.execute("reconcile")

    async def unreconcile(self, *lines: int) -> None:
        """Undo a match, whatever it held."""
        async with self.session.wizard("account.move.unreconcile_lines", LINE, lines) as wizard:
            try:
                await wizard.execute("unreconcile")
            except Warned as warning:
                await self.session.call("model.res.user.warning.skip", warning.name, False)
                await wizard.execute("unreconcile")

    async def block(self, line: int, reason: str) -> None:
        """Stop the reminders of a line, and say why."""
        if there := await self.ids("account.dunning", [["line", "=", line]]):
            await self.session.call("model.account.dunning.write", there, {"blocked": True})
        else:
            level = (await self.session.rows("account.dunning.level", [], ["procedure"]))[0]
            values = {"line": line, "procedure": level["procedure"], "level": level["id"], "blocked": True}
            there = await self.session.call("model.account.dunning.create", [values])
        (number,) = there
        note = {"resource": f"account.dunning,{number}", "message": f"Dispute: {reason}"}
        await self.session.call("model.ir.note.create", [note])

    async def dun(self, line: int, level: int, *, sent: bool = True) -> None:
        """Reminders of a line went out, the last of that level; or that one is a draft still."""
        ids = await self.ids("account.dunning.level", [])
        rows = await self.session.rows(
            "account.dunning.level", [["id", "in", ids]], ["procedure", "sequence"]
        )
        chosen = sorted(rows, key=lambda row: (row["procedure"], row["sequence"] or 0))[level - 1]
        model, values = "model.account.dunning", {"procedure": chosen["procedure"], "level": chosen["id"]}
        if there := await self.ids("account.dunning", [["line", "=", line]]):
            await self.session.call(f"{model}.delete", there)
        made = await self.session.call(f"{model}.create", [{"line": line, **values}])
        if sent:
            async with self.session.wizard("account.dunning.process", "account.dunning", made) as wizard:
                await wizard.execute("process")

    async def categorise(self, party: int, *names: str) -> None:
        """A customer is in these categories and in no others."""
        row = await self.one("party.party", [["id", "=", party]], "categories")
        here, wanted = set(row["categories"]), {await self._category(name) for name in names}
        change = [["remove", sorted(here - wanted)], ["add", sorted(wanted - here)]]
        await self.session.call("model.party.party.write", [party], {"categories": change})

    async def _category(self, name: str) -> int:
        found = await self.ids("party.category", [["name", "=", name]])
        return (found or await self.session.call("model.party.category.create", [{"name": name}]))[0]

    async def unblock(self, line: int) -> None:
        """Let the reminders go on."""
        ids = await self.ids("account.dunning", [["line", "=", line]])
        await self.session.call("model.account.dunning.write", ids, {"blocked": False})

    async def reschedule(self, line: int, *terms: tuple[date, str]) -> None:
        """Replace a line by others."""
        row = await self.one(LINE, [["id", "=", line]], "move.journal", "amount_currency")
        currency = row["amount_currency"]
        preview = {
            "journal": row["move."]["journal"],
            "currency": currency,
            "terms": [{"date": on, "amount": Decimal(amount), "currency": currency} for on, amount in terms],
        }
        async with self.session.wizard("account.move.line.reschedule", LINE, [line]) as wizard:
            await wizard.execute("reschedule", {"preview": preview})

    async def _sure(self, method: str, *params: Any) -> None:
        """Call, and say yes to whatever is asked."""
        for _ in range(5):
            try:
                await self.session.call(method, *params)
            except Warned as warning:
                await self.session.call("model.res.user.warning.skip", warning.name, False)
            else:
                return
        raise AssertionError(f"{method} asks for ever")
