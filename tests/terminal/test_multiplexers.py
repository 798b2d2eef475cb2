"""In tmux and in GNU screen, and over a line of 300 ms: it starts, comes back, and keeps every key in its order."""

from __future__ import annotations

import os
import pty
import select
import shutil
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Self

import pytest

from tests.screens.terminal_session import BOUND_S, ROOT, Session, session

APP = f"cd {ROOT} && exec {sys.executable} -m tests.screens"
DELAY_S = 0.15
"""One way: a key and its answer take twice that."""


def until(holds: Callable[[], bool], shown: Callable[[], str]) -> None:
    """Wait, bounded, for something on a screen."""
    end = time.monotonic() + BOUND_S
    while not holds():
        assert time.monotonic() < end, shown()
        time.sleep(0.05)  # a multiplexer has no event for what its panes show


class Tmux:
    """A server of our own."""

    def __init__(self, folder: Path) -> None:
        self._at = ["tmux", "-S", str(folder / "t"), "-f", "/dev/null"]

    def __call__(self, *words: str) -> str:
        return subprocess.run([*self._at, *words], check=True, capture_output=True, text=True).stdout

    def text(self) -> str:
        """What the pane shows."""
        return self("capture-pane", "-p")


@pytest.fixture
def tmux(tmp_path: Path) -> Iterator[Tmux]:
    """The app in a detached session of 80x24."""
    at = Tmux(tmp_path)
    at("new-session", "-d", "-x", "80", "-y", "24", APP)
    yield at
    with suppress(subprocess.CalledProcessError):
        at("kill-server")


def test_in_tmux_it_starts_and_leaves(tmux: Tmux) -> None:
    """Ctrl+Q ends the program, and with it the session."""
    until(lambda: "ledger reachable" in tmux.text(), tmux.text)
    tmux("send-keys", "C-q")
    until(lambda: not _serves(tmux), lambda: "the session lives on")


def _serves(tmux: Tmux) -> bool:
    try:
        return bool(tmux("list-sessions"))
    except subprocess.CalledProcessError:
        return False


def test_a_tmux_client_that_comes_back_sees_the_same_screen(tmux: Tmux) -> None:
    """Attach, detach by losing the terminal, attach again: nothing was asked of the app, everything is there."""
    until(lambda: "ledger reachable" in tmux.text(), tmux.text)
    tmux("send-keys", "jjn")
    until(lambda: "Note on" in tmux.text(), tmux.text)
    before = tmux.text().splitlines()[:10]
    for _ in range(2):
        with Attached([*tmux._at, "attach"]) as client:
            client.shows(b"Note on")
    assert tmux.text().splitlines()[:10] == before


def test_a_tmux_window_that_grows_is_filled(tmux: Tmux) -> None:
    """From 80x24 to 120x40: the footer stands in the last line, and the account beside the list."""
    until(lambda: "ledger reachable" in tmux.text(), tmux.text)
    tmux("resize-window", "-x", "120", "-y", "40")
    until(lambda: "? Help" in "".join(tmux.text().split("\n")[39:40]), tmux.text)
    until(lambda: len(tmux.text().splitlines()[0]) > 100, tmux.text)


class Attached:
    """A client of a multiplexer on a terminal that can be lost."""

    def __init__(self, words: list[str]) -> None:
        self._words = words

    def __enter__(self) -> Self:
        self.pid, self._fd = pty.fork()
        if not self.pid:
            os.execvpe(
                self._words[0], self._words, {**os.environ, "TERM": "xterm-256color", "LANG": "C.UTF-8"}
            )
        self.seen = b""
        return self

    def types(self, keys: bytes) -> None:
        """Keys."""
        os.write(self._fd, keys)

    def shows(self, words: bytes) -> None:
        """Wait, bounded, until the client was sent these words."""
        end = time.monotonic() + BOUND_S
        while words not in self.seen:
            assert time.monotonic() < end, self.seen[-2000:]
            if select.select([self._fd], [], [], 0.1)[0]:
                self.seen += os.read(self._fd, 65536)

    def __exit__(self, *_: object) -> None:
        os.close(self._fd)
        os.waitpid(self.pid, 0)


@pytest.mark.skipif(shutil.which("screen") is None, reason="needs GNU screen")
def test_in_gnu_screen_it_survives_a_lost_terminal(tmp_path: Path) -> None:
    """Start, lose the terminal, come back with the keys that were typed before; Ctrl+Q ends it."""
    folder = tmp_path / "s"
    folder.mkdir(mode=0o700)
    os.environ["SCREENDIR"] = str(folder)
    try:
        with Attached(["screen", "-U", "-S", "arqt", "sh", "-c", APP]) as client:
            client.shows(b"ledger reachable")
            client.types(b"jjn")
            client.shows(b"Note on")
        with Attached(["screen", "-U", "-d", "-r", "arqt"]) as again:
            again.shows(b"Note on")
            again.types(b"\x11")
            again.shows(b"screen is terminating")
    finally:
        subprocess.run(["screen", "-S", "arqt", "-X", "quit"], capture_output=True, check=False)
        del os.environ["SCREENDIR"]


class SlowLine:
    """Keys on their way: each packet reaches the app so much later, in its order."""

    def __init__(self, opened: Session) -> None:
        self._opened = opened
        self._way: deque[tuple[float, bytes]] = deque()
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._carry, daemon=True)
        self._thread.start()

    def sends(self, keys: str) -> None:
        """Typed now, there later."""
        self._way.append((time.monotonic() + 2 * DELAY_S, keys.encode()))

    def _carry(self) -> None:
        while not self._end.wait(0.005):
            while self._way and self._way[0][0] <= time.monotonic():
                os.write(self._opened.child.child_fd, self._way.popleft()[1])

    def closes(self) -> None:
        """No more."""
        self._end.set()
        self._thread.join()


def test_over_a_slow_line_keys_keep_their_order_and_none_posts_blindly() -> None:
    """A whole note is typed without once waiting for the screen: it is word for word in the form, and the y typed ahead waits."""
    with session() as opened:
        opened.ready()
        line = SlowLine(opened)
        try:
            for key in ("j", "j", "n", *"Pays on Friday the 27th", "\r", "y"):
                line.sends(key)
            opened.wait_for("Pays on Friday the 27th")
            opened.wait_for("Review")
            opened.wait_for("press y")
        finally:
            line.closes()
        assert "Queued" not in opened.text
