"""The machinery under the app: keys in line, places that open while keys wait, and an end without a mess."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, cast

from rich.console import RenderableType
from textual import events
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.app import App
from textual.keys import key_to_character
from textual.screen import Screen

from arqueue.errors import ArqueueError
from arqueue.face import keep_theme
from data.broker.client import Link
from screens import background, crash, leaving, terminal, theme, words
from screens.actions.action import key_printed
from screens.actions.spelling import Spelling
from screens.background import Work
from screens.chosen import Chosen
from screens.desk import Desk
from screens.frame import Frame, Piece, Sparing
from screens.lane import Lane
from screens.outlet import Outlet
from screens.receipt import QUESTION, Answer, Receipt
from screens.small import too_small
from screens.typeahead import TypeAhead

if TYPE_CHECKING:
    from screens.place import Place
    from screens.prepaint.taking import Taken


class Face(App[int], inherit_bindings=False):
    """An app of places. What its keys do is the subclass's business."""

    ENABLE_COMMAND_PALETTE = False
    ESCAPE_TO_MINIMIZE = False
    taken: Taken | None = None
    """The terminal as the first frame left it, until the driver takes it over."""
    deadline: leaving.Deadline | None = None
    """When the process ends whatever happens, once the app is leaving."""

    def __init__(self, link: Link, *, chosen: Chosen | None = None) -> None:
        self.chosen = chosen or Chosen()
        self.spelling = Spelling(self.chosen.keymap, arrows=not self.chosen.ascii_drawing)
        look = self.chosen.look
        super().__init__(driver_class=terminal.TerminalDriver, ansi_color=theme.is_ansi(look) or None)
        self.animation_level = "none"
        self.frame = Frame()
        self.outlet: Outlet | None = None
        self._owed = False
        self._farewell: tuple[int | None, int, RenderableType | None] | None = None
        self.typeahead = TypeAhead(self)
        self.receipt = Receipt(self._ask_terminal, self.key_clock)
        self.lane = Lane(self)
        self.desk = Desk(self, link)
        theme.dress(self, look)
        self.stylesheet.set_variables(self.get_css_variables())
        self.set_keymap(dict(self.chosen.keymap))
        # Keys pressed while the program starts wait for the first rows; whoever shows them releases.
        self.typeahead.hold()

    @property
    def place(self) -> Place[Any]:
        """The place in front: every screen of the app is one."""
        place: Place[Any] = self.screen  # type: ignore[assignment]
        return place

    def on_mount(self) -> None:
        """Connect; what is on the screen says how that goes."""
        background.start(self, self.desk.open, group="desk")

    # Keys

    async def on_event(self, event: events.Event) -> None:
        """Keys go through the line of type-ahead, everything else its usual way."""
        if isinstance(event, events.Key) and event.key == Answer.SHOWN.value:
            self.receipt.answered(event.time)
        elif isinstance(event, events.Key) and not event.is_forwarded:
            self.app_focus = True
            # What cannot be seen is not acted on: a y least of all.
            if event.key in self.typeahead.ways_out or not too_small(self):
                await self.typeahead.take(event)
        elif not isinstance(event, events.AppFocus | events.AppBlur):
            # Whether the terminal's window has the focus changes nothing here, and would cost a repaint.
            if isinstance(event, events.Paste):
                self.typeahead.pasted_at = event.time
            elif isinstance(event, events.Resize):
                self.frame.forget()
            await super().on_event(event)

    async def on_type_ahead_released(self) -> None:
        """Held keys go on."""
        await self.typeahead.drain()

    def before_key(self, key: events.Key) -> None:
        """What was said last has been read."""
        self.place.before_key()

    def unknown_key(self, key: events.Key) -> None:
        """A key without meaning here is not an error, but worth a word."""
        if key.key == "ctrl+c":
            self.place.say(self.spelling.fill("Ctrl+C does nothing here: Esc goes back, {app.quit} leaves."))
        else:
            said = f"{key_printed(key.key, key.character)} does nothing here."
            self.place.say(f"{said} {self._key_of_help()} shows the keys of this place.")

    def _key_of_help(self) -> str:
        """The key that shows help where one types as well."""
        field, keys = self.focused, self.spelling.keys("app.help")
        typed = (field is not None and field.check_consume_key(key, key_to_character(key)) for key in keys)
        return key_printed(
            next((key for key, types in zip(keys, typed, strict=True) if not types), keys[0]), None
        )

    @staticmethod
    def key_clock() -> float:
        """The clock by which key events are stamped."""
        return time.monotonic()

    # Places

    def begin(self, work: Work, *given: Any) -> None:
        """Let something open while keys wait; an error is said where the person is."""
        self.typeahead.hold()
        background.start(self, self._begin, work, *given, group="begin")

    async def _begin(self, work: Work, *given: Any) -> None:
        try:
            await work(*given)
        except ArqueueError as error:
            self.place.say(words.problem(error))
        finally:
            if self.place.painted_at is None:
                self.place.opening += 1
            else:
                self.typeahead.release()

    def place_painted(self, place: Place[Any]) -> None:
        """A place is on the screen: keys typed ahead may go to it, and who asked to leave meanwhile may."""
        place.whole = True
        if self._farewell is not None:
            self.exit(*self._farewell)
        if not gc.isenabled():
            gc.freeze()
            gc.enable()
        while place.opening:
            place.opening -= 1
            self.typeahead.release()

    async def open_place(self, place: Place[Any]) -> None:
        """Show a place on top of this one, but not while the app is leaving."""
        if not self.leaving:
            await self.push_screen(place)

    def close_place(self, place: Place[Any]) -> None:
        """Leave a place, and whatever was opened over it since."""
        while place in self.screen_stack:
            self.pop_screen()

    # Looks

    @property
    def look(self) -> str:
        """The theme that is on."""
        return self.theme

    def put_on(self, look: str) -> None:
        """Another theme, at once and on every place."""
        theme.dress(self, look)
        self.frame.forget()

    def refresh_css(self, animate: bool = True) -> None:
        """Read the style sheets again, unless they were read in these very colours: so they are once while the app comes up."""
        if self.stylesheet._variables != self.get_css_variables():
            super().refresh_css(animate)

    def keep_look(self, look: str) -> str:
        """Keep the theme for next time. Returns what became of that, in words."""
        file = self.chosen.face.file
        if file is None:
            return f"Theme {look}, for now."
        try:
            keep_theme(file, look)
        except OSError as error:
            return f"Theme {look}, for now: {file} cannot be written ({error.strerror})."
        return f"Theme {look}, kept in {file}."

    @property
    def may_copy(self) -> bool:
        """Whether the company lets this person's roles copy to the clipboard of their own machine."""
        hello = self.desk.hello
        return hello is not None and bool(self.chosen.face.clipboard & set(hello["person"]["roles"]))

    # Painting

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        if self.outlet is not None and self.outlet.behind:
            self._owed = True
            self.post_display_hook()
            return
        if isinstance(renderable, LayoutUpdate | ChopsUpdate) and not self._batch_count:
            sparing = Sparing(self.frame, renderable, self.size.width)
            if sparing.says_nothing(self.console):
                self.post_display_hook()
                return
            renderable = cast(RenderableType, sparing)
        super()._display(screen, renderable)

    def paint_pieces(self, pieces: Iterable[Piece]) -> None:
        """Send some pieces of the screen at once, past all layout: the caller knows that nothing lies over them."""
        driver = self._driver
        if driver is None or self.outlet is None:
            return
        if self.outlet.behind:
            self._owed = True
        elif text := self.frame.of_pieces(pieces, self.size.width, self.console):
            self._begin_update()
            driver.write(text)
            self._end_update()
            driver.flush()

    def paint_owed(self) -> None:
        """Somebody reads again: what was not painted meanwhile is."""
        if self._owed:
            self._owed = False
            self.repaint_all()
            if self.receipt.outstanding:
                # what was asked about was left out then
                self.call_after_refresh(self.call_after_refresh, self.receipt.ask)

    def _ask_terminal(self) -> bool:
        if self._driver is None or self.outlet is None:
            return False
        self._driver.write(QUESTION)
        self._driver.flush()
        return True

    def repaint_all(self) -> None:
        """Everything once more, whatever the terminal shows."""
        self.frame.forget()
        self.screen.refresh(layout=True)

    # Ends

    @property
    def leaving(self) -> bool:
        """Whether the end has begun, or will as soon as it can."""
        return self._exit or self._farewell is not None

    def exit(
        self, result: int | None = None, return_code: int = 0, message: RenderableType | None = None
    ) -> None:
        """Leave, whoever asked for it: what is being typed is kept before. First the place in front is whole: Textual leaves one
        that is coming up half made, and it would stumble."""
        if self.deadline is not None:
            self.deadline.set(return_code, leaving.LEISURE_S)
        places: list[Place[Any]] = self.screen_stack  # type: ignore[assignment]
        if not places or not places[-1].whole:
            self._farewell = (result, return_code, message)
            return
        for place in places:
            place.before_end()
        super().exit(result, return_code, message)

    async def on_unmount(self) -> None:
        """Hang up."""
        await self.desk.close()

    def copy_to_clipboard(self, text: str) -> None:
        """Keep it inside: a customer's data does not leave for the terminal's clipboard."""
        self._clipboard = text

    def _set_pointer_shape(self, shape: str) -> None:
        """The mouse is off: its shape would be an escape sequence (OSC 22) for nothing."""

    def _handle_exception(self, error: Exception) -> None:
        self._return_code = 1
        if self.deadline is not None:
            self.deadline.set(1, leaving.LEISURE_S)
        if self._exception is None:
            self._exception = error
            self._exception_event.set()
            self._exit_renderables.append(crash.words(*crash.report(error)))
        self._close_messages_no_wait()
