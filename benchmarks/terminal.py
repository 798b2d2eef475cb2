"""A program on a real PTY, measured from outside: when something stood on its screen, what a key cost until the last byte."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pyte

from benchmarks.rivals.made import Program, environ

_UNKNOWN = re.compile(
    rb"\x1b\[[?>=<][0-9;]*\$?[a-zA-Z]|\x1b\[[0-9;]*\$p|\x1bP.*?\x1b\\|\x1b\].*?(?:\x07|\x1b\\)|\x1b\[[0-9;]*t",
    re.DOTALL,
)
_MODE = re.compile(rb"\x1b\[\?[0-9;]*[hl]$")
_ASKED = re.compile(rb"\x1b\[\?(\d+)\$p|\x1b\[>?0?c|\x1b\[6n|\x1b\[\?u|\x1b\]1([01]);\?(?:\x07|\x1b\\)")
QUIET_S = 0.05
"""Without a byte for so long, a key has had its effect."""


@dataclass(frozen=True, slots=True)
class Stroke:
    """What one key cost: milliseconds until the last byte, bytes, the pieces in which they came, milliseconds until the first."""

    ms: float
    sent: int
    pieces: int
    first_ms: float


class Terminal:
    """One program on one PTY, which answers what modern terminals answer."""

    def __init__(self, program: Program, columns: int, rows: int) -> None:
        self.columns, self.rows, self.dead = columns, rows, False
        self.log: list[tuple[float, bytes]] = []
        self._tail = b""
        env = environ(program)
        self.started = time.perf_counter()
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            with suppress(OSError):
                fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
                os.execvpe(program.argv[0], program.argv, env)
            os._exit(127)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def read(self, patience_s: float) -> bytes:
        """What came within that time; empty for nothing."""
        if self.dead or not select.select([self.fd], [], [], patience_s)[0]:
            return b""
        try:
            data = os.read(self.fd, 65536)
        except OSError:
            data = b""
        self.dead = not data
        if data:
            self.log.append((time.perf_counter(), data))
            self._answer(data)
        return data

    def _answer(self, data: bytes) -> None:
        seen, said = self._tail + data, b""
        for asked in _ASKED.finditer(seen):
            if asked.end() <= len(self._tail):
                continue
            words = asked[0]
            if asked[1]:
                said += b"\x1b[?%s;%d$y" % (asked[1], 2 if asked[1] == b"2026" else 0)
            elif words.endswith(b"c"):
                said += b"\x1b[>41;390;0c" if b">" in words else b"\x1b[?62;22c"
            elif words.endswith(b"6n"):
                said += b"\x1b[1;1R"
            elif words.endswith(b"?u"):
                said += b"\x1b[?0u"
            elif asked[2]:
                said += b"\x1b]1%s;rgb:0000/0000/0000\x1b\\" % asked[2]
        self._tail = seen[-16:]
        if said:
            os.write(self.fd, said)

    def drain(self, quiet_s: float = QUIET_S, most_s: float = 5.0) -> None:
        """Read until it is quiet."""
        end = time.perf_counter() + most_s
        while time.perf_counter() < end and self.read(quiet_s):
            pass

    def seen(self, pattern: str, most_s: float = 120.0) -> float:
        """Milliseconds from the start until the pattern stood on the screen. Raises TimeoutError with the screen."""
        wanted = re.compile(pattern)
        screen = pyte.Screen(self.columns, self.rows)
        stream, done, end = pyte.ByteStream(screen), 0, time.perf_counter() + most_s
        while time.perf_counter() < end and not (self.dead and done == len(self.log)):
            self.read(0.05)
            for when, data in self.log[done:]:
                done += 1
                stream.feed(_UNKNOWN.sub(lambda found: found[0] if _MODE.match(found[0]) else b"", data))
                if wanted.search("\n".join(screen.display)):
                    return (when - self.started) * 1e3
        raise TimeoutError(f"{pattern!r} never stood on the screen:\n" + "\n".join(screen.display))

    def stroke(self, key: str, most_s: float = 5.0) -> Stroke | None:
        """Press a key and wait for its last byte; None when nothing came of it."""
        self.drain(0, 0.01)
        before, pressed = len(self.log), time.perf_counter()
        os.write(self.fd, key.encode())
        if not self.read(most_s):
            return None
        self.drain()
        came = self.log[before:]
        first, last = ((came[at][0] - pressed) * 1e3 for at in (0, -1))
        return Stroke(last, sum(len(data) for _, data in came), len(came), first)

    def settle(self, key: str) -> None:
        """Wait until the program, not only its first frame, is there: a key has an effect, and all is quiet after it."""
        self.stroke(key, most_s=60.0)
        self.drain(1.0, 10.0)

    def resident_mb(self) -> float:
        """Memory of the process."""
        found = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{self.pid}/status").read_text())
        return int(found[1]) / 1024 if found else 0.0

    def close(self) -> None:
        """End it by its process id."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)
            end = time.perf_counter() + 3
            while time.perf_counter() < end:
                self.read(0.02)
                if os.waitpid(self.pid, os.WNOHANG)[0]:
                    os.close(self.fd)
                    return


@contextmanager
def opened(program: Program, columns: int, rows: int) -> Iterator[Terminal]:
    """A terminal that is closed afterwards."""
    terminal = Terminal(program, columns, rows)
    try:
        yield terminal
    finally:
        terminal.close()


def quantile(values: Sequence[float], part: float) -> float:
    """The value below which so large a part of them lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(part * (len(ordered) - 1)))]
