"""The way out to the terminal: in order, never waited for, whoever reads."""

from __future__ import annotations

import os
import pty
import threading
import tty
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from screens import outlet
from screens.outlet import Outlet
from tests.screens.terminal_session import BOUND_S

Ends = tuple[int, int]


@pytest.fixture
def ends() -> Iterator[Ends]:
    """Both ends of a terminal: the reader's and the program's."""
    reader, program = pty.openpty()
    tty.setraw(program)
    yield reader, program
    os.close(reader)
    os.close(program)


def read(reader: int, size: int) -> bytes:
    """So many bytes."""
    got = b""
    while len(got) < size:
        got += os.read(reader, 65536)
    return got


@pytest.mark.parametrize("again", [True, False], ids=["opened again", "as given"])
def test_what_nobody_reads_waits_in_its_order(
    ends: Ends, again: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Far more than a terminal holds is taken at once; whoever reads then gets every byte, and the owner hears of it."""
    if not again:
        monkeypatch.setattr(outlet, "_not_waiting", lambda _fileno: -1)
    caught_up = threading.Event()
    way = Outlet(ends[1], caught_up.set)
    way.open()
    pieces = [bytes([65 + number]) * 10_000 for number in range(20)]
    for piece in pieces:
        way.send(piece)
    assert way.behind
    way.drain(0)
    assert read(ends[0], 200_000) == b"".join(pieces)
    assert caught_up.wait(BOUND_S)
    assert not way.behind
    way.send(b"more")
    assert read(ends[0], 4) == b"more"
    way.drain(BOUND_S)
    way.close()


def test_a_reader_that_keeps_up_costs_no_thread(ends: Ends, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the terminal takes is written where it is sent."""

    def never(**_: Callable[[], None]) -> threading.Thread:
        raise AssertionError

    monkeypatch.setattr(threading, "Thread", never)
    way = Outlet(ends[1], lambda: None)
    way.open()
    way.send(b"now")
    assert read(ends[0], 3) == b"now"
    way.close()


def test_no_terminal_to_open_again(tmp_path: Path) -> None:
    """A file is written as given."""
    file = os.open(tmp_path / "out", os.O_WRONLY | os.O_CREAT, 0o600)
    way = Outlet(file, lambda: None)
    way.open()
    way.send(b"words")
    way.drain(BOUND_S)
    assert (tmp_path / "out").read_bytes() == b"words"
    way.close()
    os.close(file)


def test_after_a_stop_it_is_written_at_once_again(ends: Ends, monkeypatch: pytest.MonkeyPatch) -> None:
    """Closed and opened: no thread is needed for what the terminal takes."""

    def never(**_: Callable[[], None]) -> threading.Thread:
        raise AssertionError

    way = Outlet(ends[1], lambda: None)
    way.open()
    way.close()
    way.open()
    monkeypatch.setattr(threading, "Thread", never)
    way.send(b"now")
    assert read(ends[0], 3) == b"now"
    way.close()
