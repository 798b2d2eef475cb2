"""The debits that a payment can go to: a list whose rows can be switched on, each with its own amount."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from rich.segment import Segment

from arqueue.model.money import Money
from data.broker.protocol import Suggestions
from screens import actions, words
from screens.rows import Rows


@dataclass(frozen=True, slots=True)
class Line:
    """One debit, and so much of the payment for it (zero: not applied to)."""

    item: str
    number: str
    party: str
    due: str
    late: int | None
    open: Money
    amount: Money


def lines_of(found: Suggestions) -> list[Line]:
    """Every open debit, and what a suggestion names beyond the debits that came along."""
    currency = found["payment"]["currency"]
    none = Money.zero(currency)
    payer = found["payment"]["party_id"]
    lines = {
        row["id"]: Line(
            row["id"],
            row["number"],
            "" if row["party_id"] == payer else row["party"],
            words.day(row["due_date"]),
            row["days_past_due"],
            Money.parse(row["open"], currency),
            none,
        )
        for row in found["debits"]
    }
    for suggestion in found["suggestions"]:
        for line in suggestion["lines"]:
            if line["item"] not in lines:
                open_ = Money.parse(line["open"], currency)
                lines[line["item"]] = Line(
                    line["item"], line["number"], "", words.day(line["due_date"]), None, open_, none
                )
    return list(lines.values())


class LineRows(Rows):
    """The lines of the order in the making."""

    BINDINGS: ClassVar = actions.bindings("apply")

    def __init__(self, lines: list[Line], available: Money) -> None:
        super().__init__()
        self.lines = lines
        self.available = available
        self.number_width = words.widest((line.number for line in lines), 8, 18)

    # Amounts

    @property
    def applied(self) -> Money:
        """The sum of all lines."""
        return Money.total((line.amount for line in self.lines), self.available.currency)

    @property
    def left(self) -> Money:
        """What of the payment stays unapplied; negative when the lines are more than it."""
        return self.available - self.applied

    def line(self) -> Line | None:
        """The line under the cursor."""
        return self.lines[self.cursor] if self.lines else None

    def put(self, item: str, amount: Money) -> None:
        """Set the amount of one line."""
        for place, line in enumerate(self.lines):
            if line.item == item:
                self.lines[place] = replace(line, amount=amount)
                self.refresh_row(place)

    def clear(self) -> None:
        """Apply to nothing."""
        none = Money.zero(self.available.currency)
        self.lines = [replace(line, amount=none) for line in self.lines]
        self.refresh()

    # Painting

    def row_count(self) -> int:
        """All debits."""
        return len(self.lines)

    def mark(self, index: int) -> str:
        """``x`` beside a line that is on."""
        return "x" if self.lines[index].amount else " "

    def paint(self, index: int, width: int) -> list[Segment]:
        """Number, due, open, and what is applied."""
        line = self.lines[index]
        plain, dim = self.rich_style, self.tone("dim")
        late = (line.late or 0) > 0
        segments = [
            Segment(
                words.fit(line.number, self.number_width + 1), self.tone("strong") if line.amount else plain
            ),
            Segment(words.fit(line.due, 12), dim),
            Segment(words.fit(words.late(line.late), 11), self.tone("warn") if late else dim),
            Segment(words.fit_right(words.money(line.open.text), 13), dim),
            Segment(
                words.fit_right(words.money(line.amount.text) if line.amount else "-", 13),
                self.tone("strong") if line.amount else dim,
            ),
        ]
        rest = width - 50 - self.number_width
        if rest > 4:
            segments.append(Segment("  " + words.fit(self._remark(line), rest - 2), dim))
        return segments

    def _remark(self, line: Line) -> str:
        if line.amount and line.amount < line.open:
            return f"keeps {words.money((line.open - line.amount).text)}"
        if line.amount > line.open:
            return "MORE THAN OPEN"
        return line.party

    def empty(self) -> list[str]:
        """Nothing to apply to."""
        return [
            "This customer has no open item in the payment's currency.",
            "Leave it unapplied, note what is known (n), or escalate it (e).",
        ]

    # Keys

    def do_choose(self, number: int) -> None:
        """Take a suggestion."""
        self.screen.choose(number)  # type: ignore[attr-defined]

    def do_toggle(self) -> None:
        """This line on or off."""
        self.screen.toggle()  # type: ignore[attr-defined]

    def do_amount(self) -> None:
        """Type the amount of this line."""
        self.screen.edit()  # type: ignore[attr-defined]

    def do_none(self) -> None:
        """All lines off."""
        self.screen.none()  # type: ignore[attr-defined]

    def do_review(self) -> None:
        """Review."""
        self.screen.review()  # type: ignore[attr-defined]

    def do_back(self) -> None:
        """Leave the form."""
        self.screen.do_back()  # type: ignore[attr-defined]
