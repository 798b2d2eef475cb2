"""Words that several places share."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from screens import words


@pytest.mark.parametrize(
    "message, hint, said",
    [
        ("nothing is applied yet", "a number takes one", "nothing is applied yet. A number takes one"),
        ("it is sending", "wait for its outcome", "it is sending. Wait for its outcome"),
        (
            "no invoice is chosen",
            "/ filters, Esc goes back",
            "no invoice is chosen. / filters, Esc goes back",
        ),
        ("it waits", "u takes it back", "it waits. u takes it back"),
        ("no broker answers", "`arqueue doctor` says more", "no broker answers. `arqueue doctor` says more"),
        ("The disk is full.", "make room", "The disk is full. Make room"),
        ("gone", "", "gone"),
    ],
)
def test_a_remedy_is_a_sentence_of_its_own(message: str, hint: str, said: str) -> None:
    """It begins with a capital, but for a key, which is another one as a capital, and for what is typed as it stands."""
    assert words.advice(message, hint) == said


@pytest.mark.parametrize(
    "amount, said",
    [
        ("1489.49", "1,489"),
        ("1489.50", "1,490"),
        ("-250.37", "-250"),
        ("0.30", "<1"),
        ("5000", "5,000"),
        ("999999.49", "999,999"),
        ("999999.50", "1.0M"),
        ("12345678.90", "12.3M"),
        ("1999950000", "2,000.0M"),
    ],
)
def test_a_round_amount_has_no_cents(amount: str, said: str) -> None:
    """Half a unit is one more; from a million on it is told in millions, so that its column can be narrow."""
    assert words.rounded(amount) == said


def test_of_a_text_that_is_cut_before_its_end_the_end_is_kept() -> None:
    """And the cut is seen."""
    assert words.ending("INV-2026-000412", 7) == "…000412"
    assert words.ending("INV-7", 7) == "INV-7"


@pytest.mark.parametrize(
    "text, lines",
    [
        ("", ""),
        ("one two", "one two"),
        ("one two three", "one two\nthree"),
        ("one two three four five", "one two\nthree fou…"),
        ("onetwothreefour five", "onetwothre\nefour five"),
        ("onetwothreefour five six", "onetwothre\nefour fiv…"),
        ("漢字漢字漢字漢 字", "漢字漢字漢\n字漢 字"),
    ],
)
def test_a_text_in_so_many_lines_says_that_it_was_cut(text: str, lines: str) -> None:
    """Broken between words where there are any; an ellipsis where something is missing, and only there."""
    assert words.in_lines(text, 10, 2) == lines
    assert all(cell_len(line) <= 10 for line in lines.splitlines())
