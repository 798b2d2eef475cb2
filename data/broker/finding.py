"""Views under a filter or in another order: the rows are found once and kept as long as nothing changes, so that paging through
them costs as much as paging through a plain view. Who types on overtakes the search of the key before.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import time
from array import array
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar
from weakref import WeakKeyDictionary

from arqueue.errors import Conflict
from arqueue.model.people import Person
from arqueue.work.filter import Filter, parse
from arqueue.work.views import DONE, SavedView, checked_sort
from data.broker import done, protocol
from data.broker.core import Core
from data.broker.frames import Packed
from data.broker.listing import Listing
from data.broker.requests import CustomersRequest, LocateRequest, PickRequest, WidenRequest, WindowRequest
from data.broker.session import Session
from data.broker.widening import wider
from data.broker.windows import Painted, Windows, packed
from data.store import customers, queue, views

T = TypeVar("T")
_AT_ONCE: Final = 2
"""Searches that run at the same time: they leave a reader for those who only page."""
_STEPS: Final = 4000
"""Instructions of SQLite between two looks at whether a search was overtaken: well below a millisecond."""
_ROOM: Final = 4_000_000
"""Rows that are kept of all searches together, eight bytes each."""
_KEPT: Final = 200
"""So many searches are kept, however few rows they found."""
_A_MOMENT_S: Final = 0.03
"""So long the first rows are looked for along the order: then a filter is rare, and the index of texts names its rows sooner."""
_ADVICE_S: Final = 3.0
"""So long, by the processor, it is looked for what holds all rows back: nobody needs it to go on."""
_ENOUGH: Final = 128
"""First rows, as many as are shown before all of them are found."""
_OFFERED: Final = 20
"""More names than are shown, since some stand there twice: as they are, and in other capitals."""
_FEW: Final = 1000
"""Among so few rows those of a filter that was typed on are found by looking at each."""
_RARE: Final = 2000
"""So few rows are put in order by themselves; more are met on a walk along the kept order."""
ORDERS: Final = {
    "amount": "coalesce(abs(work.base_minor), 0) DESC",
    "age": "work.since",
    "customer": "(SELECT coalesce(name, '') FROM party WHERE party.id = work.party_id) COLLATE NOCASE",
    "due": "work.due IS NULL, work.due",
}
_TURNED: Final = {
    "amount": "coalesce(abs(work.base_minor), 0)",
    "age": "work.since DESC",
    "customer": f"{ORDERS['customer']} DESC",
    "due": "work.due IS NULL, work.due DESC",
}


@dataclass(frozen=True, slots=True)
class Question:
    """What decides which rows there are and in which order, but for what changes."""

    view: str
    filter: Filter
    sort: str

    def narrows(self, other: Question) -> bool:
        """Whether its rows are surely among the other's, in the same order."""
        same = (self.view, self.sort) == (other.view, other.sort)
        return same and self.filter.narrows(other.filter)


@dataclass(frozen=True, slots=True)
class Found:
    """Rows in their order; ``more`` follow that were not looked for."""

    seqs: array[int]
    more: bool = False


class Overtaken(Conflict):
    """The same face asked for another search before this one had ended; its answer is of no use."""

    code = "overtaken"


@dataclass(eq=False, slots=True)
class Search:
    """A search that runs for a face."""

    question: Question
    overtaken: threading.Event = field(default_factory=threading.Event)


