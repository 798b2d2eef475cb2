"""What changed in Tryton since a cursor, in pages: customers, lines, invoices, blocked reminders.

Tryton has no feed; it stamps each row with the start of the transaction that wrote it, and neither a link that is taken away nor
a reconciliation that is undone leaves a row behind. So:

- rows are re-read with an overlap, since a long transaction commits rows that are older than what was read meanwhile;
- whatever touches an invoice's links moves the invoice's stamp: with it come its due lines, the lines linked to it, and the open
  credits of its customer, among which is whatever was linked before;
- whatever joins or leaves a reconciliation is itself a changed line, and allocations are named after the lines that they use up:
  a line that is seen again without its allocation is the tombstone of that allocation.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from arqueue.errors import PeerGarbled
from arqueue.model.ledger import Entity, Note
from data.peers.contract import Page, Quarantined
from data.peers.tryton.allocations import allocations_of, names_of
from data.peers.tryton.book import Book
from data.peers.tryton.items import items_of
from data.peers.tryton.parties import PARTY, read_notes, read_parties
from data.peers.tryton.reader import INVOICE, LINE, OPEN, RECEIVABLE, Reader
from data.peers.tryton.records import targets_of
from data.peers.tryton.rows import INVOICE_FIELDS
from data.peers.tryton.rpc import Row
from data.peers.tryton.seen import Seen

OVERLAP_S: Final = 600
PAGE: Final = 500
_REMARKED: Final = 500
DUNNING: Final = "account.dunning"
_PHASES: Final = ("parties", "lines", "invoices", "blocks")
_HEADS: Final = (PARTY, "party.contact_mechanism", LINE, INVOICE, DUNNING)
_PARTS: Final = ("contact_mechanisms", "credit_limit_amounts", "payment_terms")
_STAMPS_A_ROW: Final = 4
"""A page of stamps alone may be longer than one of rows."""
_PARTS_OF: Final = "parts of party.party"
_STAMP: Final = ("write_date", "create_date", "_timestamp")
_EVEN_INACTIVE: Final = ("active", "in", [True, False])


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a reader stands: `phase` and `after` within a sweep over everything stamped after `since`; `head` is the newest
    stamp when the sweep began, first seen at `seen` (Unix time of this machine)."""

    phase: str = ""
    after: int = 0
    since: str = ""
    head: str = ""
    seen: float = 0.0
    page: int = 0
    """Counts pages: no two of them have the same cursor."""

    def dump(self) -> str:
        """The cursor as the store keeps it."""
        return json.dumps(asdict(self), separators=(",", ":"))

    @classmethod
    def load(cls, text: str | None) -> Cursor:
        """Raises PeerGarbled for a cursor that is not one of ours."""
        if not text:
            return cls()
        try:
            cursor = cls(**json.loads(text))
            if cursor.phase not in ("", *_PHASES):
                raise ValueError(cursor.phase)
            for stamp in filter(None, (cursor.since, cursor.head)):
                datetime.fromisoformat(stamp)
        except (ValueError, TypeError) as error:
            raise PeerGarbled(
                "the cursor is not one of this connector", "read anew: arqueue sync --full"
            ) from error
        return cursor

    @property
    def is_full(self) -> bool:
        """Whether the sweep takes everything, as the first one does."""
        return not self.since


