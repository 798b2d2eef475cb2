"""One order with every attempt to send it and what each brought."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from data.broker.protocol import AttemptRow, CommandRow
from screens import words
from screens.page import Page


class AttemptsPage(Page):
    """The story of one order."""

    def __init__(self, command: CommandRow, attempts: list[AttemptRow]) -> None:
        super().__init__()
        self._command, self._attempts = command, attempts

    def content(self) -> ComposeResult:
        """Order, state, attempts."""
        yield Static(self._story(), markup=False)

    def _story(self) -> Content:
        command, now = self._command, self.desk.now()
        pieces: list[tuple[str, str]] = [
            (command["words"], "bold"),
            (f"\n{command['party']}\n\n", ""),
            (words.state(command["state"]), "bold"),
            (f"  {words.outcome(command)}\n", ""),
            (f"\norder    {command['id']}", "dim"),
            (f"\nby       {command['actor']}, {words.moment(command['created_at'], now)}", "dim"),
            (f"\nledger   {', '.join(command['refs']) or 'no reference yet'}\n", "dim"),
        ]
        if not self._attempts:
            pieces.append(("\nNever sent.", ""))
        for attempt in self._attempts:
            pieces += [
                (f"\n{attempt['n']:>3}  {words.moment(attempt['at'], now):<13}", ""),
                (words.fit(attempt["outcome"], 14), "bold"),
                (attempt["words"], ""),
            ]
        return Content.assemble(*pieces)
