"""The broker's methods for cash application: suggestions, aliases of payers, and what automatic application would do and did."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from sqlite_utils import Database

from arqueue.cash.habit import Habit, learn
from arqueue.errors import Refused
from arqueue.model.people import Role
from data.broker import protocol
from data.broker.applying import gather
from data.broker.cash_requests import AliasesRequest, SuggestRequest
from data.broker.core import Core
from data.broker.frames import Packed
from data.broker.gathered import Gathered
from data.broker.reading import Reader
from data.broker.requests import IdRequest
from data.broker.session import Session
from data.store import aliases, cases
from data.store.aliases import Alias
from data.store.rows import allocation_of, item_from

_HABITS_KEPT = 2_000
_HABIT_DAYS, _HABIT_ROWS = 730, 2_000


class Habits:
    """How customers pay, looked at once a business day each: it takes a look at two years of what was applied."""

    def __init__(self) -> None:
        self._day: date | None = None
        self._kept: OrderedDict[str, Habit] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, reader: Reader, account: str) -> Habit:
        """The habit of one customer."""
        with self._lock:
            if self._day != reader.today:
                self._day = reader.today
                self._kept.clear()
            if account in self._kept:
                self._kept.move_to_end(account)
                return self._kept[account]
        found = _learnt(reader, account)
        with self._lock:
            self._kept[account] = found
            if len(self._kept) > _HABITS_KEPT:
                self._kept.popitem(last=False)
        return found


def _learnt(reader: Reader, account: str) -> Habit:
    since = (reader.today - timedelta(days=_HABIT_DAYS)).isoformat()
    rows = reader.rows(
        "SELECT allocation.* FROM item JOIN allocation ON allocation.credit_item = item.id"
        " WHERE item.party_id = ? AND item.total < 0 AND item.doc_date >= ? AND allocation.void = 0"
        " ORDER BY allocation.on_date DESC, allocation.id LIMIT ?",
        (account, since, _HABIT_ROWS),
    )
    allocations = [allocation_of(row) for row in rows]
    if not allocations:
        return Habit()  # nothing to learn from: thousands of items need not be read for it
    items = reader.items({key for each in allocations for key in (each.credit_item, each.debit_item)})
    open_now = cases.some_open(reader.connection, account, _HABIT_ROWS)
    known = {each.id: each for each in (*items, *map(item_from, open_now))}
    return learn(list(known.values()), allocations)


class Cash:
    """The methods of the protocol."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._habits = Habits()

    async def suggest(self, session: Session, asked: SuggestRequest) -> Packed:
        """Ways to apply a payment. Raises NotFound, Refused."""
        return await self._core.matcher.answer(await self.gathered(session, asked))

    async def gathered(self, session: Session, asked: SuggestRequest) -> Gathered:
        """All that the answer is made of, from one snapshot."""
        core, today = self._core, self._core.today()

        def look(reader: Reader) -> Gathered:
            return gather(
                reader,
                reader.item_named(asked.payment),
                core.cash_terms,
                core.ledger,
                self._habits.of,
                limit=asked.limit,
                payer=asked.payer,
                advice=asked.advice,
            )

        found = await core.store.read(lambda connection: look(Reader(connection, session.person, today)))
        if asked.thorough:
            found = replace(found, policy=found.policy.thorough)
        return found

    async def aliases(self, session: Session, asked: AliasesRequest) -> list[protocol.AliasRow]:
        """What was learned of payers, the newest first. Raises NotFound."""
        today = self._core.today()

        def look(reader: Reader) -> list[protocol.AliasRow]:
            party_id = reader.party_named(asked.party).id if asked.party else ""
            return _painted(reader, aliases.listing(reader.connection, asked.limit, party_id))

        return await self._core.store.read(lambda connection: look(Reader(connection, session.person, today)))

    async def forget_alias(self, session: Session, asked: IdRequest) -> protocol.AliasRow:
        """Strike one out; the next payment of that name has to be identified again. Raises NotFound, Refused."""
        if session.person.roles == {Role.AUDITOR}:
            raise Refused("an auditor changes nothing", "ask a collector", rule="auditors read only")
        at, today = self._core.clock.stamp(), self._core.today()

        def work(database: Database) -> protocol.AliasRow:
            gone = aliases.forget(database, asked.id, session.actor, at=at)
            return _painted(Reader(database.conn, session.person, today), [gone])[0]

        return await self._core.store.write(work)


def _painted(reader: Reader, found: Sequence[Alias]) -> list[protocol.AliasRow]:
    rows: list[protocol.AliasRow] = []
    for each in found:
        party = reader.party(each.party_id)
        rows.append(
            {
                "id": each.id,
                # an account is compared and never shown
                "alias": each.alias if each.kind == "name" else f"account …{each.alias[-4:]}",
                "kind": "name" if each.kind == "name" else "account",
                "party_id": each.party_id,
                "party_code": party.code if party else "",
                "party": party.name if party else "",
                "learned_by": each.learned_by,
                "learned_at": each.learned_at,
                "uses": each.uses,
                "last_used": each.last_used,
            }
        )
    return rows
