"""Since when a person can see what was painted, and how long a terminal that says nothing is waited for."""

from __future__ import annotations

from textual import events
from textual._xterm_parser import XTermParser

from screens.receipt import LONG_PATIENCE_S, PATIENCE_S, Answer, Receipt


class Line:
    """A terminal that is asked, and a clock that the test moves."""

    def __init__(self) -> None:
        self.now = 100.0
        self.asked = 0
        self.receipt = Receipt(self._ask, lambda: self.now)

    def _ask(self) -> bool:
        self.asked += 1
        return True


def test_what_is_asked_about_is_on_its_way_until_the_answer() -> None:
    """Not a moment longer: the answer's own time is when it was seen."""
    line = Line()
    line.receipt.ask()
    assert line.receipt.outstanding
    line.receipt.answered(100.6)
    assert not line.receipt.outstanding
    assert line.receipt.shown_at == 100.6


def test_each_question_has_an_answer_of_its_own() -> None:
    """The answer to an older question does not say that the newer painting has come."""
    line = Line()
    line.receipt.ask()
    line.receipt.ask()
    line.receipt.answered(100.6)
    assert line.receipt.outstanding
    line.receipt.answered(100.7)
    assert not line.receipt.outstanding


def test_a_terminal_that_never_answered_is_asked_once() -> None:
    """It is waited for, given up, and the next painting asks nothing."""
    line = Line()
    line.receipt.ask()
    line.now += PATIENCE_S
    assert line.receipt.outstanding
    line.now += 0.1
    assert not line.receipt.outstanding
    line.receipt.ask()
    assert line.asked == 1
    assert not line.receipt.outstanding


def test_an_answer_after_all_makes_it_worth_asking() -> None:
    """A line slower than anybody's patience is believed the next time."""
    line = Line()
    line.receipt.ask()
    line.now += PATIENCE_S + 1
    assert not line.receipt.outstanding
    line.receipt.answered(line.now)
    line.receipt.ask()
    assert line.receipt.outstanding


def test_a_terminal_that_answers_is_waited_for_longer() -> None:
    """An answer that was lost does not hold anybody up for ever, and the next question is asked."""
    line = Line()
    line.receipt.ask()
    line.receipt.answered(100.1)
    line.receipt.ask()
    line.now += PATIENCE_S + 1
    assert line.receipt.outstanding
    line.now += LONG_PATIENCE_S
    assert not line.receipt.outstanding
    line.receipt.ask()
    assert line.receipt.outstanding


def test_without_a_terminal_nothing_is_on_its_way() -> None:
    """Where nobody can be asked, nobody is waited for."""
    receipt = Receipt(lambda: False, lambda: 0.0)
    receipt.ask()
    assert not receipt.outstanding


def test_an_answer_is_no_key() -> None:
    """It stands in its place among the keys, and types nothing."""
    found = [event.key for event in XTermParser().feed("a\x1b[0ny\x1b[3n") if isinstance(event, events.Key)]
    assert found == ["a", Answer.SHOWN.value, "y", Answer.SHOWN.value]
