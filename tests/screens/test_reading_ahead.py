"""Keys that move never wait for rows that could have been read before, nor for a list that is read again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from tests.screens.driver import Driver, driving
from tests.screens.scripted_broker import ScriptedBroker

LAST = 8999


def on(drive: Driver, place: int) -> Callable[[], bool]:
    """Whether the cursor is on that row, and the row is here."""

    def look() -> bool:
        row = drive.queue.rows.row()
        return row is not None and row["id"] == f"work:{place}"

    return look


async def test_both_ends_are_here_before_a_key_leads_there(folder_of_many: ScriptedBroker) -> None:
    """The last rows of a long list are shown though the broker answers nothing any more, and the first again."""
    async with driving(folder_of_many.socket) as drive:
        windows = drive.queue.rows.windows
        await drive.press("j")
        await drive.until(lambda: windows.row(LAST) is not None, "the last rows")
        folder_of_many.hold["window"] = held = asyncio.Event()
        drive.send("G")
        await drive.until_unsettled(on(drive, LAST), "the last row")
        drive.send("g")
        await drive.until_unsettled(on(drive, 0), "the first row")
        held.set()
        await drive.idle()


@pytest.mark.parametrize("height", [24, 60])
async def test_the_last_page_is_full(folder_of_many: ScriptedBroker, height: int) -> None:
    """Its last line is the last row, and the lines above are rows that were read before, in one window or in two."""
    async with driving(folder_of_many.socket, (80, height)) as drive:
        rows = drive.queue.rows
        first = LAST + 1 - rows.page_height
        await drive.press("j")
        await drive.until(lambda: all(map(rows.windows.row, range(first, LAST + 1))), "the last page")
        folder_of_many.hold["window"] = held = asyncio.Event()
        drive.send("G")
        await drive.until_unsettled(on(drive, LAST), "the last row")
        assert (rows.top, rows.cursor) == (first, LAST)
        held.set()
        await drive.idle()
        shown = drive.lines[1 : rows.page_height + 1]
        assert shown[-1].startswith(">")
        assert all(line.strip(" >…") for line in shown)


async def test_a_page_back_from_the_end_and_on_again_ends_at_the_end(folder_of_many: ScriptedBroker) -> None:
    """Page moves leave no empty lines either, nor does a higher terminal."""
    async with driving(folder_of_many.socket) as drive:
        rows = drive.queue.rows
        await drive.press("G", "pageup")
        assert rows.cursor == LAST - rows.page_height
        await drive.press("pagedown", "pagedown")
        assert (rows.top, rows.cursor) == (LAST + 1 - rows.page_height, LAST)
        await drive.resize(80, 40)
        await drive.idle()
        assert rows.top + rows.page_height == LAST + 1


async def test_the_pages_on_either_side_are_here(folder_of_many: ScriptedBroker) -> None:
    """Wherever one came to, a page on and a page back are shown at once."""
    async with driving(folder_of_many.socket) as drive:
        rows = drive.queue.rows
        await drive.burst(*["pagedown"] * 9)
        at, page = 9 * rows.page_height, rows.page_height
        around = (at - page, at + 2 * page - 1)
        await drive.until(
            lambda: rows.cursor == at and all(rows.windows.row(each) for each in around), "the pages around"
        )


async def test_a_key_does_not_wait_while_the_list_is_read_again(folder_of_many: ScriptedBroker) -> None:
    """Rows of a later generation came: they can be walked through meanwhile, and in the end all are of one."""
    async with driving(folder_of_many.socket) as drive:
        folder_of_many.hold["locate"] = held = asyncio.Event()
        folder_of_many.generation += 1
        drive.send("G")
        await drive.until_unsettled(on(drive, LAST), "the last row")
        assert drive.queue.rows.windows.stale
        drive.send("k")
        drive.send("k")
        await drive.until_unsettled(on(drive, LAST - 2), "two rows up")
        assert drive.queue.rows.windows.stale
        held.set()
        await drive.until(lambda: not drive.queue.rows.windows.stale, "rows of one generation")
        assert drive.cursor_id == f"work:{LAST - 2}"
