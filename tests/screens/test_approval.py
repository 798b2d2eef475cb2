"""What waits for another person: shown before it is answered, answered by ``y`` alone, and answered once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from arqueue.errors import Refused
from screens.approval.form import DeclineForm, GlassForm
from screens.approval.screen import ApprovalScreen
from screens.outbox.screen import OutboxScreen
from screens.queue.screen import QueueScreen
from tests.screens.company import waiting_order
from tests.screens.driver import Driver, driving
from tests.screens.scripted_broker import PEOPLE, ScriptedBroker


@pytest.fixture
def order(broker: ScriptedBroker) -> dict[str, Any]:
    """Lee's order, first in the queue, and a supervisor who looks."""
    broker.person = PEOPLE[0] | {"roles": ["supervisor"]}
    return waiting_order(broker.company)


@pytest.fixture
async def drive(order: dict[str, Any], broker: ScriptedBroker) -> AsyncIterator[Driver]:
    """The supervisor's app at 80x24."""
    async with driving(broker.socket) as driver:
        await driver.idle()
        yield driver


async def to_approval(drive: Driver) -> None:
    """From the list to the sheet."""
    await drive.press("A")
    assert isinstance(drive.place, ApprovalScreen)
    await drive.quiet()


async def to_decline(drive: Driver, why: str = "ask for the receipt") -> None:
    """From the list to the sheet of a no."""
    await drive.press("X")
    await drive.type(why)
    await drive.press("enter")
    assert isinstance(drive.place, ApprovalScreen)
    await drive.quiet()


async def test_the_row_is_called_an_approval_and_its_keys_are_in_the_footer(drive: Driver) -> None:
    """What waits says what it waits for; apply and adjust come back on the next row."""
    assert drive.cursor_line.startswith(">  APPROVAL")
    assert "QUEUED" not in drive.cursor_line
    assert "A Approve  X Decline" in drive.footer
    assert "Apply" not in drive.footer
    await drive.press("j")
    assert "a Apply  m Adjust" in drive.footer
    assert "Approve" not in drive.footer


async def test_a_yes_shows_before_and_after_who_made_it_and_why(
    drive: Driver, screen: SnapshotAssertion
) -> None:
    """The sheet of an approval."""
    await to_approval(drive)
    assert drive.text == screen
    assert drive.footer.startswith("y Approve")


async def test_a_no_shows_the_same_and_the_reason(drive: Driver, screen: SnapshotAssertion) -> None:
    """The sheet of a refusal."""
    await to_decline(drive)
    assert drive.text == screen
    assert drive.footer.startswith("y Decline")


async def test_y_approves_and_the_next_row_is_there(drive: Driver, broker: ScriptedBroker) -> None:
    """One key; the line says what was approved."""
    await to_approval(drive)
    await drive.press("y")
    await broker.changed()
    await drive.until(lambda: drive.queue.rows.row_count() == 300, "the row to leave")
    assert isinstance(drive.place, QueueScreen)
    assert drive.cursor_id == "work:0"
    assert [row["state"] for row in broker.company.commands] == ["queued"]


async def test_what_was_approved_is_said(drive: Driver) -> None:
    """In the order's own words."""
    await to_approval(drive)
    await drive.press("y")
    assert drive.status == "Approved: adjust INV-2001 by 60.00 EUR (SMALL)"


@pytest.mark.parametrize("keys", [("A", "y"), ("A", "y", "y"), ("A", "enter"), (*"Ax", "y")])
async def test_nothing_typed_ahead_approves(
    drive: Driver, broker: ScriptedBroker, keys: tuple[str, ...]
) -> None:
    """A and y in one packet, and Enter: the sheet waits for somebody who reads it."""
    await drive.burst(*keys)
    await drive.press("enter")
    assert not broker.called("approve")
    assert isinstance(drive.place, ApprovalScreen)


async def test_a_no_needs_a_reason_and_then_y(drive: Driver, broker: ScriptedBroker) -> None:
    """X asks why, Enter shows the sheet, y declines; the broker gets the words."""
    await drive.press("X", "enter")
    assert isinstance(drive.place, DeclineForm)
    assert "why: the maker has to know what to put right" in drive.status
    await drive.type("ask for the receipt")
    await drive.press("enter")
    assert not broker.called("decline")
    await drive.quiet()
    await drive.press("y")
    assert isinstance(drive.app.place, QueueScreen)
    assert drive.status == "Declined: adjust INV-2001 by 60.00 EUR (SMALL)"
    (given,) = broker.called("decline")
    assert given["why"] == "ask for the receipt"


