"""The accountant's side of the sandbox ledger as calls: how demos and tests make the world move from outside."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from arqueue.errors import Refused
from arqueue.model.money import Money
from data.peers.http import Http

_SIDE = "/v1/accountant"


class Accountant:
    """Somebody in accounting. Every call raises Refused, in the ledger's own words, for what the ledger refuses."""

    def __init__(self, url: str, token: str) -> None:
        self._http = Http(url)
        self._headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}

    async def create_party(self, name: str, **more: Any) -> str:
        """A new customer; its id."""
        return self._first(await self.call("POST", f"{_SIDE}/parties", {"name": name, **more}))

    async def rename_party(self, party: str, name: str) -> None:
        """A customer has another name now."""
        await self.call("PATCH", f"{_SIDE}/parties/{party}", {"name": name})

    async def tag_party(self, party: str, *tags: str) -> None:
        """A customer has these tags now, and no others."""
        await self.call("PATCH", f"{_SIDE}/parties/{party}", {"tags": tags})

    async def merge_party(self, party: str, into: str) -> None:
        """A customer becomes part of another."""
        await self.call("POST", f"{_SIDE}/parties/{party}/merge", {"into": into})

    async def delete_party(self, party: str) -> None:
        """A customer without documents goes."""
        await self.call("DELETE", f"{_SIDE}/parties/{party}")

    async def post_invoice(
        self, party: str, amount: Money, *, instalments: Sequence[tuple[date, Money]] = (), **more: Any
    ) -> list[str]:
        """An invoice; the ids of what carries its open amount: itself, or its instalments."""
        parts = [{"due": due.isoformat(), "amount": str(part)} for due, part in instalments]
        body = {**_document(party, amount), "instalments": parts, **more}
        rows = (await self.call("POST", f"{_SIDE}/invoices", body))["rows"]
        return [row["id"] for row in (rows[1:] or rows)]

    async def receive_payment(self, party: str, amount: Money, **more: Any) -> str:
        """Money came in, unapplied; its id. ``text`` is what the payer wrote."""
        return self._first(await self.call("POST", f"{_SIDE}/payments", {**_document(party, amount), **more}))

    async def return_payment(self, payment: str, code: str, on: date | None = None) -> None:
        """The bank took a payment back."""
        body = {"code": code, **({"on": on.isoformat()} if on else {})}
        await self.call("POST", f"{_SIDE}/payments/{payment}/return", body)

    async def post_credit(self, party: str, amount: Money, **more: Any) -> str:
        """A credit note, unapplied; its id."""
        return self._first(await self.call("POST", f"{_SIDE}/credits", {**_document(party, amount), **more}))

    async def dispute(self, item: str, reason: str) -> None:
        """A customer disputes an item; an empty reason ends it."""
        await self.call("PUT", f"{_SIDE}/items/{item}/dispute", {"reason": reason})

    async def dun(self, item: str, level: int) -> None:
        """So many reminders about an item went out."""
        await self.call("PUT", f"{_SIDE}/items/{item}/dunning", {"level": level})

    async def apply(self, credit: str, debit: str, amount: Money) -> str:
        """Somebody in accounting applies a credit; the allocation's id."""
        body = {"credit": credit, "debit": debit, "amount": str(amount)}
        rows = (await self.call("POST", f"{_SIDE}/applications", body))["rows"]
        return next(str(row["id"]) for row in rows if row["kind"] == "allocation")

    async def unapply(self, allocation: str) -> None:
        """Somebody in accounting takes an application back."""
        await self.call("DELETE", f"{_SIDE}/applications/{allocation}")

    async def write_off(self, item: str, amount: Money, method: str) -> None:
        """Somebody in accounting writes a difference off."""
        await self.call(
            "POST", f"{_SIDE}/adjustments", {"item": item, "amount": str(amount), "method": method}
        )

    async def lock(self, up_to: date | None) -> None:
        """Close the books up to a day; None opens them."""
        await self.call("PUT", f"{_SIDE}/lock-date", {"date": up_to.isoformat() if up_to else None})

    async def set_rate(self, currency: str, rate: str) -> None:
        """What a currency is worth from now on."""
        await self.call("PUT", f"{_SIDE}/rates", {"currency": currency, "rate": rate})

    async def set_clock(self, day: date) -> None:
        """The business date is this, and stands still."""
        await self.call("PUT", "/v1/clock", {"date": day.isoformat()})

    async def advance_clock(self, days: int) -> None:
        """The business date moves on."""
        await self.call("PUT", "/v1/clock", {"advance": days})

    async def today(self) -> date:
        """The business date."""
        return date.fromisoformat((await self.call("GET", "/v1/clock"))["business_date"])

    async def rows(self, ids: Sequence[str]) -> list[dict[str, Any]]:
        """Rows as the ledger has them now."""
        rows: list[dict[str, Any]] = (await self.call("POST", "/v1/entities", {"ids": list(ids)}))["rows"]
        return rows

    async def journal(self, *, item: str = "", command: str = "") -> list[dict[str, Any]]:
        """The entries of an item or of a command."""
        path = f"{_SIDE}/journal?item={item}&command={command}"
        entries: list[dict[str, Any]] = (await self.call("GET", path))["entries"]
        return entries

    async def trial_balance(self) -> dict[str, Any]:
        """Every account, and whether receivables are the open items."""
        return await self.call("GET", "/v1/trial-balance")

    async def arm(self, *faults: Mapping[str, Any]) -> None:
        """Let the ledger be nasty: these faults and no others."""
        await self.call("PUT", f"{_SIDE}/faults", {"fault": list(faults)})

    async def hits(self) -> list[int]:
        """How often each armed fault struck."""
        return [fault["hits"] for fault in (await self.call("GET", f"{_SIDE}/faults"))["fault"]]

    async def close(self) -> None:
        """Let go of connections."""
        await self._http.close()

    async def call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """One request of the API. Raises Refused."""
        content = None if body is None else json.dumps(body).encode()
        answer = await self._http.request(method, path, headers=self._headers, content=content)
        told = answer.json()
        if answer.status >= 400:
            raise Refused(told["error"]["message"], told["error"]["hint"], rule=told["error"]["code"])
        assert isinstance(told, dict)
        return told

    def _first(self, told: Mapping[str, Any]) -> str:
        return str(told["rows"][0]["id"])


def _document(party: str, amount: Money) -> dict[str, Any]:
    return {"party": party, "amount": str(amount), "currency": amount.currency}
