"""A strategy file: TOML at the edge, rules inside. Every mistake is named with its line and its field, all at once."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from string import Formatter
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from arqueue.errors import Invalid
from arqueue.model.text import clean_line
from arqueue.model.work import WorkKind
from arqueue.strategy_conditions import NUMBER_CAP, conditions
from arqueue.work.facts import FACTS, SEGMENT, WORDS_ONLY, Type
from arqueue.work.strategy import (
    PIN_POINTS,
    POINTS_CAP,
    Condition,
    Fixed,
    Op,
    PerUnit,
    Rule,
    Segment,
    Steps,
    Strategy,
)

_TEXT_CAP: Final = 100_000
_DOTS_CAP: Final = 50
_MISTAKES_CAP: Final = 20
_SEGMENT_TESTS_CAP: Final = 5_000
"""Each rule that asks for a segment compares all that tells segments apart, for each of its kinds."""
_TABLE = re.compile(r"\s*\[{1,2}\s*([A-Za-z_-]+)\s*\]{1,2}\s*(#.*)?$")
_KEY = re.compile(r"\s*([A-Za-z0-9_-]+)\s*[=.]")
_WORD_KEY: Final = frozenset(FACTS) | WORDS_ONLY | {SEGMENT}
_HINT: Final = "correct it and check it again with `arqueue strategy check FILE`; nothing was changed"


class StrategyInvalid(Invalid):
    """A strategy file with mistakes, a line of words for each."""

    code = "strategy"

    def __init__(self, message: str, hint: str = _HINT) -> None:
        super().__init__(message, hint)

    @classmethod
    def of(cls, mistakes: Sequence[str]) -> StrategyInvalid:
        """All of them; of very many the first, and how many more there are."""
        many = len(mistakes) > _MISTAKES_CAP
        return cls(f"{mistakes[0]} (and {len(mistakes) - 1} more)" if many else "\n".join(mistakes))

    @property
    def mistakes(self) -> tuple[str, ...]:
        """The lines."""
        return tuple(self.message.split("\n"))


_Points = Annotated[int, Field(ge=-POINTS_CAP, le=POINTS_CAP, strict=True)]
_Amount = Annotated[int, Field(ge=-NUMBER_CAP, le=NUMBER_CAP, strict=True)]
_Name = Annotated[str, Field(min_length=1, max_length=60)]
_When = dict[str, bool | int | str | list[int] | list[str]]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Per(_Strict):
    """So many points for each unit of a fact."""

    fact: str
    unit: Annotated[int, Field(ge=1, le=NUMBER_CAP, strict=True)]
    points: _Points
    cap: Annotated[int, Field(ge=1, le=POINTS_CAP, strict=True)]


class _RuleIn(_Strict):
    """A rule, or an exclusion."""

    name: _Name
    kinds: Annotated[list[WorkKind], Field(min_length=1)] = sorted(WorkKind)
    when: _When = {}
    points: _Points | None = None
    fact: str = ""
    steps: list[Annotated[list[_Amount], Field(min_length=2, max_length=2)]] = []
    per: _Per | None = None
    group: Annotated[str, Field(max_length=60)] = ""
    segments: list[str] = []
    except_segments: list[str] = []
    words: Annotated[str, Field(min_length=1, max_length=200)]


class _SegmentIn(_Strict):
    """A segment of customers."""

    name: _Name
    when: Annotated[_When, Field(min_length=1)]


class _FileIn(_Strict):
    """The whole file."""

    name: _Name
    segment: Annotated[list[_SegmentIn], Field(max_length=50)] = []
    rule: Annotated[list[_RuleIn], Field(max_length=200)] = []
    exclusion: Annotated[list[_RuleIn], Field(max_length=100)] = []


@lru_cache(maxsize=16)
def read(text: str) -> Strategy:
    """The strategy that a file's text holds. Raises StrategyInvalid with every mistake."""
    if len(text) > _TEXT_CAP:
        raise StrategyInvalid.of([f"the file has {len(text):,} characters, {_TEXT_CAP:,} at most"])
    _refuse_deep_keys(text)
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise StrategyInvalid.of([f"not TOML: {clean_line(str(error), limit=200)}"]) from None
    except RecursionError:
        raise StrategyInvalid.of(["not TOML that anybody wrote: nested too deep"]) from None
    lines = _Lines.of(text)
    try:
        file = _FileIn.model_validate(raw)
    except ValidationError as error:
        raise StrategyInvalid.of([_said(lines, found) for found in error.errors(include_url=False)]) from None
    reading = _Reading(file, lines, [])
    strategy = reading.strategy()
    if reading.mistakes:
        raise StrategyInvalid.of(reading.mistakes)
    return strategy


