"""The tour: once for whoever never opened the program here, never in the way of somebody who types, and back when asked for."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from arqueue.face import FaceSettings, Said, leave_mark, tour_mark
from screens.actions import BY_ID
from screens.app import ArqueueApp
from screens.chosen import Chosen, choose
from screens.form import Form
from screens.help.screen import HelpPage
from screens.palette.screen import PaletteScreen
from screens.queue.arithmetic import ArithmeticPage
from screens.tour.screen import OPENS, TourScreen
from tests.screens.company_folder import company_folder
from tests.screens.driver import Driver, TidyLink, driving
from tests.screens.scripted_broker import ScriptedBroker
from tests.screens.terminal_session import session

WELCOME = "Welcome to arqueue"


@pytest.fixture
def mark(tmp_path: Path) -> Path:
    """Where the mark of somebody goes who has never been here."""
    return tour_mark({"XDG_STATE_HOME": str(tmp_path / "state")})


async def test_whoever_comes_for_the_first_time_is_shown_it_once(broker: ScriptedBroker, mark: Path) -> None:
    """It stands over the queue; Enter closes it, opens nothing, and it does not come again."""
    async with driving(broker.socket, chosen=Chosen(tour=mark)) as drive:
        await drive.until(lambda: WELCOME in drive.text, "the tour")
        await drive.press("enter")
        assert drive.place is drive.queue
        assert not drive.queue.reading
    async with driving(broker.socket, chosen=Chosen(tour=mark)) as again:
        await again.idle()
        assert again.place is again.queue


async def test_escape_closes_it(broker: ScriptedBroker, mark: Path) -> None:
    """As every page."""
    async with driving(broker.socket, chosen=Chosen(tour=mark)) as drive:
        await drive.until(lambda: WELCOME in drive.text, "the tour")
        await drive.press("escape")
        assert drive.place is drive.queue


async def test_whoever_types_already_is_not_stopped(broker: ScriptedBroker, mark: Path) -> None:
    """Keys typed while the program starts go where they always go; the tour waits for another day."""
    broker.hold["window"] = asyncio.Event()
    app = ArqueueApp(TidyLink(broker.socket), chosen=Chosen(tour=mark))
    async with app.run_test(size=(80, 24)) as pilot:
        drive = Driver(app, pilot)
        for key in ("j", "w"):
            drive.send(key)
        await drive.until_unsettled(lambda: app.desk.status is not None, "the broker")
        broker.hold["window"].set()
        await drive.until(lambda: "Why DISPUTE" in drive.text, "the reasons of the second row")
        await drive.press("escape")
        assert drive.place is drive.queue
        await app.desk.close()
    assert leave_mark(mark)


async def test_where_no_mark_can_be_kept_it_does_not_come(broker: ScriptedBroker, mark: Path) -> None:
    """Else it would stand there every morning."""
    mark.parent.parent.mkdir(parents=True)
    mark.parent.write_text("a file where the folder should be")
    async with driving(broker.socket, chosen=Chosen(tour=mark)) as drive:
        await drive.idle()
        assert drive.place is drive.queue


async def test_a_small_terminal_is_left_alone(broker: ScriptedBroker, mark: Path) -> None:
    """Unasked it comes only where all of it is in sight."""
    async with driving(broker.socket, (79, 24), chosen=Chosen(tour=mark)) as drive:
        await drive.idle()
        assert drive.place is drive.queue
    assert leave_mark(mark)


async def test_a_key_that_it_names_does_what_it_says(broker: ScriptedBroker, mark: Path) -> None:
    """w, typed on the tour, is w in the queue: nothing has to be pressed twice."""
    async with driving(broker.socket, chosen=Chosen(tour=mark)) as drive:
        await drive.until(lambda: WELCOME in drive.text, "the tour")
        await drive.press("w")
        assert isinstance(drive.place, ArithmeticPage)
        await drive.press("escape")
        assert WELCOME not in drive.text


async def test_what_it_names_orders_nothing_by_itself(drive: Driver) -> None:
    """Each of its keys opens or shows something; the ledger and the list are as they were."""
    for name in OPENS:
        await drive.press("f2", BY_ID[name].keys[0], "escape")
        assert drive.place is drive.queue, name
    assert drive.app.desk.status is not None
    assert drive.app.desk.marks == {}
    assert (await drive.app.desk.call("outbox", states=None, limit=9, offset=0))["rows"] == []


async def test_a_key_that_would_act_unseen_does_nothing(drive: Driver) -> None:
    """Marking, claiming, putting away: not on a row that is covered."""
    await drive.press("f2")
    for key in ("space", "N", "x", "u", "P", "V"):
        await drive.press(key)
        assert isinstance(drive.place, TourScreen)
        assert "does nothing here" in drive.status
    assert drive.app.desk.marks == {}


async def test_over_a_review_no_key_reaches_what_is_under_it(drive: Driver) -> None:
    """y posts what can be read, and that is not in front."""
    await drive.press("a", "1", "enter", "f2")
    assert isinstance(drive.place, TourScreen)
    await drive.press("y", "a")
    assert isinstance(drive.place, TourScreen)
    await drive.press("enter")
    assert "y posts it" in drive.text


async def test_palette_and_help_lead_to_it(drive: Driver) -> None:
    """By name, and by its key on the page of keys."""
    await drive.press("colon")
    assert isinstance(drive.place, PaletteScreen)
    await drive.burst(*"tour", "enter")
    assert isinstance(drive.place, TourScreen)
    await drive.press("enter", "question_mark")
    assert isinstance(drive.place, HelpPage)
    assert "F2" in drive.text
    await drive.press("f2")
    assert isinstance(drive.place, TourScreen)


async def test_it_names_the_keys_that_are_in_force(broker: ScriptedBroker) -> None:
    """The arrows of who wants no letters, and a key of one's own."""
    chosen = choose(FaceSettings(keys=Said("arrows", "mine")))
    chosen = replace(chosen, keymap={**chosen.keymap, "work.why": "f7"})
    async with driving(broker.socket, chosen=chosen) as drive:
        await drive.press("f2")
        assert any(line.split()[:3] == ["↓", "↑", "Move"] for line in drive.lines)
        assert any(line.split()[:2] == ["F7", "Why"] for line in drive.lines)
        await drive.press("f7")
        assert isinstance(drive.place, ArithmeticPage)


