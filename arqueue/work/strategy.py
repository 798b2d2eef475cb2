"""How work is ranked: priority is the sum of the points of the satisfied rules, and every rule says its points in words.

The additive form, and the stacking of one rule on another ("10 days more, 2 points more"), follow SAP's collection strategies.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any, Final

from arqueue.model.work import Reason, WorkKind
from arqueue.work.facts import SEGMENT, Value

Facts = Mapping[str, Value]
PIN: Final = "pinned"
PIN_POINTS: Final = 10_000
"""What a pin adds, in every strategy: above whatever rules give together."""
POINTS_CAP: Final = 2_000
"""The most that one rule may give or take."""


class Op(StrEnum):
    """How a fact is compared. ``IN`` and ``HAS`` take several values: one of them is enough."""

    AT_LEAST = ">="
    ABOVE = ">"
    AT_MOST = "<="
    BELOW = "<"
    IN = "is"
    NOT_IN = "is not"
    HAS = "has"


_COMPARED: Final[Mapping[Op, Callable[[int, int], bool]]] = {
    Op.AT_LEAST: operator.ge,
    Op.ABOVE: operator.gt,
    Op.AT_MOST: operator.le,
    Op.BELOW: operator.lt,
}


@dataclass(frozen=True, slots=True)
class Condition:
    """One fact compared with one value, or with one of several. A fact that is not known satisfies nothing."""

    fact: str
    op: Op
    values: tuple[Value, ...]

    def holds(self, facts: Facts) -> bool:
        """Whether the fact is there and compares as asked."""
        found = facts.get(self.fact)
        if found is None:
            return False
        if self.op is Op.IN:
            return found in self.values
        if self.op is Op.NOT_IN:
            return found not in self.values
        if self.op is Op.HAS:
            return not set(str(found).split()).isdisjoint(map(str, self.values))
        (limit,) = self.values
        if not isinstance(found, int) or not isinstance(limit, int):
            return False
        return _COMPARED[self.op](found, limit)


@dataclass(frozen=True, slots=True)
class Fixed:
    """The same points whenever the rule holds."""

    points: int

    def of(self, facts: Facts) -> tuple[str, int] | None:
        """What is added to the rule's name, and the points."""
        return "", self.points


@dataclass(frozen=True, slots=True)
class Steps:
    """The highest step that is reached counts: (at least so much, points), in rising order."""

    fact: str
    steps: tuple[tuple[int, int], ...]

    def of(self, facts: Facts) -> tuple[str, int] | None:
        """The step and its points; None below the first."""
        found = facts.get(self.fact)
        if not isinstance(found, int):
            return None
        return next(((f"/{least}", points) for least, points in reversed(self.steps) if found >= least), None)


@dataclass(frozen=True, slots=True)
class PerUnit:
    """So many points for each ``unit`` of a fact, no more than ``cap`` of them (no less, where points are taken)."""

    fact: str
    unit: int
    points: int
    cap: int

    def of(self, facts: Facts) -> tuple[str, int] | None:
        """The points; None below one unit."""
        found = facts.get(self.fact)
        if not isinstance(found, int) or found < self.unit:
            return None
        return "", max(-self.cap, min(self.cap, found // self.unit * self.points))


@dataclass(frozen=True, slots=True)
class Rule:
    """A name, the kinds it judges, its conditions (all must hold), its points, and its words with ``{fact}`` in them. Of rules of
    one ``group`` only the first that holds counts. A rule that ``excludes`` says why a row is not to be chased."""

    name: str
    kinds: frozenset[WorkKind]
    when: tuple[Condition, ...]
    points: Fixed | Steps | PerUnit
    words: str
    group: str = ""
    excludes: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether it says the same of every row of its kinds."""
        return not self.when and isinstance(self.points, Fixed) and "{" not in self.words

    def judge(self, facts: Facts) -> Reason | None:
        """Its points in words; None where it does not hold."""
        for each in self.when:  # a window judges a thousand rules: no generator here
            if not each.holds(facts):
                return None
        if (found := self.points.of(facts)) is None:
            return None
        more, points = found
        return Reason(self.name + more, points, self.words.format_map(_Spoken(facts)))


@dataclass(frozen=True, slots=True)
class _InSegment(Mapping[str, Value]):
    """Facts, and the segment that they lie in."""

    facts: Facts
    segment: str

    def get(self, name: str, default: Any = None) -> Any:
        return self.segment if name == SEGMENT else self.facts.get(name, default)

    def __getitem__(self, name: str) -> Value:
        return self.segment if name == SEGMENT else self.facts[name]

    def __iter__(self) -> Iterator[str]:
        return iter((*self.facts, SEGMENT))

    def __len__(self) -> int:
        return len(self.facts) + 1


@dataclass(frozen=True, slots=True)
class _Spoken(Mapping[str, Value]):
    """Facts in words; what is not known is a question mark."""

    facts: Facts

    def __getitem__(self, name: str) -> Value:
        return self.facts.get(name, "?")

    def __iter__(self) -> Iterator[str]:
        return iter(self.facts)

    def __len__(self) -> int:
        return len(self.facts)


@dataclass(frozen=True, slots=True)
class Segment:
    """Customers that some rules judge otherwise: who they are, by conditions that all must hold."""

    name: str
    when: tuple[Condition, ...]


@dataclass(frozen=True)
class Strategy:
    """An ordered set of rules, and the segments that they may ask for; a row is of the first segment whose conditions hold."""

    name: str
    rules: tuple[Rule, ...]
    segments: tuple[Segment, ...] = ()

    @property
    def tags(self) -> list[str]:
        """The tags of customers that any of it asks for."""
        asked = (each for each in self._conditions if each.fact == "tag")
        return sorted({str(tag) for each in asked for tag in each.values})

    @property
    def asked(self) -> list[str]:
        """The facts that any of it asks for."""
        measured = (rule.points.fact for rule in self.rules if not isinstance(rule.points, Fixed))
        return sorted({*(each.fact for each in self._conditions), *measured} - {SEGMENT})

    @property
    def _conditions(self) -> list[Condition]:
        whens = [*(rule.when for rule in self.rules), *(segment.when for segment in self.segments)]
        return [each for when in whens for each in when]

    @cached_property
    def _by_kind(self) -> dict[WorkKind, tuple[Rule, ...]]:
        return {kind: tuple(rule for rule in self.rules if kind in rule.kinds) for kind in WorkKind}

    def judge(self, kind: WorkKind, facts: Facts) -> tuple[Reason, ...]:
        """Every satisfied rule with its words filled in: most points first, but what is true of every row of its kind last,
        since a narrow screen shows only the first words."""
        segment = next((each.name for each in self.segments if all(c.holds(facts) for c in each.when)), "")
        facts = _InSegment(facts, segment) if self.segments else facts
        found = sorted(
            self._satisfied(kind, facts), key=lambda each: (each[0], -abs(each[1].points), each[1].rule)
        )
        return tuple(reason for _, reason in found)

    def _satisfied(self, kind: WorkKind, facts: Facts) -> Iterator[tuple[bool, Reason]]:
        taken: set[str] = set()
        for rule in self._by_kind.get(kind, ()):
            if rule.group not in taken and (reason := rule.judge(facts)):
                if rule.group:
                    taken.add(rule.group)
                yield rule.is_plain, reason