class Finding:
    """Answers windows and places of filtered and sorted views."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._painted = Painted()
        self._windows = Windows(core, self._painted)
        self._kept: OrderedDict[tuple[Hashable, Question], Found] = OrderedDict()
        self._keeping = threading.Lock()
        self._running: WeakKeyDictionary[Session, Search] = WeakKeyDictionary()
        self._turn = asyncio.Semaphore(_AT_ONCE)

    async def window(self, session: Session, asked: WindowRequest) -> protocol.Window | Packed:
        """Rows of a view under a filter, in an order. Raises Invalid, Overtaken."""
        question = Question(asked.view, parse(asked.filter), checked_sort(asked.sort))
        if asked.view == DONE:
            return await self._done(
                session, lambda c, p, at: done.window(c, p, at, asked.offset, asked.limit)
            )
        if not question.filter and question.sort == "rank":
            return await self._windows.window(session.person, asked)

        def look(listing: Listing, seqs: array[int], more: bool) -> Packed:
            rows = self._painted.rows(listing, seqs[asked.offset : asked.offset + asked.limit])
            every, generation = listing.counts_of(asked.view), queue.generation(listing.connection)
            return packed(rows, asked.offset, len(seqs), every, generation, more)

        return await self._found(session, question, look, whole=asked.whole)

    async def locate(self, session: Session, asked: LocateRequest) -> dict[str, Any]:
        """Where a row stands in it; None when it is not in it. Raises Invalid, Overtaken."""
        question = Question(asked.view, parse(asked.filter), checked_sort(asked.sort))
        if asked.view == DONE:
            return await self._done(session, lambda c, p, at: done.locate(c, p, at, asked.id))
        if not question.filter and question.sort == "rank":
            return await self._plain(session, lambda at: at.locate(asked.view, "", asked.id))

        def look(listing: Listing, seqs: array[int], more: bool) -> dict[str, Any]:
            seq = listing.seq_of(asked.id)
            position = seqs.index(seq) if seq is not None and seq in seqs else None
            return {
                "position": position,
                "total": len(seqs),
                "generation": queue.generation(listing.connection),
            }

        return await self._found(session, question, look, whole=asked.whole)

    async def widen(self, session: Session, asked: WidenRequest) -> list[protocol.Wider]:
        """What holds all rows back, where a filter lets none in. Raises Invalid, and Overtaken also where it takes too long."""
        question = Question(asked.view, parse(asked.filter), "rank")
        if asked.view == DONE:
            return []
        search = self._begin(session, question)
        async with self._turn:
            person, today = session.person, self._core.today()

            return await self._core.store.read(
                lambda connection: advised(Listing(connection, person, today), search)
            )

    async def view_counts(self, session: Session, _: object) -> list[protocol.ViewCount]:
        """How many rows each of one's own views holds, as far as that is soon known."""
        person, today = session.person, self._core.today()

        def look(connection: sqlite3.Connection) -> list[protocol.ViewCount]:
            listing = Listing(connection, person, today)
            kept = views.of_person(connection, person.id)
            return [self._count(listing, view) for view in kept if view.view != DONE]

        async with self._turn:
            return await self._core.store.read(look)

    def _count(self, listing: Listing, view: SavedView) -> protocol.ViewCount:
        if not view.filter:
            return {"name": view.name, "total": listing.counts_of(view.view), "more": False}
        found = self._search(listing, Search(Question(view.view, view.filter, "rank")), whole=False)
        return {"name": view.name, "total": len(found.seqs), "more": found.more}

    async def tags(self, session: Session, _: object) -> list[str]:
        """The tags of customers, and those that the strategy in force asks for."""

        def look(listing: Listing) -> list[str]:
            return sorted({*customers.tags(listing.connection), *listing.ranking.strategy.tags})

        return await self._plain(session, look)

    async def customers(self, session: Session, asked: CustomersRequest) -> list[str]:
        """Names and codes of customers that begin so, of many the first."""
        return await self._plain(
            session, lambda at: customers.beginning(at.connection, asked.begins, _OFFERED)
        )

    async def pick(self, session: Session, asked: PickRequest) -> list[protocol.QueueRow]:
        """Those of these rows that are still there for this person, as they are now; in no order."""

        def look(listing: Listing) -> list[protocol.QueueRow]:
            return listing.rows_of(listing.still_seen(asked.ids))

        return await self._plain(session, look)

    async def _plain(self, session: Session, look: Callable[[Listing], T]) -> T:
        person, today = session.person, self._core.today()
        return await self._core.store.read(lambda connection: look(Listing(connection, person, today)))

    async def _done(self, session: Session, look: Callable[[sqlite3.Connection, str, str], T]) -> T:
        """Since the business date began, on the clock by which orders are stamped."""
        core, person = self._core, session.person.id
        return await core.store.read(lambda c: look(c, person, core.today_began(c)))

    async def _found(
        self,
        session: Session,
        question: Question,
        look: Callable[[Listing, array[int], bool], T],
        *,
        whole: bool,
    ) -> T:
        search = self._begin(session, question)
        async with self._turn:
            if search.overtaken.is_set():
                raise Overtaken("another search overtook this one")
            person, today = session.person, self._core.today()

            def work(connection: sqlite3.Connection) -> T:
                listing = Listing(connection, person, today)
                found = self._search(listing, search, whole=whole)
                return look(listing, found.seqs, found.more)

            return await self._core.store.read(work)

    def _begin(self, session: Session, question: Question) -> Search:
        """Searches for the same go on side by side; one for something else is not waited for any more."""
        running = self._running.get(session)
        if running is not None and running.question == question:
            return running
        if running is not None:
            running.overtaken.set()
        self._running[session] = search = Search(question)
        return search

    def _search(self, listing: Listing, search: Search, *, whole: bool) -> Found:
        eyes = (
            _eyes(listing.person),
            listing.today,
            queue.generation(listing.connection),
            listing.ranking.gen,
        )
        with self._keeping:
            kept = self._kept.get((eyes, search.question))
            if kept is not None and not (whole and kept.more):
                self._kept.move_to_end((eyes, search.question))
                return kept
            wider = self._wider(eyes, search.question)
        found = searched(listing, search, wider, whole=whole)
        with self._keeping:
            self._kept[eyes, search.question] = found
            while len(self._kept) > 1 and sum(len(each.seqs) for each in self._kept.values()) > _ROOM:
                self._kept.popitem(last=False)
        return found

    def _wider(self, eyes: Hashable, question: Question) -> array[int] | None:
        """The fewest rows of a search that was made, among which those of this one are; None where they would be many."""
        candidates = [
            found.seqs
            for (seen_by, kept), found in self._kept.items()
            if seen_by == eyes and not found.more and question.narrows(kept)
        ]
        fewest = min(candidates, key=len, default=None)
        return fewest if fewest is not None and len(fewest) <= _FEW else None


