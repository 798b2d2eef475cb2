"""What the filter line offers to complete: keys, then what a key can be."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from arqueue.model.work import WorkKind
from arqueue.work.filter import ALIASES, ALONE, KEYS, KIND_NAMES, Word, tokens

OFFERED: Final = 12
"""More than so many candidates are not read."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the company has, for values that are not the same everywhere."""

    people: Sequence[str] = ()
    currencies: Sequence[str] = ()
    tags: Sequence[str] = ()
    parties: Sequence[str] = ()
    """Customers' names and codes."""
    days: Sequence[str] = ()
    """Business dates."""


@dataclass(frozen=True, slots=True)
class Completion:
    """Texts that may stand in the place of the characters from ``start`` to ``end``, the likeliest first."""

    start: int
    end: int
    candidates: tuple[str, ...]
    customer: str = ""
    """How the name or code of a customer begins that is meant here; empty for anything else."""

    def apply(self, text: str, candidate: str) -> tuple[str, int]:
        """The line with a candidate in it, and where the cursor then is; behind a whole term comes a blank."""
        done = candidate if candidate.endswith(":") else f"{candidate} "
        rest = text[self.end :].lstrip() if done.endswith(" ") else text[self.end :]
        return text[: self.start] + done + rest, self.start + len(done)


def complete(text: str, cursor: int, facts: Facts) -> Completion:
    """What may be meant by the piece before the cursor; nothing for a word that begins no key."""
    cursor = max(0, min(cursor, len(text)))
    piece = next((token for token in tokens(text[:cursor]) if token.end == cursor), None)
    if piece is None:
        return Completion(cursor, cursor, ())
    start, typed = piece.start, text[piece.start : cursor]
    if typed.startswith("-"):
        start, typed = start + 1, typed[1:]
    split = _OPERATOR.match(typed)
    if split is None:
        names = [*(f"{name}:" for name in KEYS), *(ALONE if typed else ())]
        return Completion(start, cursor, _short(names, typed, [f"{name}:" for name in ALIASES]))
    key, op = split.groups()
    begun = _last(typed[split.end() :])
    name = ALIASES.get(key.casefold(), key.casefold())
    values = _values(name, facts, one=op not in (":", "="))
    fitting = _short(values, begun, KIND_NAMES if name == "kind" else ())
    customer = begun.strip('"') if name == "party" else ""
    return Completion(cursor - len(begun), cursor, fitting, customer)


_OPERATOR: Final = re.compile(r'([^":<>=]*)(>=|<=|:|=|<|>)')


def _last(values: str) -> str:
    """What stands behind the last comma that is in no quotes."""
    start, inside = 0, False
    for place, char in enumerate(values):
        inside ^= char == '"'
        if char == "," and not inside:
            start = place + 1
    return values[start:]


def _values(key: str, facts: Facts, *, one: bool) -> list[str]:
    match key:
        case "kind":
            return [kind.value for kind in WorkKind]
        case "owner":
            return ["me", "none", *facts.people]
        case "currency":
            return list(facts.currencies)
        case "tag":
            return [*facts.tags, "none"]
        case "due":
            return [*facts.days, *(() if one else ("none",))]
        case "party":
            return [str(Word(name)) for name in facts.parties]
    return []


def _short(names: Iterable[str], typed: str, others: Iterable[str] = ()) -> tuple[str, ...]:
    """Those that begin so, in quotes or not, but for one that stands there already; ``others`` where there is none."""
    begins = typed.casefold()
    fitting = [name for name in dict.fromkeys(names) if name.casefold().startswith((begins, f'"{begins}'))]
    if not fitting and others:
        return _short(others, typed)
    return tuple(name for name in fitting if name != typed)[:OFFERED]
