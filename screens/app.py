"""The terminal app: what its keys do everywhere, and how it starts."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events
from textual.screen import Screen

from arqueue.face import leave_mark
from data.broker.client import Link
from screens import actions, guard, leaving, surroundings, theme, words
from screens.acting import Acting
from screens.chosen import Chosen
from screens.face import Face
from screens.place import Place
from screens.queue.screen import QueueScreen

if TYPE_CHECKING:
    from screens.prepaint.taking import Taken


class ArqueueApp(Acting, Face, inherit_bindings=False):
    """One person's face of the work."""

    CSS_PATH: ClassVar = theme.STYLES
    BINDINGS: ClassVar = actions.bindings("app")
    _leaving = False

    def __init__(self, link: Link, *, chosen: Chosen | None = None) -> None:
        super().__init__(link, chosen=chosen)
        self._tour = self.chosen.tour

    def get_default_screen(self) -> Screen[Any]:
        """The queue is the root of all places."""
        return QueueScreen()

    def before_key(self, key: events.Key) -> None:
        """What was said last has been read; the question whether to leave holds for one key."""
        self._leaving = self._leaving and key.key in self.spelling.keys("queue.leave")
        self.place.before_key()

    def do_outbox(self) -> None:
        """Open the outbox."""
        from screens.outbox.screen import OutboxScreen

        self._open_once(OutboxScreen)

    def do_inbox(self) -> None:
        """Show in the queue what was handed over and what waits for a yes; what is being made is left by its own keys."""
        places: list[Place[Any]] = self.screen_stack  # type: ignore[assignment]
        if any(place.making for place in places):
            self.place.say(self.keyed("Inbox: first leave what is open here ({form.back})."))
            return
        while len(self.screen_stack) > 1:
            self.pop_screen()
        queue: QueueScreen = self.screen_stack[0]  # type: ignore[assignment]
        queue.show_inbox()

    def do_sync(self) -> None:
        """Ask for a sync; the status line follows it."""
        self.begin(self._sync)

    async def _sync(self) -> None:
        await self.desk.call("sync", full=False)
        status = self.desk.status
        error = status["sync"].get("error") if status is not None else None
        last = f" The last try: {error['message']}." if error else " The status line follows it."
        self.place.say(f"Asked for a sync.{last}")

    def do_freshness(self) -> None:
        """Open the page that says how fresh everything is."""
        from screens.sync.screen import SyncScreen

        self._open_once(SyncScreen)

    def do_settings(self) -> None:
        """Open the settings of this face."""
        from screens.settings.screen import SettingsScreen

        self._open_once(SettingsScreen)

    def _open_once(self, kind: Callable[[], Place[Any]]) -> None:
        if not any(type(place) is kind for place in self.screen_stack):
            self.begin(self.open_place, kind())

    def do_palette(self) -> None:
        """Open the palette over this place."""
        from screens.palette.screen import PaletteScreen

        if not isinstance(self.place, PaletteScreen):
            self.begin(self.open_place, PaletteScreen(self.place))

    def do_help(self) -> None:
        """Open the help of this place."""
        from screens.help.screen import HelpPage

        if not isinstance(self.place, HelpPage):
            self.begin(self.open_place, HelpPage(self.place))

    def do_tour(self) -> None:
        """Open the tour over this place."""
        from screens.tour.screen import TourScreen

        self._open_once(TourScreen)

    def do_redraw(self) -> None:
        """Draw everything again, whatever the terminal shows."""
        self.repaint_all()

    def on_mount(self) -> None:
        """After a stop nothing of ours is on the screen."""
        self.app_resume_signal.subscribe(self, lambda _: self.do_redraw())

    def on_ready(self) -> None:
        """The first frame is on the screen."""
        queue: QueueScreen = self.screen_stack[0]  # type: ignore[assignment]
        queue.begin_keys()

    async def on_type_ahead_released(self) -> None:
        """The queue is up: whoever opens it for the first time is shown the tour, unless they type already."""
        mark, self._tour = self._tour, None
        typed = not self.typeahead.idle or self.typeahead.current is not None
        if mark is None or typed or mark.exists():
            return
        from screens.tour.screen import LEAST, TourScreen

        if self.size.width >= LEAST.width and self.size.height >= LEAST.height and leave_mark(mark):
            self.begin(self.open_place, TourScreen())

    def do_suspend(self) -> None:
        """Back to the shell; fg comes back."""
        if surroundings.has_shell():
            self.action_suspend_process()
        else:
            self.place.say(self.keyed("There is no shell to go back to. {app.quit} leaves."))

    def do_quit(self) -> None:
        """Leave now."""
        self.exit(0)

    def leave(self) -> None:
        """Leave from the queue; with drafts that nobody else has or unsettled orders only when asked twice."""
        status = self.desk.status
        left = []
        if drafts := self.desk.unkept:
            left.append(f"{words.plural(drafts, 'draft')} kept only until you leave")
        if status is not None and (moving := status["outbox"]["queued"] + status["outbox"]["sending"]):
            left.append(f"{words.plural(moving, 'order')} {'goes' if moving == 1 else 'go'} on without you")
        if not left or self._leaving:
            self.exit(0)
            return
        self._leaving = True
        self.place.say(f"{'; '.join(left)}. {self.keyed('{queue.leave} again leaves.')}")


def run(
    socket: Path,
    *,
    act_as: str | None = None,
    ensure: Callable[[], None] | None = None,
    taken: Taken | None = None,
    chosen: Chosen | None = None,
) -> int:
    """Show the app on this terminal until the person leaves. Returns the exit status: 2 when this is no terminal for it."""
    why = surroundings.refusal(os.environ, interactive=sys.stdin.isatty() and sys.stdout.isatty())
    if why:
        sys.stderr.write(why + "\n")
        return 2
    chosen = chosen or Chosen()
    guard.install(ascii_only=not surroundings.speaks_utf8(), ascii_drawing=chosen.ascii_drawing)
    answered = taken is not None and taken.first is not None
    app = ArqueueApp(Link(socket, act_as=act_as, ensure=ensure, answered=answered), chosen=chosen)
    app.spelling.arrows &= surroundings.speaks_utf8()
    if taken is not None:
        app.taken = taken
        app.desk.foresee(taken.first)
    return leaving.run_bounded(app)
