"""The app in a real terminal of its own: what it writes, how it ends, what it leaves behind."""

from __future__ import annotations

import os
import re
import select
import signal
import sys
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pexpect
import pyte

from tests.familiar import state_folder

ROOT = Path(__file__).parents[2]
READY = b"ledger reachable"
ANSWERED = " · outbox "
"""In the status line once the broker has answered, whatever is wrong."""
BOUND_S = 30.0
ASKED, ANSWER = b"\x1b[5n", "\x1b[0n"
"""A program that asks what it has to wait for, and a terminal that shows all it was sent before."""


class Session:
    """One process on one PTY."""

    def __init__(
        self,
        *arguments: str,
        size: tuple[int, int] = (80, 24),
        program: tuple[str, ...] = ("-m", "tests.screens"),
        **environ: str,
    ) -> None:
        columns, rows = size
        base = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), "TERM": "xterm-256color"}
        base |= {"LANG": "C.UTF-8", "COLORTERM": "truecolor", "XDG_STATE_HOME": state_folder(), **environ}
        self.child: Any = pexpect.spawn(
            sys.executable,
            [*program, *arguments],
            cwd=str(ROOT),
            env=base,
            dimensions=(rows, columns),
            timeout=BOUND_S,
        )
        self.output = b""
        self.answers = True
        """Whether it says, as terminals do, that it shows what it was sent."""
        self._drawn = 0
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)

    @property
    def pid(self) -> int:
        """The process."""
        pid: int = self.child.pid
        return pid

    def receive(self, patience_s: float) -> bytes:
        """What comes next, if anything comes within that time."""
        got = b""
        if select.select([self.child.child_fd], [], [], patience_s)[0]:
            with suppress(OSError):
                got = os.read(self.child.child_fd, 65536)
        asked = (self.output[-len(ASKED) + 1 :] + got).count(ASKED)
        self.output += got
        if asked and self.answers:
            self.type(ANSWER * asked)
        return got

    def pump(self, quiet_s: float) -> bytes:
        """Read until nothing came for so long."""
        before = len(self.output)
        while self.receive(quiet_s):
            pass
        return self.output[before:]

    def resize(self, columns: int, rows: int) -> None:
        """Another size from now on; the program is told by SIGWINCH."""
        self._draw()
        self._screen.resize(rows, columns)
        self.child.setwinsize(rows, columns)

    def ready(self) -> None:
        """Wait for the queue."""
        self.wait_for(READY.decode())
        self.pump(0.3)

    def wait_for(self, words: str) -> None:
        """Wait, bounded, until the screen says something."""
        self.wait_until(lambda: words in self.text, repr(words))

    def wait_until(self, condition: Callable[[], bool], what: str) -> None:
        """Wait, bounded, for something that the output or the screen shows."""
        end = time.monotonic() + BOUND_S
        while time.monotonic() < end:
            if condition():
                return
            self.pump(0.05)
            if not self.child.isalive():
                break
        raise AssertionError(f"waited in vain for {what}:\n{self.text}\n{self.output[-2000:]!r}")

    def _draw(self) -> None:
        """Show what came: an emulator is slow, so only when somebody looks."""
        new, self._drawn = self.output[self._drawn :], len(self.output)
        # pyte does not know the keyboard protocol and would print it.
        self._stream.feed(re.sub(rb"\x1b\[[<>][0-9]*u|\x1b\[\?[0-9]+\$p", b"", new))

    @property
    def text(self) -> str:
        """The screen as a terminal shows it."""
        self._draw()
        return "\n".join(line.rstrip() for line in self._screen.display)

    def looks(self, width: int) -> list[list[tuple[object, ...]]]:
        """How what can be seen in so many columns is dressed, but for the status line."""
        self._draw()
        return [
            [
                (cell.fg, cell.bold, cell.reverse)
                for x in range(width)
                if (cell := self._screen.buffer[y][x]).data != " "
            ]
            for y in range(self._screen.lines)
            if y != self._screen.lines - 2
        ]

    def type(self, keys: str) -> None:
        """Type, and read nothing."""
        os.write(self.child.child_fd, keys.encode())

    def press(self, keys: str, quiet_s: float = 0.15) -> bytes:
        """Type, and read what comes of it."""
        self.type(keys)
        return self.pump(quiet_s)

    def end(self, within_s: float = BOUND_S) -> int:
        """Wait for the process to end. Returns its exit status, 128 + signal when it was killed by one."""
        limit = time.monotonic() + within_s
        while time.monotonic() < limit:
            self.pump(0.02)
            if not self.child.isalive():
                if self.child.signalstatus is not None:
                    return 128 + int(self.child.signalstatus)
                return int(self.child.exitstatus)
        raise AssertionError(f"the process still runs after {within_s} s")

    def echoes(self) -> bool:
        """Whether the terminal is in its usual mode again."""
        flags: int = termios.tcgetattr(self.child.child_fd)[3]
        return bool(flags & termios.ECHO and flags & termios.ICANON)

    def stopped(self) -> bool:
        """Whether the process has stopped; a signal to go on that comes before that would be lost on it."""
        return Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"

    def threads(self) -> int:
        """Threads of the process."""
        return len(list(Path(f"/proc/{self.pid}/task").iterdir()))

    def hang_up(self) -> None:
        """Close the terminal's end without a word."""
        self.child.ptyproc.fileobj.close()
        self.child.ptyproc.closed = self.child.closed = True

    def close(self) -> None:
        """End it whatever it does."""
        if self.child.isalive():
            os.kill(self.pid, signal.SIGKILL)
        if not self.child.closed:
            self.child.close(force=True)


@contextmanager
def session(
    *arguments: str,
    size: tuple[int, int] = (80, 24),
    program: tuple[str, ...] = ("-m", "tests.screens"),
    **environ: str,
) -> Iterator[Session]:
    """A session that is gone afterwards."""
    opened = Session(*arguments, size=size, program=program, **environ)
    try:
        yield opened
    finally:
        opened.close()
