"""All views, those that everybody has first: the key, the name, how many rows, and what it shows."""

from __future__ import annotations

from typing import ClassVar

from rich.segment import Segment

from arqueue.work.views import SORTS
from data.broker.protocol import VIEWS, SavedViewRow, ViewCount
from screens import actions, words
from screens.rows import Rows

_NAME, _COUNT = 26, 10


class ViewRows(Rows):
    """One view a row."""

    BINDINGS: ClassVar = actions.bindings("views")

    def __init__(self, kept: list[SavedViewRow], counts: dict[str, int]) -> None:
        super().__init__()
        self._counts = {view: words.count(n) for view, n in counts.items()}
        self.kept = kept

    def show(self, kept: list[SavedViewRow]) -> None:
        """Other views; the cursor stays where it is."""
        self.kept = kept
        self.update_rows()

    def count(self, counts: list[ViewCount]) -> None:
        """How many rows those of one's own hold."""
        more = {True: "+", False: ""}
        self._counts |= {each["name"]: words.count(each["total"]) + more[each["more"]] for each in counts}
        self.refresh()

    def own(self) -> SavedViewRow | None:
        """The view under the cursor, when it is one of one's own."""
        place = self.cursor - len(VIEWS)
        return self.kept[place] if 0 <= place < len(self.kept) else None

    def name_here(self) -> str:
        """The view under the cursor."""
        own = self.own()
        return own["name"] if own is not None else VIEWS[self.cursor][0]

    def row_count(self) -> int:
        """Views that there are."""
        return len(VIEWS) + len(self.kept)

    def paint(self, index: int, width: int) -> list[Segment]:
        """Key, name, rows; of one's own what it narrows."""
        own = self.kept[index - len(VIEWS)] if index >= len(VIEWS) else None
        view, title = (own["name"], own["name"]) if own is not None else VIEWS[index]
        digit = words.digits_of(VIEWS, self.kept).get(view, 0)
        said = _said(own) if own is not None else "everybody's"
        return [
            Segment(f"{digit or ' '} ", self.tone("key")),
            Segment(words.fit(title, _NAME), self.tone("strong")),
            Segment(words.fit_right(self._counts.get(view, ""), _COUNT), self.rich_style),
            Segment("  " + words.fit(said, max(0, width - _NAME - _COUNT - 4)), self.tone("dim")),
        ]

    def do_open(self) -> None:
        """Show it."""
        self.screen.open()  # type: ignore[attr-defined]

    def do_digit(self, number: int) -> None:
        """Give it this key, or take the key back."""
        self.screen.give(number)  # type: ignore[attr-defined]

    def do_rename(self) -> None:
        """Another name."""
        self.screen.rename()  # type: ignore[attr-defined]

    def do_remove(self) -> None:
        """Forget it."""
        self.screen.forget()  # type: ignore[attr-defined]

    def do_back(self) -> None:
        """Back to the queue."""
        self.app.pop_screen()


def _said(own: SavedViewRow) -> str:
    title = dict(VIEWS).get(own["view"], own["view"])
    order = own["sort"].removeprefix("-")
    turned = " turned round" if own["sort"] != order else ""
    columns = ", ".join(own["columns"])
    return " · ".join(part for part in (title, own["filter"], f"{SORTS[order]}{turned}", columns) if part)
