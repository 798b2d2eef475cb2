"""The line that answers: how much of how much, filtered by what, how fresh, what is on its way, is the ledger there."""

from __future__ import annotations

from dataclasses import dataclass

from rich.cells import cell_len
from textual.content import Content
from textual.widget import Widget

from data.broker.protocol import OutboxStatus, SyncStatus
from screens import words
from screens.desk import Desk

SEPARATOR = " · "


@dataclass(frozen=True, slots=True)
class Shown:
    """What the list shows: ``total`` rows of ``of``, under which filter, how many marked, what came in above."""

    total: int
    of: int
    filter: str = ""
    marked: int = 0
    above: int = 0


def sync_words(sync: SyncStatus, age_s: int | None) -> str:
    """How fresh the mirror is."""
    if age_s is None and sync["state"] in {"first", "pulling"}:
        return f"first sync: {words.count(sync['done'])} records so far"
    synced = f"synced {words.ago(age_s)}" if age_s is not None else "never synced"
    if sync["state"] == "pulling":
        rest = sync["remaining"]
        return f"{synced}, syncing" + (f" ({words.count(rest)} to go)" if rest else "")
    return synced


def outbox_words(outbox: OutboxStatus) -> str:
    """How many orders are not settled."""
    moving = outbox["pending"] + outbox["queued"] + outbox["sending"] + outbox["unknown"]
    notes = [f"{outbox[name]} {name}" for name in ("unknown", "failed") if outbox[name]]
    return f"outbox {moving}" + (f" ({', '.join(notes)})" if notes else "")


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
        line = self._compose_line(max(0, self.size.width - 2))
        if line != self._line or line.spans != self._line.spans:
            self._line = line
            self.refresh()

    def render(self) -> Content:
        """The line."""
        return self._line

    def _compose_line(self, width: int) -> Content:
        if self._said:
            return Content.styled(words.fit(" " + self._said, width + 2), "bold")
        parts = self._list_parts() + self._desk_parts()
        # What is least missed goes first; what is wrong (weight 9) stays and is cut rather than dropped.
        while len(parts) > 1 and cell_len(SEPARATOR.join(text for text, _, _ in parts)) > width:
            least = min(parts, key=lambda part: part[1])
            if least[1] >= 9:
                break
            parts.remove(least)
        pieces: list[tuple[str, str]] = [(" ", "")]
        for place, (text, _, style) in enumerate(parts):
            pieces += [(SEPARATOR if place else "", "dim"), (text, style)]
        return Content.assemble(*pieces).truncate(width + 1, ellipsis=True)

    def _list_parts(self) -> list[tuple[str, int, str]]:
        shown = self._shown
        if shown is None:
            return []
        said = words.count(shown.total)
        if shown.filter:
            said += f" of {words.count(shown.of)}"
        parts = [(said if shown.filter else words.plural(shown.total, "row"), 7, "")]
        if shown.filter:
            parts.append((f'filter "{shown.filter}"', 8, "bold"))
        if shown.marked:
            parts.append((f"{words.count(shown.marked)} marked", 8, "bold"))
        if shown.above:
            parts.append((f"{words.count(shown.above)} new above", 6, "bold"))
        return parts

    def _desk_parts(self) -> list[tuple[str, int, str]]:
        desk = self._desk
        if desk.lost_at is not None or desk.hello is None:
            since = f" since {words.moment(desk.lost_at.isoformat(), desk.now())}" if desk.lost_at else ""
            lost = "BROKER AWAY" if desk.hello else "NO BROKER YET"
            return [(f"{lost}{since}: reconnecting, nothing is lost", 9, "bold reverse")]
        if desk.status is None:
            return []
        sync = desk.status["sync"]
        parts = [(sync_words(sync, desk.sync_age_s()), 3, "")]
        parts.append((outbox_words(desk.status["outbox"]), 5, ""))
        if sync["state"] == "failing":
            since = words.moment(sync["last_ok"], desk.now())
            parts.append(("ledger NOT REACHABLE" + (f" since {since}" if since else ""), 9, "bold reverse"))
        elif "error" in sync:  # the ledger answers; a restored store is still being compared with it
            parts.append((f"NO ORDERS YET: {sync['error']['message']}", 9, "bold reverse"))
        else:
            parts.append(("ledger reachable", 1, "dim"))
        return parts
