"""One order with every attempt to send it and what each brought."""

from __future__ import annotations

from textwrap import wrap

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from data.broker.protocol import AttemptRow, CommandRow
from screens import words
from screens.page import Page

MARGIN = 32
"""Cells before what an attempt brought."""


class AttemptsPage(Page):
    """The story of one order."""

    def __init__(self, command: CommandRow, attempts: list[AttemptRow]) -> None:
        super().__init__()
        self._command, self._attempts = command, attempts

    def content(self) -> ComposeResult:
        """Order, state, attempts."""
        yield Static(id="story", markup=False)

    def on_resize(self) -> None:
        """Another width, other lines."""
        self.query_one("#story", Static).update(self._story(max(30, self.size.width - 6)))

    def _story(self, width: int) -> Content:
        command, now = self._command, self.desk.now()
        maker = self.desk.name_of(command["actor"])
        pieces: list[tuple[str, str]] = [
            (command["words"], "bold"),
            (f"\n{command['party']}\n\n", ""),
            (words.state(command["state"]), "bold"),
            (f"  {words.outcome(command, self.keyed)}\n", ""),
            (f"\norder    {command['id']}", "dim"),
            (f"\nby       {maker}, {words.moment(command['created_at'], now)}", "dim"),
            *(
                (f"\n{words.approval(each, self.desk.name_of(each['person']), now)}", "dim")
                for each in command["approvals"]
            ),
            (f"\nledger   {', '.join(command['refs']) or 'no reference yet'}\n", "dim"),
        ]
        if not self._attempts:
            pieces.append(("\nNever sent.", ""))
        for attempt in self._attempts:
            said = wrap(attempt["words"], max(20, width - MARGIN)) or [""]
            pieces += [
                (f"\n{attempt['n']:>3}  {words.moment(attempt['at'], now):<13}", ""),
                (words.fit(attempt["outcome"], 14), "bold"),
                (("\n" + " " * MARGIN).join(said), ""),
            ]
        return Content.assemble(*pieces)
