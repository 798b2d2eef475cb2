"""A few answers of which one is given: the one under the cursor."""

from __future__ import annotations

from collections.abc import Sequence

from rich.segment import Segment

from screens import words
from screens.rows import Rows

HIGHEST = 10


class ChoiceRows(Rows):
    """One answer a row: what it is called in the order, and what it means."""

    def __init__(self, choices: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self.choices = choices
        self.styles.height = min(len(choices), HIGHEST)
        self._width = words.widest((name for name, _ in choices), 6, 20)

    @property
    def chosen(self) -> str:
        """The answer under the cursor."""
        return self.choices[self.cursor][0]

    def row_count(self) -> int:
        """All of them."""
        return len(self.choices)

    def paint(self, index: int, width: int) -> list[Segment]:
        """The chosen one is bold."""
        name, means = self.choices[index]
        style = self.tone("strong") if index == self.cursor else self.rich_style
        return [
            Segment(words.fit(name, self._width + 2), style),
            Segment(words.fit(means, max(0, width - self._width - 2)), self.tone("dim")),
        ]

    def watch_cursor(self, before: int, after: int) -> None:
        """Both rows look different now."""
        super().watch_cursor(before, after)
        self.refresh_row(before)
        self.refresh_row(after)
