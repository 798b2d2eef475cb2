"""Promises to pay: recorded by a person, kept here, and judged by what the ledger says of what was promised."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import date, timedelta

from sqlite_utils import Database

from arqueue.errors import Invalid, Refused
from arqueue.model.ledger import Party
from arqueue.model.money import Money
from arqueue.model.text import clean_line
from arqueue.work import calendar as days
from arqueue.work import sharing
from arqueue.work.promises import OVER, Promise, PromiseState, next_level
from data.broker import working_requests
from data.broker.core import Core
from data.broker.promised import Promised, everybodys, history, row_id
from data.broker.protocol.working import Done, Promises
from data.broker.session import Session
from data.broker.working import Working, done
from data.store import promises, standing
from data.store.promises import Recorded

_WHY_CAP = 300
_SHOWN = 500
"""The most promises of one answer."""


class Promising:
    """The methods about promises."""

    def __init__(self, core: Core, working: Working) -> None:
        self._core, self._working = core, working

    async def promise(self, session: Session, asked: working_requests.PromiseRequest) -> Done:
        """Record what a customer promised; without a day the promise is withdrawn. Raises Invalid, NotFound, Refused."""
        on = self._meant(asked.on) if asked.on.strip() else None

        def work(database: Database) -> tuple[Done, str]:
            connection = database.conn
            party = self._working.party(connection, session, asked.id)
            today = self._core.today()
            sharing.may_put_off(
                session.person, standing.standings(connection, party.id, today)(asked.id).assignee
            )
            account = Promised.of(connection, party.id, today)
            if on is None:
                return self._withdraw(database, session, asked, party, account), party.id
            return self._record(database, session, asked, party, account, on), party.id

        return await self._working.change(work)

    def _record(
        self,
        database: Database,
        session: Session,
        asked: working_requests.PromiseRequest,
        party: Party,
        account: Promised,
        on: date,
    ) -> Done:
        currency = _currency(database.conn, asked, account.overdue, f"nothing of {party.name} is overdue")
        last = promises.newest(database.conn, party.id, currency)
        was = account.state(last.promise) if last and last.promise else None
        level = next_level(last.level if last else None, was)
        promise = self._made(account, asked.amount, currency, on, level)
        why = clean_line(asked.why, limit=_WHY_CAP)
        same = (
            last is not None
            and was in (PromiseState.OPEN, PromiseState.SMALL)
            and _is_same(last, promise, why)
        )
        if not asked.check and not same:
            promises.record(
                database,
                session.actor,
                party.id,
                promise,
                before=was or "",
                why=why,
                at=self._core.clock.stamp(),
            )
        day = days.words(on, self._core.today(), self._core.settings.work_days)
        said = f"{party.name}: promised {promise.amount.decimal:,} {currency} by {day}"
        if was is not None and was not in OVER and not same:
            said += f"; it replaces one that was {was}"
        return done(row_id(party.id, currency), said, on, check=asked.check, repeated=same)

    def _withdraw(
        self,
        database: Database,
        session: Session,
        asked: working_requests.PromiseRequest,
        party: Party,
        account: Promised,
    ) -> Done:
        stand = promises.standing(database.conn, party.id)
        states = {currency: account.state(promise) for currency, promise in stand.items()}
        left = [currency for currency, state in states.items() if state not in OVER]
        currency = _currency(database.conn, asked, left, f"{party.name} has no promise to withdraw")
        if not asked.check:
            promises.withdraw(
                database,
                session.actor,
                party.id,
                stand[currency],
                before=states[currency],
                why=clean_line(asked.why, limit=_WHY_CAP),
                at=self._core.clock.stamp(),
            )
        promise = stand[currency]
        said = (
            f"{party.name}: the promise of {promise.amount.decimal:,} {currency} by {promise.on} is withdrawn"
        )
        return done(row_id(party.id, currency), said, check=asked.check)

    def _meant(self, text: str) -> date:
        """A day as one puts off with; today as well: money can be promised for the same day. Raises Invalid."""
        core = self._core
        if text.strip().casefold() in ("today", core.today().isoformat()):
            return core.today()
        try:
            return days.day_of(text, core.today(), core.settings.work_days)
        except Invalid as error:
            raise Invalid(error.message.replace("until:", "on:", 1), error.hint) from None

    def _made(self, account: Promised, amount: str, currency: str, on: date, level: int) -> Promise:
        """Raises Invalid."""
        debits = account.due_by(on, currency)
        due = Money(sum(debits.values()), currency)
        try:
            meant = Money.parse(amount.strip(), currency) if amount.strip() else account.overdue[currency]
        except Invalid as error:
            raise Invalid(f"amount: {error.message.removeprefix('amount ')}", error.hint) from None
        if meant.minor <= 0:
            raise Invalid(
                f"amount: {meant} is nothing that can be promised", "write what will be paid, as 250"
            )
        if meant.minor > due.minor:
            raise Invalid(
                f"amount: {meant.decimal:,} is more than the {due.decimal:,} {currency} that are due by {on}",
                "without an amount it is all that is overdue",
            )
        until = on + timedelta(days=self._core.settings.promise.tolerance_days)
        return Promise(meant, on, until, level, debits, account.payments())

    async def promises(self, session: Session, asked: working_requests.PromisesRequest) -> Promises:
        """All that a customer promised, newest first, and what of it is overdue; without a customer what everybody's promises
        stand at. Raises NotFound."""
        today = self._core.today()

        def look(connection: sqlite3.Connection) -> Promises:
            if asked.id is None:
                return {"rows": everybodys(connection, today, _SHOWN), "overdue": []}
            party = self._working.party(connection, session, asked.id)
            overdue = Promised.of(connection, party.id, today).overdue.values()
            return {
                "rows": history(connection, party.id, today, _SHOWN),
                "overdue": [{"amount": str(each), "currency": each.currency} for each in overdue],
            }

        return await self._core.store.read(look)


def _is_same(last: Recorded, promise: Promise, why: str) -> bool:
    stands = last.promise
    return stands is not None and (stands.amount, stands.on, last.why) == (promise.amount, promise.on, why)


def _currency(
    connection: sqlite3.Connection,
    asked: working_requests.PromiseRequest,
    choices: Iterable[str],
    nothing: str,
) -> str:
    """The one that is named, that of the row or item, or the only one. Raises Invalid, Refused."""
    there = sorted(choices)
    if not there:
        raise Refused(
            nothing, "look at the account with `arqueue show`", rule="a promise is about what is overdue"
        )
    named = asked.currency.strip().upper()
    if not named and len(there) > 1:
        found = connection.execute(
            "SELECT currency FROM work WHERE id = ?1 UNION ALL SELECT currency FROM item WHERE id = ?1",
            (asked.id,),
        ).fetchone()
        named = found[0] if found else ""
    if not named and len(there) == 1:
        return there[0]
    if named not in there:
        said = f"currency: it is not {named}" if named else "currency: there are several"
        raise Invalid(said, f"say {' or '.join(there)}")
    return named
