"""The third pane of a very wide terminal: how old the debt is, and what happened, in full and newest first."""

from __future__ import annotations

from collections.abc import Callable
from textwrap import wrap
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from screens import words
from screens.account import card, promised
from screens.acting import Acting
from screens.desk import Desk

if TYPE_CHECKING:
    from data.broker.protocol import Account

Pieces = list[tuple[str, str]]
FEWEST = 4
"""Of what happened, however low the terminal is."""


class History(Acting, Vertical):
    """Ageing, notes and orders of the customer whose account stands beside it; only read."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._account: Account | None = None

    def compose(self) -> ComposeResult:
        """From how much to why."""
        yield Static(id="old", markup=False)
        yield Static(id="happened", markup=False)

    def show(self, account: Account | None) -> None:
        """The customer under the cursor, or nobody."""
        self._account = account
        self._paint()

    def on_resize(self) -> None:
        """Another size, other lines."""
        self._paint()

    def _paint(self) -> None:
        account, width = self._account, max(20, self.size.width - 3)
        old = card.ageing(account["ageing"], width, low=False) if account else Content("")
        self.query_one("#old", Static).update(old)
        room = max(FEWEST, self.size.height - len(old.plain.splitlines()) - 2)
        lines = happened(account, width, room, self._desk, self.keyed) if account else []
        self.query_one("#happened", Static).update(Content.assemble(*lines))


def happened(account: Account, width: int, room: int, desk: Desk, keyed: Callable[[str], str]) -> Pieces:
    """Notes, orders and promises in one row of time, as many as there is room for; what is left out is counted."""
    found = _notes(account, desk) + _orders(account, desk) + _promises(account, desk)
    events = sorted(found, key=lambda event: event[0], reverse=True)
    pieces: Pieces = [("What happened", "bold")]
    if not events:
        return [
            *pieces,
            (keyed("\nNothing yet. {work.note} writes a note, {work.escalate} hands it on."), "dim"),
        ]
    used = 1
    for number, (_, head, text) in enumerate(events):
        lines = [line for part in text.splitlines() for line in wrap(part, width - 2)]
        left = len(events) - number
        if used + 1 + len(lines) + (left > 1) > room:
            more = keyed(f"\nand {left} more: {{account.open}} on the account")
            pieces.append((more if number else f"\n{head}", "dim"))
            break
        pieces.append((f"\n{words.fit(head, width).rstrip()}", "dim"))
        pieces += [(f"\n  {line}", "") for line in lines]
        used += 1 + len(lines)
    return pieces


def _notes(account: Account, desk: Desk) -> list[tuple[str, str, str]]:
    numbers = {row["id"]: row["number"] for row in account["items"]}
    return [
        (
            note["at"],
            f"{words.moment(note['at'], desk.now())} {note['author']}"
            + (f" on {numbers[note['target']]}" if note["target"] in numbers else "")
            + (f"  {words.state(note['state'])}" if note["ours"] and note["state"] != "posted" else ""),
            note["text"],
        )
        for note in account["notes"]
    ]


def _promises(account: Account, desk: Desk) -> list[tuple[str, str, str]]:
    return [
        (
            row["at"],
            f"{words.moment(row['at'], desk.now())} {row['person']}  {promised.state(row)}",
            promised.said(row),
        )
        for row in account.get("promises", ())
    ]


def _orders(account: Account, desk: Desk) -> list[tuple[str, str, str]]:
    return [
        (
            row["created_at"],
            f"{words.moment(row['created_at'], desk.now())} {row['actor']}  {words.state(row['state'])}",
            row["words"],
        )
        for row in account["commands"]
    ]
