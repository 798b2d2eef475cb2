"""What the broker does for a face: each method checks, reads or writes, and answers. Nothing here waits for the network
but ``wait`` and ``sync``, which a face asks for on purpose."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Coroutine
from datetime import date, timedelta
from typing import Any, TypeVar

from sqlite_utils import Database

from arqueue.control.commands import to_wire
from arqueue.control.states import CommandState
from arqueue.errors import ArqueueError, Invalid, Refused
from data.broker import (
    audit_requests,
    cash_requests,
    deciding,
    differing,
    erasing,
    frames,
    ordering,
    protocol,
    requests,
    working_requests,
)
from data.broker.attending import Attending
from data.broker.auto import Auto
from data.broker.cash import Cash
from data.broker.completing import House
from data.broker.core import Core
from data.broker.drafting import Drafting
from data.broker.finding import Finding
from data.broker.indexing import Indexing
from data.broker.painting import person_row
from data.broker.promising import Promising
from data.broker.putting_off import PuttingOff
from data.broker.reading import Reader
from data.broker.reversing import Reversing, is_reversible
from data.broker.session import Session
from data.broker.sharing import Sharing
from data.broker.stepping import Steps
from data.broker.strategies import Strategies, StrategyRequest
from data.broker.viewing import ChangeViewRequest, RemoveViewRequest, SaveViewRequest, Viewing
from data.broker.working import Working
from data.store import drafts, outbox, queue
from data.store.outbox import Stored
from data.store.queue import Delta

T = TypeVar("T")
_ROOM = 64 * 1024 * 1024
_ACTS = frozenset({"undo", "retry", "dismiss", "approve", "decline", "erase", "forget_alias"})
"""Methods by which somebody acts, beside ``submit``."""
LASTING = _ACTS | {
    *("submit", "use_strategy", "save_view", "remove_view", "snooze", "follow_up", "assign", "pin"),
    *("promise", "absence", "end_absence", "keep_draft", "drop_draft", "auto_seen", "clock"),
}
"""Methods that change something: what follows from it, and that others are told, does not end with the line of who asked."""
_UNDER_WAY = (CommandState.QUEUED, CommandState.SENDING)


class Service:
    """The methods of the protocol over the broker's core."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._steps = steps = Steps(core)
        cash, ranks = Cash(core), Strategies(core)
        auto = Auto(core, cash, self.review, self.submit)
        working, viewing = Working(core), Viewing(core)
        self._finding = Finding(core)
        Indexing(core)
        putting_off, sharing = PuttingOff(core, working), Sharing(core, working)
        promising = Promising(core, working)
        self.attending, drafting = Attending(core, working), Drafting(core)
        self._methods: dict[
            str, tuple[type[requests.Request], Callable[[Session, Any], Coroutine[Any, Any, Any]]]
        ] = {
            "hello": (requests.HelloRequest, self.hello),
            "status": (requests.Nothing, self.status),
            "window": (requests.WindowRequest, self.window),
            "locate": (requests.LocateRequest, self.locate),
            "widen": (requests.WidenRequest, self._finding.widen),
            "pick": (requests.PickRequest, self._finding.pick),
            "show": (requests.IdRequest, self.show),
            "find": (requests.FindRequest, self.find),
            "suggest": (cash_requests.SuggestRequest, cash.suggest),
            "aliases": (cash_requests.AliasesRequest, cash.aliases),
            "forget_alias": (requests.IdRequest, cash.forget_alias),
            "auto": (cash_requests.AutoDaysRequest, auto.days),
            "auto_seen": (cash_requests.AutoSeenRequest, auto.seen),
            "review": (requests.ReviewRequest, self.review),
            "submit": (requests.SubmitRequest, self.submit),
            "outbox": (requests.OutboxRequest, self.outbox),
            "command": (requests.IdRequest, self.command),
            "undo": (requests.IdRequest, steps.undo),
            "reversal": (requests.ReversalRequest, Reversing(core).reversal),
            "retry": (requests.IdRequest, steps.retry),
            "dismiss": (requests.IdRequest, self.dismiss),
            "weigh": (requests.WeighRequest, self.weigh),
            "approve": (requests.ApproveRequest, steps.approve),
            "decline": (requests.DeclineRequest, steps.decline),
            "erase": (audit_requests.EraseRequest, self.erase),
            "wait": (requests.WaitRequest, self.wait),
            "sync": (requests.SyncRequest, self.sync),
            "clock": (requests.ClockRequest, self.clock),
            "strategy": (requests.Nothing, ranks.show),
            "try_strategy": (StrategyRequest, ranks.try_),
            "use_strategy": (StrategyRequest, ranks.use),
            "views": (requests.Nothing, viewing.views),
            "save_view": (SaveViewRequest, viewing.save_view),
            "remove_view": (RemoveViewRequest, viewing.remove_view),
            "change_view": (ChangeViewRequest, viewing.change_view),
            "view_counts": (requests.Nothing, self._finding.view_counts),
            "tags": (requests.Nothing, self._finding.tags),
            "customers": (requests.CustomersRequest, self._finding.customers),
            "day": (working_requests.DayRequest, putting_off.day),
            "snooze": (working_requests.SnoozeRequest, putting_off.snooze),
            "follow_up": (working_requests.FollowUpRequest, putting_off.follow_up),
            "promise": (working_requests.PromiseRequest, promising.promise),
            "promises": (working_requests.PromisesRequest, promising.promises),
            "agenda": (working_requests.AgendaRequest, putting_off.agenda),
            "calendar": (working_requests.CalendarRequest, putting_off.calendar),
            "assign": (working_requests.AssignRequest, sharing.assign),
            "pin": (working_requests.PinRequest, sharing.pin),
            "absences": (requests.Nothing, sharing.absences),
            "absence": (working_requests.AbsenceRequest, sharing.absence),
            "end_absence": (working_requests.AbsenceEndRequest, sharing.end_absence),
            "attend": (working_requests.AttendRequest, self.attending.attend),
            "next": (working_requests.NextRequest, self.attending.next),
            "release": (requests.Nothing, self.attending.release),
            "keep_draft": (working_requests.DraftRequest, drafting.keep),
            "draft": (working_requests.DraftKeyRequest, drafting.get),
            "drafts": (requests.Nothing, drafting.all),
            "drop_draft": (working_requests.DraftKeyRequest, drafting.drop),
        }

    async def answer(self, session: Session, method: str, params: Any) -> Any:
        """One request. Raises ArqueueError in words."""
        if method not in self._methods:
            raise Invalid(
                f"the broker has no method {method!r}", "face and broker must be of the same version"
            )
        if method in _ACTS:
            self._core.require_open()
        session.require_person()
        model, handler = self._methods[method]
        return await handler(session, requests.check(model, params))

    async def hello(self, session: Session, asked: requests.HelloRequest) -> protocol.Hello:
        """Greet; in a demo company the face may say as whom it acts."""
        if asked.version != protocol.VERSION:
            raise Invalid(
                f"the face speaks protocol {asked.version}, the broker {protocol.VERSION}",
                "restart the broker after an upgrade",
            )
        if asked.act_as:
            session.acting_as = self._core.act_as(asked.act_as).id
        core = self._core
        ledger = core.ledger
        return {
            "person": person_row(session.person),
            "people": [person_row(person) for person in core.people],
            "company": ledger.company,
            "currency": ledger.currency,
            "business_date": core.today().isoformat(),
            "demo": core.settings.demo is not None,
            "peer_kind": core.settings.peer.kind,
            "peer_url": core.settings.peer.url,
            "reasons": [
                {"code": each.code, "words": each.name, "method": each.id, "account": each.account}
                for each in ledger.methods
            ],
            "dispute_reasons": list(core.settings.cash.dispute_reasons),
            "operations": sorted(ledger.operations),
            "version": protocol.VERSION,
        }

    async def status(self, session: Session, _: requests.Nothing) -> protocol.Status:
        """How fresh, how many, what waits."""
        return await self._core.status(session.person)

    async def window(
        self, session: Session, asked: requests.WindowRequest
    ) -> protocol.Window | frames.Packed:
        """Rows of a view."""
        return await self._finding.window(session, asked)

    async def locate(self, session: Session, asked: requests.LocateRequest) -> dict[str, Any]:
        """Where a row stands now."""
        return await self._finding.locate(session, asked)

    async def show(self, session: Session, asked: requests.IdRequest) -> protocol.Shown:
        """All there is about one thing."""
        return await self._look(session, lambda r: r.show(asked.id))

    async def find(self, session: Session, asked: requests.FindRequest) -> protocol.Found:
        """Search."""
        return await self._look(session, lambda r: r.find(asked.text, asked.limit))

    async def review(self, session: Session, asked: requests.ReviewRequest) -> protocol.Review:
        """What an order would do; nothing is stored."""
        house = self._house()
        self._check_room()

        def look(reader: Reader) -> protocol.Review:
            return deciding.review(reader, deciding.drafts(reader, asked.command, house))

        return await self._look(session, look)

    async def weigh(self, session: Session, asked: requests.WeighRequest) -> protocol.Weighed:
        """A pending command as this person would approve or decline it. Raises Refused when it waits for nobody."""
        house = self._house()

        def look(reader: Reader) -> protocol.Weighed:
            row = outbox.get(reader.connection, asked.id)
            made = deciding.weigh(reader, row, house, glass=asked.glass or None)
            return {
                "command": reader.paint_command(row),
                "asked": to_wire(made.command),
                "review": deciding.weighed(reader, made),
            }

        return await self._look(session, look)

    async def submit(self, session: Session, asked: requests.SubmitRequest) -> protocol.Submitted:
        """Decide, then command rows, audit rows and changed work in one transaction: all of an order or none. Raises Refused."""
        self._core.require_open()
        core, at, today = self._core, self._core.clock.stamp(), self._core.today()
        self._check_room()

        house = self._house()

        def work(database: Database) -> tuple[list[Stored], bool, Delta | None]:
            reader = Reader(database.conn, session.person, today)
            if before := ordering.given_before(reader, asked.intent, asked.command, session, house):
                return before, True, None
            made, rows = ordering.place(database, reader, asked.intent, asked.command, session, house, at=at)
            drafts.ordered(database, session.person.id, asked.command.model_dump(), rows[0].target)
            delta = queue.refresh(database, made.parties(reader), today, core.ledger.currency)
            return rows, False, delta

        rows, repeated, delta = await core.store.write(work)
        if not repeated:
            for row in rows:
                core.stored(row.id, delta if row is rows[0] else None)
        return {
            "id": rows[0].id,
            "ids": [row.id for row in rows],
            "state": next(
                (row.state for row in rows if row.state is CommandState.PENDING), rows[0].state
            ).value,
            "words": ordering.words_of(rows),
            "repeated": repeated,
            "going": any(row.state is not CommandState.PENDING for row in rows),
            "reversible": is_reversible(rows, core.ledger),
        }

    def _house(self) -> House:
        core = self._core
        return House(core.people, core.ledger, core.settings.cash, core.clock)

    def _check_room(self) -> None:
        """A disk that is nearly full takes no new command, while what is under way can still be brought to its end. Raises
        Refused."""
        disk = shutil.disk_usage(self._core.settings.store_dir)
        if disk.free < min(_ROOM, disk.total // 20):
            raise Refused(
                f"only {disk.free >> 20} MiB are left on the disk of the store",
                "make room, then do it again: nothing was stored",
                rule="room on the disk",
            )

    async def outbox(self, session: Session, asked: requests.OutboxRequest) -> protocol.Outbox:
        """Commands, newest first."""

        def look(reader: Reader) -> protocol.Outbox:
            rows, total = outbox.listing(reader.connection, asked.states, asked.limit, asked.offset)
            return {"rows": [reader.paint_command(row) for row in rows], "total": total}

        return await self._look(session, look)

    async def command(self, session: Session, asked: requests.IdRequest) -> dict[str, Any]:
        """One command and its attempts."""

        def look(reader: Reader) -> dict[str, Any]:
            row = outbox.get(reader.connection, asked.id)
            tries = outbox.attempts(reader.connection, row.id)
            return {
                "command": reader.paint_command(row),
                "attempts": [
                    {"n": n, "at": at, "outcome": outcome, "words": words} for n, at, outcome, words in tries
                ],
            }

        return await self._look(session, look)

    async def dismiss(self, session: Session, asked: requests.IdRequest) -> protocol.CommandRow:
        """What failed was looked at, or where ledger and outbox differ. Raises Refused."""
        painted = await differing.dismiss(self._core, session, asked.id)
        return painted or await self._steps.dismiss(session, asked)

    async def erase(self, session: Session, asked: audit_requests.EraseRequest) -> erasing.ErasedRow:
        """Words leave the audit and its copies. Raises Refused for who is no administrator."""
        return await erasing.erase(self._core, session, asked)

    async def wait(self, session: Session, asked: requests.WaitRequest) -> protocol.CommandRow:
        """Until the outcome is final or unknown, or the time is over; the answer says which."""
        core = self._core
        try:
            async with asyncio.timeout(asked.timeout):
                while True:
                    moved = core.moved_event()
                    row = await core.store.read(lambda connection: outbox.get(connection, asked.id))
                    if row.state not in _UNDER_WAY:
                        break
                    await moved.wait()
        except TimeoutError:
            pass
        return await self._look(session, lambda r: r.paint_command(outbox.get(r.connection, asked.id)))

    async def sync(self, session: Session, asked: requests.SyncRequest) -> protocol.SyncDone | None:
        """Pull and push now; with ``wait`` until both are done. Raises what the accounting system's silence means."""
        if not asked.wait:
            self._core.sync_soon(full=asked.full)
            return None
        return await self._core.sync_now(full=asked.full)

    async def clock(self, session: Session, asked: requests.ClockRequest) -> dict[str, str]:
        """A demo company's business date. Raises Refused everywhere else."""
        core = self._core
        if core.settings.demo is None:
            raise Refused(
                "the business date is the calendar's", "only a demo company's can be moved", rule="demo only"
            )
        day = core.today()
        if asked.set is not None or asked.advance is not None:
            try:
                day = date.fromisoformat(asked.set) if asked.set else day + timedelta(days=asked.advance or 0)
            except ValueError:
                raise Invalid(f"set: {asked.set!r} is not a date", "write it as 2026-12-24") from None
            await core.set_business_date(day, session.actor)
        return {"business_date": day.isoformat()}

    async def _look(self, session: Session, work: Callable[[Reader], T]) -> T:
        person, today = session.person, self._core.today()
        return await self._core.store.read(lambda connection: work(Reader(connection, person, today)))


def error_row(error: ArqueueError) -> protocol.ErrorRow:
    """An error for the wire."""
    return {"code": error.code, "message": error.message, "hint": error.hint}
