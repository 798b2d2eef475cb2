"""The audit: append-only, each row's hash over the one before it, written in the transaction of what it records.

What somebody said in free words is kept beside the chain with a salt of its own; the chain holds the hash of both. So words can
be erased for good while the row, its hash and every row after it stay as they were.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlite_utils import Database

GENESIS = "0" * 64
ERASED = "erased"
"""What the audit row of an erasure says; its detail has the digest of what went."""
_FORM = 2
_SALT_BYTES = 16


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did it: the person, and the uid that the kernel named."""

    person: str
    uid: int


SYSTEM = Actor("arqueue", -1)


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of the audit. ``detail`` is the program's own (hashes, ids), ``text`` somebody's words: None where there are none, or
    none any more. ``form`` 1 is a row of before words had a salt: its hash covers the text itself."""

    seq: int
    at: str
    person: str
    uid: int
    what: str
    command_id: str
    detail: str
    prev: str
    hash: str
    form: int
    text_hash: str
    salt: bytes | None
    text: str | None

    @property
    def is_whole(self) -> bool:
        """Whether its hash, and that of its words if they are there, are what they should be."""
        words = self.text
        if self.form != _FORM:
            plain = (self.at, self.person, self.uid, self.what, self.command_id, words or self.detail)
            moved = not (words and self.detail)
            return self.form == 1 and moved and not self.text_hash and link(self.prev, plain) == self.hash
        row = (self.at, self.person, self.uid, self.what, self.command_id, self.detail, self.text_hash, _FORM)
        if link(self.prev, row) != self.hash:
            return False
        return words is None or _salted(self.salt or b"", words) == self.text_hash

    @property
    def seal(self) -> str:
        """What an erasure keeps of it: by that the rest of a row of form 1 is still held when its words are gone."""
        who = (self.form, self.at, self.person, self.uid, self.what, self.command_id)
        return hashlib.sha256(_json((*who, self.detail, self.text_hash, self.prev, self.hash))).hexdigest()


_OLD_COLUMNS = "seq, at, person, uid, what, command_id, detail, prev, hash, 1, '', NULL, NULL FROM audit"
"""Of a store, or a backup of one, that was last opened before words had a table of their own."""
_COLUMNS = (
    "audit.seq, at, person, uid, what, command_id, detail, prev, hash, form, text_hash, audit_text.salt, audit_text.text"
    " FROM audit LEFT JOIN audit_text ON audit_text.seq = audit.seq"
)


def write(
    database: Database,
    actor: Actor,
    what: str,
    *,
    at: str,
    command_id: str = "",
    detail: str = "",
    text: str = "",
) -> int:
    """Append one row and return its number; to be called inside the transaction that does the thing. ``text`` is what can be
    erased: everything that a person or the ledger said."""
    prev, salt = head(database.conn), os.urandom(_SALT_BYTES)
    text_hash = _salted(salt, text) if text else ""
    row = (at, actor.person, actor.uid, what, command_id, detail)
    seq = database.conn.execute(
        "INSERT INTO audit (at, person, uid, what, command_id, detail, prev, hash, form, text_hash)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (*row, prev, link(prev, (*row, text_hash, _FORM)), _FORM, text_hash),
    ).lastrowid
    assert seq is not None
    if text:
        database.conn.execute("INSERT INTO audit_text VALUES (?, ?, ?)", (seq, salt, text))
    return seq


def head(connection: sqlite3.Connection) -> str:
    """The hash of the last row."""
    last = connection.execute("SELECT hash FROM audit ORDER BY seq DESC LIMIT 1").fetchone()
    return last[0] if last else GENESIS


def link(prev: str, row: tuple[str | int, ...]) -> str:
    """The hash of a row: SHA-256 over the previous hash and the row's canonical JSON."""
    return hashlib.sha256(f"{prev}\n".encode() + _json(row)).hexdigest()


def entries(connection: sqlite3.Connection, *, after: int = 0) -> Iterator[Entry]:
    """Every row behind that one, in their order."""
    columns = _COLUMNS if keeps_words_apart(connection) else _OLD_COLUMNS
    cursor = connection.execute(f"SELECT {columns} WHERE audit.seq > ? ORDER BY audit.seq", (after,))
    return (Entry(*row) for row in cursor)


