"""Every screen of the app at the least and at a large size, as text: what it says reviews as a diff."""

from __future__ import annotations

import pytest
from syrupy.assertion import SnapshotAssertion

from tests.screens.driver import driving
from tests.screens.everywhere import SCREENS, shown_by_the_program
from tests.screens.scripted_broker import ScriptedBroker


def test_no_screen_is_left_out() -> None:
    """Whatever place the program has is shown here."""
    assert shown_by_the_program() <= {screen.kind for screen in SCREENS.values()}


@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["80x24", "120x40"])
@pytest.mark.parametrize("name", SCREENS, ids=lambda name: name.replace(" ", "_"))
async def test_it_is_whole(
    broker: ScriptedBroker, name: str, size: tuple[int, int], screen: SnapshotAssertion
) -> None:
    """The place that its keys lead to, no line longer than the terminal, status and footer at their place."""
    shown = SCREENS[name]
    shown.furnish(broker)
    async with driving(broker.socket, size) as drive:
        await drive.idle()
        await drive.press(*shown.keys)
        assert type(drive.place) is shown.kind
        assert shown.says in drive.text
        assert len(drive.lines) == size[1]
        assert max(map(len, drive.lines)) <= size[0]
        assert "Help" in drive.footer
        assert drive.text == screen
