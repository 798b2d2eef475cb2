"""The first frame: there before Textual is, what Textual paints a moment later, nothing typed lost, the terminal given back."""

from __future__ import annotations

import json
import os
import re
import signal
import termios
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from textual._xterm_parser import XTermParser
from textual.events import Key

from data.broker.protocol import VERSION, VIEWS
from screens.actions import BY_ID
from screens.prepaint import first, moving, picture, show
from screens.queue.screen import THREE, WIDE
from screens.queue.windows import SIZE
from screens.small import LEAST
from tests.screens.company_folder import company_folder
from tests.screens.hostile import leaks
from tests.screens.terminal_session import Session, session

LARGE = ("textual", "rich", "httpx", "pydantic", "sqlite3", "sqlite_utils", "click", "asyncio", "dataclasses")
COLOUR = re.compile(rb"\x1b\[(?:[0-9]+;)*(?:3[0-9]|4[0-9]|9[0-7]|10[0-7])(?:;[0-9]+)*m")
APP = b"\x1b[?2026$p"
"""What Textual asks of a terminal when it begins."""
_MODULES = """
import json, pathlib, sys
mine = set(sys.modules)
from arqueue.cli.start import first_frame
first_frame(sys.argv[1], None).give_back()
pathlib.Path(sys.argv[2]).write_text(json.dumps(sorted(set(sys.modules) - mine)))
"""
_WAITING = """
import signal, sys
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
from arqueue.cli.app import open_face
from arqueue.cli.start import first_frame
taken = first_frame(sys.argv[1], None)
signal.sigwait({signal.SIGUSR1})
sys.exit(open_face(sys.argv[1], None, taken))
"""


@contextmanager
def waiting_program(size: tuple[int, int] = (80, 24)) -> Iterator[Session]:
    """The first frame, and the app after it as soon as it gets SIGUSR1."""
    with company_folder() as file, session(str(file), program=("-c", _WAITING), size=size) as opened:
        painted(opened)
        yield opened


@contextmanager
def program(
    *options: str, size: tuple[int, int] = (80, 24), served: bool = True, **environ: str
) -> Iterator[Session]:
    """``arqueue`` over a scripted broker in another process."""
    with (
        company_folder(*options, served=served) as file,
        session("--config", str(file), size=size, program=("-m", "arqueue"), **environ) as opened,
    ):
        yield opened


def painted(opened: Session) -> None:
    """Wait for the first frame, to its last line."""
    opened.wait_for("? Help")


def under_cursor(opened: Session) -> int:
    """The line on which the cursor stands, from 1 below the views; 0 for none."""
    return next((place for place, line in enumerate(opened.text.splitlines()) if line.startswith(">")), 0)


def taken_over(opened: Session) -> None:
    """Wait until the app has painted its own, and connected."""
    opened.wait_until(lambda: APP in opened.output, "the app")
    opened.wait_until(lambda: b"Help" in opened.output.rpartition(APP)[2], "its frame")
    opened.pump(0.5)


@pytest.mark.parametrize("size", [(80, 24), (99, 30), (100, 24), (121, 40), (133, 50), (173, 45)])
def test_what_is_painted_first_is_what_the_app_paints(size: tuple[int, int]) -> None:
    """Letter for letter and look for look, beside the account: nothing moves when the app takes the screen over."""
    width = picture.list_width(size[0])
    with program(size=size) as opened:
        painted(opened)
        assert APP not in opened.output
        words, looks = opened.text.splitlines(), opened.looks(width)
        taken_over(opened)
        after = opened.text.splitlines()
        assert [line[:width].rstrip() for line in after[:-2]] == [
            line[:width].rstrip() for line in words[:-2]
        ]
        assert after[-1] == words[-1]
        assert opened.looks(width) == looks


