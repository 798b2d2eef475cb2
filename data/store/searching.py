"""Full text over names, codes, numbers, references and notes: an index of trigrams that finds candidates, and the mirror that
decides. The index is read in small pieces after rows came in; what it has not read yet is looked at row by row."""

from __future__ import annotations

import sqlite3
from typing import Any, Final

from sqlite_utils import Database

from arqueue.work.filter import WORD

SHORTEST: Final = WORD
"""A trigram has three characters: shorter words are looked for without the index."""
TEXTS: Final = {
    "party": ("name", "code"),
    "item": ("number", "reference", "purchase_order", "text", "payer"),
    "note": ("text",),
}
_ENOUGH: Final = 3
"""So many of a word's trigrams name few enough candidates; the mirror looks at those."""
_STEPS: Final = (200, 2000, 20_000)
Values = tuple[Any, ...]
Looking = sqlite3.Connection | None


def holding(mirror: str, word: str, columns: str, looking: Looking = None) -> tuple[str, Values]:
    """A SELECT of these columns of a table of the mirror for the rows whose text holds the word, in capitals or not. Words below
    three characters read the whole table. ``looking`` at a store, only its rarest trigrams are asked for."""
    holds, wanted = said(mirror, word)
    select = f"SELECT {columns} FROM {mirror} WHERE"
    if len(word) < SHORTEST:
        return f"{select} {holds}", wanted
    candidates = (
        f"rowid IN (SELECT rowid FROM {mirror}_text WHERE {mirror}_text MATCH ?"
        f" UNION SELECT row FROM text_stale WHERE mirror = '{mirror}')"
    )
    unread = f"rowid > (SELECT upto FROM text_read WHERE mirror = '{mirror}')"
    return (
        f"{select} {candidates} AND {holds} UNION ALL {select} {unread} AND {holds}",
        (_asked(mirror, word, looking), *wanted, *wanted),
    )


def unread(connection: sqlite3.Connection) -> int:
    """How many rows the index has not read yet, about: rows above what it read, and rows that changed since."""
    (stale,) = connection.execute("SELECT count(*) FROM text_stale").fetchone()
    above = sum(
        connection.execute(
            f"SELECT max(0, coalesce((SELECT max(rowid) FROM {mirror}), 0) - upto) FROM text_read WHERE mirror = ?",
            (mirror,),
        ).fetchone()[0]
        for mirror in TEXTS
    )
    return int(stale) + int(above)


def read_on(database: Database, rows: int) -> int:
    """Let the index read so many rows more, at most; how many it read. To be called inside a transaction."""
    connection, left = database.conn, rows
    for mirror in TEXTS:
        left -= _read_new(connection, mirror, left)
        left -= _read_again(connection, mirror, left)
    return rows - left


def read_anew(connection: sqlite3.Connection, mirror: str) -> None:
    """Forget what the index read of a table, down to the trigrams of words that are gone; it is read again from the beginning,
    and looked at row by row until then."""
    connection.execute(f"INSERT INTO {mirror}_text ({mirror}_text) VALUES ('delete-all')")
    connection.execute("UPDATE text_read SET upto = 0 WHERE mirror = ?", (mirror,))
    connection.execute("DELETE FROM text_stale WHERE mirror = ?", (mirror,))


def _read_new(connection: sqlite3.Connection, mirror: str, limit: int) -> int:
    (last,) = connection.execute(
        f"SELECT max(rowid) FROM (SELECT rowid FROM {mirror} WHERE rowid > (SELECT upto FROM text_read WHERE mirror = ?)"
        " ORDER BY rowid LIMIT ?)",
        (mirror, limit),
    ).fetchone()
    if last is None:
        return 0
    read = connection.execute(
        f"INSERT INTO {mirror}_text (rowid, text) SELECT rowid, {_text(mirror)} FROM {mirror}"
        " WHERE rowid > (SELECT upto FROM text_read WHERE mirror = ?) AND rowid <= ?",
        (mirror, last),
    ).rowcount
    connection.execute("UPDATE text_read SET upto = ? WHERE mirror = ?", (last, mirror))
    return read


def _read_again(connection: sqlite3.Connection, mirror: str, limit: int) -> int:
    """Rows that changed: what they said before stays in the index, where it finds candidates that the mirror refuses."""
    stale = connection.execute(
        "SELECT row FROM text_stale WHERE mirror = ? ORDER BY row LIMIT ?", (mirror, limit)
    ).fetchall()
    connection.executemany(
        f"INSERT INTO {mirror}_text (rowid, text) SELECT rowid, {_text(mirror)} FROM {mirror} WHERE rowid = ?",
        stale,
    )
    connection.executemany(
        f"DELETE FROM text_stale WHERE mirror = '{mirror}' AND row = ?",
        stale,
    )
    return len(stale)


def _text(mirror: str) -> str:
    return " || char(10) || ".join(f"{mirror}.{name}" for name in TEXTS[mirror])


def _asked(mirror: str, word: str, looking: Looking) -> str:
    parts = list(dict.fromkeys(word[place : place + 3] for place in range(len(word) - 2)))
    terms = ['"' + part.replace('"', '""') + '"' for part in parts]
    if looking is not None and len(terms) > _ENOUGH:
        terms = _rarest(looking, mirror, terms)
    return " AND ".join(terms)


def _rarest(connection: sqlite3.Connection, mirror: str, terms: list[str]) -> list[str]:
    """Those that say most: a list of a million rows is not read for what the other trigrams tell. Counted no further than to
    where one of them ends."""
    count = f"SELECT count(*) FROM (SELECT 1 FROM {mirror}_text WHERE {mirror}_text MATCH ? LIMIT ?)"
    held = dict.fromkeys(terms, 0)
    for limit in _STEPS:
        held = {term: connection.execute(count, (term, limit)).fetchone()[0] for term in terms}
        if min(held.values()) < limit:
            break
    return sorted(terms, key=held.__getitem__)[:_ENOUGH]


def said(mirror: str, word: str) -> tuple[str, Values]:
    """Whether a row of that table holds the word."""
    patterns = [like(each) for each in spellings(word)]
    parts = [f"{mirror}.{name} LIKE ? ESCAPE '\\'" for name in TEXTS[mirror] for _ in patterns]
    return f"({' OR '.join(parts)})", tuple(patterns) * len(TEXTS[mirror])


def spellings(word: str) -> list[str]:
    """SQLite's LIKE knows only ASCII letters in both cases: other words are tried in the cases that people write."""
    return [word] if word.isascii() else list(dict.fromkeys((word, word.lower(), word.upper(), word.title())))


def like(word: str) -> str:
    """A pattern that holds the word anywhere."""
    escaped = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
