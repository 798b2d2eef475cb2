"""The reason codes: each with its words and the GL account that the ledger books to."""

from __future__ import annotations

from rich.segment import Segment

from data.broker.protocol import ReasonCodeRow
from screens import words
from screens.rows import Rows


class ReasonRows(Rows):
    """One reason a row."""

    def __init__(self, reasons: list[ReasonCodeRow]) -> None:
        super().__init__()
        self.reasons: list[ReasonCodeRow] = []
        self.show(reasons)

    def show(self, reasons: list[ReasonCodeRow]) -> None:
        """The company's reasons, or others than before."""
        self.reasons = reasons
        self.styles.height = min(len(reasons), 10) or len(self.empty()) + 1
        if self.is_mounted:
            self.update_rows()

    def row_count(self) -> int:
        """All codes of the company."""
        return len(self.reasons)

    def paint(self, index: int, width: int) -> list[Segment]:
        """Code, words, account."""
        reason = self.reasons[index]
        chosen = self.tone("strong") if index == self.cursor else self.rich_style
        half = max(12, (width - 14) // 2)
        return [
            Segment(words.fit(reason["code"], 12) + "  ", chosen),
            Segment(words.fit(reason["words"], half), self.rich_style),
            Segment(words.fit(f"GL {reason['account']}", max(0, width - 14 - half)), self.tone("dim")),
        ]

    def watch_cursor(self, before: int, after: int) -> None:
        """The chosen code is bold, so both rows are painted."""
        super().watch_cursor(before, after)
        self.refresh_row(before)
        self.refresh_row(after)

    def empty(self) -> list[str]:
        """The ledger names none, or was not asked yet."""
        return [
            "No reason is known: the ledger has not named its write-off accounts.",
            self.keyed("They appear here as soon as it does. {app.sync} syncs."),
        ]

    def chosen(self) -> ReasonCodeRow | None:
        """The code under the cursor."""
        return self.reasons[self.cursor] if self.reasons else None

    def chosen_code(self) -> str:
        """The same for a draft: the list may be another when it comes back. Empty while there is none."""
        reason = self.chosen()
        return reason["code"] if reason else ""

    def choose(self, code: str) -> None:
        """Put the cursor on that code; where there is none of it any more it stays."""
        place = next((n for n, each in enumerate(self.reasons) if each["code"] == code), self.cursor)
        self.move_to(place)