def test_the_screen_is_entered_once() -> None:
    """A second time would clear it, and be seen as a flash."""
    with program() as opened:
        painted(opened)
        taken_over(opened)
        assert opened.output.count(b"\x1b[?1049h") == 1
        assert b"\x1b[2J" not in opened.output


def test_nothing_large_is_imported_before_it(tmp_path: Path) -> None:
    """Neither Textual nor HTTP, validation, SQL or a parser of command lines."""
    found = tmp_path / "modules"
    with (
        company_folder() as file,
        session(str(file), str(found), program=("-c", _MODULES)) as opened,
    ):
        assert opened.end() == 0
        assert b"ledger reachable" in opened.output
    loaded = {name.partition(".")[0] for name in json.loads(found.read_text())}
    assert "screens" in loaded
    assert loaded.isdisjoint(LARGE)
    assert loaded.isdisjoint({"typing", "re", "enum", "json", "socket", "datetime", "unicodedata", "data"})


def test_keys_typed_on_the_first_frame_reach_the_queue_in_their_order() -> None:
    """Down, down, up: the second row has the cursor, and no letter is echoed."""
    with program() as opened:
        painted(opened)
        opened.press("jjk", 0.0)
        assert APP not in opened.output
        opened.wait_for(">  DISPUTE")
        assert "jjk" not in opened.text


@pytest.mark.parametrize("size", [(80, 24), (121, 40)])
def test_the_cursor_moves_before_the_app_is_there(size: tuple[int, int]) -> None:
    """Down as an arrow and as a letter, at once; the app finds it where it stands, and nothing else moves."""
    width = picture.list_width(size[0])
    with waiting_program(size) as opened:
        opened.press("\x1b[Bjjk", 0.0)
        opened.wait_until(lambda: under_cursor(opened) == 3, "the cursor on the third row")
        words, looks = opened.text.splitlines(), opened.looks(width)
        os.kill(opened.pid, signal.SIGUSR1)
        taken_over(opened)
        assert [line[:width] for line in opened.text.splitlines()[:-2]] == [
            line[:width] for line in words[:-2]
        ]
        assert opened.looks(width) == looks


def test_what_is_more_than_a_move_is_carried_out_by_the_app_after_the_moves() -> None:
    """Down, Down, help, and a key that leaves the help: nothing is lost, nothing is carried out before its turn."""
    with waiting_program() as opened:
        opened.press("jj?", 0.0)
        opened.wait_until(lambda: under_cursor(opened) == 3, "the cursor on the third row")
        os.kill(opened.pid, signal.SIGUSR1)
        opened.wait_for("help for this place")
        opened.press("\x1b", 0.0)
        opened.wait_until(lambda: under_cursor(opened) == 3, "the queue, the cursor on the third row")


def test_the_first_frame_turns_no_page() -> None:
    """More moves than the page has rows: the app makes those that lead further."""
    with waiting_program((80, 16)) as opened:
        opened.press("j" * 14, 0.0)
        opened.wait_until(lambda: under_cursor(opened) == 13, "the cursor on the last row")
        os.kill(opened.pid, signal.SIGUSR1)
        opened.wait_until(lambda: under_cursor(opened) == 2, "the second row of the next page")


@pytest.mark.parametrize("later", [False, True], ids=["at the first frame", "in the app"])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGQUIT, signal.SIGUSR1])
def test_the_terminal_is_given_back_as_it_was_found(number: signal.Signals, later: bool) -> None:
    """Ended by a signal, whenever: the very modes from before the start, and the main screen."""
    with company_folder() as file, session("--config", str(file), program=("-m", "arqueue")) as opened:
        before = termios.tcgetattr(opened.child.child_fd)
        painted(opened)
        assert termios.tcgetattr(opened.child.child_fd) != before
        if later:
            taken_over(opened)
        os.kill(opened.pid, number)
        assert opened.end() == 128 + number
        assert termios.tcgetattr(opened.child.child_fd) == before
        assert b"\x1b[?1049l" in opened.output


