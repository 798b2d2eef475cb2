"""The whole remittance text of a payment on a page, and every reason of every suggestion."""

from __future__ import annotations

from textwrap import wrap

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from data.broker.protocol import Suggestions
from screens.apply.ways import evidence, reasons
from screens.page import Page


class TextPage(Page):
    """What the payer wrote, line by line, and what was made of it."""

    def __init__(self, found: Suggestions) -> None:
        super().__init__()
        self._found = found

    def content(self) -> ComposeResult:
        """Number and text."""
        yield Static(id="text", markup=False)

    def on_resize(self) -> None:
        """Another width, other lines."""
        payment, width = self._found["payment"], max(30, self.size.width - 6)
        head = " · ".join(
            part for part in (payment["number"], payment["method"], payment["reference"]) if part
        )
        pieces: list[tuple[str, str]] = [(head, "bold"), ("\n", "")]
        for line in (payment["text"] or "The payer wrote nothing.").splitlines():
            pieces += [("\n" + part, "") for part in wrap(line, width) or [""]]
        if notes := self._found["notes"]:
            pieces.append(("\n\nNotes", "bold"))
        for note in notes:
            pieces += [("\n" + part, "") for part in wrap(note, width, subsequent_indent="  ")]
        for number, way in enumerate(self._found["suggestions"], start=1):
            pieces.append((f"\n\nSuggestion {number}: {evidence(way)}", "bold"))
            for reason in reasons(way):
                pieces += [("\n" + part, "") for part in wrap(reason, width)]
        self.query_one("#text", Static).update(Content.assemble(*pieces))
