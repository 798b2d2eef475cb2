"""What a person typed into a form and did not order yet: theirs alone, one for each operation and thing, gone with the order."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlite_utils import Database

_CAP = 200
"""A person's newest drafts; older ones go."""
_FORMS = {"settle": "apply"}
"""The form of an operation, where it is called otherwise."""


@dataclass(frozen=True, slots=True)
class Draft:
    """``typed`` is what the form calls its state; ``at`` when it was last typed in, UTC."""

    op: str
    target: str
    typed: dict[str, Any]
    at: str


def keep(database: Database, person: str, op: str, target: str, typed: dict[str, Any], *, at: str) -> None:
    """Put a draft in the place of the one before."""
    database.conn.execute(
        "INSERT OR REPLACE INTO draft VALUES (?, ?, ?, ?, ?)",
        (person, op, target, json.dumps(typed, ensure_ascii=False), at),
    )
    database.conn.execute(
        "DELETE FROM draft WHERE person = ? AND (op, target) NOT IN"
        " (SELECT op, target FROM draft WHERE person = ? ORDER BY at DESC LIMIT ?)",
        (person, person, _CAP),
    )


def ordered(database: Database, person: str, order: Mapping[str, Any], target: str) -> None:
    """An order was stored: its draft is done with, whether or not the face lives to say so."""
    op = _FORMS.get(str(order["op"]), str(order["op"]))
    named = {str(order[name]) for name in ("target", "item", "payment") if order.get(name)}
    for each in {*named, target}:
        drop(database, person, op, each)


def drop(database: Database, person: str, op: str, target: str) -> bool:
    """Forget a draft; whether there was one."""
    return bool(
        database.conn.execute(
            "DELETE FROM draft WHERE person = ? AND op = ? AND target = ?", (person, op, target)
        ).rowcount
    )


def of(connection: sqlite3.Connection, person: str, op: str, target: str) -> Draft | None:
    """The draft of one form; None where nothing was left."""
    row = connection.execute(
        "SELECT op, target, typed, at FROM draft WHERE person = ? AND op = ? AND target = ?",
        (person, op, target),
    ).fetchone()
    return _draft(row) if row else None


def all_of(connection: sqlite3.Connection, person: str) -> list[Draft]:
    """Everything that the person left unfinished, newest first."""
    found = connection.execute(
        "SELECT op, target, typed, at FROM draft WHERE person = ? ORDER BY at DESC", (person,)
    )
    return [_draft(row) for row in found]


def _draft(row: tuple[str, str, str, str]) -> Draft:
    op, target, typed, at = row
    return Draft(op, target, json.loads(typed), at)
