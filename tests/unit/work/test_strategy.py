"""Rules: which count, which of a group counts, and what they say."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arqueue.model.work import Reason, WorkKind
from arqueue.strategy_file import default
from arqueue.work.facts import Row, Value
from arqueue.work.judge import judge
from arqueue.work.strategy import Condition, Fixed, Op, PerUnit, Rule, Steps, Strategy
from tests.unit.books import TODAY

OVERDUE = frozenset({WorkKind.OVERDUE})


def overdue(days: int, **more: str | int | None) -> Row:
    """A row of an account so many days past due."""
    return {"kind": "overdue", "items": 2, "due": (TODAY - timedelta(days=days)).isoformat(), **more}


def reasons(row: Row) -> tuple[Reason, ...]:
    """What the default strategy says."""
    return judge(default(), row, TODAY)


def score(row: Row) -> int:
    """What it comes to."""
    return sum(reason.points for reason in reasons(row))


def only(rule: Rule, facts: dict[str, Value]) -> tuple[Reason, ...]:
    """What one rule alone says."""
    return Strategy("s", (rule,)).judge(WorkKind.OVERDUE, facts)


@pytest.mark.parametrize(
    "days,step",
    [(4, None), (5, 5), (9, 5), (10, 10), (29, 15), (30, 30), (59, 30), (60, 60), (90, 90), (400, 90)],
)
def test_of_a_rules_steps_the_highest_reached_counts(days: int, step: int | None) -> None:
    """And only that one."""
    found = [reason.rule for reason in reasons(overdue(days)) if reason.rule.startswith("late/")]
    assert found == ([] if step is None else [f"late/{step}"])


@given(st.integers(0, 500), st.integers(0, 500))
def test_later_never_ranks_lower(one: int, other: int) -> None:
    """Points of a group grow with what they measure."""
    low, high = sorted((one, other))
    assert score(overdue(low)) <= score(overdue(high))


@pytest.mark.parametrize("op", list(Op))
def test_a_fact_that_is_not_known_satisfies_nothing(op: Op) -> None:
    """Neither at least, nor less than, nor is, nor is not."""
    assert not Condition("unknown", op, (0,)).holds({"other": 1})


def test_words_are_not_compared_as_numbers() -> None:
    """A text is never above a number."""
    assert not Condition("dispute_reason", Op.AT_LEAST, (0,)).holds({"dispute_reason": "price"})


def test_rules_judge_only_their_kinds() -> None:
    """A payment is never late."""
    rule = Rule("x", OVERDUE, (), Fixed(5), "always")
    assert Strategy("s", (rule,)).judge(WorkKind.PAYMENT, {}) == ()
    assert only(rule, {})[0].points == 5


def test_all_conditions_must_hold() -> None:
    """One that fails is enough."""
    when = (Condition("a", Op.AT_LEAST, (1,)), Condition("b", Op.BELOW, (5,)))
    rule = Rule("x", OVERDUE, when, Fixed(5), "{a} and {b}")
    assert only(rule, {"a": 1, "b": 5}) == ()
    assert only(rule, {"a": 1, "b": 4})[0].words == "1 and 4"


def test_of_a_group_the_first_that_holds_counts() -> None:
    """Whatever the others would give."""
    rules = tuple(
        Rule(name, OVERDUE, (Condition("a", Op.AT_LEAST, (low,)),), Fixed(points), name, "g")
        for name, low, points in (("high", 10, 1), ("low", 1, 100))
    )
    found = [Strategy("s", rules).judge(WorkKind.OVERDUE, {"a": a}) for a in (0, 5, 10)]
    assert [[reason.rule for reason in each] for each in found] == [[], ["low"], ["high"]]


@pytest.mark.parametrize("found,points", [(6, None), (7, 2), (20, 4), (21, 6), (700, 9)])
def test_points_per_unit_stop_at_their_cap(found: int, points: int | None) -> None:
    """Two for each whole week, nine at most."""
    given_ = only(Rule("x", OVERDUE, (), PerUnit("a", 7, 2, 9), "x"), {"a": found})
    assert [reason.points for reason in given_] == ([] if points is None else [points])


def test_below_its_first_step_a_rule_says_nothing() -> None:
    """Not even no points."""
    assert only(Rule("x", OVERDUE, (), Steps("a", ((5, 1),)), "x"), {"a": 4}) == ()


def test_foreign_words_are_filled_in_as_they_are() -> None:
    """A dispute reason with braces in it is text, not a template."""
    row = {"kind": "dispute", "dispute": "{count} {0}", "since": TODAY.isoformat()}
    assert "disputed: {count} {0}" in [reason.words for reason in reasons(row)]


def test_an_exclusion_puts_a_row_below_all_that_are_to_be_chased() -> None:
    """However late and large it is."""
    worst = overdue(
        400, on_hold=1, over_limit=1, base_minor=10**9, base_currency="EUR", habit_days=0, habit_count=9
    )
    assert score({**worst, "cover": "paid", "cover_words": "P"}) < 0 < score(overdue(1))


def test_a_payer_who_is_late_as_never_before_ranks_higher() -> None:
    """Learned from enough payments only."""
    usual = score(overdue(30, habit_days=12, habit_count=4))
    assert score(overdue(30, habit_days=12, habit_count=5)) > usual
    assert "usually pays 12 d late, now 30" in [
        reason.words for reason in reasons(overdue(30, habit_days=12, habit_count=5))
    ]


@pytest.mark.parametrize("habit", [0, -14])
def test_a_payer_who_never_was_late_is_said_to_pay_on_time(habit: int) -> None:
    """Nobody pays some days less than nothing late; it counts as much."""
    punctual, slow = (overdue(30, habit_days=days, habit_count=5) for days in (habit, 12))
    assert "usually pays on time, now 30 d late" in [reason.words for reason in reasons(punctual)]
    assert score(punctual) == score(slow)


def test_a_pin_comes_first_until_its_last_day() -> None:
    """With its reason; the day after it is over."""
    pinned = overdue(1, pinned_until=TODAY.isoformat(), pin_reason="ring at noon")
    assert reasons(pinned)[0].words == "pinned: ring at noon"
    over = {**pinned, "pinned_until": (TODAY - timedelta(days=1)).isoformat()}
    assert [reason.rule for reason in reasons(over)] == ["overdue"]
