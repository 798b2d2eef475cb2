"""What is wrong with the form of a strategy file, in plain words, each mistake with its line and its field.

What is left of the file without the wrong fields is read on for mistakes of meaning, so that all are named in one round.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Final

from arqueue.model.text import clean_line
from arqueue.model.work import WorkKind

TABLES: Final = ("segment", "rule", "exclusion")
_TABLE = re.compile(r"\s*\[{1,2}\s*([A-Za-z_-]+)\s*\]{1,2}\s*(#.*)?$")
_KEY = re.compile(r"\s*([A-Za-z0-9_-]+)\s*[=.]")
_POINTS: Final = frozenset({"points", "steps", "per", "fact"})
"""Of these one says how the others are meant: where one is wrong none is judged."""
_PAIR: Final = "is pairs of whole numbers: [[5, 10], [30, 20]] is at least so much, then the points"


@dataclass(frozen=True, slots=True)
class Lines:
    """Where each key of each table stands; the reader of TOML does not say."""

    at: dict[tuple[str, int, str], int]

    @classmethod
    def of(cls, text: str) -> Lines:
        """Those of a file."""
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

    def said(self, table: str, index: int, key: str, words: str) -> str:
        """A mistake with its line and its field."""
        line = self.find(table, index, key.split(".", maxsplit=1)[0])
        field = f"{table}.{index}.{key}".rstrip(".") if table else key
        return clean_line(f"line {line}: {field}: {words}", limit=300)


@dataclass(frozen=True, slots=True)
class _Wrong:
    """A mistake of form. Outside of the tables ``table`` is empty."""

    table: str
    index: int
    key: str
    """As deep as a person would say it: ``points``, ``when.age_days``, ``steps``."""
    words: str


def mistakes_of_form(lines: Lines, errors: Iterable[Any], fields: Mapping[str, Collection[str]]) -> list[str]:
    """What the model's reader found, each field once. ``fields`` are those that a table has; under "" those of the file."""
    found = {(each.table, each.index, each.key): each for each in map(_wrong(fields), errors)}
    return [lines.said(each.table, each.index, each.key, each.words) for each in found.values()]


def _wrong(fields: Mapping[str, Collection[str]]) -> Callable[[Any], _Wrong]:
    def wrong(error: Any) -> _Wrong:
        table, index, key = _place(error["loc"])
        return _Wrong(table, index, key, _plain(error, key, fields.get(table, ())))

    return wrong


def _place(where: tuple[Any, ...]) -> tuple[str, int, str]:
    if len(where) < 2 or not isinstance(where[1], int):
        return "", 0, str(where[0]) if where else ""
    deep = 2 if len(where) > 2 and where[2] in ("when", "per") else 1
    if len(where) > 3 and where[2] in ("kinds", "segments", "except_segments"):
        deep = 2  # which of them
    return str(where[0]), where[1], ".".join(map(str, where[2 : 2 + deep]))


def _plain(error: Any, key: str, fields: Collection[str]) -> str:
    """The mistake without the words of programmers."""
    kind, limits = error["type"], error.get("ctx", {})
    if kind == "extra_forbidden":
        return f"there is no such field{near(key.rpartition('.')[2], fields)}"
    if kind == "missing":
        return "is missing"
    if key.startswith("when."):
        return "is a number, a text, true or false, or a list of numbers or of texts"
    if key == "steps":
        return _PAIR
    if kind == "enum":
        said = str(error["input"])
        return f"there is no kind {said!r}; there are {', '.join(WorkKind)}{near(said, WorkKind)}"
    if kind in _PLAIN:
        return _PLAIN[kind].format(**limits)
    return str(error["msg"])


_PLAIN: Final = {
    "string_type": "is a text: write it in quotes",
    "string_too_short": "is empty",
    "string_too_long": "has more than {max_length} letters",
    "int_type": "is a whole number, without quotes",
    "int_from_float": "is a whole number",
    "greater_than_equal": "is {ge} or more",
    "less_than_equal": "is {le} or less",
    "list_type": "is a list: [ … ]",
    "too_short": "is empty",
    "too_long": "has more than {max_length} entries",
    "dict_type": "is a table: {{ … }}",
    "model_type": "is a table: {{ … }}",
}


def near(name: str, names: Iterable[str]) -> str:
    """What may have been meant, as words to go on with."""
    from difflib import get_close_matches  # only where something is wrong

    found = get_close_matches(name, sorted(names), n=1)
    return f"; did you mean {found[0]}?" if found else ""


def without(raw: Mapping[str, Any], errors: Iterable[Any]) -> dict[str, Any]:
    """The file without what is wrong in form; where something has to stand, what breaks no rule stands instead."""
    left: dict[str, Any] = deepcopy(dict(raw))
    for error in errors:
        where = error["loc"]
        table, index, key = _place(where)
        if not table:
            left.pop(key, None)
        elif not isinstance(left[table][index], dict):
            left[table][index] = {}
        elif key.startswith("when."):
            left[table][index].get("when", {}).pop(where[3], None)
        else:
            field = str(where[2]) if len(where) > 2 else ""
            for each in _POINTS if field in _POINTS else (field,):
                left[table][index].pop(each, None)
    left.setdefault("name", "?")
    for table, index in {_place(error["loc"])[:2] for error in errors} - {("", 0)}:
        _fill(left[table][index], table, index)
    return left


def _fill(entry: dict[str, Any], table: str, index: int) -> None:
    entry.setdefault("name", f"?{table}{index}")
    if table == "segment":
        entry["when"] = entry.get("when") or {"count": 1}
        return
    entry.setdefault("words", "?")
    if not _POINTS & entry.keys():
        entry["points"] = -1 if table == "exclusion" else 1
