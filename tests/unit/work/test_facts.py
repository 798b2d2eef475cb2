"""What is known of a row on a date, where it is more than a column."""

from __future__ import annotations

from datetime import timedelta

import pytest

from arqueue.work.facts import FACTS, LEARNED, SOON_DAYS, Row
from tests.unit.books import TODAY


def row(days_late: int | None, usual: int | None, seen: int | None, minor: int | None = 125_075) -> Row:
    """An overdue row of 1,250.75 EUR and its customer's habit."""
    due = None if days_late is None else (TODAY - timedelta(days=days_late)).isoformat()
    return {
        "due": due,
        "habit_days": usual,
        "habit_count": seen,
        "base_minor": minor,
        "base_currency": "EUR",
    }


@pytest.mark.parametrize(
    "days_late, usual, expected",
    [
        (0, SOON_DAYS + 1, 0),
        (0, SOON_DAYS, 1250),
        (10, 12, 1250),
        (12, 12, 1250),
        (13, 12, 0),
        (-30, -20, 1250),
        (200, 12, 0),
    ],
)
def test_cash_is_expected_about_when_the_customer_usually_pays(
    days_late: int, usual: int, expected: int
) -> None:
    """From two weeks before the usual day up to it: then half of what it pays is here. Later nobody knows, and it is chased."""
    assert FACTS["expected_cash"].of(row(days_late, usual, LEARNED), TODAY) == expected


@pytest.mark.parametrize(
    "unknown", [row(None, 12, 9), row(10, None, 9), row(10, 12, LEARNED - 1), row(10, 12, 9, None)]
)
def test_without_a_habit_or_a_size_nothing_is_known(unknown: Row) -> None:
    """Which is not the same as nothing: no rule holds by it."""
    assert FACTS["expected_cash"].of(unknown, TODAY) is None
