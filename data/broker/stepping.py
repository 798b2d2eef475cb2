"""Steps in the life of a stored command that a person takes: undo, retry, dismiss, approve, decline. Each is one transaction
with its audit row and the work that follows from it; the same step taken twice by the same person is one step."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, timedelta

import structlog
from sqlite_utils import Database

from arqueue.control.authority import GLASS_EYES
from arqueue.control.commands import items_of
from arqueue.control.decide import NeedsApproval, Refusal
from arqueue.control.states import FAILED, CommandState
from arqueue.errors import Refused, StoreRefused, StoreReplaced
from arqueue.model.text import clean_line
from data.broker import deciding, protocol, requests
from data.broker.completing import House
from data.broker.core import Core
from data.broker.reading import Reader
from data.broker.session import Session
from data.store import audit, authority, outbox, queue, recording
from data.store.instants import Instant
from data.store.outbox import Stored
from data.store.queue import Delta

log = structlog.get_logger()
_LOOK_S = 30.0


class Steps:
    """The methods of the protocol that move a command on."""

    def __init__(self, core: Core) -> None:
        self._core = core
        core.beside("approvals", self.watch)

    async def watch(self) -> None:
        """For ever: what nobody approved in time expires, and what stays unknown is somebody's work. A store that cannot be
        written is tried again."""
        while True:
            try:
                await self.grow_old()
                await self.forget()
            except StoreReplaced:
                raise
            except StoreRefused as error:
                log.warning("nothing expires", code=error.code)
            await asyncio.sleep(_LOOK_S)

    async def grow_old(self) -> None:
        """What time alone does to commands."""
        core = self._core

        def work(database: Database) -> tuple[list[Stored], Delta | None]:
            now = Instant.of(core.clock)
            old = [*authority.expire(database, now), *authority.tell_of_unknown(database, now)]
            if not old:
                return [], None
            parties = queue.parties_of(
                database.conn, [key for row in old for key in items_of(row.order.command)]
            )
            parties |= {row.party_id for row in old if row.party_id}
            return old, queue.refresh(database, parties, core.today(), core.ledger.currency)

        old, delta = await core.store.write(work)
        for row in old:
            log.info("grown old", id=row.id, state=row.state.value)
            core.stored(row.id, delta if row is old[0] else None)

    async def forget(self) -> None:
        """The queue of so long ago that nobody asks for it, some rows at a time."""
        core = self._core
        days = timedelta(days=core.settings.audit.queue_days)
        before = (core.clock.now().astimezone(UTC) - days).isoformat(timespec="microseconds")
        if await core.store.read(lambda connection: recording.is_older(connection, before)):
            await core.store.write(lambda database: recording.forget(database.conn, before))

    async def undo(self, session: Session, asked: requests.IdRequest) -> protocol.CommandRow:
        """Take back what was not sent, with the unsent rest of the same order. Raises Refused with what to do instead."""
        at, others = self._core.clock.stamp(), session.person.supervises
        gone: list[Stored] = []

        def work(database: Database, row: Stored) -> None:
            together = outbox.mates(database.conn, row)
            mine = [each for each in together if _stepped(database, each, session, CommandState.CANCELLED)]
            if mine and not any(each.is_unsent for each in together):
                gone.extend(mine)
            else:
                gone.extend(outbox.undo(database, row.id, session.actor, may_undo_others=others, at=at))

        painted = await self._change(session, asked.id, work)
        for each in gone:
            if each.id != painted["id"]:
                self._core.stored(each.id, None)
        painted["taken_back"] = [each.words for each in gone]
        return painted

    async def retry(self, session: Session, asked: requests.IdRequest) -> protocol.CommandRow:
        """Try an UNKNOWN one now: it is looked up first. A refused one needs a new decision, so a new command."""

        def work(database: Database, row: Stored) -> None:
            if row.state is CommandState.POSTED:
                raise Refused("it is posted already", "there is nothing to try again", rule="retry")
            if row.state not in (CommandState.UNKNOWN, CommandState.QUEUED):
                raise Refused(
                    f"it is {row.state.value}", "make the change again: that is decided anew", rule="retry"
                )
            database.conn.execute("UPDATE command SET not_before_boot_s = NULL WHERE id = ?", (row.id,))

        return await self._change(session, asked.id, work)

    async def dismiss(self, session: Session, asked: requests.IdRequest) -> protocol.CommandRow:
        """A failed command has been looked at, or an escalation was dealt with: it leaves the queue, not the outbox."""
        at = self._core.clock.stamp()

        def work(database: Database, row: Stored) -> None:
            if row.op == "escalate" and row.state not in FAILED:
                _close_escalation(database, row, session, at)
                return
            if row.person != session.person.id and not session.person.supervises:
                raise Refused(
                    f"this is {row.person}'s command", "ask them, or a supervisor", rule="own commands only"
                )
            outbox.dismiss(database, row.id, session.actor, at=at)

        return await self._change(session, asked.id, work)

    async def approve(self, session: Session, asked: requests.ApproveRequest) -> protocol.CommandRow:
        """Another person with the limit lets a pending command go, or two supervisors do what nobody has the limit for. Raises
        Refused."""
        core = self._core
        house = House(core.people, core.ledger, core.settings.cash, core.clock)
        glass = clean_line(asked.why).strip() if asked.break_glass else None

        def work(database: Database, row: Stored) -> None:
            if _stepped(database, row, session, CommandState.QUEUED):
                return
            now, actor = Instant.of(core.clock), session.actor
            given = authority.approvals(database.conn, row.id)
            if glass is not None and any(each.glass and each.person == actor.person for each in given):
                return
            reader = Reader(database.conn, session.person, core.today())
            made = deciding.weigh(reader, row, house, glass=glass)
            if isinstance(made.decision, Refusal | NeedsApproval):
                raise Refused(made.decision.reason, made.decision.hint, rule=made.decision.rule)
            authority.approve(database, row, actor, now, glass=glass is not None, why=glass or "")
            words = f"approved by {actor.person}"
            if glass is not None:
                others = [each.person for each in given if each.glass]
                words = f"break-glass by {' and '.join([*others, actor.person])}: {glass}"
                step = f"{row.op} break-glass {len(others) + 1} of {GLASS_EYES}"
                audit.write(database, actor, step, at=now.at, command_id=row.id, text=glass)
                if len(others) + 1 < GLASS_EYES:
                    return
            elif use := authority.use_of_row(database.conn, row):
                authority.charge(database, row.id, actor.person, use, now)
            outbox.move(database, row, CommandState.QUEUED, actor, at=now.at, outcome=words)

        return await self._change(session, asked.id, work)

    async def decline(self, session: Session, asked: requests.DeclineRequest) -> protocol.CommandRow:
        """Another person says no, and why."""
        at, why = self._core.clock.stamp(), clean_line(asked.why).strip()

        def work(database: Database, row: Stored) -> None:
            if _stepped(database, row, session, CommandState.DECLINED):
                return
            deciding.still_pending(row)
            if row.person == session.person.id or not session.person.supervises:
                raise Refused(
                    "only a supervisor declines, and never their own",
                    "take your own back with `arqueue undo`",
                    rule="four eyes",
                )
            if not why:
                raise Refused("a refusal needs a reason", "say why, so that it can be put right", rule="why")
            words = f"declined by {session.person.id}: {why}"
            outbox.move(database, row, CommandState.DECLINED, session.actor, at=at, outcome=words)

        return await self._change(session, asked.id, work)

    async def _change(
        self, session: Session, command_id: str, work: Callable[[Database, Stored], object]
    ) -> protocol.CommandRow:
        """One step on one command, with the work that follows from it."""
        core, today = self._core, self._core.today()
        if session.person.reads_only:
            raise Refused("an auditor changes nothing", "ask a collector", rule="auditors read only")

        def step(database: Database) -> tuple[protocol.CommandRow, Delta]:
            row = outbox.get(database.conn, command_id)
            work(database, row)
            together = outbox.mates(database.conn, row)
            items = [item for each in together for item in items_of(each.order.command)]
            parties = queue.parties_of(database.conn, items) | {each.party_id or "" for each in together}
            delta = queue.refresh(database, parties - {""}, today, core.ledger.currency)
            reader = Reader(database.conn, session.person, today)
            return reader.paint_command(outbox.get(database.conn, row.id)), delta

        painted, delta = await core.store.write(step)
        core.stored(painted["id"], delta)
        return painted


def _stepped(database: Database, row: Stored, session: Session, to: CommandState) -> bool:
    """Whether this very person took this step before: a repeated request changes nothing and is no error."""
    if to is CommandState.QUEUED and row.person == session.person.id:
        return False  # its maker queued it by making it; that is no approval
    found = database.conn.execute(
        "SELECT 1 FROM audit WHERE command_id = ? AND person = ? AND what = ?",
        (row.id, session.person.id, f"{row.op} {to.value}"),
    ).fetchone()
    return found is not None


def _close_escalation(database: Database, row: Stored, session: Session, at: str) -> None:
    """Whoever it was handed to says that it is dealt with. Raises Refused."""
    (to,) = database.conn.execute("SELECT to_whom FROM escalation WHERE command_id = ?", (row.id,)).fetchone()
    person = session.person
    if to != person.id and to not in person.roles and not person.supervises:
        raise Refused(f"it was handed to {to}", "ask them", rule="whom it was handed to")
    closed = database.conn.execute(
        "UPDATE escalation SET closed = 1 WHERE command_id = ? AND closed = 0", (row.id,)
    ).rowcount
    if closed:
        audit.write(database, session.actor, "escalation closed", at=at, command_id=row.id)
