"""To whom something can be handed over: the supervisors as a role, then everybody by name."""

from __future__ import annotations

from rich.segment import Segment

from data.broker.protocol import PersonRow
from screens import words
from screens.rows import Rows

SUPERVISORS = "supervisor"


class TargetRows(Rows):
    """A role or a person a row."""

    def __init__(self, people: list[PersonRow], me: str) -> None:
        super().__init__()
        others = [person for person in people if person["id"] != me]
        self.targets: list[tuple[str, str, str]] = [
            (SUPERVISORS, "any supervisor", "whoever of them looks first"),
            *((person["id"], person["name"], ", ".join(person["roles"])) for person in others),
        ]
        self.styles.height = max(1, min(len(self.targets), 10))

    def row_count(self) -> int:
        """Everybody but oneself."""
        return len(self.targets)

    def paint(self, index: int, width: int) -> list[Segment]:
        """Name and roles."""
        _, name, roles = self.targets[index]
        half = width // 2
        chosen = self.tone("strong") if index == self.cursor else self.rich_style
        return [
            Segment(words.fit(name, half), chosen),
            Segment(words.fit(roles, width - half), self.tone("dim")),
        ]

    def watch_cursor(self, before: int, after: int) -> None:
        """The chosen one is bold, so both rows are painted."""
        super().watch_cursor(before, after)
        self.refresh_row(before)
        self.refresh_row(after)

    def chosen(self) -> str:
        """The person's id, or the role."""
        return self.targets[self.cursor][0]
