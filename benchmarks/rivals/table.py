"""The same list as a DataTable: ``python -m benchmarks.rivals.table ROWS``."""

from __future__ import annotations

import sys

from textual.app import App, ComposeResult
from textual.widgets import DataTable


class Table(App[None]):
    """Rows like those of the queue."""

    def compose(self) -> ComposeResult:
        """The table."""
        yield DataTable(cursor_type="row")

    def on_mount(self) -> None:
        """Fill it."""
        table = self.query_one(DataTable)
        table.add_columns("Kind", "Age", "Amount", "Currency", "Customer", "About")
        table.add_rows(
            (
                "OVERDUE",
                f"{row % 400}d",
                f"{row * 7919 % 900_000 / 100:,.2f}",
                "EUR",
                f"Customer {row}",
                f"INV-{row:07}",
            )
            for row in range(int(sys.argv[1]))
        )
        table.focus()


if __name__ == "__main__":
    Table().run(mouse=False)
