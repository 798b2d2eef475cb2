"""Keys that only move, while the app is still being imported: the cursor follows at once, and the app begins where it stands."""

from __future__ import annotations

import _thread
import os
import select

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

STEPS = {b"j": 1, b"\x1b[B": 1, b"\x1bOB": 1, b"k": -1, b"\x1b[A": -1, b"\x1bOA": -1}
"""What a terminal sends for a row down and a row up."""
_AT_ONCE = 1024


class Moving:
    """The cursor on the first page, and a thread that reads keys as long as they move it there. The first other key is for the
    app, with all that follows it."""

    def __init__(self, rows: int, show: Callable[[int], None]) -> None:
        """``show`` paints the page with the cursor on another of its ``rows``."""
        self.cursor = 0
        self.typed = b""
        """What was read and is for the app."""
        self._rows, self._show = rows, show
        self._room = select.poll()
        self._heard, self._bell = os.pipe()
        self._running = _thread.allocate_lock()
        self._running.acquire()
        _thread.start_new_thread(self._run, ())

    def stop(self) -> None:
        """No key is read and nothing is painted any more. Not to be said twice."""
        os.write(self._bell, b".")
        self._running.acquire()
        os.close(self._heard)
        os.close(self._bell)

    def _run(self) -> None:
        ready = select.poll()
        ready.register(0, select.POLLIN)
        ready.register(self._heard, select.POLLIN)
        self._room.register(1, select.POLLOUT)
        try:
            while not self.typed and ready.poll() == [(0, select.POLLIN)] and (keys := os.read(0, _AT_ONCE)):
                self._take(keys)
        except OSError:
            pass  # a terminal that is gone is noticed by the app
        finally:
            self._running.release()

    def _take(self, keys: bytes) -> None:
        before = self.cursor
        while keys:
            key = next((key for key in STEPS if keys.startswith(key)), b"")
            if not key or self.cursor + STEPS[key] >= self._rows:
                break
            self.cursor = max(0, self.cursor + STEPS[key])
            keys = keys[len(key) :]
        self.typed = keys
        # a terminal that nobody reads is not waited for: the app paints all of it
        if self.cursor != before and self._room.poll(0):
            self._show(self.cursor)
