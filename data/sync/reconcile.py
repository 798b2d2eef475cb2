"""Ledger and outbox compared by the references that both hold: daily, after a full sync, and before a store that was put back
from a backup opens.

What the ledger holds under a reference of ours that we do not know is an orphan: it is adopted, shown, and never posted again.
What we hold as posted and the ledger does not is a ghost. In a healthy company there are none.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import structlog
from sqlite_utils import Database

from arqueue.control.commands import Annotate, items_of
from arqueue.control.states import CommandState
from arqueue.errors import PeerGarbled, PeerUnreachable, Refused
from arqueue.model.clock import Clock
from arqueue.model.money import Money
from arqueue.model.text import clean_line, guard
from data.peers.contract import Absent, Capabilities, Done, Partial, Peer, Posting, Rejected, Unknown
from data.store import audit, authority, backup, differences, mirror, outbox, queue, stored
from data.store.backup import Mark
from data.store.differences import NOWHERE, Difference, Found
from data.store.instants import Instant
from data.store.queue import Delta
from data.store.store import Store
from data.store.stored import Stored
from data.sync.health import Health
from data.sync.pull import Puller

log = structlog.get_logger()
EVERY = timedelta(hours=24)
BACK = timedelta(days=35)
"""How far a daily comparison looks back; after a full sync it looks at everything."""
_MARGIN = timedelta(days=1)
"""By how much the ledger's clock and ours may differ."""
_WAIT_S = 0.5
_SLICE = 200
_KEY = "reconciled"
_WORDS_CAP = 300
_ADOPTED = "it stands and is never posted again: look at it, then put this away"
_SEEN = "see in the accounting system what it was, then put this away"
_AGAIN = "was the ledger put back from a backup? order it anew if it is still right, then put this away"


@dataclass(frozen=True, slots=True)
class Compared:
    """What a comparison found that was not known before."""

    postings: int
    news: tuple[Found, ...]


