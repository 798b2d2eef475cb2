"""The bar of views, one's own behind those that everybody has, with how many rows each holds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.content import Content
from textual.widget import Widget

from data.broker.wire import VIEWS
from screens.acting import Acting
from screens.queue.windows import Windows
from screens.status_words import bar
from screens.words import digits_of

if TYPE_CHECKING:
    from data.broker.protocol import SavedViewRow


def current(windows: Windows, saved: list[SavedViewRow]) -> str:
    """The view that is shown: one of one's own while it is just as it was saved."""
    shown = (windows.view, windows.filter, windows.sort, windows.columns)
    return next((each["name"] for each in saved if wanted(each) == shown), windows.view)


def wanted(own: SavedViewRow) -> tuple[str, str, str, tuple[str, ...]]:
    """What a view of one's own shows: view, filter, order, columns."""
    return own["view"], own["filter"], own["sort"], tuple(own["columns"])


class ViewsBar(Acting, Widget):
    """``1 All 3,041  2 Unapplied 120 …``; where room is short the last ones go."""

    def __init__(self) -> None:
        super().__init__()
        self._shown: tuple[Sequence[tuple[str, str]], str, dict[str, int], str, dict[str, int]]
        self._shown = (VIEWS, VIEWS[0][0], {}, "", digits_of(VIEWS, []))

    def show(self, view: str, counts: dict[str, int], who: str, saved: list[SavedViewRow]) -> None:
        """Paint again if something is new. ``who`` one is here stands at the end where there is room."""
        views = (*VIEWS, *((each["name"], each["name"]) for each in saved))
        if (shown := (views, view, dict(counts), who, digits_of(VIEWS, saved))) != self._shown:
            self._shown = shown
            self.refresh()

    def render(self) -> Content:
        """The bar, as full as the width allows."""
        views, view, counts, who, keys = self._shown
        around = self.keyed("{work.view_before} {work.view_after}")
        return Content.assemble(*bar(views, view, counts, who, self.size.width - 2, keys, around))
