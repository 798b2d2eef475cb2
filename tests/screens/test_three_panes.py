"""From 160 columns on what happened stands beside list and account; below that nothing of it is there."""

from __future__ import annotations

from syrupy.assertion import SnapshotAssertion

from tests.screens.driver import driving
from tests.screens.scripted_broker import ScriptedBroker


def remember(broker: ScriptedBroker, number: int) -> None:
    """So many notes of two lines on the first customer."""
    for day in range(number):
        note = {
            "id": f"note:{10 + day}",
            "target": "party:0" if day % 2 else "item:INV-2031",
            "author": "Lee Park",
            "at": f"2026-10-{day % 28 + 1:02}T10:00:00+00:00",
            "text": f"Promised call {day}: says that the goods of the second delivery came late, pays when the credit is there.",
            "ours": day % 3 == 0,
            "state": "queued" if day % 3 == 0 else "posted",
        }
        broker.company.notes.append(note)


async def test_three_panes(broker: ScriptedBroker, screen: SnapshotAssertion) -> None:
    """List, account, and ageing with all that happened in full, newest first."""
    remember(broker, 4)
    async with driving(broker.socket, (160, 45)) as drive:
        await drive.idle()
        assert "\n".join(drive.lines[1:]) == screen


async def test_the_third_follows_the_cursor(broker: ScriptedBroker) -> None:
    """Another customer, another history; one without any says what to do."""
    async with driving(broker.socket, (160, 45)) as drive:
        await drive.idle()
        assert "Called: pays the rest on Friday." in drive.text
        await drive.press("j")
        await drive.idle()
        assert "Called: pays the rest on Friday." not in drive.text
        assert "Nothing yet. n writes a note" in drive.text


async def test_what_has_no_room_is_counted(broker: ScriptedBroker) -> None:
    """Nothing is cut in the middle without a word."""
    remember(broker, 28)
    async with driving(broker.socket, (160, 24)) as drive:
        await drive.idle()
        assert any(" more: Enter on the account" in line for line in drive.lines)


async def test_narrower_there_are_two_and_wider_again_three(broker: ScriptedBroker) -> None:
    """The remarks go back into the account."""
    async with driving(broker.socket, (160, 45)) as drive:
        await drive.idle()
        assert drive.lines[1].count("|") == 2
        await drive.resize(159, 45)
        await drive.idle()
        assert drive.lines[1].count("|") == 1
        assert "What happened" not in drive.text
        assert "Called: pays the rest on" in drive.text
        await drive.resize(200, 45)
        await drive.idle()
        assert drive.lines[1].count("|") == 2
        await drive.press("enter")
        assert drive.queue.reading
