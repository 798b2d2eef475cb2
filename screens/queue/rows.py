"""The ranked list: rows by windows, the cursor on a thing rather than on a place, marks that stay with their things."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ClassVar, cast

from rich.segment import Segment
from textual import getters
from textual.message import Message

from arqueue.errors import ArqueueError
from screens import actions, background
from screens.desk import Desk
from screens.face import Face
from screens.queue.empty import empty_words
from screens.queue.row import of_row
from screens.queue.windows import SIZE, Windows
from screens.rows import Rows

if TYPE_CHECKING:
    from data.broker.protocol import QueueRow
    from screens.queue.showing import Showing

MARK_CAP = 10_000
READINGS = 3
"""So often what changes is read at a stretch: keys, and other rows that somebody wants, wait meanwhile."""
RESTING_S = 0.2
"""Who types on is not told yet what holds the rows back."""
COMPLETING = "completing"
"""The work that finds all rows of a filter while the first are shown."""


class QueueRows(Rows):
    """The list of one view. It stays where it is when the rows under it change."""

    app = getters.app(Face)
    BINDINGS: ClassVar = actions.bindings("queue")

    class Loaded(Message):
        """Rows arrived: counts may be others, and the row under the cursor may be another."""

    class Failed(Message):
        """The broker did not give the rows."""

        def __init__(self, error: ArqueueError) -> None:
            super().__init__()
            self.error = error

    def __init__(self, desk: Desk, view: str) -> None:
        super().__init__()
        self.desk = desk
        self.windows = Windows(desk, view)
        if desk.first is not None:
            self.windows.keep(0, desk.first.window)
            self.set_reactive(Rows.cursor, desk.first.cursor)
        self.touched = desk.first is not None and desk.first.cursor > 0
        """Whether any key was pressed here yet."""
        self.above = 0
        """Rows that came in above the cursor since the last key."""
        self.range_from: int | None = None
        self._reading = asyncio.Lock()
        self._again = False
        self._complete: tuple[Windows, int, int] | None = None
        """The page of these windows around which nothing is missing any more."""

    # What the list holds

    def row_count(self) -> int:
        """Rows of the view under the filter."""
        return self.windows.total

    def row(self, index: int | None = None) -> QueueRow | None:
        """The row of the cursor, or another, if it is here."""
        return self.windows.row(self.cursor if index is None else index)

    def empty(self) -> list[str]:
        """Why there is no row, and what to do about it."""
        return empty_words(self.desk, self.windows, self.keyed)

    async def settled_row(self) -> QueueRow | None:
        """The row of the cursor, waiting for its window. Raises what the broker says."""
        if self.row() is None and self.row_count():
            await self.windows.fetch_rows(self.cursor, self.cursor)
        return self.row()

    async def show(
        self, view: str, search: str, anchor: str | None, sort: str = "rank", columns: tuple[str, ...] = ()
    ) -> None:
        """Show another view, filter, order or columns, the cursor on ``anchor`` if it is there. Raises what the broker says."""
        for reading in ("reload", COMPLETING):
            self.screen.workers.cancel_group(self.screen, reading)  # nobody waits for the rows of before
        async with self._reading:
            windows = Windows(self.desk, view, search, sort, columns)
            # asked for together: the best rows are wanted, wherever the anchor is
            place, _ = await asyncio.gather(windows.locate(anchor), windows.fetch(0))
            index = place or 0
            top = 0 if index < self.page_height else windows.last_page(index, self.page_height)
            await windows.fetch_rows(top, top + self.page_height - 1)
            self.windows, self.range_from, self.above = windows, None, 0
            self.turn_to(top)
            self.set_reactive(Rows.cursor, index)
            self.update_rows()
        self._tell()

    async def reload(self) -> None:
        """The queue changed: read again what is shown and stay on the same thing. One reading at a time; changes that come
        meanwhile make one more, which nobody waits for where they do not end."""
        if self._reading.locked():
            self._again = True
            return
        async with self._reading:
            try:
                for _ in range(READINGS):
                    self._again = False
                    await self._reload_once()
                    if not (self._again or self.windows.stale):
                        break
            except ArqueueError as error:
                self.post_message(self.Failed(error))
                return
        self._tell()
        if self._again or self.windows.stale:
            background.start(self.screen, self.reload, group="reload")

    async def _reload_once(self) -> None:
        old = self.windows
        under = self.row()
        new = Windows(self.desk, old.view, old.filter, old.sort, old.columns, whole=True, wider=old.wider)
        # nobody has read the first page yet while it still fills: the best rows stay on top
        place = await new.locate(under["id"]) if under and self.touched else None
        index = self.cursor if place is None else place
        top = max(0, index - (self.cursor - self.top))
        await new.fetch_rows(top, top + self.page_height - 1, aside=True)
        index = max(0, min(index, new.total - 1))
        top = new.last_page(top, self.page_height)
        await new.fetch_rows(top, top + self.page_height - 1, aside=True)
        if self.windows is not old or self.row() != under:
            self._again = True  # the person went on meanwhile: read again for where the cursor is now
            return
        if place is not None and place > self.cursor:
            self.above += place - self.cursor
        before = self._page()
        self.windows = new
        self.turn_to(top)
        self.set_reactive(Rows.cursor, index)
        if not new.total or self._page() != before:
            self.update_rows()

    def _page(self) -> tuple[int, int, int, list[QueueRow | None]]:
        """What the list shows, as far as it follows from the rows."""
        rows = [self.windows.row(index) for index in range(self.top, self.top + self.page_height)]
        return self.windows.total, self.top, self.cursor, rows

    async def complete(self) -> None:
        """Have all rows of a filter, where only the first were looked for."""
        async with self._reading:
            pass  # whoever reads now may be at it
        if self.windows.more:
            await self.reload()

    def _tell(self) -> None:
        self.post_message(self.Loaded())
        self.post_message(self.Moved(self, self.cursor))
        if self.windows.filter and not self.windows.total:
            background.start(self, self._widen, group="widen", exclusive=True)

    async def _widen(self) -> None:
        windows = self.windows
        await asyncio.sleep(RESTING_S)
        if windows is not self.windows:
            return
        try:
            await windows.widen()
        except ArqueueError:
            return  # the list says the rest all the same
        self.refresh()

    def want_page(self) -> None:
        """Ask for the windows of this page, of those on either side of it, and of both ends; keys wait while the row under the
        cursor is not here."""
        if not self.desk.connected:
            return
        windows, page = self.windows, self.page_height
        if self._complete == (windows, self.top, page) and self.row() is not None:
            return
        awaited = set[int]()
        if self.row() is None and self.row_count():
            awaited.add(self.cursor // SIZE)
            self.app.begin(self._fetch, self.cursor // SIZE)
        seen = windows.missing(self.top, self.top + page - 1)
        near = windows.missing(self.top - page, self.top + 2 * page)
        asked = dict.fromkeys([*seen, *near, *windows.ends()])
        self._complete = None if asked else (windows, self.top, page)
        for block in asked:
            if block not in awaited:
                background.start(self, self._fetch, block, block not in seen, group="windows")

    async def _fetch(self, block: int, aside: bool = False) -> None:
        windows = self.windows
        try:
            await windows.fetch(block, aside=aside)
        except ArqueueError as error:
            self._complete = None
            self.post_message(self.Failed(error))
            return
        if windows is not self.windows:
            return
        if windows.stale:  # the rows that are here can be read meanwhile
            background.start(self, self.reload, group="reload")
        first = block * SIZE
        if first < self.top + self.page_height and first + SIZE > self.top:
            self.refresh()
            self._tell()

    def watch_cursor(self, before: int, after: int) -> None:
        """Moving extends a range and reads ahead."""
        super().watch_cursor(before, after)
        if self.range_from is not None:
            self._mark_range()
        self.want_page()

    # Painting

    def mark(self, index: int) -> str:
        """``*`` beside what is marked."""
        row = self.windows.row(index)
        return "*" if row is not None and row["id"] in self.desk.marks else " "

    def paint(self, index: int, width: int) -> list[Segment]:
        """The row as ``screens.queue.row`` composes it, in the styles of this list."""
        windows = self.windows
        return self.dressed(of_row(windows.row(index), windows.view, width, windows.columns))

    # Moving

    def do_bottom(self) -> None:
        """Last row; keys wait until it is known which one that is."""
        if self.windows.more:
            self.app.begin(self._to_the_end)
        else:
            super().do_bottom()

    async def _to_the_end(self) -> None:
        await self.complete()
        super().do_bottom()

    # Keys that concern the whole screen

    @property
    def queue(self) -> Showing:
        """The screen that the list is on."""
        return cast("Showing", self.screen)

    def do_open(self) -> None:
        """Open the account of this row."""
        self.queue.open()

    def do_back(self) -> None:
        """A step down the ladder of Escape."""
        self.queue.escape()

    def do_leave(self) -> None:
        """Leave arqueue."""
        self.app.leave()  # type: ignore[attr-defined]

    def do_mark_all(self) -> None:
        """Mark all that the filter shows."""
        self.queue.mark_all()

    # Marks

    def do_mark(self) -> None:
        """Mark or unmark this row, and go on."""
        row = self.row()
        if row is None:
            return
        if self.desk.marks.pop(row["id"], None) is None:
            self.desk.marks[row["id"]] = row
        self.refresh_row(self.cursor, gutter_only=True)
        self.do_down()
        self.post_message(self.Loaded())

    def do_range(self) -> None:
        """Start a range of marks here, or end it."""
        self.range_from = None if self.range_from is not None else self.cursor
        if self.range_from is not None:
            self._mark_range()
        self.post_message(self.Loaded())

    def _mark_range(self) -> None:
        first, last = sorted((self.range_from or 0, self.cursor))
        for index in range(first, last + 1):
            row = self.windows.row(index)
            if row is not None and row["id"] not in self.desk.marks:
                self.desk.marks[row["id"]] = row
                self.refresh_row(index, gutter_only=True)
        self.post_message(self.Loaded())

    async def mark_all(self) -> bool:
        """Mark all that the filter shows. False when there are more than can be marked. Raises what the broker says."""
        await self.complete()
        total = self.row_count()
        if self.windows.more or total > MARK_CAP:
            return False
        for first in range(0, total, SIZE):
            await self.windows.fetch_rows(first, first + SIZE - 1)
            rows = (self.windows.row(index) for index in range(first, min(total, first + SIZE)))
            self.desk.marks.update({row["id"]: row for row in rows if row is not None})
        self.refresh()
        self.post_message(self.Loaded())
        return True
