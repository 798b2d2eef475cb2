"""Who can have a customer: oneself first, then the others, then whoever the rules name."""

from __future__ import annotations

from rich.segment import Segment

from data.broker.protocol import PersonRow
from screens import words
from screens.rows import Rows

DUTIES = frozenset({"collector", "senior", "supervisor"})
RULES = "by the rules"


class Colleagues(Rows):
    """A person a row."""

    def __init__(self, people: list[PersonRow], me: str) -> None:
        super().__init__()
        able = [person for person in people if DUTIES & set(person["roles"])]
        able.sort(key=lambda person: person["id"] != me)
        self.people: list[tuple[str | None, str, str]] = [
            *(
                (person["id"], person["name"], "you" if person["id"] == me else ", ".join(person["roles"]))
                for person in able
            ),
            (None, RULES, "whomever the people file names"),
        ]
        self.styles.height = max(1, min(len(self.people), 10))

    def row_count(self) -> int:
        """Everybody, and the rules."""
        return len(self.people)

    def paint(self, index: int, width: int) -> list[Segment]:
        """Name and roles."""
        _, name, roles = self.people[index]
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

    def chosen(self) -> str | None:
        """The person's id; None for the rules."""
        return self.people[self.cursor][0]

    def chosen_name(self) -> str:
        """As it is shown."""
        return self.people[self.cursor][1]
