"""A strategy as SQL: one expression over the columns of ``work`` that gives the score of a row on a business date.

The same facts and rules as in ``arqueue.work``, where they also say why; NULL compares as false, as what is not known does there.
What depends on the date compares the date column itself with a day that is computed once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Final

from arqueue.model.currency import EXPONENTS
from arqueue.model.work import WorkKind
from arqueue.work.facts import (
    BUCKETS,
    FACTS,
    LEARNED,
    NOT_DUE,
    SEGMENT,
    SOON_DAYS,
    Fact,
    Shape,
    Type,
    Value,
)
from arqueue.work.strategy import PIN_POINTS, Condition, Fixed, Op, PerUnit, Rule, Steps, Strategy

_FLIPPED: Final = {Op.AT_LEAST: "<=", Op.ABOVE: "<", Op.AT_MOST: ">=", Op.BELOW: ">"}
_FIRST, _LAST = date.min.toordinal(), date.max.toordinal()


def score(strategy: Strategy, day: date) -> str:
    """The expression; a pin comes before everything."""
    return _Compiler(strategy, day).score()


def asleep(day: date) -> str:
    """Whether a row is snoozed on that day."""
    return f"coalesce(work.snoozed_until > {_text(day.isoformat())}, 0)"


@dataclass(frozen=True, slots=True)
class _Compiler:
    strategy: Strategy
    day: date

    def score(self) -> str:
        kinds = [
            (kind, [rule for rule in self.strategy.rules if kind in rule.kinds]) for kind in sorted(WorkKind)
        ]
        cases = " ".join(
            f"WHEN {_text(kind.value)} THEN {self._sum(rules)}" for kind, rules in kinds if rules
        )
        pin = f"CASE WHEN work.pinned_until >= {_text(self.day.isoformat())} THEN {PIN_POINTS} ELSE 0 END"
        return f"({pin} + CASE work.kind {cases} ELSE 0 END)" if cases else f"({pin})"

    def _sum(self, rules: Sequence[Rule]) -> str:
        """Of each group the first that holds; where rules of a group lie apart, all of them at the place of the first."""
        ordered = sorted(enumerate(rules), key=lambda each: self._place(rules, each[0]))
        parts = []
        for _, found in groupby(ordered, key=lambda each: self._place(rules, each[0])):
            branches = " ".join(branch for _, rule in found for branch in self._branches(rule))
            parts.append(f"CASE {branches} ELSE 0 END")
        return _balanced(parts)

    def _place(self, rules: Sequence[Rule], index: int) -> int:
        group = rules[index].group
        return next((n for n, each in enumerate(rules) if group and each.group == group), index)

    def _branches(self, rule: Rule) -> list[str]:
        when = " AND ".join(self._condition(each) for each in rule.when) or "1"
        points = rule.points
        if isinstance(points, Fixed):
            return [f"WHEN {when} THEN {points.points}"]
        if isinstance(points, Steps):
            return [
                f"WHEN {when} AND {self._compare(points.fact, Op.AT_LEAST, least)} THEN {given}"
                for least, given in reversed(points.steps)
            ]
        return [
            f"WHEN {when} AND {self._compare(points.fact, Op.AT_LEAST, points.unit)} THEN {self._per(points)}"
        ]

    def _per(self, per: PerUnit) -> str:
        units = f"({self._value(FACTS[per.fact])}) / {per.unit} * {per.points}"
        return f"max({-per.cap}, min({per.cap}, {units}))"

    def _condition(self, condition: Condition) -> str:
        if condition.op is Op.HAS:
            tags = (f"instr(work.tags, {_text(f' {value} ')}) > 0" for value in condition.values)
            return f"({' OR '.join(tags)})"
        if condition.op in (Op.IN, Op.NOT_IN):
            listed = ", ".join(_literal(value) for value in condition.values)
            found = self._segment() if condition.fact == SEGMENT else self._value(FACTS[condition.fact])
            return f"({found}) {'IN' if condition.op is Op.IN else 'NOT IN'} ({listed})"
        (limit,) = condition.values
        return self._compare(condition.fact, condition.op, int(limit))

    def _compare(self, name: str, op: Op, limit: int) -> str:
        """Days are compared as dates, the other way round."""
        fact = FACTS[name]
        if fact.shape is Shape.DAYS:
            then = self.day.toordinal() - limit
            if _FIRST <= then <= _LAST:
                return f"work.{fact.column} {_FLIPPED[op]} {_text(date.fromordinal(then).isoformat())}"
        return f"({self._value(fact)}) {op.value} {limit}"

    def _segment(self) -> str:
        """The name of the first segment whose conditions hold."""
        cases = " ".join(
            f"WHEN {' AND '.join(self._condition(each) for each in segment.when) or '1'} THEN {_text(segment.name)}"
            for segment in self.strategy.segments
        )
        return f"CASE {cases} ELSE '' END" if cases else "''"

    def _value(self, fact: Fact) -> str:
        return _SHAPES[fact.shape](fact, self.day)


def _days(fact: Fact, day: date) -> str:
    return f"CAST(julianday({_text(day.isoformat())}) - julianday(work.{fact.column}) AS INTEGER)"


def _units(fact: Fact, _: date) -> str:
    """Whole units, rounded towards zero, as SQLite divides."""
    by_digits = " ".join(
        f"WHEN work.{fact.second} IN ({', '.join(_text(code) for code, found in EXPONENTS.items() if found == digits)})"
        f" THEN {10**digits}"
        for digits in sorted(set(EXPONENTS.values()) - {2})
    )
    return f"work.{fact.column} / CASE {by_digits} ELSE 100 END"


def _soon(fact: Fact, day: date) -> str:
    """0 outside of the time in which the customer usually pays; NULL where that, or the size, is not known."""
    known = f"work.habit_count >= {LEARNED} AND work.{fact.column} IS NOT NULL"
    left = f"work.habit_days - CAST(julianday({_text(day.isoformat())}) - julianday(work.due) AS INTEGER)"
    return (
        f"CASE WHEN {known} THEN CASE WHEN {left} BETWEEN 0 AND {SOON_DAYS} THEN {_units(fact, day)}"
        f" WHEN {left} IS NOT NULL THEN 0 END END"
    )


def _bucket(fact: Fact, day: date) -> str:
    cases = " ".join(
        f"WHEN work.{fact.column} <= {_text((day - timedelta(days=least)).isoformat())} THEN {_text(name)}"
        for least, name in BUCKETS
    )
    return f"CASE WHEN work.{fact.column} IS NULL THEN NULL {cases} ELSE {_text(NOT_DUE)} END"


_SHAPES: Final[dict[Shape, Callable[[Fact, date], str]]] = {
    Shape.PLAIN: lambda fact, _: f"work.{fact.column}" + (" <> 0" if fact.type is Type.FLAG else ""),
    Shape.DAYS: _days,
    Shape.UNITS: _units,
    Shape.BUCKET: _bucket,
    Shape.SOON: _soon,
    Shape.BEYOND: lambda fact, day: f"{_days(fact, day)} - work.{fact.second}",
}


def _balanced(parts: Sequence[str]) -> str:
    """A sum that is as deep as it must be, and no deeper: SQLite's expressions have a limit."""
    if len(parts) <= 1:
        return parts[0] if parts else "0"
    half = len(parts) // 2
    return f"({_balanced(parts[:half])} + {_balanced(parts[half:])})"


def _literal(value: Value) -> str:
    return _text(value) if isinstance(value, str) else str(int(value))


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
