"""The whole remittance text of a payment on a page."""

from __future__ import annotations

from textwrap import wrap

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from data.broker.protocol import ItemRow
from screens.page import Page


class TextPage(Page):
    """What the payer wrote, line by line."""

    def __init__(self, payment: ItemRow) -> None:
        super().__init__()
        self._payment = payment

    def content(self) -> ComposeResult:
        """Number and text."""
        yield Static(id="text", markup=False)

    def on_resize(self) -> None:
        """Another width, other lines."""
        payment, width = self._payment, max(30, self.size.width - 6)
        said = payment["text"] or "The payer wrote nothing."
        lines = [part for line in said.splitlines() for part in wrap(line, width) or [""]]
        head = " · ".join(
            part for part in (payment["number"], payment["method"], payment["reference"]) if part
        )
        self.query_one("#text", Static).update(
            Content.assemble((head, "bold"), ("\n\n" + "\n".join(lines), ""))
        )