class Feed:
    """Pages after a cursor. `clock` gives Unix time, for telling how long nothing has changed."""

    def __init__(self, reader: Reader, *, page: int = PAGE, clock: Callable[[], float] = time.time) -> None:
        self._reader, self._page, self._clock = reader, page, clock
        self._remarked: dict[str, str] = {}
        self._seen = Seen()

    def remark(self, record: str, target: str) -> None:
        """A remark is being put on a record (``model,id``): tell it with the next pulls, under its target's name."""
        self._remarked.pop(record, None)
        self._remarked[record] = target
        while len(self._remarked) > _REMARKED:
            del self._remarked[next(iter(self._remarked))]

    async def pull(self, text: str | None) -> Page:
        """The next page. Raises as `Reader`, PeerGarbled for a foreign cursor."""
        cursor = Cursor.load(text)
        self._seen.resume(text)
        if not cursor.phase:
            cursor = await self._begin(cursor)
            self._seen.begin()
        phases = {
            "parties": self._parties,
            "lines": self._lines,
            "invoices": self._invoices,
            "blocks": self._blocks,
        }
        told, after = await phases[cursor.phase](cursor)
        following = replace(self._following(cursor, after), page=cursor.page + 1)
        remaining = None
        if cursor.is_full and cursor.phase == "lines":
            remaining = await self._reader.session.call(
                f"model.{LINE}.search_count", [*RECEIVABLE, ["id", ">", following.after]]
            )
        self._seen.hand_out(following.dump())
        return Page(
            following.dump(),
            bool(following.phase),
            tuple(told.upserts),
            tuple(told.tombstones),
            tuple(told.quarantined),
            remaining if following.phase == "lines" else None,
        )

    async def _begin(self, cursor: Cursor) -> Cursor:
        """Start a sweep: everything after the old head, less the overlap unless it has long been quiet."""
        now = self._clock()
        head = await self._head()
        if head and head == cursor.head:
            quiet = now - cursor.seen > OVERLAP_S
            since = head if quiet else _earlier(head)
            return replace(cursor, phase=_PHASES[0], after=0, since=since)
        since = _earlier(cursor.head) if cursor.head else ""
        return Cursor(_PHASES[0], 0, since, head, now, cursor.page)

    async def _head(self) -> str:
        """The newest stamp of all that is followed; empty in an empty company."""
        newest: list[datetime] = []
        for model in _HEADS:
            domain = [_EVEN_INACTIVE] if model in (PARTY, "party.contact_mechanism") else []
            rows = await self._reader.rows(
                model, domain, ["last_modified_at"], limit=1, order="-last_modified_at"
            )
            newest += [row["last_modified_at"] for row in rows]
        return max(newest).isoformat() if newest else ""

    def _following(self, cursor: Cursor, after: int | None) -> Cursor:
        if after is not None:
            return replace(cursor, after=after)
        phases = _PHASES[:2] if cursor.is_full else _PHASES
        place = phases.index(cursor.phase) + 1
        if place < len(phases):
            return replace(cursor, phase=phases[place], after=0)
        return replace(cursor, phase="", after=0, since=cursor.head)

    def _changed(self, cursor: Cursor) -> list[Any]:
        domain: list[Any] = [["id", ">", cursor.after]]
        if cursor.since:
            domain.append(["last_modified_at", ">", datetime.fromisoformat(cursor.since)])
        return domain

    async def _parties(self, cursor: Cursor) -> tuple[Told, int | None]:
        domain: list[Any] = [["id", ">", cursor.after], _EVEN_INACTIVE]
        if cursor.since:
            domain.append(["OR", *_newer(cursor.since, is_own=True)])
        rows = await self._reader.rows(PARTY, domain, _STAMP, limit=self._page)
        keys = set(_ids(self._fresh(cursor, PARTY, rows)))
        keys |= await self._with_new_parts(cursor, set(_ids(rows)) - keys)
        found = await read_parties(self._reader, keys)
        notes, bad = await read_notes(self._reader, {f"{PARTY},{key}": f"party:{key}" for key in keys})
        told = Told([*found.parties, *notes], quarantined=[*found.quarantined, *bad])
        return told, _last(rows, self._page)

    async def _with_new_parts(self, cursor: Cursor, known: set[int]) -> set[int]:
        """Of customers told before, those whose addresses, limit or terms changed: these do not move the customer's own stamp,
        and cannot all be read. Those looked at since the newest stamp need a look at what is newer only."""
        if not known:
            return set()
        checked = {key for key in known if not self._seen.is_fresh(_PARTS_OF, key, cursor.head)}
        found: set[int] = set()
        for keys, since in ((known - checked, cursor.since), (checked, cursor.head)):
            also = [["OR", *_newer(since)], _EVEN_INACTIVE]
            found.update(_ids(await self._reader.rows_of(PARTY, "id", keys, ["id"], also=also)))
        return found

    async def _lines(self, cursor: Cursor) -> tuple[Told, int | None]:
        if cursor.is_full:
            rows = await self._reader.lines(self._changed(cursor), limit=self._page)
            book = await self._reader.gather(self._fresh(cursor, LINE, rows))
            return await tell(self._reader, book, only=set(_ids(rows)), notes=True), _last(rows, self._page)
        limit = _STAMPS_A_ROW * self._page
        domain = [*RECEIVABLE, *self._changed(cursor)]
        rows = await self._reader.rows(LINE, domain, _STAMP, limit=limit)
        told = await self._told(_ids(self._fresh(cursor, LINE, rows)), notes=True)
        return told, _last(rows, limit)

    async def _invoices(self, cursor: Cursor) -> tuple[Told, int | None]:
        domain = [*self._changed(cursor), ["move", "!=", None], ["type", "=", "out"]]
        rows = await self._reader.rows(INVOICE, domain, _STAMP, limit=self._page)
        keys = _ids(self._fresh(cursor, INVOICE, rows))
        rows_here = await self._reader.rows_of(INVOICE, "id", keys, INVOICE_FIELDS)
        moves = {move for row in rows_here for move in (row["move"], *(row.get("additional_moves") or ()))}
        parties = {row["party"] for row in rows_here}
        seeds = {line for row in rows_here for line in row.get("payment_lines") or ()}
        open_credit = [*OPEN, ["credit", ">", 0]]
        seeds.update(_ids(await self._reader.rows_of(LINE, "move", moves, ["id"], also=RECEIVABLE)))
        seeds.update(_ids(await self._reader.rows_of(LINE, "party", parties, ["id"], also=open_credit)))
        return await self._told(seeds, notes=True), _last(rows, self._page)

    async def _blocks(self, cursor: Cursor) -> tuple[Told, int | None]:
        rows = await self._reader.rows(DUNNING, self._changed(cursor), ["line", *_STAMP], limit=self._page)
        told = await self._told(row["line"] for row in self._fresh(cursor, DUNNING, rows))
        # A remark leaves no other trace than itself; those on what else changed have come with it.
        notes, bad = await read_notes(self._reader, self._remarked)
        told = Told([*told.upserts, *notes], told.tombstones, [*told.quarantined, *bad])
        return told, _last(rows, self._page)

    def _fresh(self, cursor: Cursor, model: str, rows: Sequence[Row]) -> list[Row]:
        """Rows that were not told yet. A full sweep tells everything, and remembers what a later one will meet again."""
        if not cursor.is_full:
            return self._seen.fresh(model, rows)
        if cursor.head:
            newest = datetime.fromisoformat(_earlier(cursor.head))
            self._seen.fresh(model, [row for row in rows if _stamp_of(row) > newest])
        return list(rows)

    async def _told(self, lines: Iterable[int], *, notes: bool = False) -> Told:
        lines = set(lines)
        if not lines:
            return Told([])
        return await tell(self._reader, await self._reader.gather(lines), notes=notes)


