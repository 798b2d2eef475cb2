"""Snoozes, follow-ups and the agenda: what is looked at another day."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sqlite_utils import Database

from arqueue.errors import NotFound, Refused
from arqueue.model.text import clean_line
from arqueue.model.work import WorkKind
from arqueue.work import calendar as days
from arqueue.work import sharing
from data.broker import working_requests
from data.broker.core import Core
from data.broker.protocol.working import AgendaDays, AgendaRow, Day, Done
from data.broker.session import Session
from data.broker.working import Working, done
from data.store import agenda, snoozes

_LATE = timedelta(days=60)
"""So long a follow-up that was not done stands on the agenda."""
_WHY_CAP = 300


class PuttingOff:
    """The methods that move work to another day."""

    def __init__(self, core: Core, working: Working) -> None:
        self._core, self._working = core, working

    async def day(self, session: Session, asked: working_requests.DayRequest) -> Day:
        """Which day is meant, for the form while one types. Raises Invalid."""
        return self._in_words(self._meant(asked.text))

    def _meant(self, text: str) -> date:
        return days.day_of(text, self._core.today(), self._core.settings.work_days)

    def _in_words(self, day: date) -> Day:
        core = self._core
        return {"day": day.isoformat(), "words": days.words(day, core.today(), core.settings.work_days)}

    async def snooze(self, session: Session, asked: working_requests.SnoozeRequest) -> Done:
        """Let a row sleep, or wake it. Raises Invalid, NotFound, Refused."""
        until = self._meant(asked.until) if asked.until.strip() else None
        why, today, at = clean_line(asked.why, limit=_WHY_CAP), self._core.today(), self._core.clock.stamp()

        def work(database: Database) -> tuple[Done, str]:
            row = self._working.row(database.conn, session, asked.id)
            sharing.may_put_off(session.person, row["assignee"])
            now = {
                each.work_id: each
                for each in snoozes.of_party(
                    database.conn, row["party_id"] or "", today, {row["id"]: row["promise_state"]}
                )
                if not each.woke
            }.get(row["id"])
            said = f"snoozed until {self._in_words(until)['words']}" if until else "awake again"
            same = (now.until, now.why) == (until, why) if now else until is None
            if now is None and until is None and not asked.check:
                raise Refused(f"{_called(row)} is awake", "there is nothing to wake", rule="snooze")
            if not asked.check and not same:
                snoozes.snooze(
                    database, session.actor, row["id"], row["party_id"] or "", until, why, today=today, at=at
                )
            answer = done(row["id"], f"{_called(row)}: {said}", until, check=asked.check, repeated=same)
            return answer, row["party_id"] or ""

        return await self._working.change(work)

    async def follow_up(self, session: Session, asked: working_requests.FollowUpRequest) -> Done:
        """Plan to look at a row on a day, or be done with the plan. Raises Invalid, NotFound, Refused."""
        on = self._meant(asked.on) if asked.on.strip() else None
        why, at = clean_line(asked.why, limit=_WHY_CAP), self._core.clock.stamp()

        def work(database: Database) -> tuple[Done, str]:
            row = self._planned(database, session, asked.id)
            sharing.may_put_off(session.person, row["assignee"])
            said = f"follow-up {self._in_words(on)['words']}" if on else "follow-up done"
            now = agenda.planned(database.conn, row["id"], session.person.id)
            same = now == ((on, why) if on else None)
            if not asked.check and not same:
                agenda.plan(database, session.actor, row["id"], row["party_id"] or "", on, why, at=at)
            answer = done(row["id"], f"{_called(row)}: {said}", on, check=asked.check, repeated=same)
            return answer, ""

        return await self._working.change(work)

    def _planned(self, database: Database, session: Session, key: str) -> Any:
        """The row, or, where the work is gone, the plan that is left of it."""
        try:
            return self._working.row(database.conn, session, key)
        except NotFound:
            left = database.conn.execute(
                "SELECT party_id FROM follow_up WHERE work_id = ? AND person = ? ORDER BY seq DESC LIMIT 1",
                (key, session.person.id),
            ).fetchone()
            if left is None:
                raise
            return {
                "id": key,
                "party_id": left[0],
                "assignee": None,
                "subject": key,
                "party_name": None,
                "kind": "",
            }

    async def agenda(self, session: Session, asked: working_requests.AgendaRequest) -> AgendaDays:
        """What is due, and what comes in the next days. Raises Refused, NotFound."""
        today = self._core.today()
        last = today + timedelta(days=asked.days)
        whose = self._whose(session, asked.person)
        found = await self._core.store.read(
            lambda connection: agenda.entries(connection, whose, today - _LATE, last)
        )
        shown = [each for each in found if each.kind == "follow-up" or each.on >= today]
        return {
            "rows": [_row(each, today) for each in shown],
            "today": today.isoformat(),
            "last": last.isoformat(),
            "days": [self._in_words(day) for day in sorted({each.on for each in shown})],
        }

    async def calendar(self, session: Session, asked: working_requests.CalendarRequest) -> dict[str, str]:
        """The agenda as a calendar file. Raises Refused, NotFound."""
        whose = self._whose(session, asked.person)
        return {"ics": await self._working.files.text(self._core.people.get(whose))}

    def _whose(self, session: Session, person: str | None) -> str:
        if person is None or person == session.person.id:
            return session.person.id
        if not session.person.sees_all:
            raise Refused(
                f"{person}'s agenda is not yours", "ask a supervisor", rule="supervisors see agendas"
            )
        return self._core.people.get(person).id


def _called(row: Any) -> str:
    """What a person calls a row: the document, and of a whole account, which has none, the customer before its items."""
    named = row["kind"] == WorkKind.OVERDUE.value and row["party_name"]
    return f"{row['party_name']}, {row['subject']}" if named else str(row["subject"])


def _row(each: agenda.Entry, today: date) -> AgendaRow:
    return {
        "kind": each.kind,
        "on": each.on.isoformat(),
        "late_days": max(0, (today - each.on).days),
        "id": each.work_id,
        "party_id": each.party_id,
        "party": each.party,
        "party_code": each.party_code,
        "subject": each.subject,
        "amount": str(each.amount) if each.amount else "",
        "currency": each.amount.currency if each.amount else "",
        "why": each.why,
        "person": each.person,
    }
