"""Unknown payers: who is named first, why, and who is not named."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arqueue.cash.payers import PayerGuess, folded, rank_payers
from tests.unit.books import item

NAMES = {
    "party:1": "Müller Maschinenbau GmbH & Co. KG",
    "party:2": "Carrow Mill Paper plc",
    "party:3": "Carrow Mill Timber Ltd",
    "party:4": "Fjordland Bygg AS",
    "party:5": "Société Générale de Transport S.A.",
}


def ranked(payer: str = "", text: str = "", account: str = "", **changes: Any) -> list[PayerGuess]:
    """Guesses for a payment of a hundred."""
    given_: dict[str, Any] = {"aliases": {}, "accounts": {}, "equal_amounts": {}} | changes
    return rank_payers(item("p", "-100.00", payer=payer, text=text, payer_account=account), NAMES, **given_)


@pytest.mark.parametrize(
    "name,other",
    [
        ("Müller Maschinenbau GmbH & Co. KG", "MULLER MASCHINENBAU"),
        ("Société Générale de Transport S.A.", "SOCIETE GENERALE DE TRANSPORT SA"),
        ("Fjordland Bygg A/S", "Fjordland Bygg AS"),
        ("Acme, Inc.", "ACME"),
        ("Mill Paper Carrow", "Carrow Mill Paper plc"),
    ],
)
def test_names_are_alike_whatever_their_legal_form_and_spelling(name: str, other: str) -> None:
    """Accents, punctuation, capitals, order of words."""
    assert folded(name) == folded(other)


def test_a_name_of_legal_forms_alone_keeps_them() -> None:
    """Otherwise all such names would be one."""
    assert folded("The Company Ltd") != ""


@pytest.mark.parametrize(
    "payer,party",
    [
        ("MUELLER MASCHINENBAU", "party:1"),
        ("CARROW MILL PAPER", "party:2"),
        ("Carow Mill Papers PLC", "party:2"),
        ("FJORDLAND BYGG", "party:4"),
    ],
)
def test_the_sender_is_found_by_name(payer: str, party: str) -> None:
    """As banks write it."""
    best = ranked(payer)[0]
    assert best.party_id == party
    assert not best.alias


def test_what_was_learned_comes_first() -> None:
    """An account before an alias before a name that is alike."""
    found = ranked(
        "Carrow Mill Paper",
        account="GB33 BUKB 2020",
        aliases={"CARROW MILL PAPER": "party:3"},
        accounts={"gb33bukb2020": "party:4"},
    )
    assert [each.party_id for each in found] == ["party:4", "party:3", "party:2"]
    assert [each.alias for each in found] == [True, True, False]


def test_a_name_in_the_text_is_found_where_the_bank_gives_no_sender() -> None:
    """The whole name, in any order."""
    assert [each.party_id for each in ranked(text="payment from Bygg Fjordland, invoice 77")] == ["party:4"]
    assert ranked(text="carrow mill") == []


def test_an_amount_that_only_one_owes_speaks_for_it() -> None:
    """More than one that several owe."""
    assert [each.party_id for each in ranked(equal_amounts={"party:5": 1})] == ["party:5"]
    several = ranked("Carrow Mill", equal_amounts={"party:3": 1})
    assert several[0].party_id == "party:3"
    assert any("just this amount" in words for words in several[0].why)


def test_nothing_known_names_nobody() -> None:
    """No sender, no text, no amount; or parties that are no longer there."""
    assert ranked() == []
    assert ranked("zzz qqq") == []
    assert ranked("x", aliases={"x": "party:gone"}, accounts={}, equal_amounts={"party:gone": 1}) == []


@given(
    st.text(max_size=80),
    st.text(max_size=80),
    st.dictionaries(st.sampled_from(sorted(NAMES)), st.integers(-1, 3)),
)
def test_scores_stay_in_bounds_and_in_order(payer: str, text: str, equal: dict[str, int]) -> None:
    """Whatever a bank writes; the same every time."""
    found = ranked(payer, text, equal_amounts=equal)
    scores = [each.score for each in found]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 100 for score in scores)
    assert all(each.why for each in found)
    assert found == ranked(payer, text, equal_amounts=equal)
