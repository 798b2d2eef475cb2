"""Who is away when, and who has their rows meanwhile."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import date, timedelta

from sqlite_utils import Database

from arqueue.errors import NotFound, Refused
from data.store import audit
from data.store.audit import Actor


@dataclass(frozen=True, slots=True)
class Absence:
    """``person`` is away from ``first`` to ``last``, business dates, both included; a ``swap`` goes both ways meanwhile."""

    id: int
    person: str
    first: date
    last: date
    stand_in: str
    swap: bool
    by: str


_OPEN = (
    "SELECT seq, person, first, last, stand_in, swap, by FROM absence"
    " WHERE seq NOT IN (SELECT absence FROM absence_ended)"
)


def lately(connection: sqlite3.Connection, today: date) -> list[Absence]:
    """What holds today or later, soonest first."""
    found = connection.execute(f"{_OPEN} AND last >= ? ORDER BY first, seq", (today.isoformat(),))
    return [_absence(row) for row in found]


def _absence(row: tuple[int, str, str, str, str, int, str]) -> Absence:
    key, person, first, last, stand_in, swap, by = row
    return Absence(key, person, date.fromisoformat(first), date.fromisoformat(last), stand_in, bool(swap), by)


def stand_in(connection: sqlite3.Connection, owner: str, today: date) -> str:
    """Who has the owner's rows today: a swap counts once, then whoever is absent is followed to the end."""
    today_only = connection.execute(
        f"{_OPEN} AND first <= ? AND last >= ? ORDER BY seq", (today.isoformat(), today.isoformat())
    )
    try:
        return _followed([_absence(row) for row in today_only], owner)
    except Refused:
        return owner  # none is stored; a ranking would rather show a row than fail over it


def _followed(away: list[Absence], owner: str) -> str:
    """Raises Refused where the stand-ins of a day lead back to somebody who is away."""
    swapped = {each.person: each.stand_in for each in away if each.swap}
    swapped |= {each.stand_in: each.person for each in away if each.swap}
    absent = {each.person: each.stand_in for each in away if not each.swap}
    passed: list[str] = []
    here = swapped.get(owner, owner)
    while here in absent:
        if here in passed:
            raise Refused(
                f"everybody would stand in for somebody who is away: {' → '.join([*passed, here])}",
                "name a stand-in who is there",
                rule="no cycle of owners",
            )
        passed.append(here)
        here = absent[here]
    return here


def add(
    database: Database,
    actor: Actor,
    person: str,
    first: date,
    last: date,
    stand_in_: str,
    *,
    swap: bool,
    at: str,
) -> int:
    """Note an absence or a swap, with its audit row. Raises Refused for a second one of the same days, and where stand-ins would
    lead in a circle."""
    seq = database.conn.execute(
        "INSERT INTO absence (person, first, last, stand_in, swap, by, at) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (person, first.isoformat(), last.isoformat(), stand_in_, int(swap), actor.person, at),
    ).lastrowid
    assert seq is not None
    _check(database.conn, seq, person, first, last)
    kind = "swap" if swap else "absence"
    audit.write(
        database, actor, kind, at=at, detail=f"{person} {first} to {last}, stand-in {stand_in_} ({seq})"
    )
    return seq


def _check(connection: sqlite3.Connection, seq: int, person: str, first: date, last: date) -> None:
    """The days on which who is away changes are looked at, each once."""
    others = [
        each
        for each in (_absence(row) for row in connection.execute(_OPEN))
        if each.first <= last and each.last >= first
    ]
    for each in others:
        if each.id != seq and person in (each.person, each.stand_in if each.swap else each.person):
            raise Refused(
                f"{person} is away or swapped already from {each.first} to {each.last} (stand-in {each.stand_in})",
                f"end that first: arqueue absence end {each.id}",
                rule="one stand-in a day",
            )
    days = {first, *(each.first for each in others), *(each.last + timedelta(days=1) for each in others)}
    for day in sorted(day for day in days if first <= day <= last):
        away = [each for each in others if each.first <= day <= each.last]
        for each in away:
            _followed(away, each.person)


def end(database: Database, actor: Actor, seq: int, *, at: str) -> Absence:
    """Take an absence back or end it early. Raises NotFound."""
    row = database.conn.execute(f"{_OPEN} AND seq = ?", (seq,)).fetchone()
    if row is None:
        raise NotFound(f"there is no absence {seq}", "`arqueue absence` lists them")
    database.conn.execute("INSERT INTO absence_ended VALUES (?, ?, ?)", (seq, actor.person, at))
    audit.write(database, actor, "absence ended", at=at, detail=f"{row[1]} ({seq})")
    return _absence(row)
