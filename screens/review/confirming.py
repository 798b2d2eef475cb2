"""Where a person confirms: ``y`` alone, after reading, and an answer that is lost is asked for again."""

from __future__ import annotations

from typing import ClassVar

from textual import events, getters
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from arqueue.errors import ArqueueError, BrokerUnreachable
from data.broker.client import Push
from screens import actions, background
from screens.actions import Action
from screens.place import Place
from screens.situation import Situation

PASTE_S = 0.5
BURST_S = 0.05
RETRY_S = 2.0


class Confirming(Place[None]):
    """A sheet to read, and ``y``. A subclass says what is on the sheet and what ``y`` does; doing it twice has to be once.

    A ``y`` counts only if it was pressed with the sheet in view, alone and not as part of a paste.
    """

    BINDINGS: ClassVar = actions.bindings("review")
    name_in_registry = "review"
    making = True
    AUTO_FOCUS = ""
    paper = getters.query_one("#paper", VerticalScroll)
    words = getters.query_one("#sheet", Static)

    def __init__(self) -> None:
        super().__init__()
        self.in_doubt = False
        """Handed over, and no answer: it may have been done or not."""
        self._sending = False

    # What a subclass says

    def sheet(self, width: int) -> Content:
        """What is to be read, in so many cells."""
        raise NotImplementedError

    @property
    def forbidden(self) -> str:
        """Why ``y`` cannot do it, in words; empty when it can."""
        return ""

    @property
    def over(self) -> bool:
        """The broker said no after all: nothing that changes now matters here."""
        return False

    async def ask_again(self) -> bool:
        """Look at it anew. Returns whether something on the sheet is different. Raises what the broker says."""
        raise NotImplementedError

    async def hand_over(self) -> bool:
        """Do it. Returns whether it is done; when not, the sheet says why. Raises BrokerUnreachable when nobody knows."""
        raise NotImplementedError

    def done(self) -> None:
        """It is done, and this place is closed."""

    def left(self) -> None:
        """This place was left before anybody knew whether it was done."""

    # The sheet

    def body(self) -> ComposeResult:
        """The sheet."""
        with VerticalScroll(id="paper", can_focus=False):
            yield Static(id="sheet", markup=False)

    def on_mount(self) -> None:
        """Follow what changes under it."""
        self.desk.changed.subscribe(self, self._world_changed)
        self._paint()

        self.watch(self.paper, "virtual_size", lambda: self.footer.refresh_if_other(), init=False)

    def on_resize(self) -> None:
        """Another width, another layout."""
        self._paint()

    def in_footer(self, action: Action) -> bool:
        """A sheet that fits has nothing to scroll."""
        if action.id == "review.down":
            return self.paper.max_scroll_y > 0
        return super().in_footer(action)

    def _painted(self) -> None:
        super()._painted()
        self.app.receipt.ask()

    def _paint(self) -> None:
        self.words.update(self.sheet(max(30, self.size.width - 6)))

    def situation(self) -> Situation:
        """Whether it may be done, and whether one may go back."""
        return Situation(connected=self.desk.connected, forbidden=self.forbidden, in_doubt=self.in_doubt)

    # What changes meanwhile

    def _world_changed(self, push: Push) -> None:
        if not (self._sending or self.in_doubt or self.over):
            background.start(self, self._look_again, group="again", exclusive=True)

    async def _look_again(self) -> None:
        try:
            different = await self.ask_again()
        except ArqueueError:
            return  # as it was shown it may not stand any more; the broker decides again when it gets it
        if different:
            # What is on the screen now was not read yet: a y on its way meant the old figures.
            self.painted_at = None
            self._paint()
            self.call_after_refresh(self.call_after_refresh, self._painted)
            self.say("It changed meanwhile: read it again.")

    def on_news(self) -> None:
        """The broker is back: ask again with the same order."""
        super().on_news()
        if self.in_doubt and self.desk.connected and not self._sending:
            self._submit()

    # Confirming

    def do_post(self) -> None:
        """Do it, if this ``y`` was meant for what is on the screen."""
        if self._sending or self.in_doubt:
            self.say("It is being handed to the broker.")
        elif why := self._not_meant():
            self.say(why)
        else:
            self._submit()

    def _not_meant(self) -> str:
        typed = self.app.typeahead
        key = typed.current
        if key is None or key.key in {"enter", "escape"}:
            return "y confirms; nothing else does."
        receipt = self.app.receipt
        if (
            self.painted_at is None
            or receipt.outstanding
            or key.time <= max(self.painted_at, receipt.shown_at)
        ):
            return "y was typed before this review was on the screen. Read it, then press y."
        if key.time - typed.pasted_at < PASTE_S:
            return "A paste never posts. Press y."
        if key.time - max(typed.before_at, self.painted_at) < BURST_S:
            return "y came in one burst with other keys. Press y by itself."
        return ""

    def _submit(self) -> None:
        self._sending = True
        self.app.begin(self._submit_once)

    async def _submit_once(self) -> None:
        try:
            handed_over = await self.hand_over()
        except BrokerUnreachable:
            self.in_doubt = True
            self._paint()
            self.set_timer(RETRY_S, self.on_news)
            return
        finally:
            self._sending = False
        self.in_doubt = False
        if handed_over:
            self.app.close_place(self)
            self.done()
        else:
            self._paint()

    # Going back

    def do_back(self) -> None:
        """Back to where it was opened."""
        self.app.pop_screen()

    def do_leave(self) -> None:
        """Back, or away from what is in doubt."""
        self.app.close_place(self)
        if self.in_doubt:
            self.left()

    def on_paste(self, event: events.Paste) -> None:
        """A paste is for nothing here."""
        event.stop()
        self.say("A paste does nothing here.")

    def do_down(self) -> None:
        """Scroll down."""
        self.paper.scroll_relative(y=3, animate=False)

    def do_up(self) -> None:
        """Scroll up."""
        self.paper.scroll_relative(y=-3, animate=False)
