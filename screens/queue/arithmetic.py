"""The arithmetic of one row's rank: rule, points, words, and the sum."""

from __future__ import annotations

from textwrap import wrap

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from data.broker.protocol import QueueRow
from screens import words
from screens.page import Page


class ArithmeticPage(Page):
    """Why a row is where it is."""

    def __init__(self, row: QueueRow) -> None:
        super().__init__()
        self._row = row

    def content(self) -> ComposeResult:
        """Head and table."""
        yield Static(id="table", markup=False)

    def on_resize(self) -> None:
        """Another width, other lines."""
        self.query_one("#table", Static).update(self._table(self.size.width - 6))

    def _table(self, width: int) -> Content:
        row = self._row
        head = f"Why {words.work_kind(row)} {row['subject']}".rstrip()
        pieces: list[tuple[str, str]] = [
            (head, "bold"),
            (f"\n{row['party']} · {row['party_code']}\n\n", ""),
            (f"{'points':>7}  {'rule':<26}words\n", "dim"),
        ]
        for point in sorted(row["reasons"], key=lambda point: -point["points"]):
            pieces.append((f"{point['points']:>7}  ", "bold"))
            pieces.append((words.fit(point["rule"], 26), "dim"))
            pieces.append((f"\n{'':35}".join(wrap(point["words"], max(20, width - 35)) or [""]) + "\n", ""))
        total = sum(point["points"] for point in row["reasons"])
        pieces += [
            ("─" * 7 + "\n", "dim"),
            (f"{total:>7}  ", "bold"),
            ("the score: higher is further up", "dim"),
        ]
        if total != row["score"]:
            pieces.append(
                (f"\nThe broker ranks it by {row['score']}: the list is being ranked again.", "bold")
            )
        return Content.assemble(*pieces)
