"""Two evaluators of one strategy: the score that SQL orders by is the sum of the points that the row shows."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlite_utils import Database

from arqueue.model.work import WorkKind
from arqueue.strategy_file import default
from arqueue.work.facts import BUCKETS, FACTS, NOT_DUE, SEGMENT, Fact, Type
from arqueue.work.judge import judge
from arqueue.work.strategy import Condition, Fixed, Op, PerUnit, Rule, Segment, Steps, Strategy
from data.store.scoring import score
from tests.unit.books import TODAY

NUMBERS = [fact.name for fact in FACTS.values() if fact.type is Type.NUMBER]
SMALL = st.integers(-40, 120)
TEXTS = st.sampled_from(
    ["a", "b", "it's", "paid", "open", "overdue", NOT_DUE, *(name for _, name in BUCKETS)]
)
DATES = st.integers(-120, 30).map(lambda days: (TODAY + timedelta(days=days)).isoformat())
POINTS = st.integers(-300, 300)
NAMES = st.sampled_from(["", "key", "o'small"])


def conditions_on(fact: Fact) -> st.SearchStrategy[Condition]:
    """Anything that may be asked of a fact."""
    if fact.type is Type.FLAG:
        return st.booleans().map(lambda value: Condition(fact.name, Op.IN, (value,)))
    if fact.type is Type.TAGS:
        return st.lists(st.sampled_from(["x", "y"]), min_size=1).map(
            lambda v: Condition(fact.name, Op.HAS, tuple(v))
        )
    either = st.sampled_from([Op.IN, Op.NOT_IN])
    if fact.type is Type.TEXT:
        return st.builds(
            Condition, st.just(fact.name), either, st.lists(TEXTS, min_size=1, max_size=3).map(tuple)
        )
    ordered = st.sampled_from([Op.AT_LEAST, Op.ABOVE, Op.AT_MOST, Op.BELOW])
    return st.one_of(
        st.builds(Condition, st.just(fact.name), ordered, SMALL.map(lambda n: (n,))),
        st.builds(Condition, st.just(fact.name), either, st.lists(SMALL, min_size=1, max_size=3).map(tuple)),
    )


CONDITIONS = st.sampled_from(sorted(FACTS)).flatmap(lambda name: conditions_on(FACTS[name]))
SEGMENTED = st.builds(
    Condition, st.just(SEGMENT), st.sampled_from([Op.IN, Op.NOT_IN]), st.lists(NAMES, min_size=1).map(tuple)
)
WHEN = st.lists(st.one_of(CONDITIONS, SEGMENTED), max_size=3).map(tuple)
STEPS = st.lists(st.tuples(SMALL, POINTS), min_size=1, max_size=4, unique_by=lambda step: step[0]).map(
    lambda steps: tuple(sorted(steps))
)
GIVEN = st.one_of(
    st.builds(Fixed, POINTS),
    st.builds(Steps, st.sampled_from(NUMBERS), STEPS),
    st.builds(PerUnit, st.sampled_from(NUMBERS), st.integers(1, 30), POINTS, st.integers(1, 400)),
)
RULES = st.lists(
    st.builds(
        Rule,
        st.text(max_size=3),
        st.frozensets(st.sampled_from(WorkKind), min_size=1),
        WHEN,
        GIVEN,
        st.sampled_from(["", "{age_days} {words} {base_words}"]),
        st.sampled_from(["", "", "g", "h"]),
    ),
    max_size=8,
).map(tuple)
SEGMENTS = st.lists(
    st.builds(Segment, NAMES.filter(bool), st.lists(CONDITIONS, min_size=1, max_size=2).map(tuple)),
    max_size=2,
).map(tuple)
STRATEGIES = st.builds(Strategy, st.just("any"), RULES, SEGMENTS)

_DATED = {"since", "due", "disputed_on", "promised_on", "contacted_on", "pinned_until"}
_CURRENCIES = {"currency", "base_currency"}


@pytest.fixture
def columns(database: Database) -> dict[str, str]:
    """The queue's columns by their type."""
    found = database.conn.execute("SELECT name, type FROM pragma_table_info('work') WHERE name <> 'seq'")
    return dict(found.fetchall())


def _values(draw: Any, columns: dict[str, str]) -> Iterator[Any]:
    for name, kind in columns.items():
        if name == "kind":
            yield draw(st.sampled_from(WorkKind)).value
        elif name in ("id", "subject"):
            yield "x"
        elif name in _CURRENCIES:
            yield draw(st.sampled_from(["EUR", "JPY", "KWD"]))
        elif name == "amount":
            yield draw(st.integers(-(10**6), 10**6))
        elif name == "since":
            yield draw(DATES)
        elif name == "tags":
            yield draw(st.sampled_from([None, " x ", " y z ", " xy "]))
        elif name in _DATED:
            yield draw(st.one_of(st.none(), DATES))
        elif kind == "INTEGER":
            yield draw(st.one_of(st.none(), SMALL, st.integers(-(10**6), 10**6)))
        else:
            yield draw(st.one_of(st.none(), TEXTS))


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(STRATEGIES, st.data())
def test_the_score_is_the_sum_of_the_points_shown(
    database: Database, columns: dict[str, str], strategy: Strategy, data: st.DataObject
) -> None:
    """For any rules and any row, with anything unknown."""
    values = tuple(_values(data.draw, columns))
    found = _scored(database.conn, columns, values, strategy)
    shown = judge(strategy, dict(zip(columns, values, strict=True)), TODAY)
    assert found == sum(reason.points for reason in shown)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.data())
def test_the_default_strategy_agrees_with_itself(
    database: Database, columns: dict[str, str], data: st.DataObject
) -> None:
    """The file that ships."""
    values = tuple(_values(data.draw, columns))
    shown = judge(default(), dict(zip(columns, values, strict=True)), TODAY)
    assert _scored(database.conn, columns, values, default()) == sum(reason.points for reason in shown)


def _scored(
    connection: sqlite3.Connection, columns: dict[str, str], values: tuple[Any, ...], strategy: Strategy
) -> int:
    connection.execute("DELETE FROM work")
    marks = ", ".join("?" * len(values))
    connection.execute(f"INSERT INTO work ({', '.join(columns)}) VALUES ({marks})", values)
    (found,) = connection.execute(f"SELECT {score(strategy, TODAY)} FROM work").fetchone()
    return int(found)
