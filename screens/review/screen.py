"""The review: what an order would do, item by item, before a key that nobody types by accident hands it to the broker."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import events, getters
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Static

from arqueue.errors import ArqueueError, BrokerUnreachable
from data.broker.client import Push
from data.broker.protocol import Review
from screens import actions, background, words
from screens.place import Place
from screens.review import sheet
from screens.review.proposed import Proposed
from screens.situation import Situation

PASTE_S = 0.5
BURST_S = 0.05
RETRY_S = 2.0


class ReviewScreen(Place[None]):
    """Before, change and after, the verdict, and ``y``.

    A ``y`` counts only if it was pressed after the review was painted, alone and not as part of a paste.
    """

    BINDINGS: ClassVar = actions.bindings("review")
    name_in_registry = "review"
    AUTO_FOCUS = ""
    paper = getters.query_one("#paper", VerticalScroll)
    words = getters.query_one("#sheet", Static)

    def __init__(
        self,
        title: str,
        proposed: list[Proposed],
        finished: Callable[[list[Proposed] | None], None],
    ) -> None:
        super().__init__()
        self._heading, self.proposed, self._finished = title, proposed, finished
        self.in_doubt = False
        """Handed over, and no answer: it may be in the store or not."""
        self._sending = False

    def body(self) -> ComposeResult:
        """The sheet."""
        with VerticalScroll(id="paper", can_focus=False):
            yield Static(id="sheet", markup=False)

    def on_mount(self) -> None:
        """Follow what changes under the order."""
        self.desk.changed.subscribe(self, self._world_changed)
        self._paint()

    def on_resize(self) -> None:
        """Another width, another layout."""
        self._paint()

    def _paint(self) -> None:
        width = max(30, self.size.width - 6)
        paper = sheet.of_one if len(self.proposed) == 1 else sheet.of_many
        self.words.update(paper(self._heading, self.proposed, width, self.in_doubt))

    def situation(self) -> Situation:
        """Whether it may be posted, and whether one may go back."""
        return Situation(
            connected=self.desk.connected,
            verdict="refused" if all(each.refused for each in self.proposed) else "",
            in_doubt=self.in_doubt,
        )

    # What changes meanwhile

    def _world_changed(self, push: Push) -> None:
        if not (self._sending or self.in_doubt or any(each.refusal for each in self.proposed)):
            background.start(self, self._review_again, group="again", exclusive=True)

    async def _review_again(self) -> None:
        try:
            again: list[Review] = [
                await self.desk.call("review", command=each.command) for each in self.proposed
            ]
        except ArqueueError:
            return  # as it was shown it may not stand any more; the broker decides again when it gets the order
        if again != [each.review for each in self.proposed]:
            for each, review in zip(self.proposed, again, strict=True):
                each.review = review
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
        """Hand the order to the broker, if this ``y`` was meant for what is on the screen."""
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
            return "y posts; nothing else does."
        if self.painted_at is None or key.time <= self.painted_at:
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
            for each in self.proposed:
                if each.waits:
                    await self._hand_over(each)
        except BrokerUnreachable:
            self._doubt()
            return
        finally:
            self._sending = False
        self.in_doubt = False
        if any(each.submitted for each in self.proposed):
            self.app.close_place(self)
            self._finished(self.proposed)
        else:
            self._paint()

    async def _hand_over(self, each: Proposed) -> None:
        try:
            each.submitted = await self.desk.call("submit", intent=each.intent, command=each.command)
        except BrokerUnreachable:
            raise
        except ArqueueError as error:
            each.refusal = words.problem(error)

    def _doubt(self) -> None:
        self.in_doubt = True
        self._paint()
        self.set_timer(RETRY_S, self.on_news)

    # Going back

    def do_back(self) -> None:
        """Back to the form."""
        self.app.pop_screen()

    def do_leave(self) -> None:
        """Back to the form, or away from an order in doubt."""
        self.app.close_place(self)
        if self.in_doubt:
            self._finished(None)

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
