"""The app as a person sees it: press keys, read the screen, wait until nothing moves. A page object over Textual's Pilot."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from textual import events
from textual.keys import _character_to_key, key_to_character
from textual.pilot import Pilot

from data.broker.client import Link
from screens.app import ArqueueApp
from screens.chosen import Chosen
from screens.place import Place
from screens.queue.screen import QueueScreen
from screens.review.confirming import BURST_S

NOW = datetime(2026, 11, 20, 9, 5, tzinfo=UTC)
BOUND_S = 20.0


class TidyLink(Link):
    """Closes the connection that was lost: Link leaves it to the garbage collector, which warns in some later test."""

    async def _connect(self) -> None:
        lost = self._client
        await super()._connect()
        if lost is not None:
            await lost.close()


class Driver:
    """One running app."""

    def __init__(self, app: ArqueueApp, pilot: Pilot[int]) -> None:
        self.app = app
        self._pilot = pilot

    # Doing

    async def press(self, *keys: str) -> None:
        """Press keys one by one, each after the last has had all its effects."""
        for key in keys:
            self.send(key)
            await self.idle()

    async def burst(self, *keys: str) -> None:
        """Keys that arrive in one packet: typed ahead, or in a hurry."""
        for key in keys:
            self.send(key)
        await self.idle()

    async def type(self, text: str) -> None:
        """Type text."""
        await self.burst(*text)

    async def paste(self, text: str) -> None:
        """A bracketed paste."""
        self.app.post_message(events.Paste(text))
        await self.idle()

    async def quiet(self) -> None:
        """Let the time pass in which keys count as one burst."""
        start = self.app.key_clock()
        await self.until(lambda: self.app.key_clock() > start + BURST_S, "the burst to be over")

    async def click(self, x: int, y: int) -> None:
        """A click of a mouse, where somebody has switched it on."""
        await self._pilot.click(offset=(x, y))
        await self.idle()

    async def resize(self, width: int, height: int) -> None:
        """Another terminal size."""
        await self._pilot.resize_terminal(width, height)
        await self.idle()

    def send(self, key: str) -> None:
        """One key event, stamped now as the terminal's reader would."""
        name = _character_to_key(key) if len(key) == 1 else key
        event = events.Key(name, key if len(key) == 1 else key_to_character(name))
        event.set_sender(self.app)
        self.app.post_message(event)

    # Waiting

    async def idle(self) -> None:
        """No key waits, no question to the broker is open, nothing is about to open or to be painted."""
        quiet = 0
        async with asyncio.timeout(BOUND_S):
            while quiet < 2:
                await self._pilot._wait_for_screen()
                await asyncio.sleep(0)
                self.app.screen._on_timer_update()
                quiet = 0 if self._busy() else quiet + 1
                if not quiet:
                    await asyncio.sleep(0.002)

    def _busy(self) -> bool:
        app = self.app
        workers = [worker for worker in app.workers if worker.name != "desk" and not worker.is_finished]
        unsettled = any(isinstance(place, QueueScreen) and not place.settled for place in app.screen_stack)
        unpainted = app.place.painted_at is None
        waiting = app.desk.waiting and app.desk.connected
        return bool(waiting or workers or unsettled or unpainted or not app.typeahead.idle)

    async def until_unsettled(self, condition: Callable[[], bool], what: str) -> None:
        """Wait, bounded, for something while the app itself still waits."""
        try:
            async with asyncio.timeout(BOUND_S):
                while not condition():  # noqa: ASYNC110 - what is waited for has no event
                    await asyncio.sleep(0.005)
        except TimeoutError:
            raise AssertionError(f"waited in vain: {what}\n{self.text}") from None

    async def until(self, condition: Callable[[], bool], what: str) -> None:
        """Wait, bounded, for something that comes from outside."""
        await self.until_unsettled(condition, what)
        await self.idle()

    # Reading

    @property
    def place(self) -> Place[object]:
        """The place in front."""
        return self.app.place

    @property
    def queue(self) -> QueueScreen:
        """The queue, wherever it is in the stack."""
        screen = self.app.screen_stack[0]
        assert isinstance(screen, QueueScreen)
        return screen

    @property
    def lines(self) -> list[str]:
        """The screen, line by line, without blanks at the ends."""
        return [strip.text.rstrip() for strip in self.app.screen._compositor.render_strips()]

    @property
    def text(self) -> str:
        """The screen."""
        return "\n".join(self.lines)

    @property
    def status(self) -> str:
        """The status line."""
        return self.lines[-2].strip()

    @property
    def footer(self) -> str:
        """The footer."""
        return self.lines[-1].strip()

    @property
    def cursor_line(self) -> str:
        """The line that the cursor stands on."""
        return next(line for line in self.lines if line.startswith(">"))

    @property
    def cursor_row(self) -> str:
        """The line that the cursor stands on, in a list that does not begin at the edge; empty where there is none."""
        return next((line for line in self.lines if line.lstrip().startswith(">")), "")

    @property
    def cursor_id(self) -> str:
        """The work under the cursor of the queue."""
        row = self.queue.rows.row()
        assert row is not None
        return row["id"]


@asynccontextmanager
async def driving(
    socket: Path,
    size: tuple[int, int] = (80, 24),
    *,
    keymap: dict[str, str] | None = None,
    chosen: Chosen | None = None,
    act_as: str | None = None,
) -> AsyncIterator[Driver]:
    """The app over a broker at ``socket``, its time standing still."""
    chosen = chosen or Chosen(keymap=keymap or {})
    app = ArqueueApp(TidyLink(socket, act_as=act_as, retry_s=(0.01, 0.02, 0.05)), chosen=chosen)
    app.desk.now = lambda: NOW
    app.desk.clock = lambda: 0.0
    async with app.run_test(size=size) as pilot:
        driver = Driver(app, pilot)
        await driver.until(lambda: app.desk.status is not None or app.desk.lost_at is not None, "the broker")
        try:
            yield driver
        finally:
            await app.desk.close()
