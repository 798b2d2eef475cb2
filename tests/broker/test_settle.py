"""One order to settle a payment: decided command after command, stored together, sent in its order, taken back as one."""

from __future__ import annotations

from pathlib import Path

import pytest

from arqueue.errors import Refused
from data.demo.people import people_file
from tests.broker.company import Company, company
from tests.broker.settling import AWAY, UNREAD, desk, intent, line, settle, unreachable


async def test_a_payment_a_credit_a_discount_and_a_short_are_one_order(firm: Company) -> None:
    """Everything that belongs to a payment is posted in one go, and the ledger has the same figures as the screen."""
    async with desk(firm) as books:
        client = books.client
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


async def test_one_wrong_line_refuses_all_and_is_named(firm: Company) -> None:
    """The answer says which command of the order is refused; not one row of it is in the outbox."""
    async with desk(firm) as books:
        (invoice,) = await books.make("invoices", "100.00")
        (payment,) = await books.make("payments", "95.00")
        before = (await books.client.call("outbox"))["total"]
        command = settle(
            payment, line(invoice, "95.00", short={"how": "writeoff", "reason": "NOPE"}), rest="on_account"
        )
        seen = await books.client.call("review", command=command)
        assert (seen["verdict"], seen["rule"]) == ("refused", "a known reason")
        assert [part["verdict"] for part in seen["parts"]] == ["accepted", "refused"]
        with pytest.raises(Refused, match=r"adjust INV-\S+ by 5.00 EUR \(NOPE\): there is no reason code"):
            await books.order(command)
        assert (await books.client.call("outbox"))["total"] == before
        assert await books.open(invoice, payment) == ["100.00", "-95.00"]


async def test_an_order_that_does_not_add_up_becomes_no_command(firm: Company) -> None:
    """Line, discount and difference are more than is open: said as a verdict, with the number, and refused when submitted."""
    async with desk(firm) as books:
        (invoice,) = await books.make("invoices", "100.00")
        (payment,) = await books.make("payments", "95.00")
        command = settle(payment, line(invoice, "95.00", discount="5.01"))
        seen = await books.client.call("review", command=command)
        assert (seen["verdict"], seen["parts"], seen["lines"]) == ("refused", [], [])
        assert "5.01" in seen["reason"]
        assert seen["party_code"]
        with pytest.raises(Refused, match=r"more than the 100\.00 open"):
            await books.order(command)


async def test_what_is_above_the_limit_waits_while_the_rest_is_posted(firm: Company) -> None:
    """The answer says both; the approval of another person posts the write-off on what the application left."""
    async with desk(firm) as books:
        (invoice,) = await books.make("invoices", "500.00")
        (payment,) = await books.make("payments", "400.00")
        command = settle(
            payment,
            line(invoice, "400.00", discount="8.00", short={"how": "writeoff", "reason": "PRICE"}),
        )
        seen = await books.client.call("review", command=command)
        assert seen["verdict"] == "needs_approval"
        assert "92.00" in seen["reason"]
        done = await books.client.call("submit", intent=intent(), command=command)
        assert done["state"] == "pending"
        assert done["going"] is True
        assert "; waits for approval: adjust" in done["words"]
        rows = [await books.client.call("wait", id=each) for each in done["ids"]]
        assert [row["state"] for row in rows] == ["posted", "posted", "pending"]
        assert await books.open(invoice, payment) == ["0.00", "0.00"]
        async with firm.face("ben") as ben:
            await ben.call("approve", id=rows[2]["id"])
            assert (await ben.call("wait", id=rows[2]["id"]))["state"] == "posted"
        assert (await books.client.call("show", id=invoice))["item"]["residual"] == "0.00"


async def test_two_that_wait_are_approved_in_their_order(firm: Company) -> None:
    """A discount and a write-off of one invoice, both above the limit: the second is not approved before the first."""
    async with desk(firm) as books:
        (invoice,) = await books.make("invoices", "500.00")
        (payment,) = await books.make("payments", "300.00")
        command = settle(
            payment,
            line(invoice, "300.00", discount="60.00", short={"how": "writeoff", "reason": "PRICE"}),
        )
        applied, discount, rest = await books.order(command)
        assert [applied["state"], discount["state"], rest["state"]] == ["posted", "pending", "pending"]
        async with firm.face("ben") as ben:
            with pytest.raises(Refused, match="comes before it") as refused:
                await ben.call("approve", id=rest["id"])
            assert "approve that one first" in refused.value.hint
            for each in (discount, rest):
                await ben.call("approve", id=each["id"])
                assert (await ben.call("wait", id=each["id"]))["state"] == "posted"
        assert await books.open(invoice) == ["0.00"]


async def test_the_same_intent_is_the_same_order(firm: Company) -> None:
    """Named by number or by id, written 95 or 95.00, also after it was posted; another content under it is refused."""
    async with desk(firm) as books:
        (invoice,) = await books.make("invoices", "100.00")
        (payment,) = await books.make("payments", "95.00")
        number = (await books.client.call("show", id=invoice))["item"]["number"]
        short = {"how": "writeoff", "reason": "SMALL"}
        same = intent()
        first = await books.order(settle(payment, line(invoice, "95.00", short=short)), same=same)
        assert [row["state"] for row in first] == ["posted", "posted"]
        again = settle(payment, line(number, "95", short={**short, "reason": "small"}))
        done = await books.client.call("submit", intent=same, command=again)
        assert (done["repeated"], done["ids"]) == (True, [row["id"] for row in first])
        others = (
            settle(payment, line(invoice, "94.00", short=short)),
            settle(payment, line(invoice, "95.00")),
            {"op": "apply", "payment": payment, "lines": [{"item": invoice, "amount": "95.00"}]},
        )
        for other in others:
            with pytest.raises(Refused, match="another order"):
                await books.client.call("submit", intent=same, command=other)


