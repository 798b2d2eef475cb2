"""Which order `u` means and what takes it back: unsent first, then one's own of today that nothing has reversed."""

from __future__ import annotations

from typing import Any

import pytest

from arqueue.errors import NotFound
from data.broker.client import BrokerClient
from tests.broker.company import Company
from tests.broker.settling import Books, desk, line, settle


def note(text: str) -> dict[str, Any]:
    """A command that moves no money."""
    return {"op": "annotate", "target": "C-00003", "text": text}


async def meant(client: BrokerClient, order: str | None = None) -> Any:
    """What taking back would be."""
    return await client.call("reversal", id=order) if order else await client.call("reversal")


async def applied(books: Books, *amounts: str) -> tuple[str, list[str]]:
    """A payment that an order applied to as many invoices, and the ids of what it applied."""
    invoices = await books.make("invoices", *amounts)
    (payment,) = await books.make("payments", "300.00")
    lines = [line(invoice, amount) for invoice, amount in zip(invoices, amounts, strict=True)]
    (row,) = await books.order(settle(payment, *lines))
    assert row["state"] == "posted"
    return payment, [each["id"] for each in (await books.client.call("show", id=payment))["applied"]]


async def test_who_ordered_nothing_has_nothing_to_take_back(firm: Company) -> None:
    """Whatever others did."""
    async with desk(firm) as books, firm.face("ada") as other:
        await books.order(note("somebody else's"))
        assert await meant(other) is None


async def test_an_application_is_taken_back_by_its_own_lines(firm: Company) -> None:
    """All that it applied is named, and nothing that stood before."""
    async with desk(firm) as books:
        payment, ids = await applied(books, "100.00", "50.00")
        (invoice,) = await books.make("invoices", "20.00")
        (row,) = await books.order(settle(payment, line(invoice, "20.00")))
        found = await meant(books.client)
        assert (found["way"], found["item"], found["words"]) == ("unapply", payment, row["words"])
        shown = (await books.client.call("show", id=payment))["applied"]
        assert found["allocations"] == [each["id"] for each in shown if each["id"] not in ids]


async def test_what_was_taken_back_is_not_meant_again(firm: Company) -> None:
    """Of two lines the other is left; with both gone it is the order that took them back, which applies anew."""
    async with desk(firm) as books:
        payment, (first, second) = await applied(books, "100.00", "50.00")
        order = (await meant(books.client))["order"]["id"]
        await books.order({"op": "unapply", "allocation": first})
        found = await meant(books.client)
        assert (found["order"]["id"], found["allocations"]) == (order, [second])
        await books.order({"op": "unapply", "allocation": second})
        found = await meant(books.client)
        assert (found["order"]["op"], found["way"], found["item"]) == ("unapply", "apply", payment)
        assert (await meant(books.client, order))["says"] == "it was taken back already"


async def test_what_was_applied_anew_is_taken_back_as_what_it_is_now(firm: Company) -> None:
    """Neither the first application is meant nor what took it back."""
    async with desk(firm) as books:
        payment, (allocation,) = await applied(books, "100.00")
        debit = (await books.client.call("show", id=payment))["applied"][0]["debit_item"]
        await books.order({"op": "unapply", "allocation": allocation})
        (again,) = await books.order(settle(payment, line(debit, "100.00")))
        found = await meant(books.client)
        assert (found["order"]["id"], found["way"]) == (again["id"], "unapply")
        assert found["allocations"] != [allocation]


async def test_an_unsent_order_comes_first(firm: Company) -> None:
    """Whatever was posted since: it can still be taken back as if it had never been."""
    async with desk(firm, "ben") as books:
        (invoice,) = await books.make("invoices", "900.00")
        pending = {"op": "adjust", "item": invoice, "amount": "900.00", "reason": "PRICE"}
        done = await books.client.call("submit", intent="reversing-pending", command=pending)
        assert done["state"] == "pending"
        await books.order(note("posted since"))
        found = await meant(books.client)
        assert (found["way"], found["order"]["id"]) == ("undo", done["id"])
        await books.client.call("undo", id=done["id"])
        assert (await meant(books.client))["words"].endswith("posted since")


@pytest.mark.parametrize(
    "command, says",
    [
        (note("wrong number"), "a note stays; write another"),
        ({"op": "escalate", "target": "C-00003", "to": "sue", "why": "hold?"}, "it stays there"),
        ({"op": "adjust", "amount": "1.00", "reason": "SMALL"}, "the ledger has to reverse it"),
    ],
)
async def test_what_no_order_reverses_says_so_by_name(
    firm: Company, command: dict[str, Any], says: str
) -> None:
    """No form is offered, and it was not promised either."""
    async with desk(firm) as books:
        if command["op"] == "adjust":
            command["item"] = (await books.make("invoices", "10.00"))[0]
        done = await books.client.call("submit", intent=f"reversing-{command['op']}", command=command)
        assert done["reversible"] is False
        row = await books.client.call("wait", id=done["id"])
        found = await meant(books.client)
        assert (found["way"], found["words"], found["order"]["id"]) == ("none", row["words"], row["id"])
        assert found["says"].startswith(says)
        assert found["hint"]


async def test_a_dispute_is_ended_by_its_answer_once(firm: Company) -> None:
    """Then the answer is what was done last."""
    async with desk(firm) as books:
        (invoice,) = await books.make("invoices", "100.00")
        await books.order({"op": "dispute", "item": invoice, "reason": "price"})
        found = await meant(books.client)
        assert (found["way"], found["item"]) == ("resolve", invoice)
        await books.order({"op": "resolve", "item": invoice, "outcome": "invalid"})
        found = await meant(books.client)
        assert (found["way"], found["order"]["op"]) == ("none", "resolve")


async def test_an_application_with_a_write_off_is_taken_back_as_far_as_it_can_be(firm: Company) -> None:
    """What it applied; then the write-off is named, which the ledger has to reverse."""
    async with desk(firm) as books:
        (invoice,) = await books.make("invoices", "100.37")
        (payment,) = await books.make("payments", "100.00")
        short = {"how": "writeoff", "reason": "SMALL"}
        rows = await books.order(settle(payment, line(invoice, "100.00", short=short)))
        assert {row["op"] for row in rows} == {"apply", "adjust"}
        found = await meant(books.client)
        assert (found["way"], len(found["allocations"])) == ("unapply", 1)
        for row in rows:
            assert row["words"] in found["words"]
        await books.order({"op": "unapply", "allocation": found["allocations"][0]})
        found = await meant(books.client, rows[0]["id"])
        assert (found["way"], found["order"]["op"]) == ("none", "adjust")
        assert found["says"] == "the ledger has to reverse it"


async def test_any_order_can_be_asked_for_by_its_id(firm: Company) -> None:
    """Also somebody else's; one that is not there is an error."""
    async with desk(firm) as books, firm.face("ben") as ben:
        (row,) = await books.order(note("anna's"))
        assert (await meant(ben, row["id"]))["words"] == row["words"]
        with pytest.raises(NotFound):
            await meant(ben, "0" * 32)
