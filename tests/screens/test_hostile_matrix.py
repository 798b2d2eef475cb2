"""Every text of every place with every attack, on a real terminal: nothing comes through, nothing breaks, nothing is ordered."""

from __future__ import annotations

import pytest

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