@dataclass(slots=True)
class Told:
    """What a page says."""

    upserts: list[Entity]
    tombstones: Sequence[str] = ()
    quarantined: Sequence[Quarantined] = ()


async def tell(reader: Reader, book: Book, *, only: set[int] | None = None, notes: bool = False) -> Told:
    """The items and allocations of a book's core lines, with the remarks on them if `notes`; `only` those named after these
    lines, when every line gets its turn."""
    names = await reader.names()
    roots = book.roots(book.core)
    if only is not None:
        roots = [root for root in roots if root in only]
    items, bad = items_of(book, roots, names.base)
    bad += [
        Quarantined(f"line:{line}", *why)
        for line, why in book.unreadable.items()
        if only is None or line in only
    ]
    lines = book.core if only is None else only & book.core
    named = names_of(lines)
    allocations = [each for each in allocations_of(book) if only is None or each.id in named]
    alive = {each.id for each in allocations}
    if only is not None:
        named = names_of(line for line in lines if book.lines[line].is_open)
    remarks: Sequence[Note] = ()
    if notes:
        told = {item.id for item in items}
        targets = {record: name for record, name in targets_of(book).items() if name in told}
        remarks, spoiled = await read_notes(reader, targets)
        bad = [*bad, *spoiled]
    return Told([*items, *allocations, *remarks], sorted(named - alive), bad)


def _newer(since: str, *, is_own: bool = False) -> list[Any]:
    """Clauses for what belongs to a customer, and if `is_own` the customer, stamped after that."""
    newer = ["last_modified_at", ">", datetime.fromisoformat(since)]
    return [*([newer] if is_own else []), *([part, "where", [newer]] for part in _PARTS)]


def _earlier(stamp: str) -> str:
    return (datetime.fromisoformat(stamp) - timedelta(seconds=OVERLAP_S)).isoformat()


def _stamp_of(row: Row) -> datetime:
    stamp: datetime = row["write_date"] or row["create_date"]
    return stamp


def _ids(rows: Iterable[Row]) -> list[int]:
    return [row["id"] for row in rows]


def _last(rows: Sequence[Row], limit: int) -> int | None:
    """Where the next page goes on; None when this one was the last."""
    return int(rows[-1]["id"]) if len(rows) == limit else None
