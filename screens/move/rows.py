"""The invoices that an allocation can be moved to."""

from __future__ import annotations

from typing import ClassVar

from rich.segment import Segment

from data.broker.protocol import ItemRow
from screens import actions, words
from screens.rows import Rows


class DebitRows(Rows):
    """One open debit a row, oldest due first; a filter leaves those that hold its words."""

    BINDINGS: ClassVar = actions.bindings("move")

    def __init__(self, debits: list[ItemRow]) -> None:
        super().__init__()
        self._all = debits
        self.words = ""
        self.debits = debits
        self._family = len({row["party_id"] for row in debits}) > 1
        self._number = words.widest((row["number"] for row in debits), 8, 20)

    def narrow(self, text: str) -> None:
        """Show what holds every word."""
        self.words, wanted = text, text.lower().split()
        self.debits = [row for row in self._all if all(word in _search(row) for word in wanted)]
        self.move_to(0)
        self.update_rows()

    def debit(self) -> ItemRow | None:
        """The one under the cursor."""
        return self.debits[self.cursor] if self.cursor < len(self.debits) else None

    def row_count(self) -> int:
        """What the filter leaves."""
        return len(self.debits)

    def paint(self, index: int, width: int) -> list[Segment]:
        """Number, lateness, what is open; then its order, or whose it is where that is not the same for all."""
        row = self.debits[index]
        open_ = words.money(row["open"], row["currency"])
        used = self._number + 31
        return [
            Segment(
                words.fit(words.ending(row["number"], self._number), self._number + 1),
                self.tone("strong") if index == self.cursor else self.rich_style,
            ),
            Segment(words.fit(words.late(row["days_past_due"]), 11), self.tone("dim")),
            Segment(words.fit_right(open_, 17) + "  ", self.rich_style),
            Segment(
                words.fit(row["party"] if self._family else row["purchase_order"], max(0, width - used)),
                self.tone("dim"),
            ),
        ]

    def watch_cursor(self, before: int, after: int) -> None:
        """The chosen one is bold, so both rows are painted."""
        super().watch_cursor(before, after)
        self.refresh_row(before)
        self.refresh_row(after)

    def empty(self) -> list[str]:
        """Nowhere to move it."""
        if self.words:
            return [f'No open invoice holds "{self.words}".', self.keyed("{move.find} changes the filter.")]
        return [
            "This account has no other open invoice in this currency.",
            self.keyed("{form.back} goes back to what is applied."),
        ]

    def do_find(self) -> None:
        """Filter them."""
        self.screen.find()  # type: ignore[attr-defined]


def _search(row: ItemRow) -> str:
    parts = (row["number"], row["reference"], row["purchase_order"], row["party"], row["open"])
    return " ".join((*parts, words.money(row["open"]))).lower()
