"""Words that several places share."""

from __future__ import annotations

import pytest

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
