"""Orders that two supervisors let through above everybody's limit: what the company's report on its exceptions says of each."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from arqueue.model.money import Money


@dataclass(frozen=True, slots=True)
class Broken:
    """One order for which the glass was broken, by one supervisor or by both. Times are UTC, ISO."""

    command_id: str
    op: str
    words: str
    amount: Money
    party: str
    """The customer's name, or empty."""
    person: str
    """Whose order it was."""
    ordered_at: str
    given: tuple[tuple[str, str, str], ...]
    """Who, when and why, the first first. A reason that was erased is empty."""
    state: str
    outcome: str


def broken(connection: sqlite3.Connection, since: str, until: str) -> list[Broken]:
    """Those of which somebody broke the glass from ``since`` to before ``until`` (UTC, ISO), oldest first."""
    rows = connection.execute(
        "SELECT command.id, op, words, amount, command.currency, coalesce(party.name, ''), command.person, created_at,"
        " state, outcome FROM command LEFT JOIN party ON party.id = command.party_id JOIN ("
        "  SELECT command_id, min(at) AS first FROM approval WHERE glass = 1 AND at >= ? AND at < ? GROUP BY command_id"
        ") AS asked ON asked.command_id = command.id ORDER BY first, command.id",
        (since, until),
    ).fetchall()
    return [
        Broken(
            key,
            op,
            words,
            Money(minor, currency),
            party,
            person,
            ordered_at,
            _given(connection, key),
            state,
            outcome,
        )
        for key, op, words, minor, currency, party, person, ordered_at, state, outcome in rows
    ]


def _given(connection: sqlite3.Connection, command_id: str) -> tuple[tuple[str, str, str], ...]:
    found = connection.execute(
        "SELECT person, at, why FROM approval WHERE command_id = ? AND glass = 1 ORDER BY at, person",
        (command_id,),
    )
    return tuple((person, at, why) for person, at, why in found)
