"""Remarks that people wrote here and the ledger does not show yet: the words of orders under way, found like its notes."""

from __future__ import annotations

import sqlite3
from typing import Any, Final

from arqueue.control.commands import Annotate, Escalate
from arqueue.control.states import IN_FLIGHT
from data.store.searching import like, spellings

_OPS: Final = (Annotate.op, Escalate.op)
_WORDS: Final = " || ' ' || ".join(
    f"coalesce(json_extract(CAST(command.body AS TEXT), '$.command.{name}'), '')" for name in ("text", "why")
)
_FLYING: Final = ", ".join(f"'{state.value}'" for state in sorted(IN_FLIGHT))
_SAYING: Final = ", ".join(f"'{op}'" for op in _OPS)
_UNDER_WAY: Final = f"command.state IN ({_FLYING}) AND command.op IN ({_SAYING})"


def said(word: str) -> tuple[str, tuple[Any, ...]]:
    """Whether a row of ``command`` is a remark under way that holds the word."""
    patterns = [like(each) for each in spellings(word)]
    holds = " OR ".join(f"{_WORDS} LIKE ? ESCAPE '\\'" for _ in patterns)
    return f"({_UNDER_WAY} AND ({holds}))", tuple(patterns)


def holding(word: str) -> tuple[str, tuple[Any, ...]]:
    """A SELECT of what such remarks are on; it reads no order that came to its end."""
    holds, values = said(word)
    return f"SELECT command.target FROM command WHERE {holds}", values


def moved(connection: sqlite3.Connection, op: str) -> None:
    """An order of that kind began, or came a step further: what is found by its words is another list."""
    if op in _OPS:
        connection.execute("UPDATE meta SET value = value + 1 WHERE key = 'generation'")
