"""What a terminal does to a program that it does not mean well: floods, storms and sudden ends. Work is counted, not time."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.screens.terminal_session import BOUND_S, ROOT, Session, session

IDLE_TICKS = 20
"""Of the kernel's 100 a second: what may be used in two seconds in which nothing happens, broker in the process included."""


def ticks(pid: int) -> int:
    """Processor time of a process in the kernel's ticks, which waiting for a busy machine does not add to."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def used(opened: Session, seconds: float = 2.0) -> int:
    """What it uses in a while."""
    before = ticks(opened.pid)
    opened.pump(seconds)
    return ticks(opened.pid) - before


def usable(opened: Session) -> None:
    """Quiet, and the keys work to the last."""
    opened.pump(0.5)
    assert used(opened) <= IDLE_TICKS
    opened.press("\x11")
    assert opened.end() == 0


def test_a_flood_of_continue_signals_costs_nothing_afterwards() -> None:
    """Two hundred SIGCONT in a row."""
    with session() as opened:
        opened.ready()
        before = opened.threads()
        for _ in range(200):
            os.kill(opened.pid, signal.SIGCONT)
        opened.press("j", 0.3)
        assert opened.threads() <= before
        usable(opened)


def test_stopped_and_continued_over_and_over() -> None:
    """Every stop gives the terminal back, every return paints the queue; no thread is left behind."""
    with session() as opened:
        opened.ready()
        before = opened.threads()
        for _ in range(6):
            os.kill(opened.pid, signal.SIGTSTP)
            opened.wait_until(opened.stopped, "the stop")
            assert opened.echoes()
            opened.pump(0.1)
            seen = len(opened.output)
            for _ in range(5):
                os.kill(opened.pid, signal.SIGCONT)
            opened.wait_until(lambda seen=seen: opened.output[seen:].count(b"EUR") > 10, "all rows")  # type: ignore[misc]
        opened.pump(0.5)
        assert opened.threads() <= before
        usable(opened)


def test_a_storm_of_sizes_ends_on_the_last() -> None:
    """Three hundred, the absurd among them: then the queue stands at the size that there is, and nothing goes on."""
    with session(size=(100, 30)) as opened:
        opened.ready()
        for number in range(300):
            odd = ((1, 1), (1, 500), (60, 40), (24, 80), (200, 300), (3, 20))[number % 6]
            opened.child.setwinsize(*odd)
            if number % 25 == 0:
                opened.pump(0.0)
        opened.child.setwinsize(30, 100)
        opened.pump(0.5)
        opened.press("\x0c", 0.5)
        opened.wait_for("? Help")
        usable(opened)


def test_a_size_of_nothing_is_no_fault() -> None:
    """0x0 is what a terminal says that does not know; then it says 80x24."""
    with session() as opened:
        opened.ready()
        opened.child.setwinsize(0, 0)
        opened.press("j", 0.3)
        opened.child.setwinsize(24, 80)
        opened.press("\x0c", 0.5)
        opened.wait_for("? Help")
        usable(opened)


def test_keys_that_come_to_an_end_end_the_app() -> None:
    """The terminal of the keys is gone, that of the screen is not, and no signal comes: status 129 and no spinning."""
    keys, theirs = pty.openpty()
    screen, shown = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.screens"],
        cwd=ROOT,
        stdin=theirs,
        stdout=shown,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        env=os.environ | {"TERM": "xterm-256color", "LANG": "C.UTF-8"},
    )
    os.close(theirs)
    os.close(shown)
    output = b""
    try:
        while b"reachable" not in output:
            output += os.read(screen, 65536)
        before = ticks(process.pid)
        os.close(keys)
        end = time.monotonic() + BOUND_S
        spent = before
        while process.poll() is None and time.monotonic() < end:
            spent = _spent(process.pid, spent)
            try:
                output += os.read(screen, 65536)
            except OSError:
                break
        assert process.wait(BOUND_S) == 128 + signal.SIGHUP
        assert spent - before < 300
    finally:
        process.kill()
        process.wait()
        os.close(screen)


def _spent(pid: int, known: int) -> int:
    try:
        return ticks(pid)
    except (OSError, IndexError):
        return known


@pytest.mark.parametrize("after", [1, 600, 2500])
@pytest.mark.parametrize("ignored", [False, True])
def test_a_terminal_that_goes_at_any_moment_takes_the_process_along(after: int, ignored: bool) -> None:
    """While it starts, while it paints, when it is up; with SIGHUP and without."""
    with session(*(["--ignore-hangup"] if ignored else [])) as opened:
        opened.wait_until(lambda: len(opened.output) >= after, f"{after} bytes")
        opened.hang_up()
        end = time.monotonic() + BOUND_S
        while opened.child.isalive() and time.monotonic() < end:
            time.sleep(0.02)  # a process has no event to wait for here
        assert not opened.child.isalive()


def test_where_no_shell_is_behind_it_ctrl_z_stops_nothing() -> None:
    """A process that nobody would continue would be lost, with the screen on it."""
    with session() as opened:
        opened.ready()
        opened.press("\x1a", 0.3)
        opened.wait_for("There is no shell to go back to")
        usable(opened)


def test_a_paste_that_ends_itself_confirms_nothing() -> None:
    """The end mark inside of what is pasted, and y behind it: the review stands as it was."""
    with session() as opened:
        opened.ready()
        opened.press("a", 0.4)
        opened.press("1", 0.4)
        opened.press("\r", 0.4)
        opened.wait_for("Review: Apply PAY-2000")
        opened.press("\x1b[200~hello\x1b[201~y\x1b[201~", 0.6)
        assert "Review: Apply PAY-2000" in opened.text
        usable(opened)


def test_nothing_copies_by_itself() -> None:
    """No OSC 52, whatever is looked at; it would carry a customer's data to another machine."""
    with session("--hostile", size=(120, 40)) as opened:
        opened.ready()
        for keys in ("j", "\r", "\x1b", "n", "\x1b", "O", "q", "y", "Y"):
            opened.press(keys, 0.2)
        assert not any(start in opened.output for start in (b"\x1b]52;", b"\xc2\x9d52;"))


def test_no_color_is_no_colour(tmp_path: Path) -> None:
    """Not one colour in any sequence; bold, dim and reverse stay."""
    assert colours(b"\x1b[1;38;2;9;9;9mA\x1b[0m\x1b[7;31mB") == {b"38", b"31"}
    with session("--own-face", size=(120, 40), NO_COLOR="1", XDG_CONFIG_HOME=str(tmp_path)) as opened:
        opened.ready()
        for keys in ("j", "\r", "\x1b", "a", "\x1b", "O", "q", ",", "q", "?", "q"):
            opened.press(keys, 0.2)
        assert colours(opened.output) == set()
        usable(opened)


def colours(output: bytes) -> set[bytes]:
    """Parameters of SGR sequences that are a foreground or background colour."""
    found = set()
    for part in output.split(b"\x1b[")[1:]:
        said, sign, _ = part.partition(b"m")
        if sign and all(letter in b"0123456789;" for letter in said):
            found |= {
                number
                for number in said.split(b";")
                if number.isdigit() and (30 <= int(number) <= 49 or 90 <= int(number) <= 107)
            } - {b"39", b"49"}
    return found
