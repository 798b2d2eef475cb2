"""Names and accounts by which a payer was recognised before: learned with each order that says who sent a payment, in its
transaction, and unlearned when that order comes to nothing. The audit says which order taught what."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlite_utils import Database

from arqueue.control.commands import Identify
from arqueue.control.states import FAILED, CommandState
from arqueue.errors import NotFound
from data.store import audit
from data.store.audit import Actor

_NOTHING = FAILED | {CommandState.CANCELLED}
_LEARNED, _UNLEARNED, _FORGOTTEN = "alias learned", "alias unlearned", "alias forgotten"


@dataclass(frozen=True, slots=True)
class Alias:
    """What was learned; ``uses`` counts the orders behind it."""

    id: str
    alias: str
    kind: str
    """``name`` or ``account``."""
    party_id: str
    learned_by: str
    learned_at: str
    uses: int
    last_used: str
    """When the last of them was; it is the first one's time where there was one."""


def learn(database: Database, command_id: str, command: Identify, actor: Actor, *, at: str) -> None:
    """Keep by which name and account the payment came, and whose it is; in the transaction that stores the order."""
    for kind, alias in _marks(database.conn, command.payment):
        key = hashlib.sha256(f"{kind}\n{alias}\n{command.party}".encode()).hexdigest()[:12]
        database.conn.execute(
            "INSERT INTO payer_alias (id, alias, kind, party_id, learned_by, learned_at, command_id, uses, last_used)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, 1, ?)"
            " ON CONFLICT (alias, kind, party_id) DO UPDATE SET uses = uses + 1, last_used = excluded.last_used",
            (key, alias, kind, command.party, actor.person, at, command_id, at),
        )
        audit.write(database, actor, _LEARNED, at=at, command_id=command_id, detail=key)


def _marks(connection: sqlite3.Connection, payment: str) -> Iterator[tuple[str, str]]:
    """Kind and spelling of what the bank says of the sender."""
    found = connection.execute("SELECT payer, payer_account FROM item WHERE id = ?", (payment,)).fetchone()
    name, account = found or ("", "")
    if name.strip():
        yield "name", name.strip()
    if compact := "".join(account.split()).upper():
        yield "account", compact


def follow(database: Database, command_id: str, to: CommandState, actor: Actor, *, at: str) -> None:
    """What the new state of an order to identify means: one that comes to nothing taught nothing."""
    if to not in _NOTHING:
        return
    for key in _taught(database.conn, command_id):
        database.conn.execute("UPDATE payer_alias SET uses = uses - 1 WHERE id = ?", (key,))
        database.conn.execute("DELETE FROM payer_alias WHERE id = ? AND uses <= 0", (key,))
        audit.write(database, actor, _UNLEARNED, at=at, command_id=command_id, detail=key)


def _taught(connection: sqlite3.Connection, command_id: str) -> list[str]:
    """What this order taught; it comes to nothing only once, so nothing of it was unlearned before."""
    found = connection.execute(
        "SELECT detail FROM audit WHERE command_id = ? AND what = ? ORDER BY seq", (command_id, _LEARNED)
    )
    return [row[0] for row in found]


def listing(connection: sqlite3.Connection, limit: int, party_id: str = "") -> list[Alias]:
    """The newest first; of one customer where one is named."""
    which = "WHERE ? IN ('', party_id) ORDER BY learned_at DESC, id LIMIT ?"
    return _found(connection, which, (party_id, limit))


def forget(database: Database, key: str, actor: Actor, *, at: str) -> Alias:
    """Strike one out, by its id or the start of it. Raises NotFound."""
    found = _found(
        database.conn, "WHERE id = ? OR id GLOB ? LIMIT 2", (key, f"{key}*" if key.isalnum() else "")
    )
    if len(found) != 1:
        raise NotFound(f"there is no alias {key!r}", "see `arqueue alias list`")
    alias = found[0]
    database.conn.execute("DELETE FROM payer_alias WHERE id = ?", (alias.id,))
    audit.write(database, actor, _FORGOTTEN, at=at, detail=alias.id)
    return alias


def known(connection: sqlite3.Connection, kind: str) -> dict[str, str]:
    """Alias → customer; one that several were recognised by leads to whom it was most often."""
    rows = _found(connection, "WHERE kind = ? ORDER BY uses, last_used, id", (kind,))
    return {row.alias: row.party_id for row in rows}


def _found(connection: sqlite3.Connection, which: str, values: tuple[Any, ...]) -> list[Alias]:
    told = "id, alias, kind, party_id, learned_by, learned_at, uses, coalesce(last_used, learned_at)"
    found = connection.execute(f"SELECT {told} FROM payer_alias {which}", values)
    return [Alias(*row) for row in found]
