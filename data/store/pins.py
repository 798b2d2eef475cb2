"""What is on top of the list for a day, and why."""

from __future__ import annotations

from datetime import date

from sqlite_utils import Database

from data.store import audit
from data.store.audit import Actor


def pin(
    database: Database,
    actor: Actor,
    work_id: str,
    party_id: str,
    until: date | None,
    reason: str,
    *,
    at: str,
) -> None:
    """Keep a row on top up to a business date, that day included, or with None let it go; with its audit row."""
    database.conn.execute(
        "INSERT INTO pin (work_id, party_id, until, reason, person, at) VALUES (?, ?, ?, ?, ?, ?)",
        (work_id, party_id, until.isoformat() if until else None, reason, actor.person, at),
    )
    what, detail = ("pinned", f"{work_id} until {until}") if until else ("unpinned", work_id)
    audit.write(database, actor, what, at=at, detail=detail, text=reason)
