"""A list of people, or of who stands for some of them, of whom one is chosen."""

from __future__ import annotations

from collections.abc import Sequence

from rich.segment import Segment

from screens import words
from screens.rows import Rows


class PersonRows(Rows):
    """One a row: what names them to the broker, their name, and what else is told of them."""

    def __init__(self, persons: Sequence[tuple[str, str, str]]) -> None:
        super().__init__()
        self.persons = persons
        self.styles.height = max(1, min(len(persons), 10))

    def row_count(self) -> int:
        """All of them."""
        return len(self.persons)

    def paint(self, index: int, width: int) -> list[Segment]:
        """Name and the rest."""
        _, name, told = self.persons[index]
        half = width // 2
        chosen = self.tone("strong") if index == self.cursor else self.rich_style
        return [
            Segment(words.fit(name, half), chosen),
            Segment(words.fit(told, width - half), self.tone("dim")),
        ]

    def watch_cursor(self, before: int, after: int) -> None:
        """The chosen one is bold, so both rows are painted."""
        super().watch_cursor(before, after)
        self.refresh_row(before)
        self.refresh_row(after)

    def chosen(self) -> str:
        """What names the one under the cursor."""
        return self.persons[self.cursor][0]

    def chosen_name(self) -> str:
        """As it is shown."""
        return self.persons[self.cursor][1]

    def choose(self, key: str) -> None:
        """Put the cursor on the one of that name; where they are gone it stays."""
        place = next((n for n, (each, _, _) in enumerate(self.persons) if each == key), self.cursor)
        self.move_to(place)
