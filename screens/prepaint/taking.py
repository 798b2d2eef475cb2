"""The terminal taken before the app is there: raw, without echo, what is typed kept; and given back as it was found."""

from __future__ import annotations

import _signal as signal  # type: ignore[import-not-found]  # without the enumerations around it
import os
import sys
import termios

from screens.prepaint.paint import ENTER, LEAVE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType
    from typing import Any

    from screens.prepaint.first import First
    from screens.prepaint.moving import Moving

_ENDS = (1, 2, 3, 10, 12, 15)
"""SIGHUP, SIGINT, SIGQUIT, SIGUSR1, SIGUSR2, SIGTERM: until the app handles them, they leave the terminal as it was."""


class Taken:
    """A terminal that shows the first frame. The app takes it over, or ``give_back`` restores it."""

    def __init__(self, first: First | None, frame: list[str]) -> None:
        """Take it and put the frame, line by line, on a screen of its own."""
        self.first = first
        self.before: list[Any] = termios.tcgetattr(0)
        self.ours = True
        """Nobody has taken it over yet."""
        self._handlers: list[tuple[int, Any]] = []
        self._frame = frame
        self._moving: Moving | None = None
        self._begin()
        write(ENTER + "".join(frame))

    def _begin(self) -> None:
        """Raw, without echo; keys typed meanwhile stay in the line for the app."""
        for number in _ENDS:
            if signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):
                self._handlers.append((number, signal.signal(number, self._end)))
        raw = list(self.before)
        raw[0] &= ~(termios.IXON | termios.IXOFF | termios.ICRNL | termios.INLCR | termios.IGNCR)
        raw[3] &= ~(termios.ECHO | termios.ICANON | termios.IEXTEN | termios.ISIG)
        raw[6] = [*raw[6]]
        raw[6][termios.VMIN] = 1
        termios.tcsetattr(0, termios.TCSANOW, raw)

    def move(self, page: Callable[[int], list[str]], rows: int) -> None:
        """Keys that move the cursor to another of so many rows do so; ``page`` is the frame with the cursor there."""
        from screens.prepaint.moving import Moving  # when the frame is there

        def show(cursor: int) -> None:
            frame = page(cursor)
            write("".join(new for new, old in zip(frame, self._frame, strict=True) if new != old))
            self._frame = frame

        self._moving = Moving(rows, show)

    def stop(self) -> bytes:
        """Move no more. Returns what was typed and is for the app; where the cursor stands is known to ``first``."""
        moving, self._moving = self._moving, None
        if moving is None:
            return b""
        moving.stop()
        if self.first is not None:
            self.first.cursor = moving.cursor
        return moving.typed

    def hand_over(self) -> list[Any]:
        """From now on the app restores the terminal; to what is returned."""
        self.ours = False
        self._handle_no_more()
        return self.before

    def give_back(self) -> None:
        """As it was found, unless the app has taken it over."""
        if self.ours:
            self.ours = False
            self.stop()
            self._handle_no_more()
            write(LEAVE)
            termios.tcsetattr(0, termios.TCSANOW, self.before)

    def _handle_no_more(self) -> None:
        for number, handler in self._handlers:
            if signal.getsignal(number) == self._end:
                signal.signal(number, handler)
        self._handlers.clear()

    def _end(self, number: int, _frame: FrameType | None) -> None:
        self.give_back()
        os._exit(128 + number)


def write(text: str) -> None:
    """Write all of it, whatever the terminal takes at a time."""
    sys.stdout.flush()
    rest = text.encode("utf-8", "replace")
    while rest:
        rest = rest[os.write(1, rest) :]