async def test_a_form_may_be_opened_from_it(drive: Driver) -> None:
    """n and the words typed after it, all in one packet."""
    await drive.press("f2")
    await drive.burst("n", *"pays on Friday")
    assert isinstance(drive.place, Form)
    assert "pays on Friday" in drive.text


@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=lambda size: f"{size[0]}x{size[1]}")
async def test_it_is_one_page(
    broker: ScriptedBroker, size: tuple[int, int], screen: SnapshotAssertion
) -> None:
    """All of it without scrolling."""
    async with driving(broker.socket, size) as drive:
        await drive.press("f2")
        assert isinstance(drive.place, TourScreen)
        assert drive.place.paper.max_scroll_y == 0
        assert drive.text == screen


async def test_on_less_it_scrolls(broker: ScriptedBroker) -> None:
    """Down to the least terminal; keys that move then move the page."""
    async with driving(broker.socket, (60, 15)) as drive:
        await drive.press("f2", *("j" for _ in range(12)))
        assert "F2 brings" in drive.text


def test_the_mark_is_left_once_and_for_the_person_alone(mark: Path) -> None:
    """The first to leave it is told so; two terminals at once do not both show the tour."""
    assert leave_mark(mark)
    assert not leave_mark(mark)
    assert mark.stat().st_mode & 0o077 == 0


def test_the_mark_stands_in_the_state_folder() -> None:
    """$XDG_STATE_HOME, else the usual place below the home."""
    assert tour_mark({"XDG_STATE_HOME": "/x", "HOME": "/h"}) == Path("/x/arqueue/tour-shown")
    assert tour_mark({"HOME": "/h"}) == Path("/h/.local/state/arqueue/tour-shown")


def test_the_program_itself_shows_it_on_the_first_day(tmp_path: Path) -> None:
    """On a PTY with a fresh home: the tour, silent while it stands there, and the queue behind it; the second day begins with the
    queue."""
    with company_folder() as file:
        for first_day in (True, False):
            with session(
                "--config", str(file), program=("-m", "arqueue"), XDG_STATE_HOME=str(tmp_path)
            ) as opened:
                opened.ready()
                if first_day:
                    opened.wait_for(WELCOME)
                    opened.pump(0.5)
                    assert opened.pump(2) == b""
                    opened.press("\r")
                opened.wait_for(">  PAYMENT")
                assert WELCOME not in opened.text
                opened.press("\x11")
                assert opened.end() == 0