def keeps_words_apart(connection: sqlite3.Connection) -> bool:
    """Whether the store has the table of words; an older one gets it when it is opened to be written."""
    found = connection.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'audit_text'")
    return found.fetchone() is not None


def said_about(connection: sqlite3.Connection, commands: Sequence[str]) -> list[Entry]:
    """The rows about these commands that still have somebody's words; but why words were erased."""
    marks = ", ".join("?" * len(commands))
    return said(connection, f"what <> '{ERASED}' AND command_id IN ({marks})", commands)


def said(connection: sqlite3.Connection, where: str, values: Sequence[str]) -> list[Entry]:
    """The rows that still have somebody's words, of those that a condition chooses."""
    rows = connection.execute(
        f"SELECT {_COLUMNS} WHERE text IS NOT NULL AND {where} ORDER BY audit.seq", tuple(values)
    )
    return [Entry(*row) for row in rows]


def first_bad_row(database: Database, *, after: int = 0) -> int | None:
    """The number of the first row whose hash is wrong, or whose words are gone or others without an erasure that says so; None
    when all holds. ``after`` is a row known to be good: only what follows it is looked at."""
    connection, prev = database.conn, GENESIS
    if after:
        known = connection.execute("SELECT hash FROM audit WHERE seq = ?", (after,)).fetchone()
        if known is None:
            return after
        prev = known[0]
    apart = keeps_words_apart(connection)
    gone = dict(connection.execute("SELECT seq, seal FROM erased_text").fetchall()) if apart else {}
    bad = first_bad_entry(entries(connection, after=after), gone, prev=prev, after=after)
    others = _unproved(connection) if gone else None
    return min((each for each in (bad, others) if each is not None), default=None)


def first_bad_entry(
    rows: Iterator[Entry], gone: dict[int, str], *, prev: str = GENESIS, after: int = 0
) -> int | None:
    """The same of rows wherever they come from; ``gone`` has the seal of each row whose words were erased."""
    expected = after + 1
    for entry in rows:
        if entry.seq != expected or entry.prev != prev or not _holds(entry, gone.get(entry.seq)):
            return entry.seq
        prev, expected = entry.hash, expected + 1
    return None


def _holds(entry: Entry, seal: str | None) -> bool:
    if seal is None:
        return entry.is_whole and (not entry.text_hash or entry.text is not None)
    if entry.text is not None or entry.seal != seal:
        return False
    return entry.form == 1 or entry.is_whole


def digest(gone: list[tuple[int, str]]) -> str:
    """What the audit row of an erasure holds of the texts that went: their rows and seals, by number."""
    return hashlib.sha256(_json(tuple(part for each in sorted(gone) for part in each))).hexdigest()


def erasure_in(detail: str) -> tuple[int, str]:
    """How many texts went by the detail of an erasure's row, and about which command or customer."""
    said = json.loads(detail)
    return int(said["texts"]), str(said["subject"])


def digest_in(detail: str) -> str:
    """The digest in the detail of an erasure's row; empty where somebody wrote something else there."""
    try:
        return str(json.loads(detail)["digest"])
    except (ValueError, TypeError, KeyError):
        return ""


def first_unproved(gone: dict[int, list[tuple[int, str]]], said: dict[int, str]) -> int | None:
    """The first row whose words went without an erasure in the audit that says so. ``gone`` has by erasure what it took,
    ``said`` by erasure the digest in its audit row."""
    wrong = [min(rows)[0] for by, rows in gone.items() if said.get(by) != digest(rows)]
    return min(wrong, default=None)


def _unproved(connection: sqlite3.Connection) -> int | None:
    gone: dict[int, list[tuple[int, str]]] = {}
    for by, seq, seal in connection.execute("SELECT by_seq, seq, seal FROM erased_text"):
        gone.setdefault(by, []).append((seq, seal))
    said = connection.execute("SELECT seq, detail FROM audit WHERE what = ?", (ERASED,))
    return first_unproved(gone, {seq: digest_in(detail) for seq, detail in said})


def _salted(salt: bytes, text: str) -> str:
    return hashlib.sha256(salt + text.encode()).hexdigest()


def _json(row: tuple[str | int, ...]) -> bytes:
    return json.dumps(row, separators=(",", ":"), ensure_ascii=False).encode()
