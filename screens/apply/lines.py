"""The items that a payment can go to: a list whose rows can be switched on, each with its own amount."""

from __future__ import annotations

from typing import ClassVar

from rich.segment import Segment

from screens import actions, words
from screens.apply.line import Line
from screens.apply.rests import amount_words
from screens.apply.sheet import Sheet
from screens.rows import Rows


class LineRows(Rows):
    """The lines of the sheet, or those of them that a filter leaves. What a filter hides stays chosen."""

    BINDINGS: ClassVar = actions.bindings("lines")
    quiet_cursor = True

    def __init__(self, sheet: Sheet) -> None:
        super().__init__()
        self.words = ""
        """The filter."""
        self.only_taken = False
        self.shown: list[str] = []
        self.renew(sheet)

    def renew(self, sheet: Sheet) -> None:
        """Another sheet, or other figures in it."""
        self.sheet = sheet
        lines = sheet.lines.values()
        self._search: dict[str, str] = {}
        self.number_width = words.widest((line.number for line in lines), 8, 18)
        # The widest of either sign is the largest.
        largest = [
            max(side, key=lambda line: line.open)
            for credit in (True, False)
            if (side := [line for line in lines if line.credit is credit])
        ]
        self._amount = words.widest((amount_words(line.signed) for line in largest), 8, 16) + 1
        self.narrow(self.words)

    def narrow(self, text: str) -> None:
        """Show what holds every word; the cursor stays on its line where that is still shown."""
        here = self.item
        self.words, wanted = text, text.lower().split()
        if wanted and not self._search:
            self._search = {line.item: line.search for line in self.sheet.lines.values()}
        self.shown = [
            item
            for item in self.sheet.lines
            if all(word in self._search[item] for word in wanted)
            and (not self.only_taken or item in self.sheet.amounts)
        ]
        if self.is_mounted:
            self.set_reactive(Rows.cursor, self.shown.index(here) if here in self.shown else 0)
            self.update_rows()

    @property
    def narrowed(self) -> bool:
        """Whether some lines are not shown."""
        return bool(self.words) or self.only_taken

    @property
    def item(self) -> str:
        """The item under the cursor; empty when there is none."""
        return self.shown[self.cursor] if self.cursor < len(self.shown) else ""

    def line(self) -> Line | None:
        """The line under the cursor."""
        return self.sheet.lines.get(self.item)

    def stand_on(self, item: str) -> None:
        """Put the cursor on a line, if it is shown."""
        if item in self.shown:
            self.move_to(self.shown.index(item))

    # Painting

    def caption(self, width: int) -> str:
        """What the columns are."""
        head = words.fit("   item", self.number_width + 4) + (
            words.fit("due", 11)
            + words.fit_right("open", self._amount)
            + words.fit_right("paid", self._amount)
        )
        credits = sum(line.credit for line in self.sheet.lines.values())
        debits = len(self.sheet.lines) - credits
        if self.narrowed:
            said = [f"{words.count(len(self.shown))} of {words.count(debits + credits)}"]
        else:
            all_ = words.plural(debits, "item")
            said = (
                [f"{all_}, {words.plural(credits, 'credit')} last", f"{all_} +{credits}"]
                if credits
                else [all_]
            )
        room = width - len(head) - 2
        return f"{head}  {next((each for each in said if len(each) <= room), '')}".rstrip()

    def row_count(self) -> int:
        """What the filter leaves."""
        return len(self.shown)

    def mark(self, index: int) -> str:
        """``x`` beside a line that is on."""
        return "x" if self.shown[index] in self.sheet.amounts else " "

    def paint(self, index: int, width: int) -> list[Segment]:
        """Number, lateness, open, what it gets, and what is to be said of that."""
        sheet, line = self.sheet, self.sheet.lines[self.shown[index]]
        on = line.item in sheet.amounts
        plain, dim = self.tone("strong") if on else self.rich_style, self.tone("dim")
        late = self.tone("warn") if (line.late or 0) > 0 else dim
        amount = sheet.amount(line.item)
        paid = amount_words(-amount if line.credit else amount) if on else "-"
        segments = [
            Segment(words.fit(words.ending(line.number, self.number_width), self.number_width + 1), plain),
            Segment(words.fit("credit" if line.credit else words.late(line.late), 11), late),
            Segment(words.fit_right(amount_words(line.signed), self._amount), dim),
            Segment(words.fit_right(paid, self._amount), plain if on else dim),
        ]
        room = width - sum(segment.cell_length for segment in segments) - 2
        if room > 3:
            segments.append(Segment("  " + words.fit(self._remark(line), room), dim))
        return segments

    def _remark(self, line: Line) -> str:
        """The most important thing about a line, short: the line under the cursor is explained in full below."""
        sheet = self.sheet
        discount, rest = sheet.discount(line.item), sheet.rest(line.item)
        if sheet.amount(line.item) + discount > line.open:
            return "MORE THAN OPEN"
        said = [f"disc {amount_words(discount)}"] if discount else []
        if rest:
            becomes = {"open": "keeps", "dispute": "disputes", "writeoff": "writes off"}
            said.append(f"{becomes[sheet.rest_of(line.item).how]} {amount_words(rest)}")
        if said:
            return ", ".join(said)
        if line.discount is not None and line.earned:
            return f"disc {amount_words(line.discount)}?"
        return line.party_apart or line.order

    def empty(self) -> list[str]:
        """Nothing to apply to, or nothing that the filter leaves."""
        if self.narrowed:
            hidden = words.plural(len(self.sheet.lines), "item")
            what = f'No item holds "{self.words}".' if self.words else "Nothing is taken yet."
            shows = self.keyed("{apply.back} shows all.")
            return [what, f"{hidden} hidden, what is taken stays taken. {shows}"]
        return [
            "This customer has no open item in the payment's currency.",
            self.keyed(
                "{apply.back} goes back to the queue: there {work.note} notes what is known,"
                " {work.escalate} hands it over."
            ),
        ]

    # Keys

    def do_toggle(self) -> None:
        """This line on or off."""
        self.screen.toggle()  # type: ignore[attr-defined]

    def do_digit(self, number: int) -> None:
        """The first figure of an amount for this line."""
        self.screen.edit(str(number))  # type: ignore[attr-defined]

    def do_amount(self) -> None:
        """Correct the amount of this line."""
        self.screen.edit()  # type: ignore[attr-defined]

    def do_discount(self) -> None:
        """Its discount, taken or not."""
        self.screen.toggle_discount()  # type: ignore[attr-defined]
