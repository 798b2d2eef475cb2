"""Putting away where ledger and outbox differ: a supervisor has looked at it."""

from __future__ import annotations

from sqlite_utils import Database

from arqueue.errors import Refused
from data.broker import protocol
from data.broker.core import Core
from data.broker.reading import Reader
from data.broker.session import Session
from data.store import differences, outbox, queue
from data.store.differences import NOWHERE, Difference, Found
from data.store.queue import Delta


async def dismiss(core: Core, session: Session, command_id: str) -> protocol.CommandRow | None:
    """The difference of this command leaves the queue; None where there is none. Raises Refused for who does not supervise."""
    at, today = core.clock.stamp(), core.today()

    def work(database: Database) -> tuple[protocol.CommandRow, Delta] | None:
        found = differences.get(database.conn, command_id)
        if found is None:
            return None
        if not session.person.supervises:
            raise Refused(
                "ledger and outbox differ: only a supervisor puts that away",
                "ask a supervisor to look at it",
                rule="supervisors only",
            )
        differences.dismiss(database, found, session.actor, at=at)
        delta = queue.refresh(database, {found.party_id or NOWHERE}, today, core.ledger.currency)
        return _painted(Reader(database.conn, session.person, today), found, session, at), delta

    done = await core.store.write(work)
    if done is None:
        return None
    painted, delta = done
    if delta.ids:
        core.on_changed(delta)
    return painted


def _painted(reader: Reader, found: Found, session: Session, at: str) -> protocol.CommandRow:
    """The command as the outbox has it; of one that it does not have, what is known."""
    if found.kind is not Difference.ORPHAN:
        return reader.paint_command(outbox.get(reader.connection, found.command_id))
    party = reader.party(found.party_id) if found.party_id else None
    return {
        "id": found.command_id,
        "op": found.op,
        "state": "posted",
        "words": found.words,
        "target": found.item_id or found.party_id or "",
        "party": party.name if party else "",
        "party_id": found.party_id,
        "amount": str(found.amount),
        "currency": found.amount.currency,
        "actor": found.person,
        "created_at": found.posted_at,
        "updated_at": at,
        "attempts": 0,
        "outcome": f"put away by {session.person.id}",
        "refs": [],
        "undoable": False,
        "approvals": [],
        "batch": "",
    }
