"""The queue: the ranked list, the account beside it, and the keys that act on what is under the cursor."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import getters, on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.css.query import NoMatches
from textual.timer import Timer

from arqueue.errors import ArqueueError
from data.broker.client import Push
from data.broker.wire import VIEWS
from screens import actions, background, words
from screens.account.history import History
from screens.account.items import ItemRows
from screens.account.panel import AccountPanel
from screens.actions import Action
from screens.copying import Copying
from screens.place import Place
from screens.queue.rows import COMPLETING, QueueRows
from screens.queue.together import Together
from screens.queue.views import ViewsBar, current
from screens.rows import Rows
from screens.situation import Situation
from screens.status import Shown
from screens.subject import Subject

if TYPE_CHECKING:
    from data.broker.protocol import CommandRow
    from screens.queue.filter import FilterLine

DEBOUNCE_S = 0.1
WIDE, THREE = 100, 160
LASTING = frozenset({"app.outbox", "app.help"})
"""Keys that stand in the footer whatever the list holds."""
OUT_OF_EMPTY = LASTING | {"work.view", "work.filter"}
"""Keys that lead on from a list without rows."""


class QueueScreen(Together, Copying, Place[None]):
    """The place where a collector spends the day."""

    BINDINGS: ClassVar = actions.bindings("work")
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide"), (THREE, "-three")]  # noqa: RUF012
    AUTO_FOCUS = "QueueRows"
    rows = getters.query_one(QueueRows)
    panel = getters.query_one(AccountPanel)
    history = getters.query_one(History)
    views = getters.query_one(ViewsBar)
    reading = False
    """The account is in front, or has the focus."""
    beside = True
    """The account stands beside the list where there is room."""
    zoomed = False
    """Where there is room for several panes, the one with the focus has all of it."""
    _timer: Timer | None = None
    _footer_of: tuple[Situation, int] | None = None
    """What the keys were last looked up for."""
    _shown = False
    """The first frame is on the screen."""
    _waiting = True
    """Keys wait for that, and for the first rows or the news that there is no broker."""

    def body(self) -> ComposeResult:
        """Views, list and account; the filter line comes when somebody types."""
        # Before the first layout, so that the first frame is the right one: over a slow line it would be seen.
        self.set_class(WIDE <= self.app.size.width < THREE, "-wide")
        self.set_class(self.app.size.width >= THREE, "-three")
        yield ViewsBar()
        with Horizontal(id="panes"):
            yield QueueRows(self.desk, VIEWS[0][0])
            yield AccountPanel(self.desk)
            yield History(self.desk)

    def on_mount(self) -> None:
        """Listen to the queue as well."""
        self.desk.changed.subscribe(self, self._queue_changed)
        self.desk.command.subscribe(self, self._command_changed)
        if self.desk.first is not None:
            self._say_how_much()
        if self.desk.connected:
            self._queue_changed({"push": "lagged"})

    # What the broker says

    def on_news(self) -> None:
        """Counts of the views come with the status."""
        super().on_news()
        status = self.desk.status
        saved = self.desk.views
        view = current(self.rows.windows, saved)
        self.views.show(view, status["counts"] if status else {}, self.desk.who, saved)
        if not self.rows.row_count():
            self.rows.refresh()
        if self.desk.lost_at is not None:
            self._start_keys()

    def begin_keys(self) -> None:
        """The first frame is on the screen: its rows are those that were foreseen, or are still to come."""
        self._shown = True
        here = self.desk.connected and self.rows.windows.generation != -1
        if self.desk.lost_at is not None or here:
            self._start_keys()

    def _start_keys(self) -> None:
        if self._waiting and self._shown:
            self._waiting = False
            self.app.typeahead.release()

    def _queue_changed(self, push: Push) -> None:
        background.start(self, self.rows.reload, group="reload")
        if marked := self.marks_in(push):
            background.start(self, self.check_marks, marked, group="marks")
        parties = push.get("parties")
        account = self.panel.account
        if not parties or account is None or account["party"]["id"] in parties:
            self._account_soon()

    def _command_changed(self, command: CommandRow) -> None:
        account = self.panel.account
        if account is not None and command["party_id"] == account["party"]["id"]:
            self._account_soon()

    @on(QueueRows.Loaded)
    def rows_loaded(self) -> None:
        """Rows came: keys may go to them."""
        self._start_keys()
        self._say_how_much()
        if self.rows.windows.more:
            background.start(self, self.rows.complete, group=COMPLETING, exclusive=True)

    def _say_how_much(self) -> None:
        self.footer.refresh_if_other()
        windows = self.rows.windows
        marked = len(self.desk.marks)
        above, more = self.rows.above, windows.more
        shown = Shown(windows.total, windows.of, windows.filter, marked, above, more=more, sort=windows.sort)
        self.status_line.show(shown)
        self.on_news()

    def on_filter_line_typed(self, event: FilterLine.Typed) -> None:
        """The list follows as long as one types."""
        if self.line.display:
            background.start(self, self._follow, event.filter, group="filter", exclusive=True)

    def on_filter_line_named(self, event: FilterLine.Named) -> None:
        """Whom one may mean is asked while one types on."""
        if self.line.display:
            background.start(self, self.meet, event.begins, group="customers", exclusive=True)

    async def _follow(self, search: str) -> None:
        try:
            await self.follow(search)
        except ArqueueError as error:
            if error.code != "overtaken":
                self.say(words.problem(error))

    @on(QueueRows.Failed)
    def rows_failed(self, event: QueueRows.Failed) -> None:
        """The last rows stay on the screen."""
        self._start_keys()
        if self.desk.connected and event.error.code != "overtaken":
            self.say(words.problem(event.error))

    @on(Rows.Moved)
    def cursor_moved(self, event: Rows.Moved) -> None:
        """The account follows when the cursor rests."""
        if event.rows is self.rows:
            self._account_soon()
            self.status_line.update_words()
            if (now := (self.situation(), self.marked())) != self._footer_of:
                self._footer_of = now
                self.footer.refresh_if_other()

    # The account

    @property
    def wide(self) -> bool:
        """Whether list and account stand side by side."""
        return self.size.width >= WIDE and self.beside and not self.zoomed

    def do_preview(self) -> None:
        """The account beside the list, or the list alone; one that is opened is there all the same."""
        if self.size.width < WIDE:
            self.say(
                self.keyed(
                    f"The account stands beside the list from {WIDE} columns on; {{queue.open}} opens it."
                )
            )
            return
        self.beside, self.zoomed = not self.beside or self.zoomed, False
        self._arrange()

    def do_zoom(self) -> None:
        """The pane with the focus alone on the screen, and all of them again."""
        if self.size.width < WIDE:
            self.say("This pane has the whole screen already.")
            return
        self.zoomed = not self.zoomed
        self._arrange()

    def _arrange(self) -> None:
        self.set_class(not self.beside, "-alone")
        self.set_class(self.zoomed, "-zoomed")
        if self.wide or self.reading:
            self._account_soon()
        else:
            self.panel.clear()  # others need not think that somebody looks at it
            self.history.show(None)

    def _account_soon(self) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        if self.wide or self.reading:
            self._timer = self.set_timer(DEBOUNCE_S, self._account_now)

    async def _account_now(self) -> None:
        self._timer = None
        background.start(self, self.load_account, group="account", exclusive=True)

    @property
    def settled(self) -> bool:
        """No account is about to be shown."""
        return (
            self._timer is None
            and self.line.settled
            and not any(worker.group == "account" and not worker.is_finished for worker in self.workers)
        )

    async def load_account(self) -> None:
        """Show the account of the row under the cursor now."""
        row = await self.rows.settled_row() if self.desk.connected else self.rows.row()
        if row is None and self.reading:
            # the list may be empty for a moment: who reads an account goes on reading it
            row = self.panel.work
        if row is None:
            self.panel.clear()
            if self.reading:
                self.close_account()
        elif self.desk.connected:
            await self.panel.load(row)
            if (
                self.reading and self.focused is None
            ):  # the items were away for a moment, and took the focus with them
                self.focus_now(self.panel.items)
        self.history.show(self.panel.account)

    def open_account(self) -> None:
        """Bring the account to the front and its items under the keys."""
        self.reading = True
        self.panel.open_for(here=True)
        self.set_class(True, "-reading")
        self.focus_now(self.panel.items)
        self.refresh_bindings()

    def close_account(self) -> None:
        """Back to the list."""
        self.reading = False
        self.panel.open_for(here=False)
        self.set_class(False, "-reading")
        self.focus_now(self.rows)
        self.refresh_bindings()

    def on_resize(self) -> None:
        """More room may show the account."""
        row = self.rows.row()
        if row is not None and self.panel.shown_id != row["id"]:
            self._account_soon()

    # What a key acts on

    def registry_place(self) -> str:
        """List, account or filter line, by focus."""
        if isinstance(self.focused, ItemRows):
            return "account"
        return "queue" if isinstance(self.focused, QueueRows | None) else "line"

    def subject(self) -> Subject | None:
        """The item under the cursor of the account when that has the focus, else the row of the queue."""
        if isinstance(self.focused, ItemRows) and (subject := self.panel.subject) is not None:
            return subject
        row = self.rows.row()
        return Subject.of_row(row) if row is not None else None

    def situation(self) -> Situation:
        """What is under the cursor, as far as keys depend on it."""
        subject = self.subject()
        if subject is None:
            # A row whose window is still on its way is there all the same.
            return Situation(connected=self.desk.connected, row=False)
        row, work = self.rows.row(), subject.work
        return Situation(
            connected=self.desk.connected,
            operations=self.desk.operations,
            row=True,
            marked=bool(self.marked()),
            kind=words.work_kind(work).lower() if work else "",
            party=subject.party_id is not None,
            item=subject.item_id is not None,
            credit=subject.credit,
            order=work is not None and work["kind"] in {"failure", "escalation"},
            command_state="pending" if self.waiting_order() else "",
            own=row is not None and row["maker"] == self.desk.me,
            others=work is not None and work.get("assignee", self.desk.me) != self.desk.me,
            supervises=self.desk.supervises,
            copying=self.app.may_copy,
        )

    def in_footer(self, action: Action) -> bool:
        """On an order that waits, yes and no take the room of apply and adjust; what can be put away says so. Over an empty list
        stands what leads out of it, and nothing that needs a row."""
        if self.registry_place() == "queue" and not self.rows.row_count():
            if action.id == "queue.back":
                return bool(self.rows.windows.filter or self.desk.marks)
            return action.id in OUT_OF_EMPTY
        if action.id in OUT_OF_EMPTY - LASTING or action.id == "queue.back":
            return False
        if action.id in {"work.approve", "work.decline"}:
            return bool(self.waiting_order())
        if action.id in {"work.apply", "work.adjust"}:
            return not self.waiting_order()
        if action.id == "work.dismiss":
            return not action.reason(self.situation())
        return super().in_footer(action)

    def label_of(self, action: Action) -> str:
        """What is done to all marked rows carries their number."""
        marked = self.marked() if action.id in {"work.note", "work.escalate", "work.adjust"} else 0
        return f"{action.label} ({words.count(marked)})" if marked else action.label

    def before_key(self) -> None:
        """What came in above was seen."""
        super().before_key()
        try:
            rows = self.rows  # a search through all widgets would take as long as the key's own work
        except NoMatches:
            return  # none yet, or no more, while the app comes up or goes
        rows.touched = True
        if rows.above:
            rows.above = 0
            self.rows_loaded()
