"""The way out to the terminal: written at once while it takes what comes, from beside the app while nobody reads it."""

from __future__ import annotations

import contextlib
import os
import threading
from collections import deque
from collections.abc import Callable

CAP = 64 * 1024
"""With so many bytes on their way nothing more is painted: what one would see is out of date anyway."""


class Outlet:
    """Sends to a terminal, in order, never waiting for it; ``caught_up`` is called from a thread when a delay is made up."""

    def __init__(self, fileno: int, caught_up: Callable[[], None]) -> None:
        self._slow = fileno
        self._quick = -1
        self._caught_up = caught_up
        self._rest: deque[bytes] = deque()
        self._owes = 0
        self._changed = threading.Condition()

    def open(self) -> None:
        """What is sent is sent at once, from now on until ``close``."""
        with self._changed:
            if self._quick < 0:
                self._quick = _not_waiting(self._slow)

    @property
    def behind(self) -> bool:
        """Whether the reader has stood still for long."""
        return self._owes > CAP

    def send(self, data: bytes) -> None:
        """Send it now, or after what still waits."""
        with self._changed:
            if not self._rest:
                data = data[self._taken(data) :]
            if not data:
                return
            self._rest.append(data)
            self._owes += len(data)
            if len(self._rest) == 1:
                threading.Thread(target=self._carry, name="outlet", daemon=True).start()

    def drain(self, patience_s: float) -> None:
        """Wait until all is sent, but not longer than that."""
        with self._changed:
            self._changed.wait_for(lambda: not self._rest, patience_s)

    def close(self) -> None:
        """Nothing more will be sent at once; ``open`` begins again, as after a stop."""
        with self._changed:
            if self._quick >= 0:
                os.close(self._quick)
            self._quick = -1

    def _taken(self, data: bytes) -> int:
        """How many bytes the terminal took without making anybody wait."""
        if self._quick < 0:
            return 0
        try:
            return os.write(self._quick, data)
        except BlockingIOError:
            return 0
        except OSError:  # a terminal that is gone is noticed by the reader of keys
            return len(data)

    def _carry(self) -> None:
        while True:
            rest = memoryview(self._rest[0])
            with contextlib.suppress(OSError):
                while rest:
                    rest = rest[os.write(self._slow, rest) :]
            with self._changed:
                self._owes -= len(self._rest.popleft())
                if not self._rest:
                    self._changed.notify_all()
                    break
        self._caught_up()


def write_at_once(fileno: int, data: bytes) -> None:
    """Write what the terminal takes now; the rest of it, or all, is given up."""
    with contextlib.suppress(OSError):
        if (quick := _not_waiting(fileno)) >= 0:
            try:
                os.write(quick, data)
            finally:
                os.close(quick)


def _not_waiting(fileno: int) -> int:
    """The same terminal once more, for writes that do not wait; -1 where it may not be opened, as after ``su``.

    Not a flag on what we were given: that is the shell's too.
    """
    try:
        return os.open(os.ttyname(fileno), os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError:
        return -1
