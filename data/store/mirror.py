"""The mirror: pages of the feed go in, open items come out. A page and its cursor are one transaction of the caller."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlite_utils import Database

from arqueue.model.cards import masked
from arqueue.model.ledger import Allocation, Entity, Item, Note, Party
from data.peers.contract import Page, Quarantined
from data.store import rows

_CHUNK = 500
_FEED = "peer"
_SWEPT = {"party": "gone = 0", "item": "version <> 'gone'", "allocation": "1", "note": "1"}
"""Tables of the mirror, and which of their rows count as being there."""
_UNSTORABLE = (
    UnicodeEncodeError,
    OverflowError,
    sqlite3.IntegrityError,
    sqlite3.InterfaceError,
    sqlite3.ProgrammingError,
)
"""What SQLite says of a value that it cannot hold: half a character, a number beyond 64 bits, nothing where something must be."""


@dataclass(slots=True)
class Touched:
    """What a page changed: how many rows, the parties whose work must be looked at again, whether the quarantine is another,
    and which rows were left alone."""

    changed: int = 0
    parties: set[str] = field(default_factory=set)
    quarantine: bool = False
    skipped: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Table:
    name: str
    columns: Sequence[str]
    to_row: Callable[[Any], tuple[Any, ...]]

    @property
    def upsert(self) -> str:
        """Writes a row whose version differs; who is unchanged is not even written."""
        names = ", ".join(self.columns)
        marks = ", ".join("?" * len(self.columns))
        changes = ", ".join(f"{name} = excluded.{name}" for name in self.columns[1:])
        gone = ", gone = 0" if self.name == "party" else ""
        return f"INSERT INTO {self.name} ({names}) VALUES ({marks}) ON CONFLICT (id) DO UPDATE SET {changes}{gone}"


_TABLES: dict[type, _Table] = {
    Party: _Table("party", rows.PARTY, rows.party_row),
    Item: _Table("item", rows.ITEM, rows.item_row),
    Allocation: _Table("allocation", rows.ALLOCATION, rows.allocation_row),
    Note: _Table("note", rows.NOTE, rows.note_row),
}


def divide(page: Page, rows: int) -> tuple[Page, Page]:
    """The first so many rows of a page, and the page without them: what is neither here nor there comes with the rest."""
    return Page(page.cursor, True, page.upserts[:rows]), replace(page, upserts=page.upserts[rows:])


def store_page(
    database: Database,
    page: Page,
    *,
    feed: bool,
    at: str,
    newer: Collection[str] = (),
    moves: bool = True,
) -> Touched:
    """Take a page in: changed rows, tombstones, quarantine, and the cursor if it is one of the feed and ``moves`` it. ``newer``
    names rows that came in by another way after the page was asked for: they stay as they are, and ``skipped`` says which. To
    be called inside a transaction."""
    entities = [each for each in page.upserts if each.id not in newer]
    touched = store_entities(database, entities, at=at, trust_version=feed)
    touched.skipped = tuple(each.id for each in page.upserts if each.id in newer)
    _bury(database.conn, page.tombstones, touched)
    for row in page.quarantined:
        _set_aside(database.conn, row, touched, at)
    _mark(database.conn, [*touched.skipped, *page.unchanged, *(row.entity_id for row in page.quarantined)])
    _release(database.conn, page.unchanged, touched)
    if feed and moves:
        database.conn.execute("INSERT OR REPLACE INTO cursor VALUES (?, ?, ?)", (_FEED, page.cursor, at))
    return touched


def store_entities(
    database: Database, entities: Iterable[Entity], *, at: str = "", trust_version: bool = False
) -> Touched:
    """Write the rows that differ from those already here, told by their version where that is to be trusted (the many rows of
    the feed), else by all they hold; what SQLite cannot hold goes into quarantine, the others come in. To be called inside a
    transaction."""
    touched = Touched()
    for kind, group in _grouped(entities, database.conn, touched, at).items():
        table = _TABLES[kind]
        ids = [entity.id for entity in group]
        if trust_version:
            versions = _versions(database.conn, table.name, ids)
            changed = [entity for entity in group if versions.get(entity.id) != entity.version]
        else:
            rows_here = _rows(database.conn, table, ids)
            changed = [entity for entity in group if rows_here.get(entity.id) != table.to_row(entity)]
        owners = _owners(database.conn, [entity.id for entity in changed]) if kind is Item else {}
        written = _write(database, table, changed, touched, at) if changed else []
        touched.changed += len(written)
        # the parties that items leave (merged customers) need a new look as well as those they come to
        touched.parties |= {owners[entity.id] for entity in written if entity.id in owners}
        touched.parties |= {entity.party_id for entity in written if isinstance(entity, Item)}
        touched.parties |= {entity.id for entity in written if isinstance(entity, Party)}
        _follow(database.conn, written, owners)
        _mark(database.conn, ids)
        refused = {entity.id for entity in changed} - {entity.id for entity in written}
        _release(database.conn, [entity.id for entity in group if entity.id not in refused], touched)
    _grow(database.conn, touched.changed)
    return touched


def _grow(connection: sqlite3.Connection, changed: int) -> None:
    """Another generation of the queue: a name, a note or a reference may be shown or looked for, though no row's facts differ."""
    if changed:
        connection.execute("UPDATE meta SET value = value + 1 WHERE key = 'generation'")


