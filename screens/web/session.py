"""One browser session: the app as a process of its own on a terminal of its own, whose other end is the page."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import shlex
import signal
import struct
import termios
from collections.abc import Awaitable, Callable, Mapping, Sequence

from textual_serve.app_service import AppService
from textual_serve.download_manager import DownloadManager

PATIENCE_S = 5.0
"""How long a face may take to end by itself once its terminal is gone."""
COLUMNS, ROWS = range(1, 501), range(1, 301)
_CHUNK = 65536
_FOREIGN = ("TMUX", "TMUX_PANE", "STY", "SSH_TTY", "SSH_CONNECTION", "SSH_CLIENT", "COLUMNS", "LINES")
"""What is true of the terminal that the server was started on, not of the page."""


class Session(AppService):
    """What a terminal and its line are for SSH: bytes both ways, its size, and a hang-up when the page is closed."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        write_bytes: Callable[[bytes], Awaitable[None]],
        write_str: Callable[[str], Awaitable[None]],
        close: Callable[[], Awaitable[object]],
    ) -> None:
        super().__init__(
            shlex.join(command),
            write_bytes=write_bytes,
            write_str=write_str,
            close=close,  # type: ignore[arg-type]
            download_manager=DownloadManager(),
        )
        self._words = tuple(command)
        self._terminal = -1

    async def start(self, width: int, height: int) -> None:
        """Open the terminal and run the app on it."""
        self._terminal, inner = os.openpty()
        try:
            os.set_blocking(self._terminal, False)
            await self.set_terminal_size(width, height)
            self._process = await asyncio.create_subprocess_exec(
                *self._words,
                stdin=inner,
                stdout=inner,
                stderr=inner,
                env=environment(os.environ),
                start_new_session=True,
            )
        finally:
            os.close(inner)
        self._task = asyncio.create_task(self.run(), name="browser-session")

    async def run(self) -> None:
        """Carry what the app writes to the page; when it is gone, so is the session."""
        with contextlib.suppress(ConnectionError):
            while data := await self._output():
                await self.remote_write_bytes(data)
        await self.remote_close()

    async def _output(self) -> bytes:
        await self._ready(write=False)
        try:
            return os.read(self._terminal, _CHUNK)
        except OSError:  # Linux says so when the app has closed its end
            return b""

    async def send_bytes(self, data: bytes) -> bool:
        """Type. A terminal takes a few thousand bytes at a time: the rest waits for the app."""
        left = memoryview(data)
        while left and self._terminal >= 0:
            try:
                left = left[os.write(self._terminal, left) :]
            except BlockingIOError:
                await self._ready(write=True)
            except OSError:
                return False
        return not left

    async def _ready(self, *, write: bool) -> None:
        loop = asyncio.get_running_loop()
        known: asyncio.Future[None] = loop.create_future()
        terminal = self._terminal
        add, remove = (
            (loop.add_writer, loop.remove_writer) if write else (loop.add_reader, loop.remove_reader)
        )

        def told() -> None:
            if not known.done():
                known.set_result(None)

        add(terminal, told)
        try:
            await known
        finally:
            remove(terminal)

    async def set_terminal_size(self, width: int, height: int) -> None:
        """Another size of the page; the kernel tells the app."""
        columns, rows = _within(width, COLUMNS), _within(height, ROWS)
        with contextlib.suppress(OSError):
            fcntl.ioctl(self._terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    async def blur(self) -> None:
        """Whether the page has the focus changes nothing."""

    async def focus(self) -> None:
        """Whether the page has the focus changes nothing."""

    async def stop(self) -> None:
        """Hang up, wait for the face to keep its drafts and end; then end it."""
        task, self._task = self._task, None
        if task is None or self._process is None:
            return
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        terminal, self._terminal = self._terminal, -1
        os.close(terminal)
        try:
            async with asyncio.timeout(PATIENCE_S):
                await self._process.wait()
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            await self._process.wait()


def environment(environ: Mapping[str, str]) -> dict[str, str]:
    """The person's environment, on the terminal that the page is."""
    own = {name: value for name, value in environ.items() if name not in _FOREIGN}
    return own | {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LC_ALL": "C.UTF-8"}


def _within(number: int, bounds: range) -> int:
    return min(max(number, bounds[0]), bounds[-1])
