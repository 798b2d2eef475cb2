"""Every text of every place with every attack, on a real terminal: nothing comes through, nothing breaks, nothing is ordered."""

from __future__ import annotations

import re

import pytest

from tests.screens.everywhere import SCREENS, typed
from tests.screens.hostile import BATCHES, PAYLOADS, leaks
from tests.screens.terminal_session import Session, session

PLACES = (
    ("w", "q"),
    ("\r", "J"),
    ("U", "q"),
    ("\r", "q"),
    ("q", ""),
    ("n", "\x1b"),
    ("m", "\x1b"),
    ("e", "\x1b"),
    ("ga", "\x1b"),
    ("?", "q"),
    (",", "q"),
    ("S", "q"),
    (":", "\x1b"),
    ("O", "q"),
)
"""Keys that open a place, and those that leave it."""
ESCAPE_S = 0.2
"""Quiet after which Esc is a key of its own."""


def walk(opened: Session) -> None:
    """Through all places, reading what each paints."""
    for into, out in PLACES:
        opened.press(into, 0.05)
        opened.press(out, ESCAPE_S if out == "\x1b" else 0.05)


def came_through(opened: Session) -> list[str]:
    """What of others' sequences is in the output."""
    return leaks(opened.output.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", ""))


def test_so_many_attacks_are_promised() -> None:
    """Each stands in one of the texts."""
    assert len(PAYLOADS) >= 40
    assert all(any(payload in text for text in BATCHES) for payload in PAYLOADS)


@pytest.mark.timeout(240)
def test_no_attack_in_any_text_of_any_place_comes_through() -> None:
    """Places × payloads: 0 leaks, 0 crashes, 0 orders."""
    with session("--matrix", size=(200, 50)) as opened:
        opened.ready()
        for _ in BATCHES:
            walk(opened)
            opened.press("\x1b", ESCAPE_S)
            opened.press("R", 0.2)
        before = len(opened.output)
        opened.press("O", 0.5)
        opened.wait_until(
            lambda: b"all 1" in opened.output[before:], "the outbox with the one order of before"
        )
        assert opened.child.isalive()
        assert came_through(opened) == []
        assert b"\x1b]" not in opened.output
        opened.press("\x11")
        assert opened.end() == 0


DECISIONS = (
    ("gs", "Snooze", "\x1b"),
    ("t", "Assign", "\x1b"),
    ("P", "Pin", "\x1b"),
    ("D", "Agenda", "q"),
    ("gjA", "Approve", "\x1b"),
    ("X", "Decline", "\x1b"),
    ("ga1\r", "Review:", "\x1b\x1b"),
)
"""Keys that open a place, what it says of itself, and the keys back."""


def reach(opened: Session, keys: str, says: bytes) -> None:
    """Press, and wait until the place has painted itself."""
    before = len(opened.output)
    opened.press(keys, 0.05)
    opened.wait_until(lambda: says in opened.output[before:], repr(says))


@pytest.mark.timeout(240)
def test_no_attack_comes_through_where_work_is_put_off_handed_on_and_decided() -> None:
    """Snooze, assign, pin, agenda, approval and review, each waited for, in the first and in the turned texts."""
    with session("--matrix", size=(120, 45)) as opened:
        opened.ready()
        for _ in range(2):
            for into, says, out in DECISIONS:
                reach(opened, into, says.encode())
                for key in out:
                    opened.press(key, ESCAPE_S)
            opened.press("R", 0.2)
        assert opened.child.isalive()
        assert came_through(opened) == []
        opened.press("\x11")
        assert opened.end() == 0


def test_without_the_guard_attacks_come_through() -> None:
    """The test above can fail: the same walk with the guard left out."""
    with session("--matrix", "--unguarded", size=(200, 50)) as opened:
        opened.wait_until(lambda: bool(came_through(opened)), "a leak")


ESCAPE = "\x1b[27u"
"""Esc as a terminal with the keyboard protocol sends it: whole, whatever follows."""
HOME = ESCAPE * 6 + "g"
REDRAW = "\x0c"
_LOOKS = re.compile(rb"\x1b\[[0-9;?]*[A-Za-z]")
ALIKE = [
    [name for name, screen in SCREENS.items() if screen.furnish is furnish]
    for furnish in dict.fromkeys(screen.furnish for screen in SCREENS.values())
]
"""The screens that need the same company."""


def reach_in_words(opened: Session, keys: str, says: str) -> None:
    """The same by what is written there, whatever its colours: the emulator does not know all letters that attack."""
    before = len(opened.output)
    opened.press(keys, 0.0)
    opened.wait_until(lambda: says.encode() in _LOOKS.sub(b"", opened.output[before:]), says)


@pytest.mark.timeout(240)
@pytest.mark.parametrize("names", ALIKE, ids=lambda names: names[0].replace(" ", "_"))
def test_no_attack_comes_through_on_any_screen(names: list[str]) -> None:
    """Every screen × every payload, keys as fast as they can be typed: each screen is painted before the next key is taken."""
    with session("--matrix", f"--screen={names[0]}", size=(120, 45)) as opened:
        opened.ready()
        for _ in BATCHES:
            for name in names:
                reach_in_words(opened, HOME + typed(name) + REDRAW, SCREENS[name].says)
            reach_in_words(opened, HOME + "R", "Asked for a sync")
        assert opened.child.isalive()
        assert came_through(opened) == []
        opened.press(HOME + "\x11")
        assert opened.end() == 0