def _write(
    database: Database, table: _Table, entities: Sequence[Entity], touched: Touched, at: str
) -> Sequence[Entity]:
    """Those that could be written."""
    try:
        with database.atomic():
            database.conn.executemany(table.upsert, [table.to_row(entity) for entity in entities])
    except _UNSTORABLE as error:
        if not database.conn.in_transaction:
            raise
        if len(entities) > 1:
            return [
                written for entity in entities for written in _write(database, table, [entity], touched, at)
            ]
        reason = f"cannot be stored: {type(error).__name__}"
        _set_aside(database.conn, Quarantined(entities[0].id, reason, repr(entities[0])), touched, at)
        return []
    return entities


def _follow(connection: sqlite3.Connection, written: Iterable[Entity], owners: dict[str, str]) -> None:
    """What is known of an item goes with it to the customer that took it over."""
    moved = [
        (entity.party_id, entity.id)
        for entity in written
        if isinstance(entity, Item) and owners.get(entity.id, entity.party_id) != entity.party_id
    ]
    if moved:
        connection.executemany("UPDATE command SET party_id = ? WHERE target = ?", moved)
        connection.executemany("UPDATE escalation SET party_id = ? WHERE item_id = ? AND closed = 0", moved)


def _set_aside(connection: sqlite3.Connection, row: Quarantined, touched: Touched, at: str) -> None:
    """Keep a row that cannot be taken in; one without an id is known by what it says."""
    raw = _storable(masked(row.raw))
    key = _storable(row.entity_id) or f"row:{hashlib.sha256(raw.encode()).hexdigest()[:12]}"
    connection.execute(
        "INSERT INTO quarantine (entity_id, reason, raw, seen_at, last_seen) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (entity_id) DO UPDATE SET reason = excluded.reason, raw = excluded.raw, last_seen = excluded.last_seen",
        (key, _storable(masked(row.reason)), raw, at, at),
    )
    touched.quarantine = True


def clear_quarantine(database: Database, before: str) -> bool:
    """Forget rows that a reading of everything, begun at that instant, did not meet again; whether there were any."""
    return database.conn.execute("DELETE FROM quarantine WHERE last_seen < ?", (before,)).rowcount > 0


def quarantined(connection: sqlite3.Connection) -> int:
    """How many rows could not be taken in."""
    return int(connection.execute("SELECT count(*) FROM quarantine").fetchone()[0])


def read_cursor(connection: sqlite3.Connection) -> str | None:
    """Where the feed stands; None before its first page."""
    found = connection.execute("SELECT value FROM cursor WHERE feed = ?", (_FEED,)).fetchone()
    return found[0] if found else None


def forget_cursor(database: Database) -> None:
    """Read the feed from its start next time (a full sync), and mark from now on what is met, whichever way it comes in: in the
    end the rest is what the ledger has no more."""
    database.conn.execute("DELETE FROM cursor WHERE feed = ?", (_FEED,))
    database.conn.execute("DELETE FROM met")
    database.conn.execute("INSERT OR REPLACE INTO meta VALUES ('sweeping', '1')")


def is_sweeping(connection: sqlite3.Connection) -> bool:
    """Whether what is met is being marked; a reading of everything that a crash cut short goes on marking."""
    return connection.execute("SELECT 1 FROM meta WHERE key = 'sweeping'").fetchone() is not None


def unmet(connection: sqlite3.Connection, limit: int) -> list[str]:
    """Rows that the reading of everything did not meet, so many at most."""
    found: list[str] = []
    for name, is_here in _SWEPT.items():
        rows = connection.execute(
            f"SELECT id FROM {name} WHERE {is_here} AND id NOT IN (SELECT id FROM met) ORDER BY id LIMIT ?",
            (limit - len(found),),
        )
        found += [row[0] for row in rows]
    return found


def end_sweep(database: Database) -> None:
    """Everything that was not met was looked at."""
    database.conn.execute("DELETE FROM meta WHERE key = 'sweeping'")
    database.conn.execute("DELETE FROM met")


def mark(database: Database, ids: Sequence[str]) -> None:
    """These were looked at."""
    _mark(database.conn, ids)


def _mark(connection: sqlite3.Connection, ids: Sequence[str]) -> None:
    if ids and is_sweeping(connection):
        connection.executemany("INSERT OR IGNORE INTO met VALUES (?)", [(_storable(each),) for each in ids])


def is_loaded(connection: sqlite3.Connection) -> bool:
    """Whether a first load ever came to its end, work included."""
    return connection.execute("SELECT 1 FROM meta WHERE key = 'loaded'").fetchone() is not None


