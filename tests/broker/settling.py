"""What tests of settling share: documents made by accounting, orders, and a ledger that nobody reaches for a while."""

from __future__ import annotations

import itertools
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from data.broker.client import BrokerClient
from tests.broker.company import Company, eventually

_NUMBERS = itertools.count()
_PARTY = "party:3"


def intent() -> str:
    """A fresh one."""
    return f"settle-{os.getpid()}-{next(_NUMBERS)}"


@dataclass(slots=True)
class Books:
    """Documents made for one test, by accounting, on one customer."""

    firm: Company
    client: BrokerClient

    async def make(self, kind: str, *amounts: str) -> list[str]:
        """Ids of new documents of a kind (invoices, payments, credits), synced."""
        made = []
        for amount in amounts:
            body = {"party": _PARTY, "amount": amount, "currency": "EUR"}
            rows = (await self.firm.accounting("POST", f"/v1/accountant/{kind}", body))["rows"]
            made.append(str(rows[0]["id"]))
        await self.client.call("sync", wait=True)
        return made

    async def open(self, *items: str) -> list[str]:
        """What is open of items by the broker, after it has been checked against the ledger's own figure."""
        shown = [(await self.client.call("show", id=item))["item"] for item in items]
        for row in shown:
            ledgers = await self.firm.accounting("POST", "/v1/entities", {"ids": [row["id"]]})
            assert ledgers["rows"][0]["residual"] == row["residual"]
        return [row["open"] for row in shown]

    async def apply_elsewhere(self, credit: str, debit: str, amount: str) -> None:
        """Somebody in accounting applies it, and nobody here knows yet."""
        body = {"credit": credit, "debit": debit, "amount": amount}
        await self.firm.accounting("POST", "/v1/accountant/applications", body)

    async def order(self, command: dict[str, Any], *, same: str = "") -> list[dict[str, Any]]:
        """Submit and wait for all commands of it."""
        done = await self.client.call("submit", intent=same or intent(), command=command)
        return [await self.client.call("wait", id=each) for each in done["ids"]]


@asynccontextmanager
async def desk(firm: Company, act_as: str | None = None) -> AsyncIterator[Books]:
    """A face with books to make."""
    async with firm.face(act_as) as client:
        yield Books(firm, client)


@asynccontextmanager
async def unreachable(firm: Company, client: BrokerClient, *paths: str) -> AsyncIterator[None]:
    """Nothing at these paths of the ledger answers inside, and the broker has noticed."""
    faults = [{"kind": "status", "path": path, "times": 0} for path in paths]
    await firm.accounting("PUT", "/v1/accountant/faults", {"fault": faults})
    try:
        await eventually(
            lambda: client.call("status"), lambda seen: "error" in seen["sync"], "the broker has noticed"
        )
        yield
    finally:
        await firm.accounting("PUT", "/v1/accountant/faults", {"fault": []})


AWAY = ("/v1/changes", "/v1/census", "/v1/company", "/v1/orders")
UNREAD = ("/v1/changes", "/v1/census")


def settle(payment: str, *lines: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The order."""
    return {"op": "settle", "payment": payment, "lines": list(lines), **more}


def line(item: str, amount: str, **more: Any) -> dict[str, Any]:
    """One debit of it."""
    return {"item": item, "amount": amount, **more}
