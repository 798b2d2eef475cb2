"""The bar of saved views, with how many rows each holds."""

from __future__ import annotations

from rich.cells import cell_len
from textual.content import Content
from textual.widget import Widget

from data.broker.protocol import VIEWS
from screens import words


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
        width = self.size.width - 2
        everything = [self._entry(number, full=True) for number in range(len(VIEWS))]
        if sum(cell_len(text) + 2 for text in everything) - 2 > width:
            current = [view for view, _ in VIEWS].index(self._view)
            everything = [self._entry(number, full=number == current) for number in range(len(VIEWS))]
        pieces: list[tuple[str, str]] = [(" ", "")]
        for number, text in enumerate(everything):
            style = "bold reverse" if VIEWS[number][0] == self._view else "dim"
            pieces += [("  " if number else "", ""), (text, style)]
        used = sum(cell_len(text) for text, _ in pieces)
        for who in (self._who, self._who.partition(" · ")[0]):
            if who and used + cell_len(who) + 3 <= width:
                pieces += [(" " * (width + 1 - used - cell_len(who)), ""), (who, "dim")]
                break
        return Content.assemble(*pieces).truncate(width + 1, ellipsis=True)

    def _entry(self, number: int, *, full: bool) -> str:
        view, title = VIEWS[number]
        counted = full and view in self._counts
        return f"{number + 1} {title}" + (f" {words.count(self._counts[view])}" if counted else "")
