"""Proving an audit: every hash, every erasure and every signed head, of a store or of an export of one."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlite_utils import Database

from data.store import audit, heads
from data.store.heads import SignedHead


@dataclass(frozen=True, slots=True)
class Erasure:
    """Words that went: by whom, when (UTC), why, and which audit row says so."""

    row: int
    at: str
    person: str
    why: str
    texts: int
    subject: str


@dataclass(frozen=True, slots=True)
class Proof:
    """What a verification saw; ``wrong`` is empty when all is as it was written."""

    rows: int
    head: str
    heads: int
    wrong: str
    left_behind: int
    """Rows that were signed and came after a backup that was put back since."""
    restored: str
    """When a backup was put back last; UTC, empty where never."""
    erasures: tuple[Erasure, ...]


def prove(database: Database, signed: Sequence[SignedHead], public: Ed25519PublicKey | None) -> Proof:
    """Look at all of it; ``public`` may be missing where nothing was signed."""
    connection = database.conn
    rows, head = connection.execute(
        "SELECT count(*), coalesce((SELECT hash FROM audit ORDER BY seq DESC LIMIT 1), '') FROM audit"
    ).fetchone()
    bad = audit.first_bad_row(database)
    wrong = f"audit row {bad} is not what was written" if bad is not None else ""
    if signed and public is not None and not wrong:
        wrong = heads.first_wrong(connection, signed, public) or ""
    (restored,) = connection.execute(
        "SELECT coalesce(max(at), '') FROM audit WHERE what = ?", (heads.RESTORED,)
    ).fetchone()
    left = 0 if wrong else heads.left_behind(connection, signed)
    return Proof(rows, head, len(signed), wrong, left, restored, () if wrong else erasures(connection))


def erasures(connection: sqlite3.Connection) -> tuple[Erasure, ...]:
    """Every erasure, in their order."""
    if not audit.keeps_words_apart(connection):
        return ()
    found = connection.execute(
        "SELECT audit.seq, at, person, coalesce(audit_text.text, ''), detail FROM audit"
        " LEFT JOIN audit_text ON audit_text.seq = audit.seq WHERE what = ? ORDER BY audit.seq",
        (audit.ERASED,),
    )
    return tuple(
        Erasure(seq, at, person, why, *audit.erasure_in(detail)) for seq, at, person, why, detail in found
    )


def first_denied(connection: sqlite3.Connection, said: Mapping[str, str]) -> tuple[int, str]:
    """How many postings of the ledger agree with the chain, and in words the first that does not. ``said`` has by command the
    head that its posting has; the audit row before the command's own first one must be that one. Postings whose order is not in
    the audit (they came after a backup that was put back) prove nothing."""
    agreed = 0
    for command_id, head in said.items():
        own = connection.execute(
            "SELECT seq, prev FROM audit WHERE command_id = ? AND what NOT LIKE 'orphan %' ORDER BY seq LIMIT 1",
            (command_id,),
        ).fetchone()
        if own is None:
            continue
        if not own[1].startswith(head):
            return agreed, (
                f"audit row {own[0]} is not the one that was there when command {command_id[:8]} was ordered: its posting"
                f" says {head}"
            )
        agreed += 1
    return agreed, ""
