"""The outbox: every order with its state in words, what became of it, and what can still be done about it."""

from __future__ import annotations

from textual import getters, on
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from arqueue.errors import ArqueueError
from data.broker.protocol import AttemptRow, CommandRow, Outbox
from screens import background, words
from screens.actions import ACT, Action
from screens.approval import answering
from screens.outbox.attempts import AttemptsPage
from screens.outbox.rows import OutboxRows
from screens.rows import Rows
from screens.situation import Situation
from screens.unsent import Unsent

LIMIT = 500
FILTERS: tuple[tuple[str, list[str]], ...] = (
    ("all", []),
    ("unsettled", ["pending", "queued", "sending", "unknown"]),
    ("failed", ["rejected", "conflict", "declined", "expired", "unknown"]),
)


class OutboxScreen(Unsent):
    """Everybody's orders, newest first: those of others bear their name."""

    name_in_registry = "outbox"
    AUTO_FOCUS = "OutboxRows"
    rows = getters.query_one(OutboxRows)

    def __init__(self) -> None:
        super().__init__()
        self._filter = 0
        self._total = 0

    def body(self) -> ComposeResult:
        """Title, list, and what became of the order under the cursor."""
        yield Static(id="title", markup=False)
        yield OutboxRows(self.desk.now, lambda: self.desk.me)
        yield Static(id="outcome", markup=False)

    def on_mount(self) -> None:
        """Follow the orders."""
        self.desk.command.subscribe(self, lambda _: self._read_soon())
        self.desk.changed.subscribe(self, lambda push: self._read_soon())
        self._read_soon()

    def on_resize(self) -> None:
        """Another width holds other words."""
        self._tell()

    def _read_soon(self) -> None:
        background.start(self, self._read, group="outbox", exclusive=True)

    async def _read(self) -> None:
        title, states = FILTERS[self._filter]
        try:
            found: Outbox = await self.desk.call("outbox", states=states, limit=LIMIT, offset=0)
        except ArqueueError as error:
            if self.desk.connected:
                self.say(words.problem(error))
            return
        self.rows.filter_title = title
        self._total = found["total"]
        self.rows.show(found["rows"])
        self._tell()

    @on(Rows.Moved)
    def _tell(self) -> None:
        """Title and outcome."""
        parts: list[tuple[str, str]] = [(" Outbox", "bold")]
        for title, _ in FILTERS:
            shown = title == FILTERS[self._filter][0]
            counted = f" {words.count(self._total)}" if shown else ""
            parts += [("  ", ""), (title + counted, "bold reverse" if shown else "dim")]
        self.query_one("#title", Static).update(Content.assemble(*parts))
        command = self.rows.command()
        self.query_one("#outcome", Static).update(self._outcome(command) if command else Content(""))
        self.footer.refresh_if_other()

    def _outcome(self, command: CommandRow) -> Content:
        who = f"{command['party']} · by {command['actor']} · {words.plural(command['attempts'], 'attempt')}"
        if command["approvals"]:
            who += f" · approved by {', '.join(each['person'] for each in command['approvals'])}"
        refs = f" · ledger says {', '.join(command['refs'])}" if command["refs"] else ""
        return Content.assemble(
            (command["words"], "bold"),
            (f"\n{words.outcome(command, self.keyed)}", ""),
            (f"\n{who}{refs}", "dim"),
        )

    def situation(self) -> Situation:
        """The order under the cursor."""
        command = self.rows.command()
        return Situation(
            connected=self.desk.connected,
            row=command is not None,
            command_state=command["state"] if command else "",
            undoable=command["undoable"] if command else False,
            unappliable=command is not None and _applied(command),
            own=command is not None and command["actor"] == self.desk.me,
            supervises=self.desk.supervises,
        )

    def in_footer(self, action: Action) -> bool:
        """Of what can be done with an order, only what can be done with this one; the key to take back only where it does more
        than say why not."""
        if action.scope == "outbox" and action.group == ACT:
            situation = self.situation()
            return not action.reason(situation) and (
                action.id != "outbox.undo" or situation.undoable or situation.unappliable
            )
        return super().in_footer(action)

    # Keys

    def turn_filter(self) -> None:
        """All, unsettled, failed, and round again."""
        self._filter = (self._filter + 1) % len(FILTERS)
        self.app.begin(self._read)

    def open(self) -> None:
        """Every attempt of this order."""
        if (command := self.rows.command()) is not None:
            self.app.begin(self._open, command["id"])
        else:
            self.say("Nothing is under the cursor.")

    async def _open(self, identity: str) -> None:
        answer = await self.desk.call("command", id=identity)
        command: CommandRow = answer["command"]
        attempts: list[AttemptRow] = answer["attempts"]
        await self.app.open_place(AttemptsPage(command, attempts))

    def label_of(self, action: Action) -> str:
        """Of a booked application only what it applied can be taken back, by another order."""
        command = self.rows.command()
        if action.id == "outbox.undo" and command is not None and _applied(command):
            return "Unapply"
        return super().label_of(action)

    def undo(self) -> None:
        """Take this order back; where it is posted, offer what reverses it."""
        if (command := self.rows.command()) is not None:
            self.app.begin(self._undo, command["id"])

    async def _undo(self, order: str) -> None:
        await self.reverse(await self.desk.call("reversal", id=order))
        await self._read()

    def approve(self) -> None:
        """Show what approving this order would do."""
        if (command := self.rows.command()) is not None:
            self.app.begin(answering.approve, self, command["id"], self.answered)

    def decline(self) -> None:
        """Ask why this order is declined."""
        if (command := self.rows.command()) is not None:
            self.app.begin(answering.decline, self, command["id"], self.answered)

    def answered(self, said: str) -> None:
        """The order goes on, or is over."""
        self._read_soon()
        self.say(said)

    def retry(self) -> None:
        """Try this order again: it is looked up first, and sent under its own key."""
        if (command := self.rows.command()) is not None:
            self.app.begin(self._do, "retry", command, "Trying again")

    def put_away(self) -> None:
        """This failure was looked at: it leaves the queue, not the outbox."""
        if (command := self.rows.command()) is not None:
            self.app.begin(self._do, "dismiss", command, "Put away")

    async def _do(self, method: str, command: CommandRow, said: str) -> None:
        await self.desk.call(method, id=command["id"])
        await self._read()
        self.say(f"{said}: {command['words']}")


def _applied(command: CommandRow) -> bool:
    """Whether it is booked and applied something, so that there may be something to take back."""
    return command["state"] == "posted" and command["op"] == "apply"
