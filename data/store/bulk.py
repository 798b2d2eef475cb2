"""A first load: the secondary indexes of the mirror are set aside and made again over all rows at once, which costs a third of
keeping them in order row by row. What was set aside is remembered in the store, so a load that a crash cut short ends well."""

from __future__ import annotations

import json
import sqlite3
from typing import Final

from sqlite_utils import Database

_TABLES: Final = ("item", "allocation", "note")
_KEY: Final = "indexes set aside"


def begin(database: Database) -> None:
    """Set the indexes aside while there is nothing in the mirror yet. To be called inside a transaction."""
    connection = database.conn
    if _aside(connection) is not None or connection.execute("SELECT 1 FROM item LIMIT 1").fetchone():
        return
    marks = ", ".join("?" * len(_TABLES))
    found = connection.execute(
        f"SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN ({marks})",
        _TABLES,
    ).fetchall()
    connection.execute("INSERT INTO meta VALUES (?, ?)", (_KEY, json.dumps([sql for _, sql in found])))
    for name, _ in found:
        connection.execute(f"DROP INDEX {name}")


def pending(connection: sqlite3.Connection) -> list[str]:
    """The statements that make the indexes again; empty when none is set aside."""
    return _aside(connection) or []


def restore(database: Database, statement: str) -> None:
    """Make one index again, and forget that it was set aside. To be called inside a transaction of its own: one takes as long as
    a sort of the table."""
    left = [sql for sql in pending(database.conn) if sql != statement]
    database.conn.execute(statement)
    if left:
        database.conn.execute("UPDATE meta SET value = ? WHERE key = ?", (json.dumps(left), _KEY))
    else:
        database.conn.execute("DELETE FROM meta WHERE key = ?", (_KEY,))


def _aside(connection: sqlite3.Connection) -> list[str] | None:
    found = connection.execute("SELECT value FROM meta WHERE key = ?", (_KEY,)).fetchone()
    return list(json.loads(found[0])) if found else None
