"""Leaving, which takes so long and no longer: whatever hangs, the terminal is given back and the process is gone."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import termios
import threading
from collections.abc import Iterator
from types import FrameType
from typing import TYPE_CHECKING

from screens import outlet

if TYPE_CHECKING:
    from screens.face import Face

GRACE_S = 2.0
"""How long a clean end may take after a hang-up or a signal before the process ends without it."""
LEISURE_S = 5.0
"""The same where the person asked for it, or the app failed."""
HANDLED = (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGUSR1, signal.SIGUSR2)
"""What a person, a system or a terminal that closes sends to end a program. Of themselves they would leave the terminal raw."""
_RESTORE = "\x1b[m\x1b[?2026l\x1b[?2004l\x1b[?7h\x1b[<u\x1b[?1049l\x1b[?25h\x1b[?1004l"
HUNG = "arqueue hung while it was leaving, and was ended. Orders that were said to be queued are safe with the broker."


class Deadline:
    """When the process ends even if it has not ended by itself. May be set from any thread and any signal handler."""

    def __init__(self, app: Face) -> None:
        self._app = app
        self._timers: dict[int, threading.Timer] = {}

    def set(self, status: int, grace_s: float) -> None:
        """From now on so many seconds; then this is the exit status. The same once more changes nothing."""
        if status not in self._timers:
            timer = self._timers[status] = threading.Timer(grace_s, self._end, (status,))
            timer.daemon = True
            timer.start()

    def over(self) -> None:
        """It has ended by itself."""
        for timer in self._timers.values():
            timer.cancel()

    def _end(self, status: int) -> None:
        """Restore what can be restored without waiting for a reader that stands still, then go."""
        driver = self._app._driver
        before = getattr(driver, "attrs_before", None)
        with contextlib.suppress(termios.error, OSError, ValueError):
            if before is not None:
                termios.tcsetattr(getattr(driver, "fileno", 0), termios.TCSANOW, before)
        outlet.write_at_once(1, f"{_RESTORE}{HUNG}\r\n".encode())
        os._exit(status)


def leave(app: Face, status: int) -> None:
    """End the app with this exit status from any thread or signal handler; after ``GRACE_S`` the process ends regardless."""
    if app.deadline is not None:
        app.deadline.set(status, GRACE_S)
    loop = app._loop
    if loop is not None and not loop.is_closed():
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(_exit, app, status)


def _exit(app: Face, status: int) -> None:
    app.exit(status, return_code=status)


@contextlib.contextmanager
def signals(app: Face) -> Iterator[None]:
    """While the app runs, each of ``HANDLED`` ends it cleanly: unmounted, terminal restored, status 128 + signal."""

    def handle(number: int, _frame: FrameType | None) -> None:
        leave(app, 128 + number)

    # One that is ignored on purpose (nohup) stays so: the input thread notices the hang-up itself.
    handled = [number for number in HANDLED if signal.getsignal(number) is not signal.SIG_IGN]
    before = [signal.signal(number, handle) for number in handled]
    try:
        yield
    finally:
        for number, handler in zip(handled, before, strict=True):
            signal.signal(number, handler)


def run_bounded(app: Face) -> int:
    """Run the app with the mouse off, its signals handled and its end bounded. Returns the exit status."""
    app.deadline = Deadline(app)
    with signals(app):
        asyncio.run(app.run_async(mouse=False))
        sys.stdout.flush()
    app.deadline.over()
    return app.return_code or 0