def _eyes(person: Person) -> tuple[str, ...]:
    """What of a person decides which rows are seen; ``me`` is one of it."""
    return (person.id, *sorted(person.roles))


def searched(listing: Listing, search: Search, wider: array[int] | None, *, whole: bool) -> Found:
    """The rows in their order, or the first of them. Raises Overtaken."""
    question, connection = search.question, listing.connection
    until = time.monotonic() + _A_MOMENT_S
    try:
        if wider is not None:
            connection.set_progress_handler(search.overtaken.is_set, _STEPS)
            return Found(array("q", listing.met(question.view, question.filter, wider)))
        if not whole and question.sort == "rank":
            connection.set_progress_handler(
                lambda: search.overtaken.is_set() or time.monotonic() > until, _STEPS
            )
            first = _first(listing, question)
            if (first.seqs or not first.more) and not search.overtaken.is_set():
                return first
        connection.set_progress_handler(search.overtaken.is_set, _STEPS)
        return Found(in_order(listing, question))
    except sqlite3.OperationalError:
        if not search.overtaken.is_set():
            raise
        raise Overtaken("another search overtook this one") from None
    finally:
        connection.set_progress_handler(None, 0)


def advised(listing: Listing, search: Search) -> list[protocol.Wider]:
    """What holds all rows back. Raises Overtaken, also where that takes too long."""
    until = time.thread_time() + _ADVICE_S
    connection = listing.connection
    connection.set_progress_handler(lambda: search.overtaken.is_set() or time.thread_time() > until, _STEPS)
    try:
        return wider(listing, search.question.view, search.question.filter)
    except sqlite3.OperationalError as stopped:
        if stopped.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT:
            raise
        raise Overtaken("another search overtook this one, or it took too long") from None
    finally:
        connection.set_progress_handler(None, 0)


def _first(listing: Listing, question: Question) -> Found:
    """The best rows, met along the order until there are enough or a moment has gone by: what is common is met soon."""
    seqs = array("q")
    try:
        for seq in listing.met(question.view, question.filter):
            if len(seqs) == _ENOUGH:
                return Found(seqs, more=True)
            seqs.append(seq)
    except sqlite3.OperationalError as stopped:
        if stopped.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT:
            raise
        return Found(seqs, more=True)
    return Found(seqs)


def in_order(listing: Listing, question: Question) -> array[int]:
    """All rows that a view holds under a filter."""
    source, where, values = listing.condition(question.view, question.filter)
    execute = listing.connection.execute
    name = question.sort.removeprefix("-")
    if name != "rank":
        by = (ORDERS if question.sort == name else _TURNED)[name]
        rows = execute(f"SELECT work.seq FROM {source} WHERE {where} ORDER BY {by}, work.seq", values)
        return array("q", [seq for (seq,) in rows])
    found = {seq for (seq,) in execute(f"SELECT work.seq FROM {source} WHERE {where}", values)}
    walk = listing.walk(found) if len(found) > _RARE else listing.ranked(found)
    seqs = array("q", walk)
    if question.sort != name:
        seqs.reverse()
    return seqs
