"""The methods by which faces learn of each other: who is here, what is free, who has it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable

from arqueue.model.people import People
from arqueue.work import sharing
from data.broker import promised, working_requests
from data.broker.attendance import LEASE_S, Attendance
from data.broker.core import Core
from data.broker.listing import Listing
from data.broker.protocol import QueueRow
from data.broker.protocol.working import Attended, Claimed
from data.broker.requests import Nothing
from data.broker.session import Session
from data.broker.working import Working
from data.store import owning, snoozes, standing

_WINDOW = 128
_WINDOWS = 40
"""So many windows of the list are looked through for something free."""


class Attending:
    """Over the attendance; ``tell`` pushes to one connection, by its number, that others are at a place."""

    def __init__(self, core: Core, working: Working) -> None:
        self._core, self._working = core, working
        self._attendance = Attendance(core.clock.boot_s)
        self.tell: Callable[[int, str], None] = lambda face, place: None

    async def attend(self, session: Session, asked: working_requests.AttendRequest) -> Attended:
        """This face has a row open, or nothing any more; who else is there, and how the row stands. Raises NotFound."""
        if asked.id is None:
            self._tell(session, self._attendance.look(id(session), session.person.id, None))
            return {"key": "", "others": [], "claimed": None, "notes": []}
        key = asked.id

        def look(connection: sqlite3.Connection) -> tuple[str, list[str]]:
            row = self._working.row(connection, session, key)
            return row["party_id"] or row["id"], _notes(connection, row, self._core)

        place, notes = await self._core.store.read(look)
        self._tell(session, self._attendance.look(id(session), session.person.id, place, here=asked.here))
        return {**self._seen(place, key, session.person.id), "notes": notes}

    def _seen(self, place: str, key: str, person: str) -> Attended:
        claimed = self._attendance.claimed(key)
        return {
            "key": place,
            "others": self._attendance.others(place, person),
            "claimed": claimed if claimed != person else None,
            "notes": [],
        }

    async def next(self, session: Session, asked: working_requests.NextRequest) -> Claimed:
        """Claim the best row that is nobody else's, that nobody has open and that sleeps not. Raises Refused."""
        person, today = session.person, self._core.today()
        sharing.may_put_off(person, None)

        def look(connection: sqlite3.Connection) -> list[QueueRow]:
            listing = Listing(connection, person, today)
            return listing.window("all", "", place, _WINDOW)["rows"]

        for number in range(_WINDOWS):
            place = number * _WINDOW
            rows = await self._core.store.read(look)
            if (row := next((row for row in rows if self._is_free(row, person.id)), None)) is not None:
                # between the look and the claim nothing else runs on this loop
                self._attendance.claim(row["id"], person.id, 0 if asked.keep else id(session))
                return {"row": row, "minutes": int(LEASE_S // 60)}
            if len(rows) < _WINDOW:
                break
        return {"row": None, "minutes": 0}

    def _is_free(self, row: QueueRow, person: str) -> bool:
        return (
            row["state"] == "open"
            and row.get("assignee") in (None, person)
            and self._attendance.is_free(row["id"], person, row["party_id"] or row["id"])
        )

    async def release(self, session: Session, _: Nothing) -> dict[str, list[str]]:
        """What this connection claimed is free."""
        return {"released": self._attendance.release(id(session))}

    def left(self, session: Session) -> None:
        """Its connection ended."""
        self._tell(session, self._attendance.left(id(session)))

    def _tell(self, session: Session, places: Iterable[str]) -> None:
        """Everybody else who is at a place hears who is there; nobody else hears anything."""
        for place in places:
            for face in self._attendance.at(place):
                if face != id(session):
                    self.tell(face, place)

    def others(self, session: Session, place: str) -> list[str]:
        """Who else is at a place, for one who is told of it."""
        return self._attendance.others(place, session.person.id)


def _notes(connection: sqlite3.Connection, row: sqlite3.Row, core: Core) -> list[str]:
    """How a row stands, in words."""
    today, people = core.today(), core.people
    party = row["party_id"] or ""
    stands = standing.standings(connection, party, today)(row["id"])
    promises = {row["id"]: row["promise_state"]}
    slept = {each.work_id: each for each in snoozes.of_party(connection, party, today, promises)}.get(
        row["id"]
    )
    notes = []
    if stands.pinned_until:
        notes.append(f"On top until {stands.pinned_until:%d %b}: {stands.pin_reason}")
    if slept and slept.woke:
        notes.append(f"Back before {slept.until:%d %b}: {slept.woke}")
    elif slept:
        notes.append(f"Asleep until {slept.until:%d %b}" + (f": {slept.why}" if slept.why else ""))
    if promise := promised.note(connection, party, row["id"], today):
        notes.append(promise)
    if stands.assignee:
        notes.append(_whose(connection, party, stands.assignee, people))
    return notes


def _whose(connection: sqlite3.Connection, party: str, assignee: str, people: People) -> str:
    owner = owning.owner(connection, party)
    said = f"{_name(people, assignee)}'s customer"
    return said if owner in (None, assignee) else f"{said} while {_name(people, owner or '')} is away"


def _name(people: People, person_id: str) -> str:
    found = people.find(person_id)
    return found.name if found else person_id
