"""On a real terminal: few bytes, clean ends, nothing that spins, and nobody's escape sequences but ours."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from screens.leaving import HANDLED
from tests.screens.company_folder import company_folder
from tests.screens.hostile import leaks
from tests.screens.terminal_session import ASKED, BOUND_S, ROOT, Session, session

LEFT = b"\x1b[?1049l"
SHOWN = b"\x1b[?25h"


def restored(opened: Session) -> bool:
    """Main screen, cursor, line mode."""
    return LEFT in opened.output and SHOWN in opened.output and opened.echoes()


def test_an_idle_screen_sends_nothing() -> None:
    """Two seconds without a key are zero bytes, on the list and in a form with a cursor."""
    with session() as opened:
        opened.ready()
        opened.pump(0.5)
        assert opened.pump(2.0) == b""
        opened.press("n", 1.0)
        assert opened.pump(2.0) == b""


def test_a_move_costs_a_gutter_not_a_row() -> None:
    """Down inside a page is less than half of the 249 bytes of neomutt; a page is a few kilobytes."""
    with session() as opened:
        opened.ready()
        opened.press("j")
        moves = [len(opened.press("j")) for _ in range(5)]
        assert max(moves) < 120
        assert len(opened.press("\x1b[6~", 0.4)) < 2500


def test_beside_the_account_a_move_is_as_small() -> None:
    """At 120x40 ten Downs are ten gutters and, when the cursor rests, one account; each with its account is below a kilobyte."""
    with session(size=(120, 40)) as opened:
        opened.ready()
        opened.press("j", 1.0)
        assert len(opened.press("j" * 10, 1.0)) < 1500
        assert sum(len(opened.press("j", 0.8)) for _ in range(4)) < 4 * 1024


def test_a_terminal_that_can_is_given_whole_frames() -> None:
    """It says that it knows synchronized output: every frame stands between its brackets, and none is left open."""
    with session() as opened:
        opened.wait_until(lambda: b"\x1b[?2026$p" in opened.output, "the question")
        opened.press("\x1b[?2026;2$y", 0.0)
        opened.ready()
        before = len(opened.output)
        opened.press("n", 0.5)
        opened.wait_for("Note on")
        frames = opened.output[before:]
        assert frames.count(b"\x1b[?2026h") == frames.count(b"\x1b[?2026l") > 0
        assert frames.startswith(b"\x1b[?2026h")


def test_the_first_screens_are_small() -> None:
    """From nothing to the queue in four kilobytes at 80x24; a form and the way back are no more than its text."""
    with session() as opened:
        opened.ready()
        opened.pump(0.3)
        assert len(opened.output) < 4500
        assert len(opened.press("n", 0.4)) < 2500
        assert len(opened.press("\x1b", 0.8)) < 4000


def test_what_is_not_sent_again_is_what_the_terminal_shows() -> None:
    """After any keys the screen is the one that drawing everything again gives, letters of two cells and all."""
    with session("--wide", size=(110, 30)) as opened:
        opened.ready()
        for keys in (("n", "\x1b"), ("j", "3", "\x1b[6~"), ("\r", "q", "O", "q", "O"), ("q", "/", "a", "\r")):
            for key in keys:
                opened.press(key, 0.3)
            if "/" in keys:
                opened.wait_for('filter "a"')
                opened.pump(0.3)
            before = _but_the_status(opened)
            assert opened.press("\x0c", 0.3)
            assert _but_the_status(opened) == before, keys


def _but_the_status(opened: Session) -> list[str]:
    lines = opened.text.splitlines()
    return [*lines[:-2], lines[-1]]


def test_the_mouse_is_left_alone() -> None:
    """No mouse reporting is ever asked for: twenty moves of a mouse would cost 266 KB."""
    with session() as opened:
        opened.ready()
        assert b"?1000h" not in opened.output
        assert b"?1003h" not in opened.output


@pytest.mark.parametrize("number", HANDLED)
def test_a_signal_ends_it_cleanly(number: signal.Signals) -> None:
    """Unmounted, terminal restored, status 128 + signal."""
    with session() as opened:
        opened.ready()
        os.kill(opened.pid, number)
        assert opened.end() == 128 + number
        assert restored(opened)


def test_ctrl_q_leaves_the_terminal_as_it_was() -> None:
    """Status 0, and the shell is usable."""
    with session() as opened:
        opened.ready()
        opened.press("\x11")
        assert opened.end() == 0
        assert restored(opened)


def test_a_terminal_that_is_gone_ends_it_even_when_nobody_says_so() -> None:
    """SIGHUP ignored and the PTY closed: the process does not live on and spin."""
    with session("--ignore-hangup") as opened:
        opened.ready()
        opened.hang_up()
        end = time.monotonic() + BOUND_S
        while opened.child.isalive() and time.monotonic() < end:
            time.sleep(0.02)  # a process has no event to wait for here
        assert not opened.child.isalive()


def test_stray_continue_signals_do_nothing() -> None:
    """Five SIGCONT leave the threads as they were, and Ctrl+Q still leaves."""
    with session() as opened:
        opened.ready()
        before = opened.threads()
        for _ in range(5):
            os.kill(opened.pid, signal.SIGCONT)
            opened.pump(0.05)
        opened.press("j", 0.3)
        assert opened.threads() == before
        opened.press("\x11")
        assert opened.end() == 0


def test_suspending_and_coming_back_restores_the_screen() -> None:
    """A stop by signal gives the terminal back; after SIGCONT the whole queue is painted anew and keys work."""
    with session() as opened:
        opened.ready()
        os.kill(opened.pid, signal.SIGTSTP)
        opened.wait_until(opened.stopped, "the stop")
        assert opened.echoes()
        os.kill(opened.pid, signal.SIGCONT)
        before = len(opened.output)
        opened.wait_until(lambda: opened.output[before:].count(b"EUR") > 10, "all rows")
        opened.press("j", 0.4)
        assert ">  DISPUTE" in opened.text
        opened.press("\x11")
        assert opened.end() == 0


def stalled(opened: Session) -> None:
    """Draw everything again and again without reading any of it, until what is left waits in a thread of its own."""
    before, end = opened.threads(), time.monotonic() + BOUND_S
    while opened.threads() == before:
        assert time.monotonic() < end
        os.write(opened.child.child_fd, b"\x0c")
        time.sleep(0.02)  # nothing may be read here, and there is nothing else to wait for


@pytest.mark.parametrize("ends, status", [("\x11", 0), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_reader_that_stands_still_keeps_nobody(ends: str | signal.Signals, status: int) -> None:
    """Ctrl+Q and the signals end it though not one byte is read any more."""
    with session() as opened:
        opened.ready()
        stalled(opened)
        if isinstance(ends, str):
            os.write(opened.child.child_fd, ends.encode())
        else:
            os.kill(opened.pid, ends)
        end = time.monotonic() + BOUND_S
        while opened.child.isalive():
            assert time.monotonic() < end
            time.sleep(0.02)  # a process has no event to wait for here
        assert (opened.child.exitstatus, opened.child.signalstatus) == (status, None)


def test_a_reader_that_comes_back_sees_how_it_is_now() -> None:
    """Keys of the time in which nobody read have had their effect, and the screen shows it."""
    with session() as opened:
        opened.ready()
        stalled(opened)
        os.write(opened.child.child_fd, b"\x0c" * 40 + b"jn")
        opened.wait_for("Note on")
        opened.press("\x1b", 0.3)
        opened.wait_for(">  DISPUTE")


def test_a_size_that_was_exported_does_not_hold() -> None:
    """COLUMNS and LINES in the environment (readline puts them there) are not the size: another one is followed."""
    with session(COLUMNS="80", LINES="24") as opened:
        opened.ready()
        opened.resize(120, 40)
        opened.wait_until(lambda: "Move" in opened.text.split("\n")[39], "the footer in the last line")


def test_a_size_that_changes_while_the_app_is_on_its_way_is_followed() -> None:
    """The first frame stands, Textual is not there yet, the terminal grows: the app fills it."""
    with (
        company_folder() as file,
        session("--config", str(file), program=("-m", "arqueue")) as opened,
    ):
        opened.wait_for("EUR")
        assert b"\x1b[?2026$p" not in opened.output
        opened.resize(120, 40)
        opened.wait_until(lambda: "Move" in opened.text.split("\n")[39], "the footer in the last line")
        opened.wait_until(lambda: "ledger reachable" in opened.text.split("\n")[38], "the status above it")


def test_keys_typed_before_the_app_is_up_are_not_lost() -> None:
    """What is typed while it starts goes to the queue in its order."""
    with session() as opened:
        opened.press("jj", 0.0)
        opened.ready()
        opened.wait_for(">  OVERDUE")


def test_half_a_letter_waits_for_its_other_half() -> None:
    """A letter of two bytes that come one by one is a letter, and keys go on after it."""
    with session() as opened:
        opened.ready()
        opened.press("/", 0.3)
        for byte in "ü".encode():
            os.write(opened.child.child_fd, bytes([byte]))
            opened.pump(0.2)
        opened.press("x")
        opened.wait_for("/ üx")


@pytest.mark.parametrize("term", ["dumb", ""])
def test_a_dumb_terminal_is_refused_with_a_way_out(term: str) -> None:
    """Exit status 2 and the command line named; not one escape sequence."""
    with session(TERM=term) as opened:
        assert opened.end(20.0) == 2
        assert b"arqueue list" in opened.output
        assert b"\x1b" not in opened.output


def test_no_terminal_is_refused() -> None:
    """In a pipe it ends at once with status 2 and says what to use instead."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.screens"],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 2
    assert b"arqueue list" in done.stderr
    assert done.stdout == b""


