"""The audit: append-only, each row's hash over the one before it, written in the transaction of what it records."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from sqlite_utils import Database

GENESIS = "0" * 64


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did it: the person, and the uid that the kernel named."""

    person: str
    uid: int


SYSTEM = Actor("arqueue", -1)


def write(
    database: Database, actor: Actor, what: str, *, at: str, command_id: str = "", detail: str = ""
) -> None:
    """Append one row; to be called inside the transaction that does the thing."""
    last = database.conn.execute("SELECT hash FROM audit ORDER BY seq DESC LIMIT 1").fetchone()
    prev = last[0] if last else GENESIS
    row = (at, actor.person, actor.uid, what, command_id, detail)
    database.conn.execute(
        "INSERT INTO audit (at, person, uid, what, command_id, detail, prev, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (*row, prev, link(prev, row)),
    )


def link(prev: str, row: tuple[str | int, ...]) -> str:
    """The hash of a row: SHA-256 over the previous hash and the row's canonical JSON."""
    data = json.dumps(row, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(f"{prev}\n{data}".encode()).hexdigest()


def first_bad_row(database: Database, *, after: int = 0) -> int | None:
    """The number of the first row whose hash is wrong; None when the chain holds. ``after`` is a row known to be good: only
    what follows it is looked at."""
    prev, expected = GENESIS, 1
    if after:
        known = database.conn.execute("SELECT hash FROM audit WHERE seq = ?", (after,)).fetchone()
        if known is None:
            return after
        prev, expected = known[0], after + 1
    for seq, *row, prev_stored, stored in database.conn.execute(
        "SELECT seq, at, person, uid, what, command_id, detail, prev, hash FROM audit WHERE seq > ? ORDER BY seq",
        (after,),
    ):
        if seq != expected or prev_stored != prev or link(prev, tuple(row)) != stored:
            return int(seq)
        prev, expected = stored, expected + 1
    return None
