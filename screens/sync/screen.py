"""How fresh everything is: the mirror, what could not be taken in, the last error, and what is on its way."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from data.broker.protocol import SyncStatus
from screens import words
from screens.page import Page
from screens.status import sync_words

NAME = 14
STATES = {
    "idle": "waits for the next turn",
    "pulling": "reads what changed",
    "first": "first sync: reads everything",
    "failing": "LEDGER NOT REACHABLE",
}


class SyncScreen(Page):
    """One page that follows the broker."""

    name_in_registry = "sync"

    def content(self) -> ComposeResult:
        """A table."""
        yield Static(id="freshness", markup=False)

    def on_resize(self) -> None:
        """Another width, other lines."""
        self._tell()

    def on_news(self) -> None:
        """The broker said something new."""
        super().on_news()
        self._tell()

    def _tell(self) -> None:
        self.query_one("#freshness", Static).update(self._table())

    def _table(self) -> Content:
        pieces: list[tuple[str, str]] = [("Sync", "bold"), (self.keyed("   {app.sync} syncs now\n"), "dim")]
        for name, value, style in self._rows():
            pieces += [(f"\n{words.fit(name, NAME)}", "dim"), (value, style)]
        return Content.assemble(*pieces)

    def _rows(self) -> list[tuple[str, str, str]]:
        desk = self.desk
        if desk.status is None:
            return [("broker", "has not answered yet", "bold")]
        sync, outbox = desk.status["sync"], desk.status["outbox"]
        last = words.moment(sync["last_ok"], desk.now()) or "never"
        rows = [
            ("ledger", f"{desk.hello['peer_kind']} {desk.hello['peer_url']}" if desk.hello else "", ""),
            ("state", STATES.get(sync["state"], sync["state"]), "bold"),
            ("complete", f"{last} ({sync_words(sync, desk.sync_age_s())})", ""),
            *self._trouble(sync),
            ("", "", ""),
            *((name, words.count(number), "") for name, number in outbox.items() if isinstance(number, int)),
        ]
        if not desk.connected:
            rows.insert(0, ("broker", "AWAY: reconnecting, nothing is lost", "bold"))
        return rows

    def _trouble(self, sync: SyncStatus) -> list[tuple[str, str, str]]:
        aside = sync["quarantined"]
        said = "nothing" if not aside else f"{words.plural(aside, 'record')} (view Failures names them)"
        rows = [("not taken in", said, "bold" if aside else "")]
        if "error" in sync:
            rows += [("last error", sync["error"]["message"], "bold"), ("remedy", sync["error"]["hint"], "")]
        else:
            rows.append(("last error", "none", ""))
        return rows
