"""Orders, newest first: when, in which state, and what they are in a line."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import ClassVar

from rich.segment import Segment

from data.broker.protocol import CommandRow
from screens import actions, words
from screens.rows import Rows

TONES = {
    "posted": "good",
    "unknown": "bad",
    "rejected": "bad",
    "conflict": "bad",
    "declined": "bad",
    "expired": "warn",
    "cancelled": "dim",
}


class OutboxRows(Rows):
    """One order a row; the cursor stays on its order when newer ones come in."""

    BINDINGS: ClassVar = actions.bindings("outbox")

    def __init__(self, now: Callable[[], datetime], me: Callable[[], str]) -> None:
        super().__init__()
        self.commands: list[CommandRow] = []
        self.filter_title = ""
        self._now, self._me = now, me

    def show(self, commands: list[CommandRow]) -> None:
        """Other orders."""
        under = self.command()
        self.commands = commands
        places = {command["id"]: place for place, command in enumerate(commands)}
        self.set_reactive(Rows.cursor, places.get(under["id"], self.cursor) if under else 0)
        self.update_rows()
        self.post_message(self.Moved(self, self.cursor))

    def command(self) -> CommandRow | None:
        """The order under the cursor."""
        return self.commands[self.cursor] if 0 <= self.cursor < len(self.commands) else None

    def row_count(self) -> int:
        """Orders held."""
        return len(self.commands)

    def paint(self, index: int, width: int) -> list[Segment]:
        """Time, state, words, who."""
        command = self.commands[index]
        tone = self.tone(TONES[command["state"]]) if command["state"] in TONES else self.rich_style
        return [
            Segment(words.fit(words.moment(command["created_at"], self._now()), 13), self.tone("dim")),
            Segment(words.fit(words.state(command["state"]), 19), tone),
            Segment(words.fit(self._words(command), max(0, width - 32)), self.rich_style),
        ]

    def _words(self, command: CommandRow) -> str:
        """Whose order it is comes first where it is not one's own."""
        return (
            command["words"] if command["actor"] == self._me() else f"{command['actor']}: {command['words']}"
        )

    def empty(self) -> list[str]:
        """No orders of this kind."""
        if self.filter_title != "all":
            return [f"No {self.filter_title} orders.", self.keyed("{outbox.filter} shows the others.")]
        return [
            "No orders yet.",
            "What you apply, adjust, note or escalate is listed here with its outcome.",
            self.keyed(
                "{outbox.back} goes back to the queue: there {work.apply}, {work.adjust}, {work.note} and"
                " {work.escalate} begin one."
            ),
        ]

    def _screen_does(self, name: str) -> None:
        getattr(self.screen, name)()

    def do_open(self) -> None:
        """Every attempt."""
        self._screen_does("open")

    def do_undo(self) -> None:
        """Take it back."""
        self._screen_does("undo")

    def do_put_back(self) -> None:
        """Order anew what was taken back last."""
        self._screen_does("do_put_back")

    def do_approve(self) -> None:
        """Another person's yes."""
        self._screen_does("approve")

    def do_decline(self) -> None:
        """A supervisor's no."""
        self._screen_does("decline")

    def do_retry(self) -> None:
        """Try again."""
        self._screen_does("retry")

    def do_dismiss(self) -> None:
        """It was looked at."""
        self._screen_does("put_away")

    def do_filter(self) -> None:
        """All, unsettled, failed."""
        self._screen_does("turn_filter")

    def do_back(self) -> None:
        """Back to where one came from."""
        self.app.pop_screen()
