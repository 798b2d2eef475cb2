"""A collector's desk: the line to the broker, what it last said of itself, and who wants to hear of changes."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from textual.app import App
from textual.signal import Signal

from arqueue.errors import ArqueueError
from data.broker.client import Link, Push
from data.broker.wire import VERSION
from screens.situation import FAILED, OF_THE_BROKER

if TYPE_CHECKING:
    from data.broker.protocol import CommandRow, Hello, QueueRow, SavedViewRow, Status
    from screens.prepaint.first import First
    from screens.taking_back import TakingBack

SETTLED = FAILED | {"posted", "cancelled"}
FAREWELL_S = 0.5
"""How long the last words to the broker may take."""
RETRY_S = (0.1, 0.2, 0.5, 1.0, 2.0)


def _local_now() -> datetime:
    return datetime.now().astimezone()


class Desk:
    """What all screens share. Everything arrives on the app's event loop; nothing here blocks it.

    ``now`` gives the reader's local time with its zone, ``clock`` seconds that never jump.
    """

    def __init__(
        self,
        app: App[int],
        link: Link,
        *,
        now: Callable[[], datetime] = _local_now,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.link = link
        self.now = now
        self.clock = clock
        self.hello: Hello | None = None
        self.status: Status | None = None
        self.lost_at: datetime | None = None
        self.error: ArqueueError | None = None
        self.waiting = 0
        """Questions to the broker that are not answered yet."""
        self.drafts: dict[tuple[str, str], dict[str, Any]] = {}
        """What was typed into forms that were left: by operation and target."""
        self._unkept: set[tuple[str, str]] = set()
        """The drafts that the broker would not have, or did not hear of."""
        self._handed: dict[str, tuple[tuple[str, str], dict[str, Any]]] = {}
        """What was typed for orders that are not final."""
        self.marks: dict[str, QueueRow] = {}
        """Marked work by its id: things, not places in a list; a filter or a refresh does not lose them."""
        self.views: list[SavedViewRow] = []
        """The views that this person keeps."""
        self.changed: Signal[Push] = Signal(app, "changed")
        self.news: Signal[None] = Signal(app, "news")
        """Status, connection or greeting changed."""
        self.command: Signal[CommandRow] = Signal(app, "command")
        self.presence: Signal[Push] = Signal(app, "presence")
        """Somebody else came to what is open here, or went."""
        self._status_at = 0.0
        self.first: First | None = None
        """What was on the screen before the line to the broker stood."""
        self._greeting = False
        link.on_push = self._pushed
        link.on_state = self._state_changed
        self._tasks: set[asyncio.Task[None]] = set()

    @cached_property
    def taking_back(self) -> TakingBack:
        """What was taken back, and what can be: nothing before the first order."""
        from screens.taking_back import TakingBack

        return TakingBack(self)

    @property
    def connected(self) -> bool:
        """Whether the broker can be asked now."""
        return self.hello is not None and self.link.connected

    @property
    def operations(self) -> frozenset[str]:
        """What the accounting system carries; empty before the greeting."""
        return frozenset(self.hello["operations"]) if self.hello else frozenset()

    @property
    def dispute_reasons(self) -> list[str]:
        """The company's reasons for a dispute; empty where the broker does not name them: then any words are one."""
        return list(self.hello["dispute_reasons"]) if self.hello else []

    @property
    def me(self) -> str:
        """Who one is here; empty before the greeting."""
        return self.hello["person"]["id"] if self.hello else ""

    @property
    def who(self) -> str:
        """Name and company, where the company has one."""
        if self.hello is None:
            return ""
        return " · ".join(part for part in (self.hello["person"]["name"], self.hello["company"]) if part)

    @property
    def supervises(self) -> bool:
        """Whether what waits for an approval is this person's work."""
        return self.hello is not None and "supervisor" in self.hello["person"]["roles"]

    @property
    def reads_only(self) -> bool:
        """Whether this person sees everything and changes nothing."""
        return self.hello is not None and self.hello["person"]["roles"] == ["auditor"]

    def name_of(self, person: str) -> str:
        """A person's name; the id of one that the company no longer names."""
        people = self.hello["people"] if self.hello else []
        return next((row["name"] for row in people if row["id"] == person), person)

    def sync_age_s(self) -> int | None:
        """Seconds since the mirror was last complete, as of now."""
        if self.status is None or self.status["sync"]["age_s"] is None:
            return None
        return self.status["sync"]["age_s"] + int(self.clock() - self._status_at)

    def keep(self, order: str, draft: tuple[str, str], typed: dict[str, Any]) -> None:
        """Keep what was typed for an order until it is final: if the ledger does not take it, it is a draft again."""
        self._handed[order] = (draft, typed)

    def _follow(self, order: CommandRow) -> None:
        if order["state"] in SETTLED - {"cancelled"}:
            self.taking_back.forget(order["id"])
        if order["state"] in SETTLED and (handed := self._handed.pop(order["id"], None)):
            draft, typed = handed
            if order["state"] in FAILED and draft not in self.drafts:
                self.keep_draft(draft, typed)

    def foresee(self, first: First | None) -> None:
        """Begin with what the first frame showed, until the broker says more."""
        if first is not None:
            self.first, self.hello, self.status, self._status_at = first, first.hello, first.status, first.at

    async def open(self) -> None:
        """Connect, however long that takes; says so while the broker is away."""
        waits = iter(RETRY_S)
        while True:
            try:
                await self.link.start()
                return
            except ArqueueError as error:
                self._state_changed(False, error)
                await asyncio.sleep(next(waits, RETRY_S[-1]))

    async def call(self, method: str, **params: Any) -> Any:
        """Ask the broker. Raises what it answers as an ArqueueError, BrokerUnreachable while it is away."""
        self.waiting += 1
        try:
            return await self.link.call(method, **params)
        finally:
            self.waiting -= 1

    def tell(self, method: str, **params: Any) -> None:
        """Tell the broker something that needs no answer; while it is away, it is not told."""
        self._start(self._tell(method, params))

    async def _tell(self, method: str, params: dict[str, Any]) -> None:
        with contextlib.suppress(ArqueueError):
            await self.link.call(method, **params)

    def keep_draft(self, form: tuple[str, str], typed: dict[str, Any]) -> None:
        """Keep what was typed: here, and with the broker, which remembers it when this face is gone."""
        self.drafts[form] = typed
        self._start(self._keep_draft(form, typed))

    async def _keep_draft(self, form: tuple[str, str], typed: dict[str, Any]) -> None:
        try:
            await self.link.call("keep_draft", op=form[0], target=form[1], typed=typed)
            self._unkept.discard(form)
        except ArqueueError:
            self._unkept.add(form)

    @property
    def unkept(self) -> int:
        """How many drafts would go with this face."""
        return len(self._unkept)

    def drop_draft(self, form: tuple[str, str]) -> None:
        """It was ordered, or is not wanted."""
        self.drafts.pop(form, None)
        self._unkept.discard(form)
        if form[1]:
            self.tell("drop_draft", op=form[0], target=form[1])

    async def close(self) -> None:
        """Hang up for good, after what was still to be told."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=FAREWELL_S)
        await self.link.close()

    def _state_changed(self, connected: bool, error: ArqueueError | None) -> None:
        self.error = error
        if connected:
            self.hello = self.link.hello
            self.lost_at = None
            for form in self._unkept & self.drafts.keys():
                self._start(self._keep_draft(form, self.drafts[form]))
            self._start(self._catch_up())
        elif self.lost_at is None:
            self.lost_at = self.now()
            self.news.publish(None)

    async def _catch_up(self) -> None:
        try:
            self._take_status(await self.call("status"))
            self.views = await self.call("views")
        except ArqueueError as error:
            self.error = error
        self.news.publish(None)
        self.changed.publish({"push": "lagged"})

    def _pushed(self, push: Push) -> None:
        match push.get("push"):
            case "status":
                self._take_status(push["status"])
                self.news.publish(None)
            case "presence":
                self.presence.publish(push)
            case "command":
                self._follow(push["command"])
                self.command.publish(push["command"])
            case "changed" | "lagged":
                self.changed.publish(push)

    def _take_status(self, status: Status) -> None:
        self.status = status
        self._status_at = self.clock()
        # A ledger that named itself after the first greeting: known as soon as its first records are here.
        met = bool(status["sync"]["last_ok"] or status["sync"]["done"])
        if met and not self._knows_ledger and not self._greeting and self.hello is not None:
            self._greeting = True
            self._start(self._greet_again())

    @property
    def _knows_ledger(self) -> bool:
        return self.hello is not None and bool(self.hello["reasons"] or self.operations - OF_THE_BROKER)

    async def _greet_again(self) -> None:
        """The first greeting came before the broker knew the ledger: what it can book is known since."""
        try:
            self.hello = await self.call("hello", version=VERSION)
        except ArqueueError as error:
            self.error = error
        self._greeting = False
        self.news.publish(None)

    def _start(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
