"""The customers who may have sent a payment, likeliest first: a number or Space takes one."""

from __future__ import annotations

from typing import ClassVar

from rich.segment import Segment

from data.broker.protocol import PayerRow
from screens import actions, words
from screens.rows import Rows


class PayerRows(Rows):
    """One customer a row: number, code, name, and why."""

    BINDINGS: ClassVar = actions.bindings("payers")

    def __init__(self, payers: list[PayerRow]) -> None:
        super().__init__()
        self.sought = ""
        """What was searched for; empty for those that fit by themselves."""
        self.chosen = ""
        """The customer that was taken."""
        self.renew(payers)

    def renew(self, payers: list[PayerRow], sought: str = "") -> None:
        """Other customers, of a search where ``sought`` says so."""
        self.sought = sought
        self.payers = payers
        self._code = words.widest((row["code"] for row in payers), 6, 14)
        if self.is_mounted:
            self.move_to(0)
            self.update_rows()

    def payer(self) -> PayerRow | None:
        """The customer under the cursor."""
        return self.payers[self.cursor] if self.payers else None

    def row_count(self) -> int:
        """All that are listed."""
        return len(self.payers)

    def mark(self, index: int) -> str:
        """``x`` beside the one that was taken."""
        return "x" if self.payers[index]["party_id"] == self.chosen else " "

    def paint(self, index: int, width: int) -> list[Segment]:
        """The number as far as there is a key for it; a name that was learned before says so."""
        payer = self.payers[index]
        name = max(12, min(30, (width - self._code - 5) // 2))
        why = "; ".join([*(["known name"] if payer["alias"] else []), *payer["why"]])
        return [
            Segment(f"{index + 1 if index < 9 else ' '} ", self.tone("key")),
            Segment(words.fit(payer["code"], self._code + 1), self.rich_style),
            Segment(words.fit(payer["name"], name) + "  ", self.tone("strong")),
            Segment(words.fit(why, max(0, width - self._code - name - 5)), self.tone("dim")),
        ]

    def empty(self) -> list[str]:
        """Nobody fits, or nobody was found."""
        if self.sought:
            return [
                "No customer has that in name or code.",
                self.keyed("{payers.find} searches for something else; left empty, it lists who is likely."),
            ]
        return [
            "No customer fits the name, the account or the amount.",
            self.keyed("{payers.find} searches customers by name or code."),
        ]

    def watch_cursor(self, before: int, after: int) -> None:
        """The words below are about the row under the cursor."""
        super().watch_cursor(before, after)
        self.screen.tell()  # type: ignore[attr-defined]

    # Keys

    def do_choose(self, number: int) -> None:
        """Take the customer of this number."""
        self.screen.choose(number)  # type: ignore[attr-defined]

    def do_take(self) -> None:
        """Take the customer under the cursor."""
        self.screen.choose(self.cursor + 1)  # type: ignore[attr-defined]

    def do_known(self) -> None:
        """The names that customers are known by."""
        self.screen.open_known()  # type: ignore[attr-defined]

    def do_find(self) -> None:
        """Search customers."""
        self.screen.find()  # type: ignore[attr-defined]
