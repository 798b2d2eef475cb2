"""Storing an order: all the commands of it or none, in the caller's transaction; the same intent twice is one order."""

from __future__ import annotations

import sqlite3

from sqlite_utils import Database

from arqueue.control.commands import HEAD_DIGITS, id_of, intent_in, seal, to_wire
from arqueue.control.decide import NeedsApproval, Refusal
from arqueue.control.states import CommandState
from arqueue.errors import ArqueueError, Refused
from data.broker.completing import AnyIn, House, fingerprint, single
from data.broker.deciding import Draft, Drafts, drafts
from data.broker.reading import Reader
from data.broker.requests import DisputeIn, MoveIn, ResolveIn, SettleIn
from data.broker.session import Session
from data.broker.wording import together
from data.store import audit, authority, differences, outbox
from data.store.instants import Instant
from data.store.outbox import NewCommand, Stored

_FILLED_IN = {"on": "", "method": ""}


def given_before(reader: Reader, intent: str, asked: AnyIn, session: Session, house: House) -> list[Stored]:
    """What this intent became before; nothing if it is new. Raises Refused for another person's, for another content, and where
    the ledger has it from before a backup was put back."""
    before = outbox.of_intent(reader.connection, intent)
    if before is None:
        common = intent_in(_id(reader.connection, session.person.id, intent, 0))
        if words := differences.adopted(reader.connection, common):
            raise Refused(
                f"that was ordered before the backup that was put back, and is posted: {words}",
                "look at what is open now; a new order needs a new intent",
                rule="one intent, one order",
            )
        return []
    if before.person != session.person.id:
        raise Refused("that intent is another person's", "open the form again", rule="own intents only")
    if _differs(reader, asked, before, house):
        raise Refused(
            "that intent was given to another order",
            f"see `arqueue outbox`: command {before.id[:8]}; give a new order a new intent",
            rule="one intent, one order",
        )
    return outbox.mates(reader.connection, before)


def place(
    database: Database, reader: Reader, intent: str, asked: AnyIn, session: Session, house: House, *, at: str
) -> tuple[Drafts, list[Stored]]:
    """Decide and store, each with whose limit it used or since when it waits; all rows of one order bear the id of its first
    command. Raises Refused, and nothing is stored."""
    made = drafts(reader, asked, house)
    decision = made.decision
    if isinstance(decision, Refusal):
        raise Refused(decision.reason, decision.hint, rule=decision.rule)
    ids = [_id(reader.connection, reader.person.id, intent, number) for number in range(len(made.parts))]
    now = Instant.of(house.clock)
    batch = ids[0] if len(ids) > 1 else ""
    for n, (part, key) in enumerate(zip(made.parts, ids, strict=True)):
        # no face can say "#" in an intent, so these are nobody else's
        outbox.add(
            database,
            _new(part, key, intent if not n else f"{intent}#{n}", batch, reader, audit.head(database.conn)),
            session.actor,
            at=at,
        )
        if isinstance(part.decision, NeedsApproval):
            authority.wait_for_approval(database, key, now)
        elif part.use is not None:
            authority.charge(database, key, reader.person.id, part.use, now)
    if isinstance(asked, _BECOMES):
        audit.write(
            database,
            session.actor,
            f"{asked.op} ordered",
            at=at,
            command_id=ids[0],
            detail=fingerprint(reader, asked, house.ledger),
        )
    return made, [outbox.get(database.conn, key) for key in ids]


_BECOMES = (SettleIn, MoveIn, DisputeIn, ResolveIn)
"""Orders that become commands with more in them than was asked, so that only what was asked tells whether it is the same."""


def _id(connection: sqlite3.Connection, person: str, intent: str, number: int) -> str:
    (store_id,) = connection.execute("SELECT value FROM meta WHERE key = 'store_id'").fetchone()
    return id_of(store_id, person, intent, number)


def _new(part: Draft, key: str, intent: str, batch: str, reader: Reader, head: str) -> NewCommand:
    return NewCommand(
        order=seal(key, part.command, part.expect, reader.person.id, head=head[:HEAD_DIGITS]),
        intent=intent,
        target=part.target,
        party_id=part.party_id,
        words=part.words,
        amount=part.amount,
        state=CommandState.PENDING if isinstance(part.decision, NeedsApproval) else CommandState.QUEUED,
        business_date=reader.today.isoformat(),
        item_id=part.target_item.id if part.target_item else None,
        batch=batch,
    )


def _differs(reader: Reader, asked: AnyIn, before: Stored, house: House) -> bool:
    """Whether a repeated intent asks for something else than it became; what was filled in (date, method) does not count. What
    cannot be completed any more, because its item went, is taken for the same."""
    ordered = reader.connection.execute(
        "SELECT what, detail FROM audit WHERE command_id = ? AND what LIKE '% ordered'", (before.id,)
    ).fetchone()
    try:
        if isinstance(asked, _BECOMES):
            return bool(ordered != (f"{asked.op} ordered", fingerprint(reader, asked, house.ledger)))
        command = single(reader, asked, house.ledger)
    except ArqueueError:
        return False
    return ordered is not None or to_wire(command) | _FILLED_IN != to_wire(before.order.command) | _FILLED_IN


def words_of(rows: list[Stored]) -> str:
    """A stored order in a line: what is on its way, and what waits for somebody's yes."""
    waiting = [row.words for row in rows if row.state is CommandState.PENDING]
    going = [row.words for row in rows if row.state is not CommandState.PENDING]
    if not waiting or not going:
        return together([*going, *waiting])
    return f"{together(going)}; waits for approval: {together(waiting)}"
