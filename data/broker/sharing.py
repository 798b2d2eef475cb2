"""Whose customer is whose: by hand, by rule, and by whoever stands in; and what a supervisor puts on top."""

from __future__ import annotations

import asyncio
import sqlite3
from datetime import timedelta

import structlog
from sqlite_utils import Database

from arqueue.errors import ArqueueError, Invalid, StoreReplaced
from arqueue.model.people import Person
from arqueue.model.text import clean_line
from arqueue.work import calendar as days
from arqueue.work import sharing
from data.broker import working_requests
from data.broker.core import Core
from data.broker.protocol.working import AbsenceRow, Done
from data.broker.requests import Nothing
from data.broker.session import Session
from data.broker.working import Working, done
from data.store import absences, audit, owning, pins, standing
from data.store.absences import Absence

log = structlog.get_logger()
_LOOK_S = 1.0
_WHY_CAP = 300
_FARTHEST = timedelta(days=731)


class Sharing:
    """The methods that say whose work something is."""

    def __init__(self, core: Core, working: Working) -> None:
        self._core, self._working = core, working
        core.beside("owners", self._watch_rules)

    async def assign(self, session: Session, asked: working_requests.AssignRequest) -> Done:
        """Give a customer, with all its rows, to somebody. Raises NotFound, Refused."""
        core, why, at = self._core, clean_line(asked.why, limit=_WHY_CAP), self._core.clock.stamp()

        def work(database: Database) -> tuple[Done, str]:
            party = self._working.party(database.conn, session, asked.id)
            owner = owning.owner(database.conn, party.id)  # whoever stands in gives nothing away
            sharing.may_assign(session.person, core.people, owner, asked.to)
            said = f"{party.code} {party.name}: {_given(core.people.find(asked.to or ''))}"
            same = owning.assigned(database.conn, party.id) == asked.to
            if not asked.check and not same:
                owning.assign(database, session.actor, party.id, asked.to, why, at=at)
            return done(party.id, said, check=asked.check, repeated=same), party.id

        return await self._working.change(work)

    async def pin(self, session: Session, asked: working_requests.PinRequest) -> Done:
        """Keep a row on top until tomorrow, or let it go. Raises NotFound, Refused."""
        core, reason, at = (
            self._core,
            clean_line(asked.reason, limit=_WHY_CAP).strip(),
            self._core.clock.stamp(),
        )
        today, calendar = core.today(), core.settings.work_days
        until = calendar.worked_from(today + timedelta(days=1)) if reason else None

        def work(database: Database) -> tuple[Done, str]:
            row = self._working.row(database.conn, session, asked.id)
            party = row["party_id"] or ""
            sharing.may_pin(session.person, row["assignee"])
            now = standing.standings(database.conn, party, today)(row["id"])
            if now.pinned_until is None and until is None:
                raise Invalid(
                    "reason: a pinned row says why it is on top", "a few words are enough: they are audited"
                )
            same = (now.pinned_until, now.pin_reason) == (until, reason)
            if not asked.check and not same:
                pins.pin(database, session.actor, row["id"], party, until, reason, at=at)
            said = f"on top until {days.words(until, today, calendar)}" if until else "no longer on top"
            return done(
                row["id"], f"{row['subject']}: {said}", until, check=asked.check, repeated=same
            ), party

        return await self._working.change(work)

    # Absence

    async def absences(self, session: Session, _: Nothing) -> list[AbsenceRow]:
        """Who is away today or later."""
        today = self._core.today()
        return [
            absence_row(each)
            for each in await self._core.store.read(lambda connection: absences.lately(connection, today))
        ]

    async def absence(self, session: Session, asked: working_requests.AbsenceRequest) -> AbsenceRow:
        """Note an absence or a swap; whose rows they are changes on its days. Raises Invalid, NotFound, Refused."""
        core, at = self._core, self._core.clock.stamp()
        core.require_open()
        may = sharing.may_swap if asked.swap else sharing.may_set_absence
        may(session.person, core.people, asked.person, asked.stand_in)
        if asked.last < asked.first:
            raise Invalid(f"to: {asked.last} is before {asked.first}", "name the last day of the absence")
        if asked.last < core.today() or asked.last - asked.first > _FARTHEST:
            raise Invalid(f"to: {asked.last} is over, or years away", "name days from today on")

        def work(database: Database) -> int:
            standing.mark(database.conn, at)
            return absences.add(
                database,
                session.actor,
                asked.person,
                asked.first,
                asked.last,
                asked.stand_in,
                swap=asked.swap,
                at=at,
            )

        key = await core.store.write(work)
        noted = Absence(
            key, asked.person, asked.first, asked.last, asked.stand_in, asked.swap, session.person.id
        )
        await self._rank(noted, at)
        return absence_row(noted)

    async def end_absence(self, session: Session, asked: working_requests.AbsenceEndRequest) -> AbsenceRow:
        """Somebody is back, or stays. Raises NotFound, Refused."""
        core, at = self._core, self._core.clock.stamp()
        core.require_open()

        def work(database: Database) -> Absence:
            standing.mark(database.conn, at)
            ended = absences.end(database, session.actor, asked.id, at=at)
            sharing.may_end_absence(session.person, ended.person, swap=ended.swap)
            return ended

        ended = await core.store.write(work)
        await self._rank(ended, at)
        return absence_row(ended)

    async def _rank(self, absence: Absence, at: str) -> None:
        """Whoever is in a chain with the absent gets other rows today; other days are the new day's business."""
        if absence.first <= self._core.today() <= absence.last:
            await self._working.rank(await self._core.store.read(_owned))
        await self._core.store.write(lambda database: standing.unmark(database.conn, at))

    # Rules

    async def _watch_rules(self) -> None:
        """For ever: the people file's rules of ownership count as soon as it says others."""
        taken = None
        while True:
            rules = self._core.people.owners
            if rules != taken:
                try:
                    await self._take_over()
                    taken = rules
                except StoreReplaced:
                    raise
                except ArqueueError as error:
                    log.warning("owner rules wait", code=error.code)
            await asyncio.sleep(_LOOK_S)

    async def _take_over(self) -> None:
        rules, at = self._core.people.owners, self._core.clock.stamp()

        def work(database: Database) -> str | None:
            if owning.take_over(database, audit.SYSTEM, rules, at=at):
                standing.mark(database.conn, at)
            return standing.marked(database.conn)

        if since := await self._core.store.write(work):
            log.info("owner rules", rules=len(rules))
            await self._working.rank(await self._core.store.read(_all_customers))
            await self._core.store.write(lambda database: standing.unmark(database.conn, since))


def _owned(connection: sqlite3.Connection) -> list[str]:
    found = connection.execute(
        "SELECT DISTINCT party_id FROM work WHERE assignee IS NOT NULL AND party_id IS NOT NULL"
    )
    return [row[0] for row in found]


def _all_customers(connection: sqlite3.Connection) -> list[str]:
    found = connection.execute("SELECT DISTINCT party_id FROM work WHERE party_id IS NOT NULL")
    return [row[0] for row in found]


def _given(person: Person | None) -> str:
    return f"{person.name}'s now" if person else "whose it is, the rules say again"


def absence_row(each: Absence) -> AbsenceRow:
    """An absence for the wire."""
    return {
        "id": each.id,
        "person": each.person,
        "first": each.first.isoformat(),
        "last": each.last.isoformat(),
        "stand_in": each.stand_in,
        "swap": each.swap,
        "by": each.by,
    }
