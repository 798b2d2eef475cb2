"""What the filter line offers while one types."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arqueue.work.completion import Facts, complete

FACTS = Facts(
    people=("anna", "lee"),
    currencies=("EUR", "USD"),
    tags=("agency", "vip"),
    parties=("Acme, Inc.", "Acme Ltd", "C-1001"),
    days=("2026-11-20",),
)


@pytest.mark.parametrize(
    "text, candidates",
    [
        ("am", ("amount:",)),
        ("a", ("amount:", "age:")),
        ("acme -ki", ("kind:",)),
        ("mi", ("mine",)),
        ("kind:d", ("dispute",)),
        ("kind:dispute,o", ("overdue",)),
        ("owner:", ("me", "none", "anna", "lee")),
        ("owner:L", ("lee",)),
        ("currency:u", ("USD",)),
        ("-tag:ag", ("agency",)),
        ("tags:", ("agency", "vip", "none")),
        ("cust", ("customer:",)),
        ("kind:un", ("unapplied",)),
        ("kind:returned,esc", ("escalation",)),
        ("party:c-", ("C-1001",)),
        ("party:acme", ('"Acme, Inc."', '"Acme Ltd"')),
        ('customer:"Acme, ', ('"Acme, Inc."',)),
        ('party:"Acme, Inc.",C', ("C-1001",)),
        ("due:", ("2026-11-20", "none")),
        ("due<2", ("2026-11-20",)),
        ("acme", ()),
        ("amount:5", ()),
        ('"ki', ()),
        ('"kind:d', ()),
        ("kind:dispute", ()),
        ("", ()),
        ("acme ", ()),
    ],
)
def test_what_is_offered(text: str, candidates: tuple[str, ...]) -> None:
    """Keys, then their values; nothing where nothing is known."""
    assert complete(text, len(text), FACTS).candidates == candidates


@pytest.mark.parametrize(
    "text, begins",
    [
        ("party:ac", "ac"),
        ('-customer:"Acme, I', "Acme, I"),
        ("party:C-1001,fä", "fä"),
        ("party:", ""),
        ("tag:ac", ""),
        ("acme", ""),
    ],
)
def test_it_is_told_which_customer_is_meant(text: str, begins: str) -> None:
    """So that somebody who knows all of them can be asked."""
    assert complete(text, len(text), FACTS).customer == begins


@pytest.mark.parametrize(
    "text, cursor, after",
    [
        ("am", 2, "amount:|"),
        ("acme kind:d late>3", 11, "acme kind:dispute |late>3"),
        ("-ow", 3, "-owner:|"),
        ("kind:dispute,ov", 15, "kind:dispute,overdue |"),
    ],
)
def test_a_candidate_takes_the_place_of_what_was_typed(text: str, cursor: int, after: str) -> None:
    """The rest of the line stays."""
    found = complete(text, cursor, FACTS)
    line, place = found.apply(text, found.candidates[0])
    assert line[:place] + "|" + line[place:] == after


@given(st.text('kindowertypa:<,- "x', max_size=15), st.integers(-2, 20))
def test_any_place_of_any_line_can_be_asked_about(text: str, cursor: int) -> None:
    """The line goes on with the candidate, the cursor behind it."""
    found = complete(text, cursor, FACTS)
    for candidate in found.candidates:
        line, place = found.apply(text, candidate)
        assert line[:place].rstrip() == text[: found.start] + candidate
