"""A list drawn line by line: any number of rows, a one-cell cursor in the gutter, and pages instead of scrolling.

When the cursor leaves the page the page turns; otherwise a move repaints two cells. That is what keeps it quick over a slow line.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from screens import actions
from screens.acting import Acting
from screens.frame import Piece
from screens.queue.row import GUTTER, Cells, gutter
from screens.words import fit


class Rows(Acting, ScrollView, can_focus=True, inherit_bindings=False):
    """A list of rows. A subclass says how many there are and paints one.

    A page may begin at any row, but none has lines without rows as long as there are rows for them.
    """

    BINDINGS = actions.bindings("rows")
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "rows--cursor",
        "rows--mark",
        "rows--strong",
        "rows--dim",
        "rows--good",
        "rows--warn",
        "rows--bad",
        "rows--key",
    }
    cursor: reactive[int] = reactive(0, repaint=False)
    quiet_cursor: ClassVar[bool] = False
    """Without focus the cursor is not shown."""

    def __init__(self, **options: Any) -> None:
        self._tones: dict[str, Style] = {}
        super().__init__(**options)
        self.gutters: set[int] | None = None
        """The rows whose gutter is another now, where somebody paints it at once."""

    class Moved(Message):
        """The cursor stands on another row."""

        def __init__(self, rows: Rows, index: int) -> None:
            super().__init__()
            self.rows = rows
            self.index = index

        @property
        def control(self) -> Rows:
            """The list whose cursor moved."""
            return self.rows

        def can_replace(self, message: Message) -> bool:
            """Only where it stopped matters."""
            return isinstance(message, Rows.Moved) and message.rows is self.rows

    def row_count(self) -> int:
        """How many rows there are."""
        raise NotImplementedError

    def paint(self, index: int, width: int) -> list[Segment]:
        """One row, without its gutter, in at most ``width`` cells."""
        raise NotImplementedError

    def mark(self, index: int) -> str:
        """What stands in the gutter beside the cursor: one cell."""
        return " "

    def empty(self) -> list[str]:
        """What to say when there are no rows."""
        return []

    # Painting

    def tone(self, name: str) -> Style:
        """The style of a component, such as ``dim``; the list's own for no name."""
        if (style := self._tones.get(name)) is None:
            style = self.get_component_rich_style(f"rows--{name}") if name else self.rich_style
            self._tones[name] = style
        return style

    def notify_style_update(self) -> None:
        """Another theme has other styles."""
        self._tones.clear()
        super().notify_style_update()

    def dressed(self, cells: Iterable[Cells]) -> list[Segment]:
        """Cells in the styles that they name."""
        return [Segment(text, self.tone(name)) for text, name in cells]

    def render_line(self, y: int) -> Strip:
        """One line of the page."""
        index = self.top + y
        width = self.size.width
        if not self.row_count():
            lines = self.empty()
            # Two lines of air above; the first line is the message, the rest teaches.
            text = lines[y - 1] if 1 <= y <= len(lines) else ""
            style = self.tone("strong") if y == 1 else self.tone("dim")
            return Strip([Segment(fit("   " + text, width), style)], width)
        if index >= self.row_count():
            return Strip.blank(width, self.tone(""))
        before = self.dressed(self._gutter(index))
        return Strip([*before, *self.paint(index, width - GUTTER)]).adjust_cell_length(width, self.tone(""))

    def _gutter(self, index: int) -> list[Cells]:
        shown = index == self.cursor and (self.has_focus or not self.quiet_cursor)
        return gutter(cursor=shown, mark=self.mark(index))

    def gutter_pieces(self, indexes: Iterable[int]) -> list[Piece]:
        """What stands now in the gutters of these rows, and where on the screen; to be sent at once."""
        left, above, _, height = self.content_region
        filters, pieces = self.get_line_filters(), []
        for index in sorted(indexes):
            if 0 <= (y := index - self.top) < height:
                self._styles_cache.set_dirty(Region(0, y, self.size.width, 1).translate(self.content_offset))
                strip = Strip(self.dressed(self._gutter(index)[: GUTTER - 1]))
                for line_filter in filters:
                    strip = strip.apply_filter(line_filter, self.background_colors[1])
                pieces.append((above + y, left, strip))
        return pieces

    def refresh_row(self, index: int, *, gutter_only: bool = False) -> None:
        """Paint one row again, if it is on the page."""
        y = index - self.top
        if gutter_only and self.gutters is not None:
            self.gutters.add(index)
        elif 0 <= y < self.size.height:
            self.refresh(Region(0, y, GUTTER - 1 if gutter_only else self.size.width, 1))

    def update_rows(self) -> None:
        """The rows are others now: same cursor where possible, everything painted again."""
        self._fit()
        self.refresh()

    def on_resize(self, event: events.Resize) -> None:
        """Another height is another page."""
        self._fit()

    def _fit(self) -> None:
        # set so, without a new layout: there is no scrollbar that would change with it
        self.set_reactive(Rows.virtual_size, Size(self.size.width, self.row_count()))
        self.set_reactive(Rows.cursor, max(0, min(self.cursor, self.row_count() - 1)))
        self._turn_page()

    def on_focus(self) -> None:
        """The cursor shows."""
        self.refresh_row(self.cursor, gutter_only=True)

    def on_blur(self) -> None:
        """The cursor may hide."""
        self.refresh_row(self.cursor, gutter_only=True)

    # Moving

    @property
    def page_height(self) -> int:
        """Rows on a page."""
        return max(1, self.size.height)

    def watch_cursor(self, before: int, after: int) -> None:
        """Two cells are painted, or a page is turned."""
        self.refresh_row(before, gutter_only=True)
        self._turn_page()
        self.refresh_row(after, gutter_only=True)
        self.post_message(self.Moved(self, after))

    @property
    def max_scroll_y(self) -> int:
        """The last page is full: the last row stands at its bottom."""
        return max(0, self.row_count() - self.page_height)

    @property
    def top(self) -> int:
        """The first row of the page."""
        return self.scroll_offset.y

    def turn_to(self, top: int) -> None:
        """Let a row be the first of the page."""
        self.scroll_y = self.scroll_target_y = top

    def _turn_page(self) -> None:
        if self.cursor < self.top:
            self.turn_to(self.cursor - self.page_height + 1)
        elif self.cursor >= self.top + self.page_height:
            self.turn_to(self.cursor)
        elif self.top > self.max_scroll_y:
            self.turn_to(self.max_scroll_y)

    def move_to(self, index: int) -> None:
        """Put the cursor on a row, or as near as there is one."""
        self.cursor = max(0, min(index, self.row_count() - 1))

    def do_down(self) -> None:
        """Next row."""
        self.move_to(self.cursor + 1)

    def do_up(self) -> None:
        """Row before."""
        self.move_to(self.cursor - 1)

    def do_page_down(self) -> None:
        """A page on."""
        self.move_to(self.cursor + self.page_height)

    def do_page_up(self) -> None:
        """A page back."""
        self.move_to(self.cursor - self.page_height)

    def do_half_down(self) -> None:
        """Half a page on."""
        self.move_to(self.cursor + self.page_height // 2)

    def do_half_up(self) -> None:
        """Half a page back."""
        self.move_to(self.cursor - self.page_height // 2)

    def do_top(self) -> None:
        """First row."""
        self.move_to(0)

    def do_bottom(self) -> None:
        """Last row."""
        self.move_to(self.row_count() - 1)
