"""The places of cash application as somebody at a terminal knows them: their keys and their words, in one file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Self

from tests.terminal.face import Face

_AMOUNT: Final = r"-?[\d,]+(?:\.\d+)?"
_GUTTER: Final = r"(?P<cursor>[> ])(?P<on>[x ]) "
_WAY: Final = re.compile(
    _GUTTER + r"(?P<rank>[1-9]) (?P<kind>[a-z]+(?: but)?) +(?:(?P<answers>1 of [\d,]+\+?) +)?"
    rf"(?P<difference>even|[a-z]+ {_AMOUNT}) +(?P<items>\S.*?)(?: *\|.*)?$"
)
_LINE: Final = re.compile(
    _GUTTER + r"(?P<number>\S+) +(?:\d+d late|due in \d+d|due today|credit)? +"
    rf"(?P<open>{_AMOUNT}) +(?P<paid>-|{_AMOUNT})(?:  (?P<remark>.*))?$"
)
_REVIEWED: Final = re.compile(
    rf"^ +(?P<number>\S+) +(?P<before>{_AMOUNT}) +(?P<change>[+-]{_AMOUNT[2:]}) +(?P<after>{_AMOUNT}) [A-Z]{{3}}$"
)
_APPLIED: Final = re.compile(
    rf"^(?P<cursor>[> ])  .*?(?P<credit>\S+) +pays (?P<debit>\S.*?) +(?P<amount>{_AMOUNT}) [A-Z]{{3}}$"
)


def amount(text: str) -> Decimal:
    """An amount as a person reads it."""
    return Decimal(text.replace(",", ""))


@dataclass(frozen=True, slots=True)
class Way:
    """A suggestion in its row."""

    rank: int
    kind: str
    answers: str
    difference: str
    items: str
    taken: bool


@dataclass(frozen=True, slots=True)
class Line:
    """An item in its row; ``paid`` is None where it gets nothing."""

    open: Decimal
    paid: Decimal | None
    remark: str
    cursor: bool


@dataclass(frozen=True, slots=True)
class Reviewed:
    """An item before and after."""

    before: Decimal
    change: Decimal
    after: Decimal


class Queue:
    """The list of work."""

    def __init__(self, face: Face) -> None:
        self.face = face

    def finds(self, words: str) -> Self:
        """Only the rows with these words, the cursor on the first of them."""
        self.face.presses("/", "ctrl+u", *words, "enter")
        self.face.sees(rf'filter "{re.escape(words)}"')
        self.face.sees(r"(?m)^>")
        return self

    def applies(self, payment: str) -> Apply:
        """The Apply form of the payment under the cursor."""
        self.face.presses("a")
        return Apply(self.face, payment)

    def opens(self) -> Account:
        """The account under the cursor."""
        self.face.presses("enter")
        return Account(self.face)


class Apply:
    """Suggestions, items, the sum."""

    def __init__(self, face: Face, payment: str) -> None:
        self.face = face
        face.sees(rf"Apply (payment|credit) {re.escape(payment)} ")
        face.sees(r"(?m)^   \S.* - items ")

    @property
    def ways(self) -> list[Way]:
        """The suggestions on the screen."""
        return [
            Way(
                int(row["rank"]),
                row["kind"],
                row["answers"] or "",
                row["difference"],
                row["items"],
                row["on"] == "x",
            )
            for text in self.face.text.splitlines()
            if (row := _WAY.match(text))
        ]

    @property
    def lines(self) -> dict[str, Line]:
        """The items on the screen."""
        return {
            row["number"]: Line(
                amount(row["open"]),
                None if row["paid"] == "-" else amount(row["paid"]),
                row["remark"] or "",
                row["cursor"] == ">",
            )
            for text in self.face.text.splitlines()
            if (row := _LINE.search(text))
        }

    @property
    def left(self) -> Decimal:
        """What stays of the payment by the sum at the foot."""
        (found,) = re.findall(rf" - items .* = ({_AMOUNT}) [A-Z]{{3}}", self.face.text)
        return amount(found)

    def takes(self, rank: int) -> Self:
        """A suggestion by its number."""
        self.face.presses(str(rank))
        self.face.until(
            lambda: any(way.taken for way in self.ways if way.rank == rank), f"suggestion {rank} taken"
        )
        return self

    def to_items(self) -> Self:
        """The items have the focus."""
        self.face.rests()
        if "Tab Items" in self.face.text:
            self.face.presses("tab")
        self.face.until(
            lambda: any(line.cursor for line in self.lines.values()), "the cursor among the items"
        )
        return self

    def stands_on(self, number: str) -> Self:
        """The cursor on an item, step by step."""
        self.face.until(lambda: number in self.lines, f"{number} among the items")
        numbers = list(self.lines)
        here = next(place for place, line in enumerate(self.lines.values()) if line.cursor)
        steps = numbers.index(number) - here
        self.face.presses(*("j" if steps > 0 else "k") * abs(steps))
        self.face.until(lambda: self.lines[number].cursor, f"the cursor on {number}")
        return self

    def pays(self, number: str, typed: str = "") -> Self:
        """An item in full, or so much of it as is typed."""
        self.stands_on(number)
        self.face.presses(*([*typed, "enter"] if typed else [" "]))
        wanted = amount(typed) if typed else self.lines[number].open
        self.face.until(lambda: self.lines[number].paid == wanted, f"{wanted} on {number}")
        return self

    def takes_discount(self, number: str) -> Self:
        """The early-payment discount of an item."""
        self.stands_on(number)
        self.face.presses("d")
        self.face.until(lambda: self.lines[number].remark.startswith("disc "), f"the discount of {number}")
        return self

    def writes_off(self, number: str, letter: str, code: str) -> str:
        """What an item keeps, for the reason of a letter; the account that it will be booked to."""
        self.stands_on(number)
        self.face.presses("r")
        self.face.sees(rf"{re.escape(number)} keeps {_AMOUNT}: disputed")
        self.face.presses("r")
        self.face.sees(rf"{re.escape(number)} keeps {_AMOUNT}: written off")
        self.face.presses(letter)
        text = self.face.sees(rf"written off as {code}, GL \S+")
        self.face.until(lambda: self.lines[number].remark.startswith("writes off"), "the rest written off")
        return str(re.findall(rf"written off as {code}, GL (\S+)", text)[0])

    def review(self) -> Review:
        """Before anything is posted."""
        self.face.presses("enter")
        return Review(self.face)


class Review:
    """Before and after, and ``y``."""

    def __init__(self, face: Face) -> None:
        self.face = face
        face.sees(r"(?m)^ +(ACCEPTED|NEEDS APPROVAL|REFUSED)")

    @property
    def lines(self) -> dict[str, Reviewed]:
        """Every item of the order."""
        return {
            row["number"]: Reviewed(amount(row["before"]), amount(row["change"]), amount(row["after"]))
            for text in self.face.text.splitlines()
            if (row := _REVIEWED.match(text))
        }

    @property
    def orders(self) -> list[str]:
        """What it becomes, where that is several."""
        return re.findall(r"(?m)^ +\d+ ((?:apply|adjust|dispute|unapply|escalate) .*)$", self.face.text)

    def posts(self) -> None:
        """Yes."""
        self.face.confirms()
        self.face.sees(r"(?m)^ Queued\b.*: ")


class Payer:
    """Who sent it."""

    def __init__(self, face: Face, payment: str) -> None:
        self.face = face
        face.sees(rf"Identify payment {re.escape(payment)} ")

    def takes(self, rank: int, code: str) -> Self:
        """The customer of a number, whose account it would pay."""
        self.face.presses(str(rank))
        self.face.sees(rf"(?m)^.x {rank} {code} ")
        self.face.sees(rf"On the account of .* · {code} it would pay")
        return self

    def review(self) -> Review:
        """Before it is moved."""
        self.face.presses("enter")
        return Review(self.face)


class Account:
    """The open items of a customer."""

    def __init__(self, face: Face) -> None:
        self.face = face
        face.sees(r"The whole account: ")
        face.sees(r"Enter Details")

    def open(self, number: str) -> Decimal:
        """What is open of an item by its row."""
        found = re.findall(rf"{re.escape(number)} .*?({_AMOUNT}) [A-Z]{{3}}", self.face.text)
        assert found, self.face.text
        return amount(found[0])

    def applied(self, number: str) -> Applied:
        """What is applied to an item or of it, also of one that is closed."""
        self.face.presses("r")
        self.face.sees("Applied to ")
        return Applied(self.face).looks_at(number)


class Applied:
    """What is applied to an item, or of it."""

    def __init__(self, face: Face) -> None:
        self.face = face

    def looks_at(self, number: str) -> Self:
        """Another item, by its number."""
        self.face.presses("/", *number, "enter")
        self.face.sees(rf"(?m)^ +{re.escape(number)} · .* open$")
        return self

    @property
    def open(self) -> Decimal:
        """What is open of the item, as its head says."""
        (found,) = re.findall(rf"(?m)^ +\S+ · .* · ({_AMOUNT}) [A-Z]{{3}} open$", self.face.text)
        return amount(found)

    @property
    def rows(self) -> list[tuple[str, str, Decimal]]:
        """Credit, debit, amount."""
        return [(row["credit"], row["debit"], amount(row["amount"])) for row in self._rows()]

    def takes_back(self, credit: str, debit: str) -> Review:
        """The allocation between the two."""
        self._stands_on(credit, debit)
        self.face.presses("u")
        return Review(self.face)

    def moves(self, credit: str, debit: str, to: str) -> Review:
        """The allocation between the two, whole, to another invoice."""
        self._stands_on(credit, debit)
        self.face.presses("M")
        self.face.sees(rf"Move .* of {re.escape(credit)}")
        self.face.presses("/", *to, "enter")
        self.face.sees(rf"(?m)^>  {re.escape(to)} ")
        self.face.presses("enter")
        return Review(self.face)

    def closes(self) -> Account:
        """Back to the account."""
        self.face.presses("escape")
        return Account(self.face)

    def _rows(self) -> Iterator[re.Match[str]]:
        return (row for text in self.face.text.splitlines() if (row := _APPLIED.match(text)))

    def _stands_on(self, credit: str, debit: str) -> None:
        places = [(row["credit"], row["debit"]) for row in self._rows()]
        self.face.presses("g", *"j" * places.index((credit, debit)))
        self.face.sees(rf"(?m)^>  .*{re.escape(credit)} +pays {re.escape(debit)} ")


class Outbox:
    """The orders and what became of them, newest first."""

    def __init__(self, face: Face) -> None:
        self.face = face

    def opens(self) -> Self:
        """From anywhere."""
        self.face.presses("O")
        self.face.sees("Outbox ")
        return self

    def settles(self, *words: str) -> None:
        """Wait until the newest orders are these, all posted."""
        wanted = "".join(rf"[> ]  .{{13}}posted +{each}.*\n" for each in words)
        self.face.sees(rf"Outbox .*\n{wanted}")

    def closes(self) -> None:
        """Back to where it was opened."""
        self.face.presses("escape")
        self.face.until(lambda: "Outbox  all" not in self.face.text, "the place behind the outbox")
