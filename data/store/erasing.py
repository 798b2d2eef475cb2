"""Erasing what was said in free words about a command: from the audit, and from every copy of it that the store has.

The audit's rows, their hashes and the signed heads stay as they were; who erased what, when and why is a row of the audit. What
moved money keeps the bytes that were sent and the line that names it: they are the voucher of a posting in the ledger.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlite_utils import Database

from arqueue.control.commands import Annotate, Command, Dispute, Escalate, Order, Resolve, seal
from arqueue.control.states import FINAL
from arqueue.errors import Refused
from data.store import audit, noting, recording, searching
from data.store.audit import Actor
from data.store.stored import Stored, many

GONE = "(erased)"
"""What stands where words were."""
_SLICE = 500


@dataclass(frozen=True, slots=True)
class Erased:
    """What an erasure did: the audit row that says so, of how many commands how many texts went, and how many commands have to
    wait since they are still under way."""

    seq: int
    commands: int
    texts: int
    left: int


def of_command(row: Stored) -> list[Stored]:
    """The one command. Raises Refused while it is under way."""
    if row.state not in FINAL:
        raise Refused(
            f"it is {row.state.value}: its words are still needed",
            "erase them when its outcome is final",
            rule="final",
        )
    return [row]


def of_party(connection: sqlite3.Connection, party_id: str) -> list[Stored]:
    """Every command about a customer, under way or not."""
    return many(connection, "party_id = ? ORDER BY seq", (party_id,))


def erase(
    database: Database,
    rows: Sequence[Stored],
    actor: Actor,
    *,
    subject: str,
    why: str,
    at: str,
    party: str = "",
) -> Erased:
    """Take the words of these commands out, but of those under way, and what was noted about ``party``; in the caller's
    transaction. ``subject`` is the id of the command or customer that was asked for. Raises Refused where there is nothing to
    erase."""
    final = [row for row in rows if row.state in FINAL]
    notes = noting.seals(database.conn, party) if party else []
    gone = [*_seals(database.conn, [row.id for row in final]), *notes]
    if not final and not notes:
        raise Refused("nothing of it is final", "erase it when its outcome is known", rule="final")
    detail = {"commands": len(final), "digest": audit.digest(gone), "subject": subject, "texts": len(gone)}
    said = json.dumps(detail, sort_keys=True, separators=(",", ":"))
    only = final[0].id if len(final) == 1 else ""
    seq = audit.write(database, actor, audit.ERASED, at=at, command_id=only, detail=said, text=why)
    connection = database.conn
    connection.executemany("INSERT INTO erasure VALUES (?, ?)", [(seq, row.id) for row in final])
    connection.executemany(
        "INSERT INTO erased_text VALUES (?, ?, ?)", [(row, seq, seal) for row, seal in gone]
    )
    connection.executemany("DELETE FROM audit_text WHERE seq = ?", [(row,) for row, _ in gone])
    recording.erase(connection, [row.id for row in final], GONE)
    for row in final:
        _copies(connection, row)
        _said(connection, row)
    if party:
        noting.erase(connection, party)
    searching.read_anew(connection, "note")
    return Erased(seq, len(final), len(gone), len(rows) - len(final))


def _seals(connection: sqlite3.Connection, commands: Sequence[str]) -> list[tuple[int, str]]:
    """The audit rows of these commands that have words, each with its seal. Why something was erased stays."""
    found: list[tuple[int, str]] = []
    for start in range(0, len(commands), _SLICE):
        some = commands[start : start + _SLICE]
        found += [(entry.seq, entry.seal) for entry in audit.said_about(connection, some)]
    return found


def _copies(connection: sqlite3.Connection, row: Stored) -> None:
    """The same words where they are at hand for the screens."""
    for table, column, key in (
        ("escalation", "why", "command_id"),
        ("dispute", "note", "id"),
        ("approval", "why", "command_id"),
        ("attempt", "words", "command_id"),
        ("command", "outcome", "id"),
        ("note", "text", "command_id"),
    ):
        connection.execute(
            f"UPDATE {table} SET {column} = ? WHERE {key} = ? AND {column} NOT IN ('', ?)",
            (GONE, row.id, GONE),
        )


def _said(connection: sqlite3.Connection, row: Stored) -> None:
    """An order that only said something: nobody sends it again, so its words leave its bytes too. The hash of what was sent
    stays."""
    order = row.order
    blank = _blank(order.command)
    if blank is None:
        return
    named, colon, _ = row.words.partition(": ")
    words = f"{named}: {GONE}" if colon and not isinstance(blank, Dispute) else row.words
    connection.execute(
        "UPDATE command SET body = ?, words = ? WHERE id = ?", (_resealed(order, blank), words, row.id)
    )


def _resealed(order: Order, command: Command) -> bytes:
    return seal(order.id, command, order.expect, order.actor, head=order.head).body


def _blank(command: Command) -> Command | None:
    match command:
        case Annotate():
            return replace(command, text=GONE)
        case Escalate():
            return replace(command, why=GONE)
        case Dispute() | Resolve():
            return replace(command, note=GONE) if command.note else None
        case _:
            return None
