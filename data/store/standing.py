"""How a row of the queue stands among the people who share it: whose it is, whether it sleeps, whether it is on top."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from data.store import absences, owning, snoozes
from data.store.snoozes import NONE, Promised


@dataclass(frozen=True, slots=True)
class Standing:
    """One row's standing on a business date. ``snoozed_until`` is the day on which it comes back, None while it is awake;
    ``pinned_until`` the last day on which it is on top."""

    assignee: str | None
    snoozed_until: date | None
    pinned_until: date | None
    pin_reason: str


def standings(
    connection: sqlite3.Connection, party_id: str, today: date, promised: Promised = NONE
) -> Callable[[str], Standing]:
    """The standing of each of a customer's rows by its work id, as decided by hand, else by rule, with stand-ins for whoever is
    absent on ``today``. A snooze lies on a work id, and ends early at news, as a broken promise is (``promised``: what became of
    those of each row); an assignment lies on a customer."""
    owner = owning.owner(connection, party_id)
    assignee = absences.stand_in(connection, owner, today) if owner else None
    asleep = snoozes.asleep(connection, party_id, today, promised)
    pinned = _pins(connection, party_id, today)

    def of(work_id: str) -> Standing:
        until, reason = pinned.get(work_id, (None, ""))
        return Standing(assignee, asleep.get(work_id), until, reason)

    return of


_UNRANKED = "standing unranked"


def mark(connection: sqlite3.Connection, at: str) -> None:
    """Whose many rows are has changed, and they are ranked anew in later transactions: a broker that begins meanwhile does it."""
    connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (_UNRANKED, at))


def marked(connection: sqlite3.Connection) -> str | None:
    """Since when rows have to be ranked anew; None where all are."""
    found = connection.execute("SELECT value FROM meta WHERE key = ?", (_UNRANKED,)).fetchone()
    return str(found[0]) if found else None


def unmark(connection: sqlite3.Connection, at: str) -> None:
    """They were, unless something changed since."""
    connection.execute("DELETE FROM meta WHERE key = ? AND value = ?", (_UNRANKED, at))


def _pins(connection: sqlite3.Connection, party_id: str, today: date) -> dict[str, tuple[date, str]]:
    """What is on top today; the newest word on each row counts."""
    newest = {
        work_id: (until, reason)
        for work_id, until, reason in connection.execute(
            "SELECT work_id, until, reason FROM pin WHERE party_id = ? ORDER BY seq", (party_id,)
        )
    }
    return {
        work_id: (date.fromisoformat(until), reason)
        for work_id, (until, reason) in newest.items()
        if until is not None and until >= today.isoformat()
    }
