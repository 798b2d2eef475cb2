"""Names and accounts by which payers were recognised before, the newest first."""

from __future__ import annotations

from typing import ClassVar

from rich.segment import Segment

from data.broker.protocol.cash import AliasRow
from screens import actions, words
from screens.desk import Desk
from screens.rows import Rows

_KIND, _USES, _DAY, _WHO, _LEAST = 9, 6, 13, 18, 12


class KnownRows(Rows):
    """One name or account a row; the cursor stays where it was when one is forgotten."""

    BINDINGS: ClassVar = actions.bindings("known")

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self.found: list[AliasRow] | None = None
        """Nothing before the broker has answered."""
        self.of_all = False
        """Whose each is has to be said in its row."""
        self.words = ""
        """What the rows that are shown have to hold."""
        self._all: list[AliasRow] = []

    def show(self, found: list[AliasRow], *, of_all: bool) -> None:
        """Other names."""
        if of_all != self.of_all:
            self.set_reactive(Rows.cursor, 0)
        self._all, self.of_all = found, of_all
        self._code = words.widest((row["party_code"] for row in found), 6, 14) + 2
        self.narrow(self.words)

    @property
    def total(self) -> int:
        """How many there are without a filter."""
        return len(self._all)

    def narrow(self, text: str) -> None:
        """Show only those that hold all of these words, in their name or their customer's."""
        self.words, wanted = text, text.lower().split()
        self.found = [row for row in self._all if all(word in _held(row) for word in wanted)]
        self.set_reactive(Rows.cursor, max(0, min(self.cursor, len(self.found) - 1)))
        self.update_rows()
        self.post_message(self.Moved(self, self.cursor))

    def alias(self) -> AliasRow | None:
        """What is under the cursor."""
        found = self.found or []
        return found[self.cursor] if 0 <= self.cursor < len(found) else None

    def row_count(self) -> int:
        """All that are listed."""
        return len(self.found or [])

    def paint(self, index: int, width: int) -> list[Segment]:
        """Name, whose it is, how often it served, when it was learned, and from whom where there is room."""
        row = (self.found or [])[index]
        code = self._code if self.of_all else 0
        who = _WHO if width - _KIND - code - _USES - _DAY - _WHO >= _LEAST else 0
        name = max(0, width - _KIND - code - _USES - _DAY - who)
        by = self._desk.name_of(row["learned_by"])
        return [
            Segment(words.fit(row["kind"], _KIND), self.tone("dim")),
            Segment(words.fit(row["alias"], name), self.tone("strong")),
            Segment(words.fit(f"  {row['party_code']}", code), self.rich_style),
            Segment(words.fit_right(f"{words.count(row['uses'])}x", _USES), self.rich_style),
            Segment(words.fit_right(words.on(row["learned_at"], self._desk.now()), _DAY), self.rich_style),
            Segment(words.fit(f"  {by}", who), self.tone("dim")),
        ]

    def empty(self) -> list[str]:
        """What would be here, and how it comes here."""
        if self.found is None:
            return ["Asking …"]
        if self._all:
            return [
                f'No name or account here holds "{self.words}".',
                self.keyed("{known.find} changes the filter; left empty, it shows all."),
            ]
        whose = "anybody" if self.of_all else "this customer"
        leads_on = "{known.back} goes back." if self.of_all else "{known.all} shows everybody's."
        return [
            f"No name or account is known of {whose} yet.",
            "Saying in Apply who sent a payment teaches the sender's name and account.",
            self.keyed(f"They stand here, and can be forgotten. {leads_on}"),
        ]

    def _screen_does(self, name: str) -> None:
        getattr(self.screen, name)()

    def do_open(self) -> None:
        """All about the customer."""
        self._screen_does("open")

    def do_forget(self) -> None:
        """Ask whether to forget it."""
        self._screen_does("ask")

    def do_agree(self) -> None:
        """Forget it."""
        self._screen_does("forget")

    def do_find(self) -> None:
        """Type words to filter by."""
        self._screen_does("find")

    def do_all(self) -> None:
        """Those of one customer, or of all."""
        self._screen_does("other")

    def do_back(self) -> None:
        """Back to where one came from."""
        self.app.pop_screen()


def _held(row: AliasRow) -> str:
    return " ".join((row["alias"], row["party_code"], row["party"])).lower()
