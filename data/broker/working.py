"""What the methods of working the list share: the row that is meant, the transaction that stores and ranks."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from datetime import date
from functools import partial

from sqlite_utils import Database

from arqueue.errors import NotFound
from arqueue.model.ledger import Party
from data.broker.calendar_files import CalendarFiles
from data.broker.core import Core
from data.broker.listing import QUEUE, visible
from data.broker.protocol.working import Done
from data.broker.reading import Reader
from data.broker.session import Session
from data.store import queue
from data.store.queue import Delta

Change = Callable[[Database], tuple[Done, str]]
"""Stores, and says which customer's rows may be others now; empty for none."""
_AT_ONCE = 8


class Working:
    """Over the core: a change of how rows stand, and the ranking that follows from it, are one transaction."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self.files = CalendarFiles(core)

    def row(self, connection: sqlite3.Connection, session: Session, key: str) -> sqlite3.Row:
        """The row of the queue by its id, or that of an item or a customer. Raises NotFound."""
        reader = Reader(connection, session.person, self._core.today())
        if (found := _row(reader, key)) is not None:
            return found
        shown = reader.show(key)["work"]
        if shown is None or (found := _row(reader, shown["id"])) is None:
            raise NotFound(f"{key!r} is nobody's work now", "see what is with `arqueue list`")
        return found

    def party(self, connection: sqlite3.Connection, session: Session, key: str) -> Party:
        """The customer itself, or that of an item or a row. Raises NotFound."""
        reader = Reader(connection, session.person, self._core.today())
        if (row := _row(reader, key)) is not None:
            found = reader.party(row["party_id"] or "")
            if found is None:
                raise NotFound(f"{row['subject']} has no customer", "choose a row with one")
            return found
        record = reader.target(key)
        item = reader.item(record)
        return reader.party_named(item.party_id if item else record)

    async def change(self, work: Change) -> Done:
        """Store it and rank the customer anew. Raises what ``work`` raises, and nothing is stored."""
        core = self._core
        core.require_open()

        def changed(database: Database) -> tuple[Done, Delta | None]:
            answer, party = work(database)
            if not party or answer["state"] == "checked" or answer["repeated"]:
                return answer, None
            return answer, queue.refresh(database, {party}, core.today(), core.ledger.currency)

        answer, delta = await core.store.write(changed)
        if delta and delta.ids:
            core.on_changed(delta)
        if answer["state"] != "checked":
            self.files.soon()
        return answer

    async def rank(self, parties: Iterable[str]) -> None:
        """Rank these customers anew, some at a time: people's keys come between."""
        core, left = self._core, sorted(set(parties))
        while left:
            some, left = left[:_AT_ONCE], left[_AT_ONCE:]
            work = partial(
                queue.refresh, parties=some, today=core.today(), base_currency=core.ledger.currency
            )
            delta = await core.store.write(work)
            if delta.ids:
                core.on_changed(delta)
        self.files.soon()


def _row(reader: Reader, work_id: str) -> sqlite3.Row | None:
    """A row that this person may see."""
    seen, values = visible(reader.person)
    rows = reader.rows(f"{QUEUE} WHERE work.id = ? AND {seen}", (work_id, *values))
    return rows[0] if rows else None


def done(
    key: str, words: str, day: date | None = None, *, check: bool = False, repeated: bool = False
) -> Done:
    """An answer."""
    return {
        "id": key,
        "state": "checked" if check else "done",
        "words": words,
        "day": day.isoformat() if day else None,
        "repeated": repeated,
    }
