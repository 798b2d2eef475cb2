"""The lines in which one says what becomes of a rest: a key for the way, a letter for the reason."""

from __future__ import annotations

from typing import ClassVar

from rich.cells import cell_len
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
        self.refresh(layout=True)

    def render(self) -> Content:
        """The words, and the letters in bold; where the names are too long for two lines, their first words."""
        pieces: list[tuple[str, str]] = [(f"  {self._said}\n", "bold")]
        whole = sum(map(_cells, self.letters.values())) <= 2 * self.size.width - 20
        used = 0
        for letter, name in self.letters.items():
            shown = name if whole else name.partition(" ")[0]
            used += _cells(shown)
            if used > self.size.width - 2:
                pieces.append(("\n", ""))
                used = _cells(shown)
            style = "reverse" if name == self._chosen else ""
            pieces += [("  ", ""), (letter, "bold"), (" ", ""), (shown, style), (" ", "")]
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

    def do_every(self) -> None:
        """The same for all."""
        self.screen.same_for_all()  # type: ignore[attr-defined]

    def do_enter(self) -> None:
        """Keep it so."""
        self.screen.end_rest(keep=True)  # type: ignore[attr-defined]

    def do_back(self) -> None:
        """Leave it as it was."""
        self.screen.end_rest(keep=False)  # type: ignore[attr-defined]


def _cells(name: str) -> int:
    """With its letter and the blanks around."""
    return cell_len(name) + 5
