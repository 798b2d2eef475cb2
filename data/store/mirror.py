"""The mirror: pages of the feed go in, open items come out. A page and its cursor are one transaction of the caller."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlite_utils import Database

from arqueue.model.ledger import Allocation, Entity, Item, Note, Party
from data.peers.contract import Page
from data.store import rows

_CHUNK = 500
_FEED = "peer"


@dataclass(slots=True)
class Touched:
    """What a page changed: how many rows, and the parties whose work must be looked at again."""

    changed: int = 0
    parties: set[str] = field(default_factory=set)


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


def store_page(database: Database, page: Page, *, feed: bool, at: str) -> Touched:
    """Take a page in: changed rows, tombstones, quarantine, and the cursor if it is one of the feed. To be called inside
    a transaction."""
    touched = store_entities(database, page.upserts)
    _bury(database.conn, page.tombstones, touched)
    for row in page.quarantined:
        database.conn.execute(
            "INSERT OR REPLACE INTO quarantine VALUES (?, ?, ?, ?)",
            (*(_storable(part) for part in (row.entity_id, row.reason, row.raw)), at),
        )
    if feed:
        database.conn.execute("INSERT OR REPLACE INTO cursor VALUES (?, ?, ?)", (_FEED, page.cursor, at))
    return touched


def store_entities(database: Database, entities: Iterable[Entity]) -> Touched:
    """Write the rows whose version is not the one already here."""
    touched, groups = Touched(), _grouped(entities)
    for kind, group in groups.items():
        table = _TABLES[kind]
        known = _versions(database.conn, table.name, [entity.id for entity in group])
        changed = [entity for entity in group if known.get(entity.id) != entity.version]
        if changed:
            # the parties that items leave (merged customers) need a new look as well as those they come to
            if kind is Item:
                touched.parties |= _parties_of(database.conn, [entity.id for entity in changed])
            database.conn.executemany(table.upsert, [table.to_row(entity) for entity in changed])
            touched.changed += len(changed)
        for entity in changed:
            if isinstance(entity, Item):
                touched.parties.add(entity.party_id)
            elif isinstance(entity, Party):
                touched.parties.add(entity.id)
        _release(database.conn, [entity.id for entity in group])
    return touched


def read_cursor(connection: sqlite3.Connection) -> str | None:
    """Where the feed stands; None before its first page."""
    found = connection.execute("SELECT value FROM cursor WHERE feed = ?", (_FEED,)).fetchone()
    return found[0] if found else None


def forget_cursor(database: Database) -> None:
    """Read the feed from its start next time (a full sync)."""
    database.conn.execute("DELETE FROM cursor WHERE feed = ?", (_FEED,))


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


def _grouped(entities: Iterable[Entity]) -> dict[type, list[Entity]]:
    groups: dict[type, dict[str, Entity]] = {}
    for entity in entities:
        groups.setdefault(type(entity), {})[entity.id] = entity  # the last word of a page on an id counts
    return {kind: list(group.values()) for kind, group in groups.items()}


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


def _parties_of(connection: sqlite3.Connection, ids: Sequence[str]) -> set[str]:
    parties: set[str] = set()
    for start in range(0, len(ids), _CHUNK):
        chunk = ids[start : start + _CHUNK]
        marks = ", ".join("?" * len(chunk))
        found = connection.execute(f"SELECT DISTINCT party_id FROM item WHERE id IN ({marks})", chunk)
        parties |= {row[0] for row in found}
    return parties


def _bury(connection: sqlite3.Connection, ids: Iterable[str], touched: Touched) -> None:
    """A tombstone closes; nothing that commands or audit rows point to is deleted."""
    for gone in ids:
        found = connection.execute("SELECT party_id FROM item WHERE id = ?", (gone,)).fetchone()
        if found:
            touched.parties.add(found[0])
            changed = connection.execute(
                "UPDATE item SET state = 'void', residual = 0, base_minor = NULL, version = 'gone' WHERE id = ?",
                (gone,),
            ).rowcount
        elif connection.execute("SELECT 1 FROM party WHERE id = ?", (gone,)).fetchone():
            touched.parties.add(gone)
            changed = connection.execute(
                "UPDATE party SET gone = 1 WHERE id = ? AND gone = 0", (gone,)
            ).rowcount
        else:
            changed = connection.execute("DELETE FROM allocation WHERE id = ?", (gone,)).rowcount
            changed += connection.execute("DELETE FROM note WHERE id = ?", (gone,)).rowcount
        touched.changed += changed
    _release(connection, list(ids))


def _release(connection: sqlite3.Connection, ids: Sequence[str]) -> None:
    """A row that came in well (or left) is out of quarantine."""
    if connection.execute("SELECT 1 FROM quarantine LIMIT 1").fetchone():
        connection.executemany("DELETE FROM quarantine WHERE entity_id = ?", [(each,) for each in ids])


def _storable(text: str) -> str:
    """SQLite refuses lone surrogates and stops at NUL: what is kept for people to look at is spelled out."""
    return text[:4000].encode("utf-8", "backslashreplace").decode().replace("\0", "\\x00")
