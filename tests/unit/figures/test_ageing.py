"""Ageing: every amount in exactly one place, and all places sum to the balance."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arqueue.figures.ageing import ageing, names
from arqueue.model.money import Money
from tests.unit.books import TODAY, money

AMOUNTS = st.builds(Money, st.integers(-(10**9), 10**9), st.sampled_from(["EUR", "USD", "JPY"]))
DUES = st.one_of(st.none(), st.integers(-500, 500).map(lambda days: TODAY + timedelta(days=days)))
EDGE_LISTS = st.lists(st.integers(1, 400), min_size=1, max_size=5, unique=True).map(sorted)


@pytest.mark.parametrize(
    "days,bucket",
    [
        (None, "not due"),
        (-1, "not due"),
        (0, "not due"),
        (1, "1-30"),
        (30, "1-30"),
        (31, "31-60"),
        (60, "31-60"),
        (61, "61-90"),
        (90, "61-90"),
        (91, "over 90"),
        (4000, "over 90"),
    ],
)
def test_a_debit_is_in_the_bucket_of_its_days_past_due(days: int | None, bucket: str) -> None:
    """The edge belongs to the younger bucket; today is not late."""
    due = None if days is None else TODAY - timedelta(days=days)
    (row,) = ageing([(money("10.00"), due)], TODAY)
    assert [word for word, amount in row.buckets if amount] == [bucket]


def test_credits_are_beside_the_buckets() -> None:
    """However old: a credit makes no bucket look younger."""
    (row,) = ageing([(money("10.00"), TODAY - timedelta(days=99)), (money("-4.00"), None)], TODAY)
    assert (dict(row.buckets)["over 90"], row.credits, row.balance) == (
        money("10.00"),
        money("-4.00"),
        money("6.00"),
    )


@given(st.lists(st.tuples(AMOUNTS, DUES), max_size=30), EDGE_LISTS)
def test_buckets_and_credits_are_the_balance(
    items: list[tuple[Money, date | None]], edges: list[int]
) -> None:
    """For each currency by itself, with any edges; nothing is lost and nothing counted twice."""
    rows = ageing(items, TODAY, edges)
    assert [row.currency for row in rows] == sorted({amount.currency for amount, _ in items})
    for row in rows:
        mine = [amount.minor for amount, _ in items if amount.currency == row.currency]
        assert [word for word, _ in row.buckets] == list(names(edges))
        assert sum(amount.minor for _, amount in row.buckets) + row.credits.minor == row.balance.minor
        assert row.balance.minor == sum(mine)
        assert row.credits.minor == sum(minor for minor in mine if minor < 0)
        assert all(amount.minor >= 0 for _, amount in row.buckets)