def test_a_crash_gives_a_reference_and_no_data(tmp_path: Path) -> None:
    """A fault of our own: status 1, terminal restored, a number; the details are in a file for this person only."""
    with session("--garbage", XDG_STATE_HOME=str(tmp_path)) as opened:
        assert opened.end(20.0) == 1
        assert restored(opened)
        assert b"Reference " in opened.output
        assert b"Traceback" not in opened.output
        assert b"4111" not in opened.output
        (report,) = (tmp_path / "arqueue").iterdir()
        assert stat.S_IMODE(report.stat().st_mode) == 0o600
        text = report.read_text()
        assert ".py:" in text
        assert "4111" not in text


def test_a_plain_locale_gets_ascii() -> None:
    """LANG=C: not one byte beyond ASCII."""
    with session(LANG="C", LC_ALL="C") as opened:
        opened.ready()
        opened.press("a", 0.5)
        assert opened.output.isascii()
        assert "Apply payment" in opened.text


def test_a_paste_into_the_list_runs_no_keys() -> None:
    """A bracketed paste of words is not a row of orders."""
    with session() as opened:
        opened.ready()
        opened.press("\x1b[200~jjja1\ry\x1b[201~", 0.4)
        assert ">  PAYMENT" in opened.text


def test_typed_ahead_in_one_packet_stops_at_the_review() -> None:
    """a 1 Enter y in one write: the review waits."""
    with session() as opened:
        opened.ready()
        opened.press("a1\ry", 0.8)
        assert "Review: Apply PAY-2000" in opened.text
        assert "Read it, then press y." in opened.text


def test_a_terminal_that_says_nothing_is_believed_after_a_while() -> None:
    """One that answers no question what it shows: y by itself counts at last, and it is not asked again."""

    def queued() -> bool:
        opened.press("y", 0.2)
        return "Queued" in opened.text

    with session() as opened:
        opened.answers = False
        opened.ready()
        opened.press("a1\r", 0.3)
        opened.wait_until(queued, "Queued")
        opened.press("nPays on Friday\r", 0.3)
        opened.wait_for("Review: Note")
        assert opened.output.count(ASKED) == 1


def test_hostile_text_reaches_no_terminal() -> None:
    """Every place with names, notes and texts that attack: only our own sequences come out."""
    with session("--hostile", size=(120, 45)) as opened:
        opened.ready()
        for keys in (
            "jjj",
            "G",
            "g\r",
            "JJ",
            "\x1b",
            "w",
            "q",
            "ga",
            "1",
            "\x1b",
            "n",
            "\x1b",
            "jm",
            "\x1b",
            "O",
            "q",
            "?",
            "q",
            ":",
        ):
            opened.press(keys, 0.25)
        opened.press("\x1b", 0.3)
        opened.press("\x11")
        assert opened.end() == 0
        assert leaks(opened.output.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "")) == []
