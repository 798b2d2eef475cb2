"""What somebody has to look at on which day: rows that come back, and what they said they would follow up."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import date

from sqlite_utils import Database

from arqueue.model.money import Money
from data.store import audit
from data.store.audit import Actor

_CAP = 1000
_ROWS = """
SELECT '{kind}', said.seq, said.work_id, said.party_id, coalesce(party.name, ''), coalesce(party.code, ''),
  coalesce(work.subject, ''), work.amount, work.currency, said.{day}, said.why, said.person, said.at
FROM {table} AS said LEFT JOIN work ON work.id = said.work_id
  LEFT JOIN party ON party.id = said.party_id AND party.gone = 0
WHERE said.{day} BETWEEN ? AND ? AND coalesce(work.assignee, said.person) = ?
  AND NOT EXISTS (SELECT 1 FROM {table} AS later WHERE {newer} AND later.seq > said.seq) {more}
"""
_SNOOZED = _ROWS.format(
    kind="snooze",
    table="snooze",
    day="until",
    newer="later.party_id = said.party_id AND later.work_id = said.work_id",
    more="AND work.id IS NOT NULL",
)
_FOLLOWED = _ROWS.format(
    kind="follow-up",
    table="follow_up",
    day="on_date",
    newer="later.work_id = said.work_id AND later.person = said.person",
    more="",
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of somebody's agenda; ``amount`` is None once the work is gone."""

    kind: str
    """``snooze`` (it comes back by itself) or ``follow-up``."""
    seq: int
    work_id: str
    party_id: str
    party: str
    party_code: str
    subject: str
    amount: Money | None
    on: date
    why: str
    person: str
    at: str


def entries(connection: sqlite3.Connection, person: str, first: date, last: date) -> list[Entry]:
    """What is the person's in these days, soonest first: of the rows that are theirs, and what they planned on rows that are
    nobody's. The first 1000."""
    days = (first.isoformat(), last.isoformat(), person)
    found = connection.execute(
        f"{_SNOOZED} UNION ALL {_FOLLOWED} ORDER BY 10, 5, 3 LIMIT {_CAP}", (*days, *days)
    )
    return [_entry(row) for row in found]


def _entry(row: tuple[str, int, str, str, str, str, str, int | None, str, str, str, str, str]) -> Entry:
    kind, seq, work_id, party_id, party, code, subject, minor, currency, on, why, person, at = row
    amount = None if minor is None else Money(minor, currency)
    return Entry(
        kind, seq, work_id, party_id, party, code, subject, amount, date.fromisoformat(on), why, person, at
    )


def planned(connection: sqlite3.Connection, work_id: str, person: str) -> tuple[date, str] | None:
    """The day for which the person plans to look at a row, and why; None where nothing is planned, or not any more."""
    found = connection.execute(
        "SELECT on_date, why FROM follow_up WHERE work_id = ? AND person = ? ORDER BY seq DESC LIMIT 1",
        (work_id, person),
    ).fetchone()
    return (date.fromisoformat(found[0]), found[1]) if found and found[0] else None


def plan(
    database: Database, actor: Actor, work_id: str, party_id: str, on: date | None, why: str, *, at: str
) -> None:
    """Follow a row up on a business date, or with None no more: one's own plan, the row stays where it is. With its audit row."""
    database.conn.execute(
        "INSERT INTO follow_up (work_id, party_id, on_date, why, person, at) VALUES (?, ?, ?, ?, ?, ?)",
        (work_id, party_id, on.isoformat() if on else None, why, actor.person, at),
    )
    what, detail = ("follow-up planned", f"{work_id} on {on}") if on else ("follow-up done", work_id)
    audit.write(database, actor, what, at=at, detail=detail, text=why)
