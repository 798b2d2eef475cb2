"""What the filter line offers to complete: keys, then what a key can be."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from arqueue.model.work import WorkKind
from arqueue.work.filter import KEYS, tokens

OFFERED: Final = 12
"""More than so many candidates are not read."""
_ALONE: Final = ("mine",)


@dataclass(frozen=True, slots=True)
class Facts:
    """What the company has, for values that are not the same everywhere."""

    people: Sequence[str] = ()
    currencies: Sequence[str] = ()
    tags: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Completion:
    """Texts that may stand in the place of the characters from ``start`` to ``end``, the likeliest first."""

    start: int
    end: int
    candidates: tuple[str, ...]

    def apply(self, text: str, candidate: str) -> tuple[str, int]:
        """The line with a candidate in it, and where the cursor then is; behind a whole term comes a blank."""
        done = candidate if candidate.endswith(":") else f"{candidate} "
        rest = text[self.end :].lstrip() if done.endswith(" ") else text[self.end :]
        return text[: self.start] + done + rest, self.start + len(done)


def complete(text: str, cursor: int, facts: Facts) -> Completion:
    """What may be meant by the piece before the cursor; nothing in quotes, and nothing for a word that begins no key."""
    cursor = max(0, min(cursor, len(text)))
    piece = next((token for token in tokens(text[:cursor]) if token.end == cursor), None)
    if piece is None:
        return Completion(cursor, cursor, ())
    if piece.quotes or not piece.closed:
        return Completion(cursor, cursor, ())
    start, typed = piece.start, text[piece.start : cursor]
    if typed.startswith("-"):
        start, typed = start + 1, typed[1:]
    key, colon, values = typed.partition(":")
    if not colon:
        names = [f"{name}:" for name in KEYS if name.startswith(key.casefold())]
        alone = [name for name in _ALONE if key and name.startswith(key.casefold())]
        return Completion(start, cursor, tuple(_short([*names, *alone], key)))
    last = values.rpartition(",")[2]
    return Completion(cursor - len(last), cursor, tuple(_short(_values(key.casefold(), facts), last)))


def _values(key: str, facts: Facts) -> list[str]:
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
            return ["none"]
    return []


def _short(names: Iterable[str], typed: str) -> list[str]:
    """Those that begin so, but for one that stands there already."""
    fitting = [name for name in names if name.casefold().startswith(typed.casefold()) and name != typed]
    return fitting[:OFFERED]
