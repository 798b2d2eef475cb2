"""The inbox: what was handed over to one and what waits for a yes, one key away from any place."""

from __future__ import annotations

import pytest

from tests.screens.company import waiting_order
from tests.screens.driver import Driver, driving
from tests.screens.scripted_broker import PEOPLE, ScriptedBroker


@pytest.mark.parametrize("keys", [(), ("enter",), ("O",), ("S",), ("B",), ("w",), ("question_mark",)])
async def test_the_inbox_is_one_key_away(drive: Driver, keys: tuple[str, ...]) -> None:
    """From list, account and pages, whatever filter and order were in force."""
    await drive.press("4", "slash")
    await drive.type("castell")
    await drive.press("enter", "o", *keys, "I")
    windows = drive.queue.rows.windows
    assert drive.place is drive.queue
    assert not drive.queue.reading
    assert (windows.view, windows.filter, windows.sort) == ("escalation", "", "rank")
    assert drive.status == "Inbox: what was handed over to you, and what waits for a yes."


async def test_it_holds_what_waits_for_an_approval(broker: ScriptedBroker) -> None:
    """A supervisor goes there and answers."""
    broker.person = PEOPLE[0] | {"roles": ["supervisor"]}
    waiting_order(broker.company)
    async with driving(broker.socket) as drive:
        await drive.press("I")
        assert drive.queue.rows.row_count() == 1
        assert "APPROVAL" in drive.cursor_line
        assert "A Approve" in drive.footer


async def test_it_is_found_by_its_name(drive: Driver) -> None:
    """The palette knows the word."""
    await drive.press("O", "colon")
    await drive.burst(*"inbox", "enter")
    assert drive.place is drive.queue
    assert drive.queue.rows.windows.view == "escalation"


@pytest.mark.parametrize(
    "keys", [("a", "I"), ("a", "1", "enter", "I"), ("a", "t", "I"), ("a", "colon", *"inbox", "enter")]
)
async def test_what_is_being_made_is_not_left_for_it(drive: Driver, keys: tuple[str, ...]) -> None:
    """A form, a review, or a page over one: the key says what to do first."""
    await drive.press(*keys)
    assert drive.place is not drive.queue
    assert drive.status == "Inbox: first leave what is open here (Esc)."
    assert drive.queue.rows.windows.view == "all"
