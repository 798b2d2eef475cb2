"""A strategy file: TOML at the edge, rules inside. Every mistake is named with its line and its field, all at once."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
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
from arqueue.strategy_mistakes import TABLES, Lines, mistakes_of_form, near, without
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
_WORD_KEY: Final = frozenset(FACTS) | WORDS_ONLY | {SEGMENT}
_HINT: Final = "correct it and check it again with `arqueue strategy check FILE`; nothing was changed"


class StrategyInvalid(Invalid):
    """A strategy file with mistakes, a line of words for each."""

    code = "strategy"

    def __init__(self, message: str, hint: str = _HINT) -> None:
        super().__init__(message, hint)

    @classmethod
    def of(cls, mistakes: Sequence[str]) -> StrategyInvalid:
        """All of them; of very many the first ones, and how many more there are."""
        more = len(mistakes) - _MISTAKES_CAP
        rest = [f"and {more} more"] if more > 0 else []
        return cls("\n".join([*mistakes[:_MISTAKES_CAP], *rest]))

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


_FIELDS: Final = {
    "": _FileIn.model_fields,
    "segment": _SegmentIn.model_fields,
    "rule": _RuleIn.model_fields,
    "exclusion": _RuleIn.model_fields,
}


@lru_cache(maxsize=16)
def read(text: str, *, kept: bool = False) -> Strategy:
    """The strategy that a file's text holds. Raises StrategyInvalid with every mistake. One that is ``kept`` already may ask
    for what never is."""
    if len(text) > _TEXT_CAP:
        raise StrategyInvalid.of([f"the file has {len(text):,} characters, {_TEXT_CAP:,} at most"])
    _refuse_deep_keys(text)
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise StrategyInvalid.of([f"not TOML: {clean_line(str(error), limit=200)}"]) from None
    except RecursionError:
        raise StrategyInvalid.of(["not TOML that anybody wrote: nested too deep"]) from None
    lines = Lines.of(text)
    file, mistakes = _in_form(raw, lines)
    reading = _Reading(file, lines, mistakes, kept)
    strategy = reading.strategy()
    if reading.mistakes:
        raise StrategyInvalid.of(sorted(reading.mistakes, key=_line_of))
    return strategy


def _in_form(raw: dict[str, Any], lines: Lines) -> tuple[_FileIn, list[str]]:
    """The file's model, and what was left out of it because it has not the form. Raises StrategyInvalid where nothing is left
    to be read."""
    try:
        return _FileIn.model_validate(raw), []
    except ValidationError as error:
        errors = error.errors(include_url=False)
    mistakes = mistakes_of_form(lines, errors, _FIELDS)
    if any(each["loc"][:1] == (table,) and len(each["loc"]) == 1 for each in errors for table in TABLES):
        raise StrategyInvalid.of(mistakes)
    try:
        return _FileIn.model_validate(without(raw, errors)), mistakes
    except ValidationError:
        raise StrategyInvalid.of(mistakes) from None


def _line_of(mistake: str) -> int:
    return int(mistake.removeprefix("line ").partition(":")[0])


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
class _Reading:
    """From the file's model to rules, with the mistakes that only meaning shows."""

    file: _FileIn
    lines: Lines
    mistakes: list[str]
    kept: bool

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
        if not self.mistakes:
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
        self.mistakes.append(self.lines.said(table, index, key, words))

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
                self._wrong(table, index, "words", _unknown(name, _WORD_KEY))
            elif spec or how:
                self._wrong(table, index, "words", f"{{{name}}} takes no format")

    def _when(
        self, table: str, index: int, when: _When, *, known_segments: bool = True
    ) -> tuple[Condition, ...]:
        found: list[Condition] = []
        for name, asked in when.items():
            if name not in FACTS:
                words = "a segment is told by facts, not by segments" if table == name else _unknown(name)
                self._wrong(table, index, f"when.{name}", words)
                continue
            try:
                found += conditions(name, asked, kept=self.kept)
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


def _unknown(name: str, among: Iterable[str] = FACTS) -> str:
    """``among`` are the names that may stand there."""
    if name == SEGMENT:
        return 'a segment stands beside `when`: segments = ["…"] or except_segments = ["…"]'
    return f"there is no fact {name!r}" + (near(name, among) or "; see `arqueue strategy facts`")
