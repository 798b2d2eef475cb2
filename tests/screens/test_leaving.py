"""Leaving is bounded by the program itself: what hangs is ended, the terminal given back, with the exit status of the cause."""

from __future__ import annotations

import os
import signal
import time
from types import SimpleNamespace
from typing import cast

import pytest

from screens.face import Face
from screens.leaving import GRACE_S, HANDLED, HUNG, Deadline, signals
from screens.terminal import TerminalDriver
from tests.screens.terminal_session import BOUND_S, Session, session
from tests.screens.test_terminal import restored

ENDED_HARD = HUNG.encode()
"""Only the deadline says this."""
GONE_S = 3.0
"""So long after a signal the process is gone."""


def hung(*options: str) -> Session:
    """A face whose loop stands still for ever."""
    opened = Session("--stuck", *options)
    opened.ready()
    opened.type("\x0c")
    opened.wait_until(lambda: b"STUCK" in opened.output, "the loop to stand still")
    return opened


class Armed(Deadline):
    """A deadline that tells when it is over, and never comes."""

    def __init__(self) -> None:
        super().__init__(cast(Face, SimpleNamespace(_driver=None)))
        self.seconds: dict[int, float] = {}

    def set(self, status: int, grace_s: float) -> None:
        """Armed as it is; asked how long it takes; off."""
        super().set(status, grace_s)
        timer = self._timers[status]
        assert timer.is_alive()
        assert timer.daemon
        self.seconds[status] = timer.interval
        self.over()


def armed() -> tuple[Armed, Face]:
    """A deadline, and the face whose end it bounds: one whose loop is gone."""
    deadline = Armed()
    return deadline, cast(Face, SimpleNamespace(deadline=deadline, _loop=None))


def test_what_ends_a_program_is_heeded() -> None:
    """A terminal that closes, Ctrl+C and Ctrl+\\ of others, a system that goes down, and the two that have no meaning."""
    assert {*HANDLED} == {
        signal.SIGHUP,
        signal.SIGINT,
        signal.SIGQUIT,
        signal.SIGTERM,
        signal.SIGUSR1,
        signal.SIGUSR2,
    }


@pytest.mark.parametrize("number", HANDLED)
def test_a_signal_leaves_less_than_three_seconds(number: signal.Signals) -> None:
    """Whatever hangs: from the signal on a clock runs, and at its end the process ends."""
    deadline, app = armed()
    with signals(app):
        signal.raise_signal(number)
    assert deadline.seconds == {128 + number: GRACE_S}
    assert GRACE_S < GONE_S


def test_a_terminal_that_is_gone_leaves_less_than_three_seconds() -> None:
    """Closed, or at the end of its keys, without any signal: the same clock."""
    deadline, app = armed()
    TerminalDriver._hang_up(cast(TerminalDriver, SimpleNamespace(_app=app)))
    assert deadline.seconds == {129: GRACE_S}


@pytest.mark.parametrize("number", HANDLED)
def test_a_face_that_hangs_heeds_a_signal(number: signal.Signals) -> None:
    """Its loop hears nothing any more: it is ended with the status of the signal, the terminal restored."""
    opened = hung()
    try:
        os.kill(opened.pid, number)
        assert opened.end() == 128 + number
        assert ENDED_HARD in opened.output
        assert restored(opened)
        assert opened.child.signalstatus is None
    finally:
        opened.close()


def test_a_face_that_hangs_goes_with_its_terminal() -> None:
    """SIGHUP ignored and the terminal closed: the process ends with status 129, by itself and not by a signal."""
    opened = hung("--ignore-hangup")
    try:
        opened.hang_up()
        end = time.monotonic() + BOUND_S
        while opened.child.isalive():
            assert time.monotonic() < end
            time.sleep(0.02)  # a process has no event to wait for here
        assert (opened.child.exitstatus, opened.child.signalstatus) == (129, None)
    finally:
        opened.close()


@pytest.mark.parametrize("ends, status", [("\x11", 0), (signal.SIGTERM, 143)])
def test_an_end_that_hangs_is_ended(ends: str | signal.Signals, status: int) -> None:
    """Hanging up never comes back: Ctrl+Q and a signal end it all the same."""
    with session("--stuck-end") as opened:
        opened.ready()
        if isinstance(ends, str):
            opened.type(ends)
        else:
            os.kill(opened.pid, ends)
        assert opened.end() == status
        assert ENDED_HARD in opened.output
        assert restored(opened)


@pytest.mark.parametrize("ends, status", [("\x11", 0), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_broker_that_answers_nothing_is_not_waited_for(ends: str | signal.Signals, status: int) -> None:
    """A draft is typed and the broker silent: the end is a clean one, without the deadline."""
    with session("--mute", "--patient") as opened:
        opened.ready()
        opened.press("R", 0.3)
        opened.wait_for("Asked for a sync")
        opened.press("ndraft", 0.3)
        opened.wait_for("draft")
        if isinstance(ends, str):
            opened.type(ends)
        else:
            os.kill(opened.pid, ends)
        assert opened.end() == status
        assert ENDED_HARD not in opened.output
        assert restored(opened)
