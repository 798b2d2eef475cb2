"""The bar of saved views, with how many rows each holds."""

from __future__ import annotations

from textual.content import Content
from textual.widget import Widget

from data.broker.protocol import VIEWS
from screens.status_words import bar


class ViewsBar(Widget):
    """``1 All 3,041  2 Unapplied 120 …``; counts give way before a name does."""

    def __init__(self) -> None:
        super().__init__()
        self._view = VIEWS[0][0]
        self._counts: dict[str, int] = {}
        self._who = ""

    def show(self, view: str, counts: dict[str, int], who: str) -> None:
        """Paint again if something is new. ``who`` one is here stands at the end where there is room."""
        if (view, counts, who) != (self._view, self._counts, self._who):
            self._view, self._counts, self._who = view, dict(counts), who
            self.refresh()

    def render(self) -> Content:
        """The bar, as full as the width allows."""
        return Content.assemble(*bar(VIEWS, self._view, self._counts, self._who, self.size.width - 2))
