"""Tags are one word in small letters, however the ledger writes them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arqueue.model.tags import tag_of, tags_of


@pytest.mark.parametrize(
    "name, tag",
    [
        ("agency", "agency"),
        ("Key account", "key-account"),
        ("  Große   Kunden\n", "große-kunden"),
        ("\x1b[31mred", "�[31mred"),
        (" ", ""),
    ],
)
def test_a_tag_is_one_word_in_small_letters(name: str, tag: str) -> None:
    """So that a rule and the filter line can ask for it; what attacks the terminal is harmless."""
    assert tag_of(name) == tag


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=60), max_size=80))
def test_tags_are_few_short_words(names: list[str]) -> None:
    """Whatever a ledger counts a customer among."""
    found = tags_of(names)
    assert len(found) <= 50
    assert list(found) == sorted(set(found))
    assert all(tag and len(tag) <= 80 and not any(char.isspace() for char in tag) for tag in found)
