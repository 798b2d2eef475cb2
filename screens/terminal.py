"""Living with a real terminal: what is read and written, when it hangs up, and what stray signals must not do."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
import time
from codecs import getincrementaldecoder
from typing import TYPE_CHECKING, Any

from textual._xterm_parser import XTermParser
from textual.app import App
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

from screens.leaving import leave
from screens.outlet import Outlet

if TYPE_CHECKING:
    from screens.face import Face

PATIENCE_S = 1.0
"""How long a reader that stands still is waited for at the end."""
TICK_S = 0.01
"""How often it is looked whether a stop is over; sleeping ends at once with a signal."""
_ALTERNATE = "\x1b[?1049h"


class TerminalDriver(LinuxDriver):
    """Textual's driver, which ends when its terminal is gone and stops and goes on between two steps of its loop."""

    def __init__(self, app: App[Any], **options: Any) -> None:
        super().__init__(app, **options)
        # What is refused is a stdout that is no terminal; stderr may go to a file.
        self._file = sys.__stdout__
        self._asked = self._answered = self._continued = 0
        self._painted = False
        self._typed = b""
        """What was read of the keys before the app was there."""
        self._written: list[str] = []
        self._out = self._file.fileno() if self._file is not None else 1
        face: Face = app  # type: ignore[assignment]
        self._outlet = face.outlet = Outlet(self._out, self._caught_up)
        self._size = self._get_terminal_size()

    def _get_terminal_size(self) -> tuple[int, int]:
        """As the terminal itself says: COLUMNS and LINES, where a program exports them, do not follow it."""
        try:
            width, height = os.get_terminal_size(self._out)
        except OSError:
            width = height = 0
        return width or 80, height or 24

    def _query_in_band_window_resize(self) -> None:
        """SIGWINCH says it, in every terminal."""

    def start_application_mode(self) -> None:
        """Begin, or begin again after a stop: on a screen that shows nothing of ours, or the first frame."""
        app: Face = self._app  # type: ignore[assignment]
        app.frame.forget()
        self._outlet.open()
        taken, app.taken = app.taken, None
        self._painted = taken is not None
        self._typed = taken.stop() if taken is not None else b""
        super().start_application_mode()  # type: ignore[no-untyped-call]
        self._painted = False
        if taken is not None:
            # what Textual found is already raw
            self.attrs_before = taken.hand_over()

    def send_message(self, message: Message) -> None:
        """Hand it to the app's own loop, without a task for each key."""
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody is there any more
            self._loop.call_soon_threadsafe(self._app.post_message, message)

    def write(self, data: str) -> None:
        """Keep it for the next ``flush``; a screen that shows the first frame is not entered, and so not cleared, once more."""
        if not (self._painted and data == _ALTERNATE):
            self._written.append(data)

    def flush(self) -> None:
        """Send what was written, in one piece: a frame with its brackets is one packet on the line."""
        if self._written:
            data = "".join(self._written)
            self._written.clear()
            self._outlet.send(data.encode("utf-8", "replace"))

    def _caught_up(self) -> None:
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._app.paint_owed)  # type: ignore[attr-defined]

    def stop_application_mode(self) -> None:
        """Give the terminal back; a reader that stands still is not waited for."""
        super().stop_application_mode()
        self._outlet.drain(PATIENCE_S)

    def close(self) -> None:
        """What is left goes out."""
        self.flush()
        self._outlet.drain(PATIENCE_S)
        self._outlet.close()
        super().close()

    def _sigtstp_application(self, *_: Any) -> None:
        """Asked to stop. Done by the loop between two of its steps: here a line of anything may be half run, locks held."""
        self._asked += 1
        with contextlib.suppress(RuntimeError):  # the loop is closed: the app is on its way out
            self._loop.call_soon_threadsafe(self._stop)

    def _sigcont_application(self, *_: Any) -> None:
        self._continued += 1

    def _stop(self) -> None:
        """Stop as the terminal's own Ctrl+Z does: the whole foreground job, `make` around us included."""
        if self._answered == self._asked:
            return
        self.suspend_application_mode()
        self._must_signal_resume = True
        self._wait_stopped()
        self.resume_application_mode()

    def _wait_stopped(self) -> None:
        """Until somebody says to go on. That the call came back does not say it: another thread may be the one that heeds a
        stop, a little later; and a new stop takes back a signal to go on that is not heeded yet."""
        continued = self._continued
        while self._continued == continued:
            if self._answered != self._asked:
                self._answered = self._asked
                os.killpg(os.getpgrp(), signal.SIGSTOP)
            time.sleep(TICK_S)

    def run_input_thread(self) -> None:
        """Read keys until told to stop, or until the terminal is gone: then the app is told, and a hard end is set."""
        parser = XTermParser(self._debug)
        decode = getincrementaldecoder("utf-8")("replace").decode
        poller = select.poll()
        poller.register(self.fileno, select.POLLIN | select.POLLHUP | select.POLLERR)
        self._carry_out(parser, decode(self._typed))
        while not self.exit_event.is_set():
            for _, ready in poller.poll(100):
                data = self._read() if ready & select.POLLIN else b""
                if not data:
                    self._hang_up()
                    return
                self._carry_out(parser, decode(data))
            for event in parser.tick():
                self.process_message(event)

    def _carry_out(self, parser: XTermParser, typed: str) -> None:
        """Hand on what was typed. Nothing, as of half a letter, would be the end of all keys to the parser."""
        if typed:
            for event in parser.feed(typed):
                self.process_message(event)

    def _read(self) -> bytes:
        try:
            return os.read(self.fileno, 4096)
        except OSError:
            return b""

    def _hang_up(self) -> None:
        leave(self._app, 128 + signal.SIGHUP)  # type: ignore[arg-type]  # Textual knows no more than that it is an app
