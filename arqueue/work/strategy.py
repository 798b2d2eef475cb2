"""How work is ranked: priority is the sum of the points of the satisfied rules, and every rule says its points in words.

The additive form, and the stacking of one rule on another ("10 days more, 2 points more"), follow SAP's collection strategies.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from arqueue.model.work import Reason, WorkKind

Fact = int | str | bool
Facts = Mapping[str, Fact]

_ALL: Final = frozenset(WorkKind)
_P, _D, _O = frozenset({WorkKind.PAYMENT}), frozenset({WorkKind.DISPUTE}), frozenset({WorkKind.OVERDUE})


@dataclass(frozen=True, slots=True)
class Condition:
    """One fact compared with one value. A fact that is not known satisfies nothing."""

    fact: str
    op: str
    value: Fact

    def holds(self, facts: Facts) -> bool:
        """Whether the fact is there and compares as asked."""
        found = facts.get(self.fact)
        if found is None:
            return False
        if self.op == "is":
            return found == self.value
        if not isinstance(found, int) or not isinstance(self.value, int):
            return False
        return found >= self.value if self.op == ">=" else found < self.value


@dataclass(frozen=True, slots=True)
class Rule:
    """A name, the kinds it judges, its conditions (all must hold), its points, and its words with ``{fact}`` in them."""

    name: str
    kinds: frozenset[WorkKind]
    when: tuple[Condition, ...]
    points: int
    words: str


@dataclass(frozen=True, slots=True)
class Strategy:
    """An ordered set of rules. Of rules that share a ``group/…`` prefix in their names only the first satisfied counts."""

    name: str
    rules: tuple[Rule, ...]

    def rules_on(self, *facts: str) -> frozenset[str]:
        """The names of the rules that ask for one of these facts."""
        return frozenset(rule.name for rule in self.rules if any(each.fact in facts for each in rule.when))

    def judge(self, kind: WorkKind, facts: Facts) -> tuple[Reason, ...]:
        """Every satisfied rule with its words filled in: most points first, but what is true of every row of its kind last,
        since a narrow screen shows only the first words."""
        reasons, taken = [], set()
        for rule in self.rules:
            group = rule.name.split("/")[0]
            if kind not in rule.kinds or group in taken or not all(each.holds(facts) for each in rule.when):
                continue
            taken.add(group)
            plain = not rule.when and "{" not in rule.words
            reasons.append((plain, Reason(rule.name, rule.points, rule.words.format_map(facts))))
        reasons.sort(key=lambda found: (found[0], -abs(found[1].points), found[1].rule))
        return tuple(reason for _, reason in reasons)


def _at_least(fact: str, value: int) -> tuple[Condition, ...]:
    return (Condition(fact, ">=", value),)


def _is(fact: str, value: Fact = True) -> tuple[Condition, ...]:
    return (Condition(fact, "is", value),)


def _steps(
    name: str, kinds: frozenset[WorkKind], fact: str, words: str, *steps: tuple[int, int]
) -> tuple[Rule, ...]:
    """The highest step that is reached counts: (at least so much, points), written in rising order."""
    return tuple(
        Rule(f"{name}/{value}", kinds, _at_least(fact, value), points, words)
        for value, points in reversed(steps)
    )


DEFAULT: Final = Strategy(
    "default",
    (
        Rule("failure", frozenset({WorkKind.FAILURE}), (), 300, "{words}"),
        Rule("escalated", frozenset({WorkKind.ESCALATION}), (), 150, "{words}"),
        Rule("unapplied", _P, (), 45, "unapplied"),
        Rule("disputed", _D, (), 35, "disputed: {dispute}"),
        Rule("overdue", _O, (), 10, "{count} overdue, oldest {days_past_due} d"),
        *_steps(
            "waiting", _P, "age_days", "waiting {age_days} d", (1, 5), (3, 15), (7, 25), (14, 35), (30, 45)
        ),
        Rule("named", _P, _is("names_open"), 20, "names an open invoice"),
        Rule("exact", _P, _is("equals_open"), 10, "equals an open invoice"),
        *_steps("dispute age", _D, "age_days", "open {age_days} d", (10, 5), (30, 20), (60, 35), (90, 45)),
        *_steps(
            "late",
            _O,
            "days_past_due",
            "{days_past_due} d late",
            (5, 5),
            (10, 15),
            (15, 20),
            (30, 35),
            (60, 50),
            (90, 60),
        ),
        *_steps(
            "large", _ALL, "base_units", "{base_words}", (1_000, 5), (5_000, 15), (20_000, 25), (50_000, 40)
        ),
        Rule("hold", _O, _is("on_hold"), 10, "on credit hold"),
        Rule("limit", _O, _is("over_limit"), 15, "over its credit limit"),
        # below every row that is to be chased: the others together give no more than 135, and never less than 10
        Rule("cover/paid", _O, _is("paid"), -200, "{paid_words}: apply first"),
        Rule("cover/all", _O, _is("covered"), -200, "{unapplied} unapplied may cover it: apply first"),
        Rule("cover/part paid", _O, _is("part_paid"), -15, "{paid_words}: apply first"),
        Rule("cover/part", _O, _is("part_covered"), -15, "{unapplied} unapplied, to apply first"),
    ),
)
