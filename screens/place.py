"""What every place has in common: a head, its body, the status line, the footer, and a voice."""

from __future__ import annotations

from typing import ClassVar, TypeVar

from textual import getters
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.events import ScreenResume
from textual.screen import Screen
from textual.widget import Widget

from screens import actions
from screens.acting import Acting
from screens.actions import Action
from screens.desk import Desk
from screens.face import Face
from screens.footer import Footer
from screens.situation import Situation
from screens.small import TooSmall, too_small
from screens.status import StatusLine

Result = TypeVar("Result")


class Place(Acting, Screen[Result], inherit_bindings=False):
    """A screen of the app. A subclass composes its body and says what is under the cursor."""

    app = getters.app(Face)
    name_in_registry: ClassVar[str] = ""
    """The place as the registry calls it, for footer and help."""
    making: ClassVar[bool] = False
    """Something is typed or confirmed here that is left on purpose only."""
    status_line = getters.query_one(StatusLine)
    footer = getters.query_one(Footer)
    opening = 0
    """How many times keys wait for this place to be painted."""
    whole = False
    """Whether the place has been on the screen, whole."""
    _spoken = False
    painted_at: float | None = None
    """When the place was first on the screen, on the clock of key events; None before that."""

    @property
    def desk(self) -> Desk:
        """The line to the broker."""
        return self.app.desk

    def body(self) -> ComposeResult:
        """The widgets between head and status line."""
        yield from ()

    def compose(self) -> ComposeResult:
        """Body, status line, footer; on a terminal too small for them, a word about that."""
        self._follow_size()
        with Vertical(id="body"):
            yield from self.body()
        yield StatusLine(self.desk)
        yield Footer()
        yield TooSmall()

    def on_mount(self) -> None:
        """Listen to news of the broker."""
        self.desk.news.subscribe(self, lambda _: self.on_news())

    def on_resize(self) -> None:
        """There may be room again, or none any more."""
        self._follow_size()

    def _follow_size(self) -> None:
        self.set_class(too_small(self.app), "-small")

    def on_screen_resume(self, event: ScreenResume) -> None:
        """Count the place as painted only after a full refresh with all its widgets."""
        self.on_news()
        if self.painted_at is None:
            event.refresh_styles = False  # all of them are just being made
            self.call_after_refresh(self.call_after_refresh, self._painted)

    def _painted(self) -> None:
        self.painted_at = self.app.key_clock()
        self.app.place_painted(self)

    def on_news(self) -> None:
        """The broker said something of itself, or is away, or is back."""
        self.status_line.update_words()

    def situation(self) -> Situation:
        """What a key would act on now."""
        return Situation(connected=self.desk.connected, operations=self.desk.operations)

    def registry_place(self) -> str:
        """The place whose keys hold now; one with two panes says the one with the focus."""
        return self.name_in_registry

    @property
    def keys_title(self) -> str:
        """What help calls the place."""
        return next(title for name, title, _ in actions.PLACES if name == self.registry_place())

    def actions_here(self) -> list[Action]:
        """All actions whose keys hold now."""
        return actions.of_place(self.registry_place())

    def in_footer(self, action: Action) -> bool:
        """Whether an action is worth its room in the footer now."""
        return not action.footer_in or self.registry_place() in action.footer_in

    def label_of(self, action: Action) -> str:
        """The label of an action in the footer."""
        return action.label

    def say(self, words: str) -> None:
        """A line for the person, in the place of the status line until the next key."""
        self._spoken = bool(words)
        self.status_line.say(words)

    def before_key(self) -> None:
        """A key is about to be carried out: what was said is read."""
        if self._spoken:
            self._spoken = False
            self.status_line.hush()

    def before_end(self) -> None:
        """The app is about to end: the last chance to tell the broker something."""

    def focus_now(self, widget: Widget | None) -> None:
        """Move the focus at once, so that the next key of a burst finds it there."""
        self.set_focus(widget)
