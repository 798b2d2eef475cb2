"""What is offered while somebody types: customers by how their names or codes begin, and the tags that there are. Indexes answer,
whatever their number."""

from __future__ import annotations

import sqlite3
from typing import Final

from data.store.searching import spellings

_LAST: Final = "\U0010ffff"
_TAGS: Final = 200


def beginning(connection: sqlite3.Connection, begins: str, limit: int) -> list[str]:
    """Names that begin so, in capitals or not, in the order of the alphabet; then codes. So many of each at most."""
    return [
        *_beginning(connection, "name", begins, limit),
        *_beginning(connection, "code", begins, limit),
    ]


def _beginning(connection: sqlite3.Connection, column: str, begins: str, limit: int) -> list[str]:
    begun = f"{column} COLLATE NOCASE >= ? AND {column} COLLATE NOCASE < ?"
    found = {
        name
        for each in spellings(begins)
        for (name,) in connection.execute(
            f"SELECT DISTINCT {column} FROM party WHERE gone = 0 AND {begun} ORDER BY {column} COLLATE NOCASE LIMIT ?",
            (each, each + _LAST, limit),
        )
    }
    return sorted(found, key=str.casefold)[:limit]


def tags(connection: sqlite3.Connection) -> list[str]:
    """The tags of customers, of very many the first."""
    found = connection.execute(
        "SELECT DISTINCT value FROM (SELECT DISTINCT tags FROM party WHERE tags <> '[]' AND gone = 0) AS told,"
        " json_each(told.tags) ORDER BY value LIMIT ?",
        (_TAGS,),
    )
    return [tag for (tag,) in found]
