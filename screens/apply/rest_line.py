"""The lines in which one says what becomes of a rest: a key for the way, a letter for the reason."""

from __future__ import annotations

from typing import ClassVar

from textual.content import Content
from textual.widget import Widget

from screens import actions
from screens.acting import Acting


class RestLine(Acting, Widget, can_focus=True, inherit_bindings=False):
    """What it is about and what becomes of it, then the reasons by their letters; only there while one chooses."""

    BINDINGS: ClassVar = actions.bindings("rest")

    def __init__(self) -> None:
        super().__init__()
        self.letters: dict[str, str] = {}
        self._said = self._chosen = ""

    def show(self, said: str, letters: dict[str, str], chosen: str) -> None:
        """Other words."""
        self._said, self.letters, self._chosen = said, letters, chosen
        self.display = True
        self.refresh()

    def render(self) -> Content:
        """The words, and the letters in bold; where the names are too long for the line, their first words."""
        pieces: list[tuple[str, str]] = [(f"  {self._said}\n  ", "bold")]
        whole = sum(len(name) + 5 for name in self.letters.values()) <= self.size.width
        for letter, name in self.letters.items():
            shown = name if whole else name.partition(" ")[0]
            pieces += [
                (letter, "bold"),
                (" ", ""),
                (shown, "reverse" if name == self._chosen else ""),
                ("   ", ""),
            ]
        return Content.assemble(*pieces)

    def do_cycle(self) -> None:
        """The next way."""
        self.screen.cycle_rest()  # type: ignore[attr-defined]

    def do_choose(self, number: int) -> None:
        """The reason of a letter."""
        letter = actions.LETTERS.split()[number - 1]
        if letter in self.letters:
            self.screen.name_reason(list(self.letters).index(letter))  # type: ignore[attr-defined]
        else:
            self.screen.say(  # type: ignore[attr-defined]
                f"{letter} is no reason here."
                if self.letters
                else "There is no reason to choose: Enter keeps it so."
            )

    def do_enter(self) -> None:
        """Keep it so."""
        self.screen.end_rest(keep=True)  # type: ignore[attr-defined]

    def do_back(self) -> None:
        """Leave it as it was."""
        self.screen.end_rest(keep=False)  # type: ignore[attr-defined]
