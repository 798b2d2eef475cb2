"""Moves in a list: one write and few bytes each, the same effect as by the long way, and no key that means something else."""

from __future__ import annotations

import re
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from screens.queue.rows import QueueRows
from tests.screens.company_folder import company_folder
from tests.screens.driver import Driver
from tests.screens.terminal_session import BOUND_S, session

MOVES = ("j", "j", "k", "pagedown", "ctrl+d", "ctrl+u", "G", "g", "end", "home", "down", "up", "pageup")
MARKS = ("space", "space", "k", "space")


@pytest.mark.skipif(shutil.which("strace") is None, reason="system calls are counted with strace")
def test_a_move_is_one_write(tmp_path: Path) -> None:
    """Brackets of the frame included: one packet on the line for each of nine keys."""
    calls = tmp_path / "calls"
    with (
        company_folder() as file,
        session("--config", str(file), program=("-m", "arqueue"), LANG="C.UTF-8") as opened,
    ):
        opened.wait_until(lambda: b"\x1b[?2026$p" in opened.output, "the app")
        opened.wait_for("ledger reachable")
        opened.press("j", 1.0)
        tracer = subprocess.Popen(
            [
                "strace",
                "-f",
                "-qq",
                "-e",
                "trace=write",
                "-p",
                str(opened.pid),
                "-o",
                str(calls),
            ]
        )
        try:
            end = time.monotonic() + BOUND_S
            while f"TracerPid:\t{tracer.pid}" not in Path(f"/proc/{opened.pid}/status").read_text():
                assert time.monotonic() < end
                time.sleep(0.01)  # a process that attaches has no event to wait for here
            for key in "jjjjkkkjj":
                assert opened.press(key, 0.3)
        finally:
            tracer.terminate()
            tracer.wait()
    assert len(re.findall(r'write\(\d+, "\\33', calls.read_text())) == 9


async def test_the_lane_does_what_the_bindings_do(drive: Driver) -> None:
    """Each move leaves cursor and page where the action itself would, and each mark the same rows marked."""
    rows = drive.app.screen.query_one(QueueRows)
    ended = []
    for quick in (True, False):
        if not quick:

            async def never(_key: object) -> bool:
                return False

            drive.app.lane.take = never  # type: ignore[method-assign, assignment]
        await drive.press("escape", "g")
        found = []
        for key in MOVES + MARKS:
            await drive.press(key)
            found.append((rows.cursor, rows.top, list(drive.app.desk.marks)))
        assert len(drive.app.desk.marks) == 1
        ended.append(found)
    assert ended[0] == ended[1]


async def test_a_moved_key_moves_and_the_old_one_does_not(drive: Driver) -> None:
    """A keymap holds for the lane as well, from the moment it is set."""
    rows = drive.app.screen.query_one(QueueRows)
    await drive.press("j")
    assert rows.cursor == 1
    drive.app.set_keymap({"rows.down": "f5"})
    await drive.press("j")
    assert rows.cursor == 1
    await drive.press("f5")
    assert rows.cursor == 2


async def test_a_field_gets_its_letters(drive: Driver) -> None:
    """Where one types, j and g are letters."""
    rows = drive.app.screen.query_one(QueueRows)
    await drive.press("/")
    await drive.press("j", "g")
    assert rows.cursor == 0
    assert getattr(drive.app.focused, "value", "") == "jg"