async def test_going_back_from_a_no_keeps_the_words(drive: Driver, broker: ScriptedBroker) -> None:
    """n leads to the form as it was, Esc keeps a draft, and nothing was declined."""
    await to_decline(drive)
    await drive.press("n")
    assert isinstance(drive.place, DeclineForm)
    await drive.press("escape", "X")
    assert "ask for the receipt" in drive.text
    assert not broker.called("decline")


async def test_whoever_may_not_approve_reads_why(drive: Driver, broker: ScriptedBroker) -> None:
    """The rules of the broker in words, and y only says it again; declining is still open."""
    broker.verdict = {
        "verdict": "refused",
        "reason": "60.00 EUR is above your limit of 50.00",
        "rule": "limit adjust EUR 50.00",
        "hint": "somebody with a higher limit must approve it",
    }
    await to_approval(drive)
    assert "NOT FOR YOU TO APPROVE  60.00 EUR is above your limit of 50.00" in drive.text
    await drive.press("y")
    assert "60.00 EUR is above your limit" in drive.status
    assert not broker.called("approve")
    await drive.press("escape")
    await to_decline(drive)
    await drive.press("y")
    assert len(broker.called("decline")) == 1


async def test_an_order_that_somebody_else_answered_meanwhile_says_so(
    drive: Driver, order: dict[str, Any], broker: ScriptedBroker
) -> None:
    """The sheet changes under the reader, and y does nothing any more."""
    await to_approval(drive)
    order |= {"state": "queued", "outcome": "approved by sam"}
    await broker.changed()
    await drive.until(lambda: "it is queued, not pending" in drive.text, "the news")
    await drive.quiet()
    await drive.press("y")
    assert not broker.called("approve")


async def test_a_yes_that_the_broker_refuses_after_all_says_why(
    drive: Driver, broker: ScriptedBroker
) -> None:
    """Nothing is approved, and the way back is open."""
    await to_approval(drive)
    broker.fail["approve"] = Refused("INV-2001 has changed since this was ordered", "decline it")
    await drive.press("y")
    assert "REFUSED  INV-2001 has changed since this was ordered. Decline it" in drive.text
    await drive.press("escape")
    assert drive.place is drive.queue


async def test_an_answer_that_is_lost_is_given_again(drive: Driver, broker: ScriptedBroker) -> None:
    """The broker dies after it took the yes: the sheet says that nobody knows, and the same yes counts once."""
    await to_approval(drive)
    broker.die_on.add("approve")
    broker.hold["hello"] = asyncio.Event()
    await drive.press("y")
    assert "NO ANSWER FROM THE BROKER" in drive.text
    broker.hold["hello"].set()
    await drive.until(lambda: isinstance(drive.place, QueueScreen), "the answer")
    assert drive.status.startswith("Approved")
    assert len(broker.called("approve")) == 2


@pytest.mark.parametrize("key", ["A", "X"])
async def test_what_does_not_wait_says_so(drive: Driver, key: str) -> None:
    """On any other row."""
    await drive.press("j", key)
    assert "nothing here waits for an approval; the inbox (I) has what does" in drive.status


async def test_what_waits_is_not_put_away_unanswered(drive: Driver, broker: ScriptedBroker) -> None:
    """x says which keys answer it."""
    await drive.press("x")
    assert "it waits for an answer: A approves, X declines" in drive.status
    assert not broker.called("dismiss")


@pytest.mark.parametrize("key", ["A", "X"])
async def test_ones_own_order_needs_another_person(broker: ScriptedBroker, key: str) -> None:
    """Said before anything is asked."""
    broker.person = PEOPLE[0] | {"roles": ["supervisor"]}
    waiting_order(broker.company, maker="kim")
    async with driving(broker.socket) as drive:
        await drive.press(key)
        assert "your own order needs another person; u takes it back" in drive.status
        assert not broker.called("weigh")


async def test_only_a_supervisor_declines(broker: ScriptedBroker) -> None:
    """Whoever has the limit may look and approve; a no is a supervisor's."""
    waiting_order(broker.company)
    async with driving(broker.socket) as drive:
        await drive.press("X")
        assert "only a supervisor declines an order" in drive.status
        await drive.press("A")
        assert isinstance(drive.place, ApprovalScreen)


async def test_the_outbox_answers_too(drive: Driver, broker: ScriptedBroker) -> None:
    """The same keys on a pending order of somebody else; what became of it is on the screen."""
    await drive.press("O")
    assert "A Approve  X Decline" in drive.footer
    await drive.press("A")
    await drive.quiet()
    await drive.press("y")
    assert isinstance(drive.place, OutboxScreen)
    assert drive.status.startswith("Approved: ")
    assert "approved by kim" in drive.text
    assert "Approve" not in drive.footer


async def test_undo_takes_back_only_ones_own(drive: Driver, broker: ScriptedBroker) -> None:
    """A supervisor's u does not take back what a collector ordered."""
    await drive.press("u")
    assert "no order of yours of today stands" in drive.status
    assert not broker.called("undo")