def mark_loaded(database: Database, at: str) -> None:
    """The first load is complete: from now on work is derived with each page."""
    database.conn.execute("INSERT OR REPLACE INTO meta VALUES ('loaded', ?)", (at,))


def open_items(connection: sqlite3.Connection) -> dict[str, tuple[str, int]]:
    """Version and residual of every item that the mirror holds open: what a census is compared with."""
    found = connection.execute(
        "SELECT id, version, residual FROM item WHERE state = 'open' AND residual <> 0"
    )
    return {row[0]: (row[1], row[2]) for row in found}


def _grouped(
    entities: Iterable[Entity], connection: sqlite3.Connection, touched: Touched, at: str
) -> dict[type, list[Entity]]:
    groups: dict[type, dict[str, Entity]] = {}
    for entity in entities:
        if _storable(entity.id) != entity.id:
            row = Quarantined(entity.id, "its id cannot be stored", repr(entity))
            _set_aside(connection, row, touched, at)
            continue
        groups.setdefault(type(entity), {})[entity.id] = entity  # the last word of a page on an id counts
    return {kind: list(group.values()) for kind, group in groups.items()}


def versions(connection: sqlite3.Connection, items: Sequence[str]) -> dict[str, str]:
    """The versions of these items as they are here; one that is not here has none."""
    return _versions(connection, "item", items)


def known(connection: sqlite3.Connection, kind: str, ids: Sequence[str]) -> dict[str, str]:
    """The versions of these parties, items, allocations or notes that are here."""
    return _versions(connection, kind, ids)


def _versions(connection: sqlite3.Connection, table: str, ids: Sequence[str]) -> dict[str, str]:
    known: dict[str, str] = {}
    gone = " AND gone = 0" if table == "party" else ""
    for start in range(0, len(ids), _CHUNK):
        chunk = ids[start : start + _CHUNK]
        marks = ", ".join("?" * len(chunk))
        known |= dict(
            connection.execute(f"SELECT id, version FROM {table} WHERE id IN ({marks}){gone}", chunk)
        )
    return known


def _rows(connection: sqlite3.Connection, table: _Table, ids: Sequence[str]) -> dict[str, tuple[Any, ...]]:
    known: dict[str, tuple[Any, ...]] = {}
    gone = " AND gone = 0" if table.name == "party" else ""
    names = ", ".join(table.columns)
    for start in range(0, len(ids), _CHUNK):
        chunk = ids[start : start + _CHUNK]
        marks = ", ".join("?" * len(chunk))
        found = connection.execute(f"SELECT {names} FROM {table.name} WHERE id IN ({marks}){gone}", chunk)
        known |= {row[0]: row for row in found}
    return known


def _owners(connection: sqlite3.Connection, ids: Sequence[str]) -> dict[str, str]:
    """Whose each item is now."""
    owners: dict[str, str] = {}
    for start in range(0, len(ids), _CHUNK):
        chunk = ids[start : start + _CHUNK]
        marks = ", ".join("?" * len(chunk))
        owners |= dict(connection.execute(f"SELECT id, party_id FROM item WHERE id IN ({marks})", chunk))
    return owners


def _bury(connection: sqlite3.Connection, ids: Iterable[str], touched: Touched) -> None:
    """A tombstone closes; nothing that commands or audit rows point to is deleted."""
    known = [each for each in ids if _storable(each) == each]
    for gone in known:
        item = connection.execute(
            "UPDATE item SET state = 'void', residual = 0, base_minor = NULL, base_currency = NULL, version = 'gone'"
            " WHERE id = ? AND version <> 'gone' RETURNING party_id",
            (gone,),
        ).fetchall()
        touched.parties |= {row[0] for row in item}
        party = connection.execute("UPDATE party SET gone = 1 WHERE id = ? AND gone = 0", (gone,)).rowcount
        if party:
            touched.parties.add(gone)
        allocation = connection.execute("DELETE FROM allocation WHERE id = ?", (gone,)).rowcount
        note = connection.execute("DELETE FROM note WHERE id = ?", (gone,)).rowcount
        buried = len(item) + party + allocation + note
        touched.changed += buried
        _grow(connection, buried)
    _release(connection, known, touched)


def _release(connection: sqlite3.Connection, ids: Sequence[str], touched: Touched) -> None:
    """A row that came in well (or left) is out of quarantine."""
    if ids and connection.execute("SELECT 1 FROM quarantine LIMIT 1").fetchone():
        before = connection.total_changes
        connection.executemany("DELETE FROM quarantine WHERE entity_id = ?", [(each,) for each in ids])
        touched.quarantine |= connection.total_changes > before


def _storable(text: str) -> str:
    """SQLite refuses lone surrogates and stops at NUL: what is kept for people to look at is spelled out."""
    return text[:4000].encode("utf-8", "backslashreplace").decode().replace("\0", "\\x00")
