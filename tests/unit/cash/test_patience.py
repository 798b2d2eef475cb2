"""How long a search may take: what a person gets who would rather wait."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from arqueue.cash.case import PaymentCase, Policy
from arqueue.cash.suggest import suggest
from tests.unit.books import TODAY
from tests.unit.cash.test_suggest import invoice, paid


@pytest.mark.parametrize("usual, thorough", [(10, 100), (150, 1_500), (1_000, 5_000), (9_000, 9_000)])
def test_a_thorough_search_has_ten_times_as_long(usual: int, thorough: int) -> None:
    """Five seconds at most, but never less than the company gives anyway."""
    assert Policy(budget_ms=usual).thorough == Policy(budget_ms=thorough)


def test_eight_of_forty_amounts_are_searched_to_the_end_with_more_time() -> None:
    """The usual search says that it came to none."""
    rng = Random(2)
    amounts = [round(rng.lognormvariate(10.5, 1)) for _ in range(40)]
    debits = [invoice(f"I-{number}", f"{minor / 100:.2f}") for number, minor in enumerate(amounts)]
    case = PaymentCase(payment=paid(f"{sum(amounts[3:33:4]) / 100:.2f}"), today=TODAY, debits=debits)
    quick = suggest(case)
    thorough = suggest(replace(case, policy=case.policy.thorough))
    assert (quick.complete, thorough.complete) == (False, True)
    assert thorough.ways[0].counted
    assert thorough.ways[0].answers > 1
