"""A broker whose socket somebody else opened, as a service manager does: it is used, and left for the next."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from data.broker import frames, protocol
from data.broker.listening import Listening
from data.broker.lock import owner_of
from tests.broker.company import PATIENCE_S, Company, company, until

_HAND_OVER = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ |= {"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "1"}
os.execv(sys.executable, [sys.executable, "-m", "arqueue", *sys.argv[2:]])
"""
"""What a service manager does between fork and exec."""


@pytest.fixture
def firm(tmp_path: Path) -> Iterator[Company]:
    """A company whose broker does not run yet."""
    with company(tmp_path / "c", ledger=False, broker=False) as made:
        yield made


@pytest.fixture
def listener(firm: Company) -> Iterator[socket.socket]:
    """The socket that faces look for, open before any broker is."""
    path = firm.settings.socket
    path.parent.mkdir(mode=0o700, exist_ok=True)
    with socket.socket(socket.AF_UNIX) as opened:
        opened.bind(str(path))
        opened.listen()
        yield opened


def start(firm: Company, listener: socket.socket) -> subprocess.Popen[bytes]:
    """A broker that finds it as its descriptor 3."""
    there = listener.fileno()
    with (firm.settings.store_dir / "broker.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", _HAND_OVER, str(there), "--config", str(firm.config), "broker"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=(there,),
        )
    firm.brokers.append(process)
    return process


def test_who_comes_before_the_broker_waits_in_the_line(firm: Company, listener: socket.socket) -> None:
    """A face that asks while nobody serves yet is answered by the broker that starts then."""
    with socket.socket(socket.AF_UNIX) as early:
        early.settimeout(PATIENCE_S)
        early.connect(str(firm.settings.socket))
        early.sendall(
            frames.pack(
                {"id": 1, "method": "hello", "params": {"version": protocol.VERSION}}, frames.REQUEST_CAP
            )
        )
        start(firm, listener)
        assert b'"person"' in early.recv(65536)


def test_the_socket_outlives_the_broker(firm: Company, listener: socket.socket) -> None:
    """It ends, the socket is still there, and the next one serves on it."""
    for _ in range(2):
        process = start(firm, listener)
        assert firm.ask("status")["sync"]["state"] in ("first", "failing")
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_S) == 0
        until(lambda: owner_of(firm.settings.store_dir) is None, "its lock is free")
        assert firm.settings.socket.is_socket()


def test_another_socket_than_faces_look_for_is_refused(firm: Company, tmp_path: Path) -> None:
    """The broker says what to write into the socket unit instead of serving nobody."""
    firm.settings.socket.parent.mkdir(mode=0o700, exist_ok=True)
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(str(tmp_path / "other"))
        other.listen()
        assert start(firm, other).wait(PATIENCE_S) == 1
    assert f"ListenStream={firm.settings.socket}" in firm.log()


def test_what_was_meant_for_another_process_is_not_taken(tmp_path: Path) -> None:
    """The words of the service manager to somebody else, inherited: a socket of our own, and nobody after us believes them."""
    environ = {"LISTEN_PID": str(os.getppid()), "LISTEN_FDS": "1", "HOME": "/"}
    listening = Listening(tmp_path / "run" / "s", "", environ)
    with listening.open() as opened:
        assert opened.getsockname() == str(tmp_path / "run" / "s")
    assert environ == {"HOME": "/"}
    listening.close()
    assert not (tmp_path / "run" / "s").exists()
