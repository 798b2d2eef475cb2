"""Early-payment discounts: what terms offer, until when, and that nothing else is taken for one."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arqueue.cash.terms import Step, Terms, discount_of, offer, parse_terms
from tests.unit.books import TODAY, money, open_item

TWO_TEN = Terms((Step(20_000, 10),))


@pytest.mark.parametrize(
    "text,steps",
    [
        ("2/10 net 30", [(20_000, 10)]),
        ("2/10, n/30", [(20_000, 10)]),
        ("2%/10 net 30", [(20_000, 10)]),
        ("2% 10, net 30", [(20_000, 10)]),
        ("2% discount within 10 days, net 30", [(20_000, 10)]),
        ("2.5/10 net 45", [(25_000, 10)]),
        ("1,5 % Skonto 8 Tage, netto 30 Tage", [(15_000, 8)]),
        ("1/20, 2/10, net 30", [(20_000, 10), (10_000, 20)]),
        ("3 % 14 Tage, 30 Tage netto", [(30_000, 14)]),
    ],
)
def test_terms_are_read_as_people_write_them(text: str, steps: list[tuple[int, int]]) -> None:
    """The highest discount first."""
    terms = parse_terms(text)
    assert terms is not None
    assert [(step.rate, step.days) for step in terms.steps] == steps


@pytest.mark.parametrize(
    "text",
    ["", "net 30", "30 days", "due on receipt", "since 10/11/2026", "0/10 net 30", "50/50 split", "n/30"],
)
def test_terms_without_a_discount_are_none(text: str) -> None:
    """A date or a share is no discount."""
    assert parse_terms(text) is None


@given(st.text(max_size=300))
def test_any_text_is_read(text: str) -> None:
    """Whatever somebody wrote into the field."""
    terms = parse_terms(text)
    assert terms is None or all(0 < step.rate <= 250_000 and step.days <= 365 for step in terms.steps)


@pytest.mark.parametrize("days,earned", [(0, True), (10, True), (13, True), (14, False)])
def test_a_discount_is_earned_until_its_day_and_the_grace(days: int, earned: bool) -> None:
    """Ten days and three of grace; the day that is told is the terms' own."""
    each = open_item("1", "199.99", doc_date=TODAY)
    found = discount_of(each, TWO_TEN, TODAY + timedelta(days=days), 3)
    assert found is not None
    assert (found.amount, found.until, found.earned) == (money("4.00"), TODAY + timedelta(days=10), earned)


def test_after_the_first_step_the_next_one_holds() -> None:
    """2/10, 1/20: on the fifteenth day one percent."""
    terms = parse_terms("2/10, 1/20, net 30")
    assert terms is not None
    assert offer(terms, TODAY, TODAY + timedelta(days=15), 0).rate == 10_000
    assert offer(terms, TODAY, TODAY + timedelta(days=25), 0).rate == 20_000


def test_days_may_count_from_the_end_of_the_month() -> None:
    """2/10 EOM: until the tenth of the next month."""
    terms = parse_terms("2/10 EOM")
    assert terms is not None
    assert offer(terms, date(2026, 2, 3), date(2026, 3, 10), 0).until == date(2026, 3, 10)
    assert offer(terms, date(2026, 2, 3), date(2026, 3, 11), 0).earned is False


def test_a_credit_and_a_cent_have_no_discount() -> None:
    """Nothing is taken off what is not owed, or below one minor unit."""
    assert discount_of(open_item("1", "-10.00"), TWO_TEN, TODAY, 0) is None
    assert discount_of(open_item("1", "0.01"), TWO_TEN, TODAY, 0) is None


@given(st.integers(1, 2**62), st.integers(1, 250_000))
def test_a_discount_leaves_something_to_pay(minor: int, rate: int) -> None:
    """It is less than the amount, and no further from the percentage than half a unit."""
    found = offer(Terms((Step(rate, 10),)), TODAY, TODAY, 0)
    off = found.off(minor)
    assert 0 <= off < minor
    assert abs(2 * (off * 1_000_000 - minor * rate)) <= 1_000_000
