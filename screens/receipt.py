"""Whether what was painted has come to the person's terminal, however long the line is.

A terminal answers a question (DSR 5, ECMA-48 8.3.35) where it stands among what it shows, and its answer stands among the keys:
what is typed behind the answer was typed with the painting in view. Inside tmux or screen it is these that answer.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Any, cast

from textual._ansi_sequences import ANSI_SEQUENCES_KEYS

QUESTION = "\x1b[5n"
PATIENCE_S = 2.0
"""A terminal that never answered is not waited for longer, nor asked again."""
LONG_PATIENCE_S = 20.0
"""One that did has lost the question, as a session does that moves to another terminal."""


class Answer(Enum):
    """What the terminal says, as the parser of keys hands it on."""

    SHOWN = "terminal_shows_it"


# Else the parser would make keys of it. A terminal in trouble (3) shows what it can as well.
cast(dict[str, Any], ANSI_SEQUENCES_KEYS).update({"\x1b[0n": (Answer.SHOWN,), "\x1b[3n": (Answer.SHOWN,)})


class Receipt:
    """What the terminal was asked, and since when the person can see what stood before the question."""

    def __init__(self, ask: Callable[[], bool], clock: Callable[[], float]) -> None:
        """``ask`` sends the question, and says whether there is a terminal to be asked."""
        self._ask, self._clock = ask, clock
        self._open = 0
        self._asked_at = 0.0
        self._answers: bool | None = None
        """Whether this terminal answers; None while nobody knows."""
        self.shown_at = 0.0
        """On the clock of key events."""

    def ask(self) -> None:
        """Something was painted that has to be seen before it is answered."""
        if (self.outstanding or self._answers is not False) and self._ask():
            self._open += 1
            self._asked_at = self._clock()

    def answered(self, at: float) -> None:
        """The terminal shows what was painted before one more of the questions."""
        self._answers = True
        self._open = max(0, self._open - 1)
        self.shown_at = at

    @property
    def outstanding(self) -> bool:
        """Whether the last painting is still on its way, as far as anybody can know."""
        patience = LONG_PATIENCE_S if self._answers else PATIENCE_S
        if self._open and self._clock() - self._asked_at > patience:
            self._open = 0
            self._answers = bool(self._answers)
        return self._open > 0