class Reconciler:
    """Compares, and opens a store that was put back. ``changed`` is told what the queue shows differently, ``moved`` of
    commands."""

    def __init__(
        self,
        store: Store,
        peer: Peer,
        clock: Clock,
        health: Health,
        puller: Puller,
        *,
        capabilities: Callable[[], Capabilities],
        today: Callable[[], date],
        base_currency: Callable[[], str],
        changed: Callable[[Delta], None],
        moved: Callable[[str], None],
    ) -> None:
        self._store, self._peer, self._clock, self._health, self._puller = store, peer, clock, health, puller
        self._capabilities, self._today, self._base_currency = capabilities, today, base_currency
        self._changed, self._moved = changed, moved
        self._mark: Mark | None = None
        self._stage = ""

    @property
    def is_open(self) -> bool:
        """Whether anybody may act: not while a store that was put back has not been compared with the ledger."""
        return self._mark is None

    @property
    def closed(self) -> Refused:
        """Why nobody may act yet, and how far it is."""
        taken = self._mark.taken_at[:16].replace("T", " ") if self._mark else ""
        return Refused(
            f"the store was put back from a backup of {taken} UTC: {self._stage or 'the accounting system is asked first'}",
            "looking is possible; acting again when the accounting system was asked what was posted since",
            rule="restored",
        )

    async def look(self) -> None:
        """Whether the store was put back and is not open yet; to be called before anything else."""
        self._mark = await self._store.read(backup.mark_of)

    # opening a store that was put back

    async def reopen(self) -> None:
        """Ask the ledger for everything that is held, adopt what was posted since the backup, compare the control totals, and
        open. Raises what the peer raises: then nothing is open, and it is tried again."""
        mark = self._mark
        if mark is None:
            return
        self._say("what changed since is read")
        await self._puller.pull()
        await self._flight(mark)
        held = await self._store.read(lambda connection: stored.many(connection, "held = 1 ORDER BY seq", ()))
        for number, row in enumerate(held, 1):
            self._say(f"order {number} of {len(held)} that was on its way is looked up")
            await self._settle(row)
        self._say("postings are compared")
        compared = await self.compare(None)
        self._say("control totals are compared")
        if words := await self._puller.disagreement():
            raise PeerGarbled(
                f"after the restore the control totals differ: {words}",
                "see `arqueue list --view failure` for rows that could not be read; it is compared again",
            )
        await self._open(mark, len(held), compared)

    def _say(self, stage: str) -> None:
        self._stage = stage
        self._health.changed()

    async def _flight(self, mark: Mark) -> None:
        """What left before the restore may still arrive: a look-up before that proves nothing."""
        while True:
            now = self._clock.boot_s()
            since = mark.boot_s if mark.boot_id == self._clock.boot_id and mark.boot_s <= now else 0.0
            left = self._capabilities().flight_s - (now - since)
            if left <= 0:
                return
            self._say(f"in {left:.0f} s nothing can be on its way any more")
            await asyncio.sleep(min(left, _WAIT_S))

    async def _settle(self, row: Stored) -> None:
        """One command as the ledger has it. Raises PeerUnreachable where that cannot be told."""
        found = await self._peer.find(row.order)
        now, today, base = Instant.of(self._clock), self._today(), self._base_currency()
        at = now.at
        if isinstance(found, Unknown):
            raise PeerUnreachable(
                f"{row.words} was on its way when the backup was made, and cannot be looked up: {_cut(found.words)}",
                "it is asked again; nobody can act until then",
            )

        def work(database: Database) -> Delta:
            match found:
                case Absent():
                    audit.write(
                        database,
                        audit.SYSTEM,
                        f"{row.op} released",
                        at=at,
                        command_id=row.id,
                        detail=f"not in the ledger; goes on as {row.state.value}",
                    )
                case Done():
                    words = "posted after the backup that was put back; found by its reference"
                    authority.charge_posted(database, row, now)
                    self._move(database, row, CommandState.POSTED, words, at, found.refs)
                case Partial():
                    words = f"posted in part after the backup, the rest is not posted: {_cut(found.words)}"
                    self._move(database, row, CommandState.CONFLICT, words, at, found.refs)
                case Rejected():
                    self._move(
                        database, row, CommandState.REJECTED, f"{found.code.value}: {_cut(found.words)}", at
                    )
            database.conn.execute("UPDATE command SET held = 0 WHERE id = ?", (row.id,))
            # a refusal tells the ledger as it was then: the census before the store opens tells it as it is
            entities = found.entities if isinstance(found, Done | Partial) else ()
            touched = mirror.store_entities(database, entities, at=at)
            parties = touched.parties | queue.parties_of(database.conn, items_of(row.order.command))
            return queue.refresh(database, parties | {row.party_id or NOWHERE}, today, base)

        delta = await self._store.write(work)
        log.info("held command", id=row.id, op=row.op, found=type(found).__name__)
        self._moved(row.id)
        self._tell(delta)

    def _move(
        self, database: Database, row: Stored, to: CommandState, words: str, at: str, refs: Sequence[str] = ()
    ) -> None:
        outbox.move(
            database, row, to, audit.SYSTEM, at=at, outcome=words, refs=tuple(_cut(ref) for ref in refs)
        )

    async def _open(self, mark: Mark, held: int, compared: Compared) -> None:
        at = self._clock.stamp()

        def work(database: Database) -> None:
            totals = backup.totals_of(database.conn)
            detail = {
                "held": held,
                "found": [each.command_id for each in compared.news],
                "open": {each.currency: str(each) for each in totals.open},
                "restored_at": mark.at,
            }
            backup.clear_mark(database)
            audit.write(
                database,
                audit.SYSTEM,
                "opened after restore",
                at=at,
                detail=json.dumps(detail, sort_keys=True),
            )

        await self._store.write(work)
        self._mark = None
        log.info("opened after restore", held=held, found=len(compared.news))
        self._health.changed()

    # comparing

    async def daily(self, *, full: bool = False) -> Compared | None:
        """Compare if it was not done for a day, or everything if ``full``; None where it is not due. Raises what the peer
        raises."""
        now = self._clock.now()
        if not full:
            last = await self._store.read(_last)
            if last is not None and timedelta() <= now - last < EVERY:
                return None
        return await self.compare(None if full else now - BACK)

    async def compare(self, since: datetime | None) -> Compared:
        """Every posting of ours from that instant on (or ever) against the outbox. What is posted is read here before it is
        listed there, and what is listed there is looked for here after that: what happens meanwhile is neither orphan nor
        ghost."""
        listed = self._capabilities().listed
        first = since + _MARGIN if since else None
        posted = await self._store.read(lambda connection: _posted(connection, listed, first))
        told = {each.command_id: each for each in await self._peer.ours(since)} if listed else {}
        at, today, base = self._clock.stamp(), self._today(), self._base_currency()

        def work(database: Database) -> tuple[list[Found], Delta]:
            connection = database.conn
            found = [*_orphans(connection, told.values(), base), *_wrong(posted, told)]
            wrong = {each.command_id for each in found}
            # what the predecessor of a new store posted is no news to anybody
            news = differences.record(database, found, at=at, seen=_is_new(connection))
            agreed = differences.open_ones(connection) & (posted.keys() & told.keys()) - wrong
            parties = differences.settle(database, agreed, at=at) | {
                each.party_id or NOWHERE for each in news
            }
            connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (_KEY, at))
            return news, queue.refresh(database, parties, today, base)

        news, delta = await self._store.write(work)
        if news:
            log.warning(
                "ledger and outbox differ", found=[(each.kind.value, each.command_id) for each in news]
            )
        self._tell(delta)
        return Compared(len(told), tuple(news))

    def _tell(self, delta: Delta) -> None:
        if delta.ids:
            self._changed(delta)


