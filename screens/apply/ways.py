"""The ways to apply a payment, numbered: a line each, and in words why."""

from __future__ import annotations

from typing import ClassVar

from rich.segment import Segment
from textual.content import Content

from data.broker.protocol import SuggestionRow, Suggestions
from screens import actions, words
from screens.rows import Rows

KINDS = {
    "advice": "advice",
    "reference": "reference",
    "exact": "exact",
    "discount": "discount",
    "exclusion": "all but",
    "tolerance": "about",
    "oldest": "oldest",
}
"""What speaks for a way, in a word."""
SPELLED = {
    "advice": "the remittance advice names these items",
    "reference": "the remittance text names these items",
    "exact": "they come to the payment to the cent",
    "discount": "with early-payment discount they come to the payment",
    "exclusion": "everything but a few items comes to the payment",
    "tolerance": "they come to about the payment",
    "oldest": "nothing fits better: oldest due first",
}
OLDEST_FIRST = "oldest due first"
"""How a way of kind ``oldest`` says that it is that one, and not what comes nearest."""


class WayRows(Rows):
    """One way a row; a number or Space takes it."""

    BINDINGS: ClassVar = actions.bindings("ways")
    quiet_cursor = True

    def __init__(self, found: Suggestions) -> None:
        super().__init__()
        self.chosen = 0
        """The number of the way that was taken; 0 when the lines are nobody's suggestion any more."""
        self.renew(found)

    def renew(self, found: Suggestions) -> None:
        """Other ways."""
        self.found = found
        self.ways = found["suggestions"]
        self._answers = words.widest((_answers(way) for way in self.ways), 0, 20)
        self._difference = words.widest((_difference(way) for way in self.ways), 4, 24)
        self.styles.height, self.display = len(self.ways), bool(self.ways)
        if self.is_mounted:
            self.update_rows()

    def choose(self, number: int) -> None:
        """This one was taken, or (0) none is any more."""
        before, self.chosen = self.chosen, number
        if number:
            self.move_to(number - 1)
        for each in (before, number):
            if each:
                self.refresh_row(each - 1)

    def row_count(self) -> int:
        """All ways."""
        return len(self.ways)

    def mark(self, index: int) -> str:
        """``x`` beside the one that was taken."""
        return "x" if index + 1 == self.chosen else " "

    def paint(self, index: int, width: int) -> list[Segment]:
        """Number, evidence, how many answers are as good, what is left over, and the items."""
        way = self.ways[index]
        plain = self.tone("strong") if index + 1 == self.chosen else self.rich_style
        answers = _answers(way)
        segments = [
            Segment(f"{index + 1} ", self.tone("key")),
            Segment(words.fit(evidence(way), 10), plain),
        ]
        if self._answers:
            segments.append(Segment(words.fit(answers, self._answers + 2), self.tone("warn")))
        segments.append(Segment(words.fit(_difference(way), self._difference + 2), plain))
        room = width - sum(segment.cell_length for segment in segments)
        segments.append(Segment(words.fit(_items(way, room), max(0, room)), self.tone("dim")))
        return segments

    def caption(self) -> Content:
        """How many there are, and whether the search came to its end."""
        pieces: list[tuple[str, str]] = [(f"   {words.plural(len(self.ways), 'suggestion')}", "dim")]
        if not self.found["complete"]:
            pieces.append(("  SEARCH INCOMPLETE: more may fit", "bold"))
        return Content.assemble(*pieces)

    def why(self) -> str:
        """The way under the cursor in words; what was left out where there is none."""
        notes = list(self.found["notes"])
        if not self.ways:
            return "; ".join(
                [
                    self.keyed(
                        "nothing in text or amount fits: {lines.toggle} takes an item, or paste the remittance advice"
                    ),
                    *notes,
                ]
            )
        return "; ".join([*reasons(self.ways[self.cursor]), *notes])

    def watch_cursor(self, before: int, after: int) -> None:
        """The words below are about the row under the cursor."""
        super().watch_cursor(before, after)
        self.screen.tell()  # type: ignore[attr-defined]

    # Keys

    def do_choose(self, number: int) -> None:
        """Take the way of this number."""
        self.screen.choose(number)  # type: ignore[attr-defined]

    def do_take(self) -> None:
        """Take the way under the cursor."""
        self.screen.choose(self.cursor + 1)  # type: ignore[attr-defined]


def reasons(way: SuggestionRow) -> list[str]:
    """Why a way may be the one; its kind in words where nothing more is known."""
    return way["why"] or [SPELLED.get(way["kind"], way["kind"])]


def evidence(way: SuggestionRow) -> str:
    """What speaks for it, in a word; where nothing fits, whether it is what comes nearest, or to apply nothing."""
    if way["kind"] == "oldest" and OLDEST_FIRST not in way["why"]:
        return "nearest" if way["lines"] else "nothing"
    return KINDS.get(way["kind"], way["kind"])


def in_a_line(way: SuggestionRow, width: int) -> str:
    """A way in words where it cannot be taken."""
    head = f"{evidence(way)} {_answers(way)}".rstrip() + f", {_difference(way)}: "
    return head + _items(way, width - len(head))


def _answers(way: SuggestionRow) -> str:
    if way["unique"]:
        return ""
    if way["answers"] <= 1:
        return "1 of many" if not way["counted"] else ""
    return f"1 of {words.count(way['answers'])}" + ("" if way["counted"] else "+")


def _difference(way: SuggestionRow) -> str:
    difference = way["difference"]
    if difference["kind"] == "none":
        return "even"
    word = "small" if difference["kind"] == "tolerance" else difference["kind"]
    return f"{word} {words.money(words.unsigned(difference['amount']))}"


def _items(way: SuggestionRow, room: int) -> str:
    """As many numbers as there is room for, and how many more there are."""
    if not way["lines"]:
        return "stays on account"
    numbers = [line["number"] for line in way["lines"]]
    for shown in range(len(numbers), 0, -1):
        rest = len(numbers) - shown
        text = ", ".join(numbers[:shown]) + (f" and {rest} more" if rest else "")
        if len(text) <= room:
            return text
    return words.plural(len(numbers), "item")