def _refuse_deep_keys(text: str) -> None:
    """The reader of TOML takes minutes over a key of thousands of parts, and everybody would wait for one who sends it."""
    for number, line in enumerate(text.splitlines(), start=1):
        if line.count(".") > _DOTS_CAP and not line.lstrip().startswith("#"):
            raise StrategyInvalid.of([f"line {number}: it has more than {_DOTS_CAP} dots"])


def default_text() -> str:
    """The strategy that ships with the program."""
    return resources.files("arqueue.work").joinpath("default.toml").read_text("utf-8")


@cache
def default() -> Strategy:
    """The same, read."""
    return read(default_text())


@dataclass(frozen=True, slots=True)
class _Lines:
    """Where each key of each table stands; the reader of TOML does not say."""

    at: dict[tuple[str, int, str], int]

    @classmethod
    def of(cls, text: str) -> _Lines:
        at: dict[tuple[str, int, str], int] = {}
        table, seen = "", Counter[str]()
        for number, line in enumerate(text.splitlines(), start=1):
            if found := _TABLE.match(line):
                table = found[1]
                at.setdefault((table, seen[table], ""), number)
                seen[table] += 1
            elif key := _KEY.match(line):
                at.setdefault((table, max(0, seen[table] - 1), key[1]), number)
        return cls(at)

    def find(self, table: str, index: int, key: str) -> int:
        """The key's line, else that where its table begins, else the first."""
        return self.at.get((table, index, key)) or self.at.get((table, index, "")) or 1


def _said(lines: _Lines, error: Any) -> str:
    """A mistake of the reader of the model."""
    where = list(error["loc"])
    if len(where) >= 2 and isinstance(where[1], int):
        table, index, key = str(where[0]), where[1], str(where[2]) if len(where) > 2 else ""
    else:
        table, index, key = "", 0, str(where[0]) if where else ""
    line = lines.find(table, index, key)
    field = ".".join(
        str(part) for part in where if part not in ("bool", "int", "str", "list[int]", "list[str]")
    )
    words = "there is no such field" if error["type"] == "extra_forbidden" else error["msg"]
    return clean_line(f"line {line}: {field}: {words}", limit=300)


