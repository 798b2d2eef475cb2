"""The smallest Textual app: what no app on Textual can start faster than."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.widgets import Static


class Bare(App[None]):
    """One word."""

    def compose(self) -> ComposeResult:
        """The word."""
        yield Static("READY")


if __name__ == "__main__":
    Bare().run(mouse=False)
