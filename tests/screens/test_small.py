"""A terminal too small to be read on: a sentence, no key that acts, and everything back when it grows."""

from __future__ import annotations

import pytest

from screens.review.screen import ReviewScreen
from tests.screens.driver import Driver, driving
from tests.screens.scripted_broker import ScriptedBroker

SAID = "arqueue needs 60x15"


@pytest.mark.parametrize("size", [(59, 24), (80, 14), (30, 8), (10, 3)])
async def test_a_terminal_that_is_too_small_says_so_and_comes_back(
    drive: Driver, size: tuple[int, int]
) -> None:
    """Nothing but the sentence while it is small; the very same screen when it has grown."""
    await drive.press("j")
    before = drive.text
    await drive.resize(*size)
    assert "PAYMENT" not in drive.text
    words = " ".join(drive.text.split())
    assert words.startswith(f"This terminal is {size[0]}x{size[1]};"[: size[0]])
    await drive.resize(80, 24)
    assert drive.text == before


async def test_the_least_size_shows_the_work(drive: Driver) -> None:
    """60x15 is enough: list, status and footer, nothing cut in the middle."""
    await drive.resize(60, 15)
    assert SAID not in drive.text
    assert drive.lines[1].startswith(">  PAYMENT")
    assert drive.footer.endswith("? Help")
    await drive.press("a", "1", "enter")
    assert "y posts it" in drive.text


async def test_it_may_begin_small(broker: ScriptedBroker) -> None:
    """The sentence is there at once, and the queue when there is room."""
    async with driving(broker.socket, (40, 10)) as drive:
        assert SAID in " ".join(drive.text.split())
        await drive.resize(80, 24)
        assert drive.lines[1].startswith(">  PAYMENT")


async def test_no_key_acts_on_what_cannot_be_seen(drive: Driver, broker: ScriptedBroker) -> None:
    """A y at a review that is too small to be read posts nothing, now or later."""
    await drive.press("a", "1", "enter")
    await drive.quiet()
    await drive.resize(50, 12)
    await drive.press("y", "j", "escape")
    await drive.resize(80, 24)
    assert isinstance(drive.place, ReviewScreen)
    assert not broker.called("submit")
    await drive.press("y")
    assert len(broker.called("submit")) == 1


async def test_the_way_out_is_open_however_small_it_is(drive: Driver) -> None:
    """Ctrl+Q."""
    await drive.resize(20, 5)
    drive.send("ctrl+q")
    await drive.until_unsettled(lambda: drive.app._exit, "the exit")
