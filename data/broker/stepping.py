"""Steps in the life of a stored command that a person takes: undo, retry, dismiss, approve, decline. Each is one transaction
with its audit row and the work that follows from it; the same step taken twice by the same person is one step."""

from __future__ import annotations

from collections.abc import Callable

from sqlite_utils import Database

from arqueue.control.commands import items_of
from arqueue.control.decide import NeedsApproval, Refusal
from arqueue.control.states import FAILED, CommandState
from arqueue.errors import Refused
from arqueue.model.people import Role
from arqueue.model.text import clean_line
from data.broker import deciding, protocol, requests
from data.broker.completing import House
from data.broker.core import Core
from data.broker.reading import Reader
from data.broker.session import Session
from data.store import audit, outbox, queue
from data.store.outbox import Stored
from data.store.queue import Delta


class Steps:
    """The methods of the protocol that move a command on."""

    def __init__(self, core: Core) -> None:
        self._core = core

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
            if session.person.roles == {Role.AUDITOR}:
                raise Refused("an auditor changes nothing", "ask a collector", rule="auditors read only")
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

    async def approve(self, session: Session, asked: requests.IdRequest) -> protocol.CommandRow:
        """Another person with the limit lets a pending command go. Raises Refused."""
        core, at = self._core, self._core.clock.stamp()
        house = House(core.people, core.ledger, core.settings.cash)

        def work(database: Database, row: Stored) -> None:
            if _stepped(database, row, session, CommandState.QUEUED):
                return
            reader = Reader(database.conn, session.person, core.today())
            decision = deciding.weigh(reader, row, house).decision
            if isinstance(decision, Refusal | NeedsApproval):
                raise Refused(decision.reason, decision.hint, rule=decision.rule)
            words = f"approved by {session.person.id}"
            outbox.move(database, row, CommandState.QUEUED, session.actor, at=at, outcome=words)

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