def test_without_a_broker_it_says_what_it_waits_for() -> None:
    """Nobody answers: the first frame says so, and the app goes on from there."""
    with program(served=False) as opened:
        opened.wait_for("Waiting for the broker.")
        assert APP not in opened.output


def test_hostile_names_do_not_pass_it() -> None:
    """The same guard as everywhere."""
    with program("--hostile", size=(120, 45)) as opened:
        painted(opened)
        assert leaks(opened.output.decode("utf-8", "replace")) == []


def test_no_colour_and_no_other_letters_where_none_are_wanted() -> None:
    """NO_COLOR and LANG=C hold for the first frame too."""
    with program(NO_COLOR="1", LANG="C", LC_ALL="C") as opened:
        painted(opened)
        assert opened.output.isascii()
        assert not COLOUR.search(opened.output)


def test_where_letters_are_ascii_no_column_moves() -> None:
    """Beside names of two cells a letter the reasons stand where they stand beside others, in the first frame and after it."""
    with program("--wide", size=(120, 40), LANG="C", LC_ALL="C") as opened:
        for wait in (painted, taken_over):
            wait(opened)
            assert opened.output.isascii()
            rows = [line for line in opened.text.splitlines() if " EUR  " in line[:40]]
            begins = {
                row[:76].find(words) for row in rows for words in ("money rec", "dispute wi", "oldest inv")
            } - {-1}
            assert any("????" in row for row in rows)
            assert len(rows) > 10
            assert len(begins) == 1, opened.text


def test_no_colour_comes_with_the_app() -> None:
    """NO_COLOR holds for what is painted at once, a page, a form and the way back."""
    with program(NO_COLOR="1") as opened:
        taken_over(opened)
        opened.wait_for("ledger reachable")
        for key in ("j", "j", "k", "\x1b[6~", "n", "\x1b"):
            opened.press(key, 0.3)
        assert not COLOUR.search(opened.output)
        assert leaks(opened.output.decode("utf-8", "replace").replace("\r", "")) == []


def test_whoever_chose_a_look_sees_no_other_first(tmp_path: Path) -> None:
    """With a face of one's own nothing is painted before the app, which paints in the chosen colours."""
    (tmp_path / "arqueue").mkdir()
    (tmp_path / "arqueue" / "face.toml").write_text('theme = "contrast"\n')
    with program(XDG_CONFIG_HOME=str(tmp_path)) as opened:
        taken_over(opened)
        before, _, after = opened.output.partition(APP)
        assert b"EUR" not in before
        assert b"48;2;0;0;0" in after


def test_settings_that_are_wrong_are_said_on_the_shell_screen() -> None:
    """No broker, and a mistake in the file: it is named as ever, after the first frame is gone."""
    with company_folder(served=False) as file:
        file.write_text(file.read_text() + '[broker]\nidle_minutes = "soon"\n')
        with session("--config", str(file), program=("-m", "arqueue")) as opened:
            assert opened.end() == 1
            assert "broker.idle_minutes" in opened.text
            assert opened.echoes()


def test_it_knows_what_it_cannot_import() -> None:
    """Views, sizes and the version are those of the modules that would be too large for it."""
    assert picture.VIEWS == VIEWS
    assert (picture.WIDE, picture.THREE) == (WIDE, THREE)
    assert first.ROWS == SIZE
    assert first._VERSION == VERSION
    assert tuple(LEAST) == show.LEAST
    assert {step: set(keys_of(step)) for step in (1, -1)} == {
        1: set(BY_ID["rows.down"].keys),
        -1: set(BY_ID["rows.up"].keys),
    }


def keys_of(step: int) -> Iterator[str]:
    """What the app makes of the keys that move by so much on the first frame."""
    for sent, each in moving.STEPS.items():
        if each == step:
            yield from (key.key for key in XTermParser().feed(sent.decode()) if isinstance(key, Key))
