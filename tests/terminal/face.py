"""The installed program on a real PTY, read through a terminal emulator: what a person would see, and nothing else."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import pexpect
import pyte

from tests.familiar import state_folder
from tests.screens.terminal_session import ANSWER, ASKED

PATIENCE_S = 30.0
PROGRAM = Path(sys.executable).parent / "arqueue"
_UNKNOWN = re.compile(
    rb"\x1b\[[?>=<][0-9;]*\$?[a-zA-Z]|\x1b\[[0-9;]*\$p|\x1bP.*?\x1b\\|\x1b\].*?(?:\x07|\x1b\\)|\x1b\[[0-9;]*t",
    re.DOTALL,
)
_MODE = re.compile(rb"\x1b\[\?[0-9;]*[hl]$")
KEYS = {
    "enter": "\r",
    "escape": "\x1b",
    "down": "\x1b[B",
    "up": "\x1b[A",
    "tab": "\t",
    "ctrl+q": "\x11",
    "ctrl+g": "\x07",
    "ctrl+u": "\x15",
}


class Face:
    """One person at a terminal. Every wait is for something on the screen, and bounded."""

    def __init__(
        self,
        *words: str,
        columns: int = 80,
        rows: int = 24,
        program: Sequence[str] = (str(PROGRAM),),
        state: Path | None = None,
    ) -> None:
        """``state`` is the state folder of whoever opens it; else they are somebody who knows the program."""
        self._child = pexpect.spawn(
            program[0],
            [*program[1:], *words],
            dimensions=(rows, columns),
            env={
                "TERM": "xterm-256color",
                "LANG": "C.UTF-8",
                "PATH": "/usr/bin:/bin",
                "HOME": str(Path.home()),
                "XDG_STATE_HOME": str(state or state_folder()),
            },
            timeout=PATIENCE_S,
        )
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self.raw = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._child.close(force=True)

    @property
    def pid(self) -> int:
        """The program's process."""
        return int(self._child.pid)

    @property
    def text(self) -> str:
        """What stands on the screen now."""
        return "\n".join(line.rstrip() for line in self._screen.display)

    def sees(self, pattern: str) -> str:
        """Wait until a pattern stands on the screen; the screen's text. Fails with the screen when it never does."""
        self.until(lambda: re.search(pattern, self.text), repr(pattern))
        return self.text

    def until(self, holds: Callable[[], object], what: str) -> None:
        """The same for anything that can be read off the screen; ``what`` is said when it never comes."""
        end = time.monotonic() + PATIENCE_S
        while not holds():
            assert time.monotonic() < end, f"{what} never stood on the screen:\n{self.text}"
            assert self._read(), f"the program ended without {what}:\n{self.text}"

    def presses(self, *keys: str) -> None:
        """Keys by name or as they are."""
        for key in keys:
            self._child.send(KEYS.get(key, key))

    def rests(self) -> None:
        """Wait until nothing more is painted: a person has read the screen before they press the next key."""
        end, seen = time.monotonic() + PATIENCE_S, -1
        while len(self.raw) != seen:
            assert time.monotonic() < end, f"the screen never came to rest:\n{self.text}"
            seen = len(self.raw)
            assert self._read(), f"the program ended:\n{self.text}"

    def confirms(self) -> None:
        """Read the review to its end, and post it. A ``y`` that came before the review was whole, or changed under it, is said to
        count for nothing: then it is read and confirmed again."""
        self.sees("y posts it")
        for _ in range(3):
            self.rests()
            self.presses("y")
            self.until(lambda: "y posts it" not in self.text or "press y." in self.text, "what became of y")
            if "press y." not in self.text:
                return

    def leaves(self) -> int:
        """Press Ctrl+q and wait for the end; the exit status."""
        self.presses("ctrl+q")
        while self._read():
            pass
        self._child.close()
        return int(self._child.exitstatus if self._child.exitstatus is not None else -1)

    def ends(self) -> str:
        """Wait until the program ended by itself; what it said on the terminal that it gave back."""
        while self._read():
            pass
        return self.raw.rpartition(b"\x1b[?1049l")[2].decode()

    def _read(self) -> bool:
        try:
            data: bytes = self._child.read_nonblocking(65536, timeout=0.2)
        except pexpect.TIMEOUT:
            return True
        except pexpect.EOF:
            return False
        asked = (self.raw[-len(ASKED) + 1 :] + data).count(ASKED)
        self.raw += data
        self.presses(*[ANSWER] * asked)
        self._stream.feed(_UNKNOWN.sub(lambda m: m.group(0) if _MODE.match(m.group(0)) else b"", data))
        return True
