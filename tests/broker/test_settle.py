"""One order to settle a payment: decided command after command, stored together, sent in its order, taken back as one."""

from __future__ import annotations

import itertools
import os
from dataclasses import dataclass
from typing import Any

from data.broker.client import BrokerClient
from tests.broker.company import Company

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

    async def order(self, command: dict[str, Any], *, same: str = "") -> list[dict[str, Any]]:
        """Submit and wait for all commands of it."""
        done = await self.client.call("submit", intent=same or intent(), command=command)
        return [await self.client.call("wait", id=each) for each in done["ids"]]


def settle(payment: str, *lines: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The order."""
    return {"op": "settle", "payment": payment, "lines": list(lines), **more}


def line(item: str, amount: str, **more: Any) -> dict[str, Any]:
    """One debit of it."""
    return {"item": item, "amount": amount, **more}


async def test_a_payment_a_credit_a_discount_and_a_short_are_one_order(firm: Company) -> None:
    """Everything that belongs to a payment is posted in one go, and the ledger has the same figures as the screen."""
    async with firm.face() as client:
        books = Books(firm, client)
        one, two, three = await books.make("invoices", "500.00", "300.00", "200.00")
        (credit,) = await books.make("credits", "60.00")
        (payment,) = await books.make("payments", "900.00")
        command = settle(
            payment,
            line(one, "490.00", discount="10.00"),
            line(two, "296.00", short={"how": "writeoff", "reason": "small"}),
            line(three, "150.00", short={"how": "dispute", "reason": "not delivered"}),
            credits=[{"item": credit, "amount": "60.00"}],
            rest="refund",
        )
        seen = await client.call("review", command=command)
        assert seen["verdict"] == "accepted", seen
        assert {each["item"]: (each["before"], each["after"]) for each in seen["lines"]} == {
            one: ("500.00", "0.00"),
            two: ("300.00", "0.00"),
            three: ("200.00", "50.00"),
            credit: ("-60.00", "0.00"),
            payment: ("-900.00", "-24.00"),
        }
        rows = await books.order(command)
        assert [(row["op"], row["state"]) for row in rows] == [
            ("apply", "posted"),
            ("apply", "posted"),
            ("adjust", "posted"),
            ("adjust", "posted"),
            ("dispute", "posted"),
            ("escalate", "posted"),
        ]
        assert [part["words"] for part in seen["parts"]] == [row["words"] for row in rows]
        assert {row["batch"] for row in rows} == {rows[0]["id"]}
        assert await books.open(one, two, three, credit, payment) == [
            "0.00",
            "0.00",
            "50.00",
            "0.00",
            "-24.00",
        ]
        assert (await client.call("show", id=three))["item"]["dispute"] == "not delivered"
    async with firm.face("sue") as sue:
        inbox = (await sue.call("window", view="escalation", limit=256))["rows"]
    assert any("refund of 24.00 EUR" in row["reasons"][0]["words"] for row in inbox)
