"""What becomes of a rest: of an item that is not paid in full, or of a payment that is more than what it pays. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from arqueue.model.money import Money
from data.broker.protocol import ReasonCodeRow
from screens import words
from screens.actions import LETTERS

How = Literal["open", "dispute", "writeoff"]
Over = Literal["on_account", "next", "refund"]
OVERS: tuple[Over, ...] = ("on_account", "next", "refund")
OVER_WORDS: dict[Over, str] = {
    "on_account": "stays on account",
    "next": "goes to the next items",
    "refund": "goes into a refund request",
}


@dataclass(frozen=True, slots=True)
class Rest:
    """What becomes of what an item keeps; ``reason`` is in words for a dispute, a code for a write-off."""

    how: How = "open"
    reason: str = ""

    def said(self, codes: Iterable[ReasonCodeRow]) -> str:
        """It in words, a write-off with the account that it is booked to."""
        if self.how == "dispute":
            return f"disputed: {self.reason}"
        if self.how == "writeoff":
            account = next((row["account"] for row in codes if row["code"] == self.reason), "")
            return f"written off as {self.reason}" + (f", GL {account}" if account else "")
        return "stays open"


@dataclass(frozen=True, slots=True)
class Reasons:
    """Among what one may choose: words for a dispute, codes for a write-off, and the codes of the usual cases."""

    disputes: tuple[str, ...]
    codes: tuple[ReasonCodeRow, ...]
    usual: dict[str, str]
    tolerance: Money | None = None
    """Up to so much is a small difference."""

    def of(self, how: How) -> tuple[str, ...]:
        """What can be named for a way."""
        if how == "dispute":
            return self.disputes
        return tuple(row["code"] for row in self.codes) if how == "writeoff" else ()

    def first(self, how: How, amount: Money) -> Rest:
        """The way with the reason that is meant most of the time."""
        known = self.of(how)
        small = self.usual.get("small", "")
        fits = how == "writeoff" and self.tolerance is not None and amount <= self.tolerance
        return Rest(how, small if fits and small in known else known[0] if known else "")

    def hows(self) -> tuple[How, ...]:
        """The ways that there are: none without a reason to name."""
        ways: tuple[How, ...] = ("open", "dispute", "writeoff")
        return tuple(way for way in ways if way == "open" or self.of(way))

    def words_of(self, how: How) -> tuple[str, ...]:
        """The reasons as a person reads them."""
        if how == "writeoff":
            return tuple(f"{row['code']} {row['words']}" for row in self.codes)
        return self.of(how)


def letters(names: Iterable[str]) -> dict[str, str]:
    """A letter for each name, its first that is still free: price p, quantity q, quality u."""
    found: dict[str, str] = {}
    for name in names:
        free = (
            letter
            for letter in (*name.lower(), *LETTERS.split())
            if letter in LETTERS.split() and letter not in found
        )
        if letter := next(free, ""):
            found[letter] = name
    return found


def amount_words(amount: Money) -> str:
    """An amount in the payment's currency, which need not be named again."""
    return words.money(amount.text)
