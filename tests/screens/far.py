"""The app at the far end of a slow line: ``python -m tests.screens.far OPTIONS`` shows it on this terminal, and all that goes
either way is held for a while."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import sys
import termios
import time
import tty
from collections import deque
from contextlib import suppress

HELD_S = 0.3


class Way:
    """One direction: what came is sent on as late as it should be, in its order."""

    def __init__(self, source: int, target: int) -> None:
        self.source, self._target = source, target
        self._held: deque[tuple[float, bytes]] = deque()
        self.open = True

    @property
    def due(self) -> float | None:
        """When something has to be sent next."""
        return self._held[0][0] if self._held else None

    def take(self) -> None:
        """Hold what is there; the end of it as well."""
        data = b""
        with suppress(OSError):
            data = os.read(self.source, 65536)
        self.open = bool(data)
        self._held.append((time.monotonic() + HELD_S, data))

    def give(self) -> None:
        """Send on what was held long enough."""
        while self._held and self._held[0][0] <= time.monotonic():
            rest = self._held.popleft()[1]
            while rest:
                rest = rest[os.write(self._target, rest) :]


def main() -> int:
    """Carry both ways until the app's end has arrived. Returns its exit status."""
    size = fcntl.ioctl(0, termios.TIOCGWINSZ, bytes(8))
    pid, far = pty.fork()
    if not pid:
        os.execv(sys.executable, [sys.executable, "-m", "tests.screens", *sys.argv[1:]])
    fcntl.ioctl(far, termios.TIOCSWINSZ, size)
    tty.setraw(0)
    typed, painted = Way(0, far), Way(far, 1)
    ways = (typed, painted)
    while painted.open or painted.due is not None:
        dues = [way.due for way in ways if way.due is not None]
        patience = max(0.0, min(dues) - time.monotonic()) if dues else None
        ready = select.select([way.source for way in ways if way.open], [], [], patience)[0]
        for way in ways:
            if way.source in ready:
                way.take()
            way.give()
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


if __name__ == "__main__":
    sys.exit(main())