@dataclass(frozen=True, slots=True)
class _Reading:
    """From the file's model to rules, with the mistakes that only meaning shows."""

    file: _FileIn
    lines: _Lines
    mistakes: list[str]

    def strategy(self) -> Strategy:
        segments = tuple(
            Segment(each.name, self._when("segment", index, each.when, known_segments=False))
            for index, each in enumerate(self.file.segment)
        )
        rules = [
            self._rule(table, index, each)
            for table, found in (("rule", self.file.rule), ("exclusion", self.file.exclusion))
            for index, each in enumerate(found)
        ]
        self._unique("segment", [each.name for each in self.file.segment])
        for table, found in (("rule", self.file.rule), ("exclusion", self.file.exclusion)):
            before = [each.name for each in self.file.rule] if table == "exclusion" else []
            self._unique(table, [each.name for each in found], before)
        self._refuse_too_many_tests(rules, segments)
        self._refuse_above_pins(rules)
        return Strategy(clean_line(self.file.name), _excluding_first(rules), segments)

    def _refuse_too_many_tests(self, rules: list[Rule], segments: tuple[Segment, ...]) -> None:
        each_time = sum(len(segment.when) for segment in segments)
        times = sum(len(rule.kinds) for rule in rules for each in rule.when if each.fact == SEGMENT)
        if each_time * times > _SEGMENT_TESTS_CAP:
            words = f"{times} rules and kinds ask for {each_time} conditions of segments: say fewer, or name the kinds"
            self._wrong("segment", 0, "when", f"{words} ({_SEGMENT_TESTS_CAP:,} together at most)")

    def _refuse_above_pins(self, rules: list[Rule]) -> None:
        """What is pinned is above whatever rules give."""
        for kind in sorted(WorkKind):
            groups: dict[str, int] = {}
            for number, rule in enumerate(rules):
                if kind in rule.kinds:
                    key = rule.group or f"\0{number}"
                    groups[key] = max(groups.get(key, 0), _most(rule))
            if sum(groups.values()) >= PIN_POINTS:
                words = f"together they give a {kind} {sum(groups.values()):,} points"
                self._wrong("rule", 0, "points", f"{words}, and a pinned row has {PIN_POINTS:,}")
                return

    def _unique(self, table: str, names: list[str], before: list[str] | None = None) -> None:
        seen = set(before or ())
        for index, name in enumerate(names):
            if name in seen:
                self._wrong(table, index, "name", f"{name!r} stands there twice")
            seen.add(name)

    def _wrong(self, table: str, index: int, key: str, words: str) -> None:
        line = self.lines.find(table, index, key.split(".", maxsplit=1)[0])
        self.mistakes.append(clean_line(f"line {line}: {table}.{index}.{key}: {words}", limit=300))

    def _rule(self, table: str, index: int, each: _RuleIn) -> Rule:
        when = self._when(table, index, each.when)
        for key, op, names in (
            ("segments", Op.IN, each.segments),
            ("except_segments", Op.NOT_IN, each.except_segments),
        ):
            for name in names:
                if name not in {segment.name for segment in self.file.segment}:
                    self._wrong(table, index, key, f"there is no segment {name!r}")
            if names:
                when = (*when, Condition(SEGMENT, op, tuple(names)))
        self._check_words(table, index, each.words)
        return Rule(
            clean_line(each.name),
            frozenset(each.kinds),
            when,
            self._points(table, index, each),
            clean_line(each.words, limit=200),
            each.group,
            table == "exclusion",
        )

    def _points(self, table: str, index: int, each: _RuleIn) -> Fixed | Steps | PerUnit:
        given = [key for key in ("points", "steps", "per") if getattr(each, key) not in (None, [])]
        if len(given) != 1:
            self._wrong(table, index, given[1] if given else "name", "say one of points, steps, per")
            return Fixed(0)
        if table == "exclusion" and (each.points is None or each.points >= 0):
            self._wrong(table, index, "points", "an exclusion takes points: say a number below zero")
        if each.points is not None:
            if each.fact:
                self._wrong(table, index, "fact", "goes with steps only")
            return Fixed(each.points)
        if each.per is not None:
            self._number(table, index, "per.fact", each.per.fact)
            return PerUnit(each.per.fact, each.per.unit, each.per.points, each.per.cap)
        self._number(table, index, "fact", each.fact)
        steps = [(low, points) for low, points in each.steps]
        if [low for low, _ in steps] != sorted({low for low, _ in steps}):
            self._wrong(
                table, index, "steps", "must rise: [[5, 10], [30, 20]] is at least so much, then the points"
            )
        if any(abs(points) > POINTS_CAP for _, points in steps):
            self._wrong(table, index, "steps", f"gives or takes more than {POINTS_CAP} points")
        return Steps(each.fact, tuple(steps))

    def _number(self, table: str, index: int, key: str, name: str) -> None:
        if name not in FACTS:
            self._wrong(table, index, key, _unknown(name))
        elif FACTS[name].type is not Type.NUMBER:
            self._wrong(table, index, key, f"{name} is no number")

    def _check_words(self, table: str, index: int, words: str) -> None:
        try:
            fields = [
                (name, spec, how) for _, name, spec, how in Formatter().parse(words) if name is not None
            ]
        except ValueError as error:
            self._wrong(table, index, "words", f"{error}: write {{{{ for a brace")
            return
        for name, spec, how in fields:
            if name not in _WORD_KEY:
                self._wrong(table, index, "words", _unknown(name))
            elif spec or how:
                self._wrong(table, index, "words", f"{{{name}}} takes no format")

    def _when(
        self, table: str, index: int, when: _When, *, known_segments: bool = True
    ) -> tuple[Condition, ...]:
        found: list[Condition] = []
        for name, asked in when.items():
            if name not in FACTS:
                self._wrong(table, index, f"when.{name}", _unknown(name))
                continue
            try:
                found += conditions(name, asked)
            except ValueError as error:
                self._wrong(table, index, f"when.{name}", str(error))
        return tuple(found)


def _most(rule: Rule) -> int:
    """The most that a rule gives."""
    match rule.points:
        case Fixed(points):
            return points
        case Steps(_, steps):
            return max(points for _, points in steps)
        case PerUnit(cap=cap, points=points):
            return cap if points > 0 else 0


def _excluding_first(rules: list[Rule]) -> tuple[Rule, ...]:
    """In a group an exclusion comes before what it excludes."""
    return tuple(sorted(rules, key=lambda each: not each.excludes))


def _unknown(name: str) -> str:
    from difflib import get_close_matches  # only where something is wrong

    near = get_close_matches(name, sorted(_WORD_KEY), n=1)
    return f"there is no fact {name!r}" + (
        f"; did you mean {near[0]}?" if near else "; see `arqueue strategy facts`"
    )
