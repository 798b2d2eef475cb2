"""What an approver is shown before saying yes or no: the order as it was made, weighed anew for whoever looks."""

from __future__ import annotations

import pytest

from arqueue.errors import NotFound, Refused
from tests.broker.company import Company
from tests.broker.test_commands import adjust, submit

ITEM = "INV-7051"


async def test_an_approver_sees_before_and_after_and_that_they_may(firm: Company) -> None:
    """The order's own effect does not count against it; maker, reason and note are there."""
    async with firm.face() as anna, firm.face("sue") as sue:
        before = (await anna.call("show", id=ITEM))["item"]["open"]
        made = await submit(anna, adjust(ITEM, "60.00") | {"note": "agreed by phone"}, wait=False)
        weighed = await sue.call("weigh", id=made["id"])
        assert weighed["command"]["actor"] == "anna"
        assert weighed["asked"]["note"] == "agreed by phone"
        assert weighed["asked"]["reason"] == "SMALL"
        (line,) = weighed["review"]["lines"]
        assert (line["before"], line["change"]) == (before, "-60.00")
        assert weighed["review"]["verdict"] == "accepted"
        await anna.call("undo", id=made["id"])


async def test_the_maker_and_whoever_lacks_the_limit_read_why_they_may_not(firm: Company) -> None:
    """Weighing refuses nothing: it says in the review what approving would be told."""
    async with firm.face() as anna, firm.face("ben") as ben, firm.face("ada") as ada:
        made = await submit(ben, adjust(ITEM, "600.00"), wait=False)
        own = (await ben.call("weigh", id=made["id"]))["review"]
        assert (own["verdict"], own["rule"]) == ("refused", "four eyes")
        for other in (anna, ada):
            review = (await other.call("weigh", id=made["id"]))["review"]
            assert (review["verdict"], review["rule"][:5]) == ("refused", "limit")
        await ben.call("undo", id=made["id"])


async def test_what_does_not_wait_is_not_weighed(firm: Company) -> None:
    """An order that was taken back, and one that never was."""
    async with firm.face() as anna, firm.face("sue") as sue:
        made = await submit(anna, adjust(ITEM, "61.00"), wait=False)
        await anna.call("undo", id=made["id"])
        with pytest.raises(Refused, match="cancelled, not pending"):
            await sue.call("weigh", id=made["id"])
        with pytest.raises(NotFound):
            await sue.call("weigh", id="0" * 32)


async def test_a_row_names_who_made_the_order_that_it_is_about(firm: Company) -> None:
    """So that a face can tell one's own from others' before anything is asked."""
    async with firm.face() as anna, firm.face("sue") as sue:
        made = await submit(anna, adjust(ITEM, "62.00"), wait=False)
        rows = (await sue.call("window", view="escalation"))["rows"]
        assert [row["maker"] for row in rows if row["id"] == f"approval/{made['id']}"] == ["anna"]
        rows = (await sue.call("window", view="payment"))["rows"]
        assert {row["maker"] for row in rows} == {None}
        await anna.call("undo", id=made["id"])
