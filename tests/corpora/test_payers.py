"""The judge of cash application is itself right: its truths add up, its counts count, its runs repeat."""

from __future__ import annotations

from itertools import combinations, islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.payers.counting import subsets
from benchmarks.payers.judging import at_most, right
from benchmarks.payers.mixes import HELD_OUT, USUAL
from benchmarks.payers.rivals import RIVALS
from benchmarks.payers.simulation import FEWEST, Mix, Truth, payments

MIXES = pytest.mark.parametrize("mix", [USUAL, HELD_OUT], ids=lambda mix: mix.name)


@given(st.lists(st.integers(1, 40), max_size=10), st.integers(0, 200))
def test_subsets_are_counted_as_by_hand(amounts: list[int], target: int) -> None:
    """The independent count agrees with trying every subset."""
    by_hand = sum(
        sum(chosen) == target
        for length in range(len(amounts) + 1)
        for chosen in combinations(amounts, length)
    )
    assert subsets(amounts, target) == by_hand


@MIXES
def test_truth_adds_up_to_the_payment(mix: Mix) -> None:
    """Lines less credits, plus what is left, is what arrived, but for what a bank kept; no line exceeds its item."""
    for paid in payments(mix, 60):
        truth, open_of = paid.truth, {each.item.id: each.open for each in paid.case.debits}
        assert len(open_of) >= FEWEST
        assert all(0 < minor <= open_of[key].minor for key, minor in truth.lines.items())
        if truth.note != "other currency":
            settled = sum(truth.lines.values()) - sum(truth.credits.values()) + truth.left
            assert 0 <= settled + paid.case.payment.open.minor <= truth.slack


@MIXES
def test_past_allocations_close_what_is_closed(mix: Mix) -> None:
    """The history that a habit is learned from is a ledger's: allocations of a closed document come to its total."""
    for paid in payments(mix, 25):
        applied: dict[str, int] = {}
        for each in paid.past_allocations:
            applied[each.debit_item] = applied.get(each.debit_item, 0) + each.amount.minor
        for item in paid.past_items:
            if item.is_debit and item.id in applied:
                assert applied[item.id] == item.total.minor - item.residual.minor, (paid.payer, item)


@MIXES
def test_a_mix_repeats(mix: Mix) -> None:
    """The same seed gives the same payments, however many are asked for."""
    assert list(payments(mix, 3)) == list(islice(payments(mix, 8), 3))


@MIXES
def test_rivals_apply_no_more_than_was_paid(mix: Mix) -> None:
    """Each re-stated rule keeps to open amounts, and all but whole-line reconciling to the money there is."""
    for paid in payments(mix, 40):
        open_of = {each.item.id: each.open.minor for each in paid.case.debits}
        for name, rule in RIVALS.items():
            lines = rule(paid.case)
            assert all(minor <= open_of[key] for key, minor in lines.items()), name
            if "Tryton" not in name:
                assert sum(lines.values()) <= -paid.case.payment.open.minor, name


def test_right_is_the_same_documents_and_amounts() -> None:
    """Another document or amount is wrong; what a bank kept may be missing anywhere."""
    truth = Truth(lines={"a": 100, "b": 50}, credits={"c": 20}, slack=5, left=0, note="charges")
    assert right(truth, {"a": 100, "b": 45, "c": -20})
    assert not right(truth, {"a": 100, "b": 44, "c": -20})
    assert not right(truth, {"a": 100, "b": 50})


def test_a_small_run_claims_little() -> None:
    """None wrong of ten may still be a fourth wrong; of a thousand, hardly half a percent."""
    assert at_most(0, 10) > 0.25
    assert at_most(0, 1000) < 0.005
