"""The engine before the judge: payers whose rules it does not know, sums that are counted another way."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from arqueue.cash.case import PaymentCase, Policy
from arqueue.cash.habit import learn
from arqueue.cash.suggest import suggest
from arqueue.cash.suggestion import Suggestion
from benchmarks.payers.accounts import FAMILIES
from benchmarks.payers.counting import subsets
from benchmarks.payers.judging import Score, Took, lines_of
from benchmarks.payers.mixes import HELD_OUT, USUAL
from benchmarks.payers.planted import KINDS_OF_K, Planted, planted
from benchmarks.payers.rivals import RIVALS
from benchmarks.payers.simulation import Mix, payments

BUDGET_MS = 2000
"""Enough for accounts of this size on any machine: what is judged here is not speed."""
LARGEST = 120


@pytest.fixture(scope="module", params=[USUAL, HELD_OUT], ids=lambda mix: mix.name)
def scores(request: pytest.FixtureRequest) -> dict[str, Score]:
    """The engine and every rival on the same 150 payments."""
    mix: Mix = request.param
    scores = {name: Score() for name in ("arqueue", *RIVALS)}
    for paid in payments(mix, 150):
        if len(paid.case.debits) > LARGEST:
            continue
        case = replace(
            paid.case,
            habit=learn(paid.past_items, paid.past_allocations),
            policy=replace(paid.case.policy, budget_ms=BUDGET_MS),
        )
        ways = suggest(case).ways
        scores["arqueue"].add(
            paid.truth, [lines_of(way) for way in ways], [way.sure for way in ways], Took(0, 0)
        )
        for name, rule in RIVALS.items():
            lines = rule(paid.case)
            scores[name].add(paid.truth, [lines] if lines else [], (), Took(0, 0))
    return scores


def test_what_is_sure_is_right(scores: dict[str, Score]) -> None:
    """No suggestion that could be posted without a person is wrong, and there are such suggestions."""
    assert scores["arqueue"].sure_wrong == 0
    assert scores["arqueue"].sure > 15


def test_truth_is_on_top_more_often_than_by_any_rival(scores: dict[str, Score]) -> None:
    """Better by a tenth than the best of the rules that other systems have."""
    assert scores["arqueue"].top >= 1.1 * max(scores[name].top for name in RIVALS)


def test_truth_is_nearly_always_among_the_first_three(scores: dict[str, Score]) -> None:
    """One of the keys 1, 2, 3 does for seven payments in eight."""
    assert scores["arqueue"].among_three >= 0.87 * scores["arqueue"].payments


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("size", [8, 20, 50])
def test_an_even_answer_is_found_and_counted(size: int, family: str) -> None:
    """Whatever was paid of so many items comes out even to the cent, with the number of equal answers."""
    rng = Random(f"{size}/{family}")
    for k in KINDS_OF_K:
        made = planted(rng, size, family, k)
        even = [way for way in suggest(_patient(made)).ways if _even(made, way)]
        assert even, (size, family, k)
        truly = subsets(made.amounts, made.target)
        assert truly is not None
        assert even[0].answers == truly if even[0].counted else even[0].answers < truly, (size, family, k)


def _patient(made: Planted) -> PaymentCase:
    return replace(made.case, policy=Policy(budget_ms=BUDGET_MS))


def _even(made: Planted, way: Suggestion) -> bool:
    open_of = {each.item.id: each.open.minor for each in made.case.debits}
    lines = lines_of(way)
    return sum(lines.values()) == made.target and all(open_of[key] == minor for key, minor in lines.items())
