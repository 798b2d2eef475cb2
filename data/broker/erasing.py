"""Erasing words on an administrator's order: from the audit and its copies, in one transaction with the row that says so."""

from __future__ import annotations

from typing import TypedDict

import structlog
from sqlite_utils import Database

from arqueue.errors import Invalid, Refused
from arqueue.model.people import Role
from arqueue.model.text import clean_line
from data.broker.audit_requests import EraseRequest
from data.broker.core import Core
from data.broker.reading import Reader
from data.broker.session import Session
from data.store import erasing, outbox, queue
from data.store.erasing import Erased
from data.store.queue import Delta

log = structlog.get_logger()


class ErasedRow(TypedDict):
    """What an erasure did. ``row`` is the audit row that says so, ``left`` how many commands are still under way."""

    row: int
    commands: int
    texts: int
    left: int


async def erase(core: Core, session: Session, asked: EraseRequest) -> ErasedRow:
    """Raises Refused for who is no administrator and for a command that is under way, NotFound, Invalid."""
    if Role.ADMINISTRATOR not in session.person.roles:
        raise Refused(
            "only an administrator erases",
            "ask whom the people file names as one",
            rule="administrators only",
        )
    at, why = core.clock.stamp(), clean_line(asked.why).strip()
    if not why:
        raise Invalid("why: an erasure needs a reason", "say who asked for it and when")

    def work(database: Database) -> tuple[Erased, Delta]:
        connection = database.conn
        if asked.command:
            row = outbox.get(connection, asked.command)
            rows, subject, party = erasing.of_command(row), row.id, ""
        else:
            subject = Reader(connection, session.person, core.today()).party_named(asked.party).id
            rows, party = erasing.of_party(connection, subject), subject
        done = erasing.erase(database, rows, session.actor, subject=subject, why=why, at=at, party=party)
        parties = {row.party_id for row in rows if row.party_id} | {party} - {""}
        return done, queue.refresh(database, parties, core.today(), core.ledger.currency)

    done, delta = await core.store.write(work)
    await core.store.fold()
    log.info("erased", row=done.seq, commands=done.commands, texts=done.texts)
    if delta.ids:
        core.on_changed(delta)
    return {"row": done.seq, "commands": done.commands, "texts": done.texts, "left": done.left}
