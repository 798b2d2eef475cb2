"""Rules: which count, which of a group counts, and what they say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arqueue.model.work import WorkKind
from arqueue.work.strategy import DEFAULT, Condition, Fact, Rule, Strategy

OVERDUE = frozenset({WorkKind.OVERDUE})
FACTS: dict[str, Fact] = {
    "count": 2,
    "on_hold": False,
    "over_limit": False,
    "covered": False,
    "unapplied": "0.00",
}


def names(days: int) -> list[str]:
    """The late rules that count at so many days."""
    reasons = DEFAULT.judge(WorkKind.OVERDUE, {**FACTS, "days_past_due": days})
    return [reason.rule for reason in reasons if reason.rule.startswith("late/")]


@pytest.mark.parametrize(
    "days,step",
    [(4, None), (5, 5), (9, 5), (10, 10), (29, 15), (30, 30), (59, 30), (60, 60), (90, 90), (400, 90)],
)
def test_of_a_groups_steps_the_highest_reached_counts(days: int, step: int | None) -> None:
    """And only that one."""
    assert names(days) == ([] if step is None else [f"late/{step}"])


@given(st.integers(0, 500), st.integers(0, 500))
def test_later_never_ranks_lower(one: int, other: int) -> None:
    """Points of a group grow with what they measure."""
    low, high = sorted((one, other))
    facts = [{**FACTS, "days_past_due": days} for days in (low, high)]
    scores = [sum(reason.points for reason in DEFAULT.judge(WorkKind.OVERDUE, each)) for each in facts]
    assert scores[0] <= scores[1]


def test_a_fact_that_is_not_known_satisfies_nothing() -> None:
    """Neither at least, nor less than, nor is."""
    for op, value in ((">=", 0), ("<", 10**9), ("is", False)):
        assert not Condition("unknown", op, value).holds({"other": 1})


def test_words_are_not_compared_as_numbers() -> None:
    """A text is never above a number."""
    assert not Condition("dispute", ">=", 0).holds({"dispute": "price"})


def test_rules_judge_only_their_kinds() -> None:
    """A payment is never late."""
    rule = Rule("x", OVERDUE, (), 5, "always")
    assert Strategy("s", (rule,)).judge(WorkKind.PAYMENT, {}) == ()
    assert Strategy("s", (rule,)).judge(WorkKind.OVERDUE, {})[0].points == 5


def test_all_conditions_must_hold() -> None:
    """One that fails is enough."""
    rule = Rule("x", OVERDUE, (Condition("a", ">=", 1), Condition("b", "<", 5)), 5, "{a} and {b}")
    strategy = Strategy("s", (rule,))
    assert strategy.judge(WorkKind.OVERDUE, {"a": 1, "b": 5}) == ()
    assert strategy.judge(WorkKind.OVERDUE, {"a": 1, "b": 4})[0].words == "1 and 4"


def test_foreign_words_are_filled_in_as_they_are() -> None:
    """A dispute reason with braces in it is text, not a template."""
    reasons = DEFAULT.judge(WorkKind.DISPUTE, {"dispute": "{count} {0}", "age_days": 0})
    assert "disputed: {count} {0}" in [reason.words for reason in reasons]