async def test_what_follows_an_application_that_waits_waits_as_well(tmp_path: Path) -> None:
    """Nothing is written off of an invoice whose payment somebody else has yet to let through; approved in order, all is
    posted."""
    with company(tmp_path / "firm", broker=False) as firm:
        people = people_file(("EUR",))
        limit = (
            '[[person.limit]]\naction = "apply"\ncurrency = "EUR"\namount = "50"\n\n[[person]]\nid = "ben"'
        )
        firm.write(people=people.replace('[[person]]\nid = "ben"', limit))
        firm.start_broker()
        async with desk(firm) as books:
            one, two = await books.make("invoices", "100.00", "50.00")
            (payment,) = await books.make("payments", "125.00")
            command = settle(
                payment,
                line(one, "95.00", short={"how": "writeoff", "reason": "SMALL"}),
                line(two, "30.00", short={"how": "dispute", "reason": "price"}),
            )
            rows = await books.order(command)
            assert [row["state"] for row in rows] == ["pending"] * 3
            async with firm.face("ben") as ben:
                for row in rows:
                    await ben.call("approve", id=row["id"])
                ended = [await ben.call("wait", id=row["id"]) for row in rows]
            assert [row["state"] for row in ended] == ["posted"] * 3
            assert await books.open(one, two, payment) == ["0.00", "20.00", "0.00"]


async def test_what_was_paid_meanwhile_is_a_conflict_and_nothing_is_half_applied(firm: Company) -> None:
    """The ledger changed and nobody here knows: the application says the new residual, what was ordered with it is not posted
    either, also where the figures happen to fit, and one row of work stands for all of it."""
    async with desk(firm) as books:
        (invoice,) = await books.make("invoices", "100.00")
        payment, other = await books.make("payments", "95.00", "95.00")
        async with unreachable(firm, books.client, *UNREAD):
            await books.apply_elsewhere(other, invoice, "95.00")
            rows = await books.order(
                settle(payment, line(invoice, "95.00", short={"how": "writeoff", "reason": "SMALL"}))
            )
        assert [row["state"] for row in rows] == ["conflict", "conflict"]
        assert "5.00 EUR is open" in rows[0]["outcome"]
        assert "was ordered together with it" in rows[1]["outcome"]
        await books.client.call("sync", wait=True)
        assert await books.open(invoice, payment) == ["5.00", "-95.00"]
        failures = (await books.client.call("window", view="failure", limit=256))["rows"]
        ours = [row for row in failures if row["command_id"] in {row["id"] for row in rows}]
        assert [(row["command_id"], row["item_id"]) for row in ours] == [(rows[0]["id"], payment)]


async def test_what_waits_for_approval_falls_with_what_it_stands_on(firm: Company) -> None:
    """Nobody is asked to approve a write-off of a payment that was not applied."""
    async with desk(firm) as books:
        (invoice,) = await books.make("invoices", "500.00")
        payment, other = await books.make("payments", "400.00", "100.00")
        async with unreachable(firm, books.client, *UNREAD):
            await books.apply_elsewhere(other, invoice, "50.00")
            rows = await books.order(
                settle(payment, line(invoice, "400.00", short={"how": "writeoff", "reason": "PRICE"}))
            )
            rows = [(await books.client.call("command", id=row["id"]))["command"] for row in rows]
        assert [row["state"] for row in rows] == ["conflict", "expired"]
        await books.client.call("sync", wait=True)
        assert await books.open(invoice, payment) == ["450.00", "-400.00"]


async def test_undo_takes_the_whole_unsent_order_back(firm: Company) -> None:
    """Whichever command of it is named; the answer says what was taken back, and taken twice it is one step."""
    async with desk(firm) as books:
        (invoice,) = await books.make("invoices", "100.00")
        (payment,) = await books.make("payments", "90.00")
        async with unreachable(firm, books.client, *AWAY):
            command = settle(payment, line(invoice, "90.00", short={"how": "dispute", "reason": "quality"}))
            done = await books.client.call("submit", intent=intent(), command=command)
            assert (await books.client.call("show", id=invoice))["item"]["dispute"] == "quality"
            for _ in range(2):
                row = await books.client.call("undo", id=done["ids"][1])
                assert len(row["taken_back"]) == 2
                assert row["taken_back"][0].startswith("apply 90.00 EUR")
            states = [(await books.client.call("command", id=each))["command"] for each in done["ids"]]
            assert [each["state"] for each in states] == ["cancelled", "cancelled"]
        item = (await books.client.call("show", id=invoice))["item"]
        assert (item["open"], item["dispute"]) == ("100.00", "")


async def test_undo_leaves_what_is_posted(firm: Company) -> None:
    """Of an order of which a part waits for approval, that part is taken back; the answer names it alone."""
    async with desk(firm) as books:
        (invoice,) = await books.make("invoices", "500.00")
        (payment,) = await books.make("payments", "400.00")
        rows = await books.order(
            settle(payment, line(invoice, "400.00", short={"how": "writeoff", "reason": "PRICE"}))
        )
        assert [row["state"] for row in rows] == ["posted", "pending"]
        gone = await books.client.call("undo", id=rows[0]["id"])
        assert (gone["state"], gone["taken_back"]) == ("posted", [rows[1]["words"]])
        assert await books.open(invoice) == ["100.00"]
