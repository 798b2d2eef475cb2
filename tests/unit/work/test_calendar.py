"""Which day somebody means: in words, after today, on a day that is worked."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arqueue.errors import ConfigInvalid, Invalid
from arqueue.work.calendar import FARTHEST, Calendar, day_of, words

FRIDAY = date(2026, 11, 20)
PLAIN = Calendar()
GERMAN = Calendar(country="DE", subdivision="BY")


@pytest.mark.parametrize(
    "text, day",
    [
        ("tomorrow", "2026-11-23"),
        ("3d", "2026-11-23"),
        ("5 days", "2026-11-25"),
        ("2w", "2026-12-04"),
        ("in 2 weeks", "2026-12-04"),
        ("5wd", "2026-11-27"),
        ("1 working day", "2026-11-23"),
        ("1m", "2026-12-21"),
        ("Fri", "2026-11-27"),
        ("thursday", "2026-11-26"),
        ("next week", "2026-11-23"),
        ("next month", "2026-12-01"),
        ("month end", "2026-11-30"),
        ("1 dec", "2026-12-01"),
        ("24. december", "2026-12-24"),
        ("jan 5 2028", "2028-01-05"),
        ("15 nov", "2027-11-15"),
        ("2026-12-06", "2026-12-06"),
    ],
)
def test_a_day_in_words(text: str, day: str) -> None:
    """What is counted or named moves to the next working day; a written date stays."""
    assert day_of(text, FRIDAY, PLAIN).isoformat() == day


def test_a_holiday_is_not_worked() -> None:
    """Christmas of a country, the company's own days."""
    assert day_of("5w", FRIDAY, GERMAN) == date(2026, 12, 28)
    closed = Calendar(closed=frozenset({date(2026, 11, 23)}))
    assert day_of("tomorrow", FRIDAY, closed) == date(2026, 11, 24)
    assert words(date(2026, 12, 25), FRIDAY, GERMAN).startswith("Fri 25 Dec 2026, in 35 days (")


@pytest.mark.parametrize(
    "text", ["", "someday", "0d", "fr", "31 feb", "99999d", "2026-11-20", "2026-02-30", "9999w", "1 may 1999"]
)
def test_what_is_no_day_ahead_is_refused(text: str) -> None:
    """The field is named."""
    with pytest.raises(Invalid, match=r"^until:"):
        day_of(text, FRIDAY, PLAIN)


def test_an_unknown_country_is_a_fault_of_the_settings() -> None:
    """It is named."""
    with pytest.raises(ConfigInvalid, match="XX"):
        day_of("3d", FRIDAY, Calendar(country="XX"))


@given(
    st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(1, 400), st.sampled_from(["d", "wd", "w", "m"])
)
def test_whatever_is_counted_is_worked_and_ahead(today: date, number: int, unit: str) -> None:
    """On any day, at any distance that is allowed."""
    try:
        found = day_of(f"{number}{unit}", today, PLAIN)
    except Invalid:
        assert number * {"d": 1, "wd": 1, "w": 7, "m": 28}[unit] > FARTHEST.days - 200
        return
    assert PLAIN.is_worked(found)
    assert today < found <= today + FARTHEST


@given(st.text(max_size=60), st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_any_text_is_a_day_ahead_or_refused(text: str, today: date) -> None:
    """Never another error."""
    with suppress(Invalid):
        assert timedelta(0) < day_of(text, today, PLAIN) - today <= FARTHEST
