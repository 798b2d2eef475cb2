"""Copying what is under the cursor: its number, or the row for a spreadsheet."""

from __future__ import annotations

from typing import Any

from arqueue.errors import ArqueueError
from screens import clipboard, words
from screens.place import Place
from screens.subject import Subject


class Copying(Place[None]):
    """The keys that copy, for a place that knows what is under its cursor."""

    def subject(self) -> Subject | None:
        """What an action is about."""
        raise NotImplementedError

    def do_copy(self) -> None:
        """The number of the document, else the customer's code."""
        if (subject := self.subject()) is not None:
            self._hand_over(clipboard.fit_to_leave(_number(subject) or subject.party_code))

    def do_copy_row(self) -> None:
        """Kind, number, amount, currency, code, name."""
        if (subject := self.subject()) is None:
            return
        source: Any = subject.item or subject.work or {}
        amount = source.get("open") or source.get("amount", "")
        row = (source.get("kind", ""), _number(subject), amount, source.get("currency", ""))
        self._hand_over(clipboard.fields(*row, subject.party_code, subject.party))

    def _hand_over(self, text: str) -> None:
        driver = self.app._driver
        if not text.strip() or driver is None:
            self.say("There is nothing to copy here.")
            return
        try:
            where = clipboard.copy(text, driver.write)
        except ArqueueError as error:
            self.say(words.problem(error))
            return
        self.say(f"Copied by {where}: {text}".replace("\t", "  "))


def _number(subject: Subject) -> str:
    if subject.item is not None:
        return subject.item["number"]
    return subject.work["subject"] if subject.work is not None and subject.item_id else ""