async def test_the_sheet_says_who_broke_the_glass_so_far(drive: Driver, order: dict[str, Any]) -> None:
    """One of two, with the reason; the outbox names who gave it."""
    order["approvals"] = [
        {"person": "tom", "at": "2026-11-20T09:05:00+00:00", "glass": True, "why": "court order"}
    ]
    await to_approval(drive)
    assert "Glass    1 of 2: tom: court order" in drive.text


async def test_what_is_long_hangs_below_its_beginning(drive: Driver, order: dict[str, Any]) -> None:
    """Who broke the glass is named, and a reason of two lines stays in its column."""
    why = "court order of this morning, the account is closed tonight and cannot wait for the board"
    order["approvals"] = [{"person": "sam", "at": "2026-11-20T09:05:00+00:00", "glass": True, "why": why}]
    await to_approval(drive)
    at = next(
        number for number, line in enumerate(drive.lines) if "Glass    1 of 2: Sam Okafor: court" in line
    )
    first, second = drive.lines[at : at + 2]
    assert second.startswith(" " * first.index("1 of 2"))
    assert f"{first.strip()} {second.strip()}".endswith(why)


ABOVE = {
    "verdict": "refused",
    "reason": "60.00 EUR is above every limit",
    "rule": "limit adjust EUR 50.00",
    "hint": "two supervisors can break the glass",
}


async def to_glass(drive: Driver, broker: ScriptedBroker, why: str = "court order") -> None:
    """From the list to the sheet on which the glass is broken."""
    broker.verdict = ABOVE
    await to_approval(drive)
    await drive.press("B")
    assert isinstance(drive.place, GlassForm)
    await drive.type(why)
    await drive.press("enter")
    assert isinstance(drive.place, ApprovalScreen)
    await drive.quiet()


async def test_a_supervisor_breaks_the_glass_with_a_reason(
    drive: Driver, broker: ScriptedBroker, screen: SnapshotAssertion
) -> None:
    """B on the sheet of a yes that nobody may give; y gives the first of two."""
    await to_glass(drive, broker)
    assert drive.text == screen
    await drive.press("y")
    await drive.until(lambda: isinstance(drive.place, QueueScreen), "the answer")
    assert drive.status.endswith("; one more has to")
    (given,) = broker.called("approve")
    assert (given["break_glass"], given["why"]) == (True, "court order")


async def test_the_second_supervisor_lets_it_go(
    drive: Driver, order: dict[str, Any], broker: ScriptedBroker
) -> None:
    """The sheet says that it is posted then, and it is."""
    order["approvals"] = [
        {"person": "tom", "at": "2026-11-20T09:05:00+00:00", "glass": True, "why": "court order"}
    ]
    await to_glass(drive, broker, "I have seen the order")
    assert "Glass    1 of 2: tom: court order" in drive.text
    assert "It is posted then" in drive.text
    await drive.press("y")
    await drive.until(lambda: isinstance(drive.place, QueueScreen), "the answer")
    assert drive.status == "Glass broken: adjust INV-2001 by 60.00 EUR (SMALL)"
    assert [row["state"] for row in broker.company.commands] == ["queued"]


async def test_the_glass_needs_a_reason(drive: Driver, broker: ScriptedBroker) -> None:
    """Enter on an empty line says so, and nothing was asked of the broker."""
    broker.verdict = ABOVE
    await to_approval(drive)
    await drive.press("B", "enter")
    assert isinstance(drive.place, GlassForm)
    assert "breaking the glass needs a reason" in drive.status
    assert not broker.called("approve")


@pytest.mark.parametrize("keys", [("B", "y"), ("B", "x", "enter", "y")])
async def test_nothing_typed_ahead_breaks_the_glass(
    drive: Driver, broker: ScriptedBroker, keys: tuple[str, ...]
) -> None:
    """However fast: the sheet waits for somebody who reads it."""
    broker.verdict = ABOVE
    await to_approval(drive)
    await drive.burst(*keys)
    assert not broker.called("approve")


async def test_what_one_may_approve_needs_no_glass(drive: Driver, broker: ScriptedBroker) -> None:
    """B says so, and is not in the footer."""
    await to_approval(drive)
    assert "Break glass" not in drive.footer
    await drive.press("B")
    assert "you may approve it as usual" in drive.status
    assert isinstance(drive.place, ApprovalScreen)


async def test_only_supervisors_break_the_glass(broker: ScriptedBroker) -> None:
    """Whoever else looks reads why."""
    waiting_order(broker.company)
    broker.verdict = ABOVE
    async with driving(broker.socket) as drive:
        await to_approval(drive)
        await drive.press("B")
        assert "only supervisors break the glass" in drive.status
