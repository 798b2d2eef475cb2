"""The line that answers: how much of how much, filtered by what, how fresh, what is on its way, is the ledger there."""

from __future__ import annotations

from textual.content import Content
from textual.widget import Widget

from screens import words
from screens.desk import Desk
from screens.status_words import STAYS, Part, Shown, line, of_broker, of_list, sync_words

__all__ = ["Shown", "StatusLine", "sync_words"]


class StatusLine(Widget):
    """One line. It is repainted when its words change, never by a clock."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._shown: Shown | None = None
        self._said = ""
        self._line = Content("")

    @property
    def plain(self) -> str:
        """The words on the line."""
        return self._line.plain

    def show(self, shown: Shown) -> None:
        """What the list shows has changed."""
        self._shown = shown
        self.update_words()

    def say(self, said: str) -> None:
        """Say something in place of the status, until ``hush``."""
        self._said = said
        self.update_words()

    def hush(self) -> None:
        """What was said has been read."""
        self._said = ""
        self.update_words()

    def on_resize(self) -> None:
        """Another width holds other words."""
        self.update_words()

    def update_words(self) -> None:
        """Paint again if the words are others now."""
        line = self._compose_line()
        if line != self._line or line.spans != self._line.spans:
            self._line = line
            self.refresh()

    def render(self) -> Content:
        """The line, in the room that there is."""
        self._line = self._compose_line()
        return self._line

    def _compose_line(self) -> Content:
        width = max(0, self.size.width - 2)
        if self._said:
            return Content.styled(words.fit(" " + self._said, width + 2), "bold")
        parts = (of_list(self._shown) if self._shown is not None else []) + self._desk_parts()
        return Content.assemble(*line(parts, width))

    def _desk_parts(self) -> list[Part]:
        desk = self._desk
        if desk.lost_at is not None or desk.hello is None:
            since = f" since {words.moment(desk.lost_at.isoformat(), desk.now())}" if desk.lost_at else ""
            lost = "BROKER AWAY" if desk.hello else "NO BROKER YET"
            return [(f"{lost}{since}: reconnecting, nothing is lost", STAYS, "bold reverse")]
        if desk.status is None:
            return []
        last_ok = words.moment(desk.status["sync"]["last_ok"], desk.now())
        return of_broker(desk.status, desk.sync_age_s(), last_ok)
