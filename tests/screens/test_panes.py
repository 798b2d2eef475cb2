"""``p`` takes the account away from beside the list, ``z`` gives the pane with the focus all of the screen; both and back."""

from __future__ import annotations

import pytest

from tests.screens.driver import Driver, driving
from tests.screens.scripted_broker import ScriptedBroker

WHOLE = "The whole account: 5 open items"


def panes(drive: Driver) -> int:
    """How many stand side by side."""
    return drive.lines[2].count("|") + 1


async def test_p_leaves_the_list_alone_and_brings_the_account_back(wide: Driver) -> None:
    """The rows have all of the width; the account of the row under the cursor comes back."""
    assert panes(wide) == 2
    await wide.press("p", "j")
    assert panes(wide) == 1
    assert "The whole account" not in wide.text
    await wide.press("k", "p")
    assert panes(wide) == 2
    assert WHOLE in wide.text


async def test_an_account_that_is_opened_is_there_without_the_preview(wide: Driver) -> None:
    """Enter shows it beside the list as long as it is read, back takes it away again."""
    await wide.press("p", "enter")
    assert panes(wide) == 2
    assert wide.place.registry_place() == "account"
    await wide.press("h")
    assert panes(wide) == 1


async def test_others_do_not_think_that_a_hidden_account_is_looked_at(
    wide: Driver, broker: ScriptedBroker
) -> None:
    """Whoever took it away is not there."""
    assert broker.called("attend")[-1]["id"] == "work:0"
    await wide.press("p")
    assert broker.called("attend")[-1] == {"id": None}
    await wide.press("p")
    assert broker.called("attend")[-1] == {"id": "work:0", "here": False}


async def test_z_gives_the_list_the_whole_screen(wide: Driver) -> None:
    """And the account comes back with it."""
    await wide.press("z")
    assert panes(wide) == 1
    await wide.press("z")
    assert panes(wide) == 2
    assert WHOLE in wide.text


async def test_z_in_the_account_gives_it_the_whole_screen(wide: Driver) -> None:
    """The keys stay in it; whoever goes back to the list has that one alone."""
    await wide.press("enter", "z")
    assert WHOLE in wide.text
    assert panes(wide) == 1
    assert wide.place.registry_place() == "account"
    assert not any(line.startswith(">  PAYMENT") for line in wide.lines)
    await wide.press("h")
    assert any(line.startswith(">  PAYMENT") for line in wide.lines)
    assert WHOLE not in wide.text
    await wide.press("z")
    assert panes(wide) == 2


async def test_p_ends_a_zoom(wide: Driver) -> None:
    """Asked for the account, one gets it."""
    await wide.press("z", "p")
    assert panes(wide) == 2
    await wide.press("p")
    assert panes(wide) == 1


@pytest.mark.parametrize("key", ["p", "z"])
async def test_of_three_panes_one_is_left_and_three_come_back(broker: ScriptedBroker, key: str) -> None:
    """What happened goes and comes with the account."""
    async with driving(broker.socket, (160, 45)) as drive:
        await drive.idle()
        before = drive.text
        await drive.press(key)
        assert panes(drive) == 1
        await drive.press(key)
        assert drive.text == before


async def test_alone_on_a_very_wide_screen_the_account_has_its_ageing_and_remarks(
    broker: ScriptedBroker,
) -> None:
    """They stand in the third pane otherwise."""
    async with driving(broker.socket, (160, 45)) as drive:
        await drive.press("enter", "z")
        assert panes(drive) == 1
        assert "over 90" in drive.text
        assert "Called: pays the rest on Friday." in drive.text


async def test_where_there_is_one_pane_they_say_so(drive: Driver) -> None:
    """At 80 columns the account stands instead of the list."""
    await drive.press("p")
    assert drive.status == "The account stands beside the list from 100 columns on; Enter opens it."
    await drive.press("z")
    assert drive.status == "This pane has the whole screen already."


async def test_a_narrow_terminal_forgets_neither(wide: Driver) -> None:
    """Narrow, then wide again: as it was."""
    await wide.press("p")
    await wide.resize(80, 24)
    await wide.press("enter")
    assert WHOLE in wide.text
    await wide.press("h")
    await wide.resize(120, 40)
    assert panes(wide) == 1


async def test_shift_tab_goes_between_the_panes_as_well(wide: Driver) -> None:
    """There are two."""
    await wide.press("shift+tab")
    assert wide.place.registry_place() == "account"
    await wide.press("shift+tab")
    assert wide.place.registry_place() == "queue"


async def test_i_turns_the_order_round(drive: Driver, broker: ScriptedBroker) -> None:
    """And o goes on from there to the next one."""
    await drive.press("o", "o", "i")
    assert drive.queue.rows.windows.sort == "-age"
    assert drive.status == "Order: age, turned round."
    await drive.press("i")
    assert drive.queue.rows.windows.sort == "age"
    assert drive.status == "Order: age, oldest first."
    await drive.press("i", "o")
    assert drive.queue.rows.windows.sort == "customer"
    assert broker.called("window")[-1]["sort"] == "customer"
