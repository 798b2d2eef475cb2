"""Allocations moved, credits offset, disputes and payers: orders that correct what stands in the books."""

from __future__ import annotations

import pytest

from arqueue.errors import Refused
from tests.broker.company import Company
from tests.broker.settling import AWAY, desk, intent, line, settle, unreachable


async def test_an_allocation_is_moved_to_another_invoice(firm: Company) -> None:
    """Taken back and applied anew in one go: whole, then a part of it; the ledger agrees with the screen each time."""
    async with desk(firm) as books:
        wrong, right = await books.make("invoices", "100.00", "150.00")
        (payment,) = await books.make("payments", "100.00")
        await books.order(settle(payment, line(wrong, "100.00")))
        assert await books.open(wrong, right, payment) == ["0.00", "150.00", "0.00"]
        (allocation,) = (await books.client.call("show", id=payment))["applied"]
        command = {"op": "move", "allocation": allocation["id"], "to": right}
        seen = await books.client.call("review", command=command)
        assert seen["verdict"] == "accepted"
        assert {each["item"]: each["change"] for each in seen["lines"]} == {
            payment: "0.00",
            wrong: "100.00",
            right: "-100.00",
        }
        rows = await books.order(command)
        assert [(row["op"], row["state"]) for row in rows] == [("unapply", "posted"), ("apply", "posted")]
        assert await books.open(wrong, right, payment) == ["100.00", "50.00", "0.00"]
        (allocation,) = (await books.client.call("show", id=payment))["applied"]
        rows = await books.order(
            {"op": "move", "allocation": allocation["id"], "to": wrong, "amount": "30.00"}
        )
        assert [row["state"] for row in rows] == ["posted", "posted"]
        assert await books.open(wrong, right, payment) == ["70.00", "80.00", "0.00"]


async def test_an_allocation_is_moved_once(firm: Company) -> None:
    """While it is on its way a second order to move it is refused."""
    async with desk(firm) as books:
        wrong, right, other = await books.make("invoices", "100.00", "100.00", "100.00")
        (payment,) = await books.make("payments", "100.00")
        await books.order(settle(payment, line(wrong, "100.00")))
        (allocation,) = (await books.client.call("show", id=payment))["applied"]
        async with unreachable(firm, books.client, *AWAY):
            command = {"op": "move", "allocation": allocation["id"], "to": right}
            done = await books.client.call("submit", intent=intent(), command=command)
            with pytest.raises(Refused, match="being taken back already"):
                await books.order({**command, "to": other})
        await books.client.call("sync", wait=True)
        states = [(await books.client.call("wait", id=each))["state"] for each in done["ids"]]
        assert states == ["posted", "posted"]
        assert await books.open(wrong, right, other, payment) == ["100.00", "0.00", "100.00", "0.00"]


async def test_a_credit_is_offset_without_new_money(firm: Company) -> None:
    """A credit note as the payment of an order, beside what is left on account."""
    async with desk(firm) as books:
        (invoice,) = await books.make("invoices", "100.00")
        (note,) = await books.make("credits", "40.00")
        (cash,) = await books.make("payments", "80.00")
        rows = await books.order(
            settle(note, line(invoice, "100.00"), credits=[{"item": cash, "amount": "60.00"}])
        )
        assert [row["state"] for row in rows] == ["posted", "posted"]
        assert await books.open(invoice, note, cash) == ["0.00", "0.00", "-20.00"]


async def test_a_dispute_is_opened_and_ended(firm: Company) -> None:
    """One a debit at a time, by its own order; ended as the customer's right or not."""
    async with desk(firm) as books:
        (invoice,) = await books.make("invoices", "100.00")
        dispute = {"op": "dispute", "item": invoice, "reason": "price", "amount": "30.00"}
        opened = await books.order(dispute)
        assert [row["state"] for row in opened] == ["posted"]
        assert (await books.client.call("show", id=invoice))["item"]["dispute"] == "price"
        with pytest.raises(Refused, match="disputed already"):
            await books.order(dispute)
        ended = await books.order({"op": "resolve", "item": invoice, "outcome": "invalid"})
        assert [row["state"] for row in ended] == ["posted"]
        assert (await books.client.call("show", id=invoice))["item"]["dispute"] == ""
        with pytest.raises(Refused, match="no dispute"):
            await books.order({"op": "resolve", "item": invoice, "outcome": "valid"})


async def test_a_payment_goes_to_the_customer_who_sent_it(firm: Company) -> None:
    """It stands on the other account afterwards, in the ledger too."""
    async with desk(firm) as books:
        (payment,) = await books.make("payments", "77.00")
        (row,) = await books.order({"op": "identify", "payment": payment, "party": "party:4"})
        assert row["state"] == "posted"
        shown = (await books.client.call("show", id=payment))["item"]
        assert (shown["party_id"], shown["open"]) == ("party:4", "-77.00")
        with pytest.raises(Refused, match="on that customer's account already"):
            await books.order({"op": "identify", "payment": payment, "party": "party:4"})