def _last(connection: sqlite3.Connection) -> datetime | None:
    row = connection.execute("SELECT value FROM meta WHERE key = ?", (_KEY,)).fetchone()
    return datetime.fromisoformat(row[0]) if row else None


def _is_new(connection: sqlite3.Connection) -> bool:
    """Whether nothing was ever ordered or compared here."""
    return (
        _last(connection) is None
        and backup.mark_of(connection) is None
        and connection.execute("SELECT 1 FROM command LIMIT 1").fetchone() is None
    )


def _posted(
    connection: sqlite3.Connection, listed: Iterable[str], since: datetime | None
) -> dict[str, Stored]:
    """What we hold as posted of the operations that the ledger lists without a gap. What has no reference there was never sent:
    it is kept here alone."""
    marks = ", ".join("?" * len(ops := sorted(listed)))
    where = f"state = 'posted' AND refs <> '[]' AND op IN ({marks}) AND created_at >= ? ORDER BY seq"
    rows = stored.many(connection, where, (*ops, since.isoformat() if since else ""))
    return {row.id: row for row in rows}


def _orphans(connection: sqlite3.Connection, told: Collection[Posting], base: str) -> Iterator[Found]:
    """Postings whose command is not in the outbox, and remarks of ours in the mirror that are not either."""
    for posting in told:
        if not _is_known(connection, posting.command_id):
            yield _adopted(connection, posting, base)
    rows = connection.execute(
        "SELECT command_id, target, at FROM note WHERE command_id <> '' AND command_id NOT IN (SELECT id FROM command)"
        " AND command_id NOT IN (SELECT command_id FROM difference) ORDER BY at, id"
    ).fetchall()
    listed = {posting.command_id for posting in told}
    for command_id, target, at in rows:
        if command_id not in listed:
            remark = Posting(command_id=command_id, op=Annotate.op, at=at, about=target)
            yield _adopted(connection, remark, base)


def _is_known(connection: sqlite3.Connection, command_id: str) -> bool:
    row = connection.execute("SELECT 1 FROM command WHERE id = ?", (command_id,)).fetchone()
    return row is not None


def _adopted(connection: sqlite3.Connection, posting: Posting, base: str) -> Found:
    """In words that name whom and what as far as the ledger and the mirror know."""
    item = connection.execute("SELECT number, party_id FROM item WHERE id = ?", (posting.about,)).fetchone()
    party = connection.execute("SELECT id, name FROM party WHERE id = ?", (posting.about,)).fetchone()
    about = item[0] if item else party[1] if party else ""
    left = connection.execute("SELECT id FROM party WHERE id = ?", (posting.party,)).fetchone()
    whose = left[0] if left else item[1] if item else party[0] if party else None
    amount = f" {posting.amount} {posting.amount.currency}" if posting.amount is not None else ""
    by = f" by {posting.actor}" if posting.actor else ""
    of = f" of {about}" if about else ""
    when = "posted after the backup" if backup.mark_of(connection) else "posted, and not in our outbox,"
    words = f"{when}{by}: {posting.op}{amount}{of} on {posting.at[:10]}; {_ADOPTED}"
    return Found(
        posting.command_id,
        Difference.ORPHAN,
        clean_line(posting.op),
        whose,
        posting.about if item else None,
        posting.amount or Money.zero(base),
        _cut(words),
        clean_line(posting.actor),
        posting.at,
    )


def _wrong(posted: dict[str, Stored], told: dict[str, Posting]) -> Iterator[Found]:
    """Ghosts, and amounts that are not the same."""
    for row in posted.values():
        posting = told.get(row.id)
        if posting is None:
            words = f"posted by {row.person} on {row.created_at[:10]}, and not in the accounting system: {row.words}; {_AGAIN}"
            yield _found(row, Difference.GHOST, words)
        elif posting.amount is not None and posting.amount != row.amount:
            there = f"{posting.amount} {posting.amount.currency}"
            words = f"posted as {row.amount} {row.amount.currency}, and {there} in the accounting system: {row.words}; {_SEEN}"
            yield _found(row, Difference.AMOUNT, words)


def _found(row: Stored, kind: Difference, words: str) -> Found:
    item = row.target if items_of(row.order.command) else None
    return Found(
        row.id, kind, row.op, row.party_id, item, row.amount, _cut(words), row.person, row.created_at
    )


def _cut(text: str) -> str:
    return guard(text.replace("\n", " "))[:_WORDS_CAP]
