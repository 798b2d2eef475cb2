"""All views on a page of their own: chosen, given a key, renamed, forgotten."""

from __future__ import annotations

from screens.queue.screen import QueueScreen
from screens.views.screen import ViewsScreen
from tests.screens.driver import Driver
from tests.screens.scripted_broker import ScriptedBroker


async def test_a_view_of_ones_own_gets_a_key(drive: Driver, broker: ScriptedBroker) -> None:
    """It takes the place of the one that everybody has there; pressed again the key goes back."""
    await keep(drive)
    await drive.press("B", "G", "9")
    assert "9 shows Late ones now." in drive.text
    await drive.press("q", "1", "9")
    assert isinstance(drive.place, QueueScreen)
    assert drive.place.rows.windows.filter == "age>60"
    assert "9 Late ones" in drive.text or "Late ones" in drive.lines[0]
    await drive.press("B", "G", "9")
    assert "no digit any more" in drive.text
    assert not broker.saved_views["Late ones"]["digit"]


async def test_views_that_were_kept_elsewhere_are_there(drive: Driver, broker: ScriptedBroker) -> None:
    """On the command line, or in another window: the page asks anew, and the bar follows."""
    broker.saved_views["Elsewhere"] = {
        "name": "Elsewhere", "view": "overdue", "filter": "", "sort": "age", "columns": ["customer"],
    }  # fmt: skip
    await drive.press("B", "G")
    assert "Elsewhere" in drive.text
    await drive.press("enter")
    assert drive.queue.rows.windows.columns == ("customer",)
    assert "Elsewhere" in drive.lines[0]


async def test_a_view_is_chosen_from_the_page(drive: Driver) -> None:
    """Enter shows what is under the cursor."""
    await drive.press("B", "j", "j", "enter")
    assert isinstance(drive.place, QueueScreen)
    assert drive.place.rows.windows.view == "dispute"


async def test_a_view_is_renamed_and_forgotten(drive: Driver, broker: ScriptedBroker) -> None:
    """One of one's own; what everybody has stays."""
    await keep(drive)
    await drive.press("B", "x")
    assert "everybody's" in drive.text
    await drive.press("G", "n")
    await drive.press(*["backspace"] * 30)
    await drive.type("Old")
    await drive.press("enter")
    assert list(broker.saved_views) == ["Old"]
    assert "Old" in drive.text
    await drive.press("x")
    assert isinstance(drive.place, ViewsScreen)
    assert broker.saved_views == {}


async def keep(drive: Driver) -> None:
    """Filter, and keep that under a name."""
    await drive.press("slash")
    await drive.type("age>60")
    await drive.press("enter", "b")
    await drive.type("Late ones")
    await drive.press("enter")
