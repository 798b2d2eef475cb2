"""Every text of every place with every attack, on a real terminal: nothing comes through, nothing breaks, nothing is ordered."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

from arqueue.model.text import guard
from tests.screens.company import Company
from tests.screens.everywhere import SCREENS, alike, typed
from tests.screens.hostile import BATCHES, PAYLOADS, SHOWN, leaks
from tests.screens.scripted_broker import ScriptedBroker
from tests.screens.terminal_session import ANSWERED, BOUND_S, Session, session


def came_through(opened: Session) -> list[str]:
    """What of others' sequences is in the output."""
    return leaks(opened.output.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", ""))


def test_so_many_attacks_are_promised() -> None:
    """Each stands in one of the texts."""
    assert len(PAYLOADS) >= 40
    assert all(any(payload in text for text in BATCHES) for payload in PAYLOADS)


ESCAPE = "\x1b[27u"
"""Esc as a terminal with the keyboard protocol sends it: whole, whatever follows."""
HOME = ESCAPE * 6 + "g"
REDRAW = "\x0c"
STILL_S = 0.3
SEEN = 8
"""So many letters of a text fit into every column."""
_LOOKS = re.compile(rb"\x1b\[[0-9;?]*[A-Za-z]")
WALK = 10
ALIKE = [names[first : first + WALK] for names in alike() for first in range(0, len(names), WALK)]
"""Some screens each that need the same company."""


def orders(name: str) -> int:
    """How many there are before anybody pressed a key."""
    broker = ScriptedBroker(Path(), Company.of(30))
    SCREENS[name].furnish(broker)
    return len(broker.company.commands)


def reach(opened: Session, keys: str, says: str) -> None:
    """Press, draw everything, and wait for what is written then, whatever its colours: an emulator does not know all letters
    that attack.

    A redraw may come before the last letters of a field have: they are written alone then. So once all is still, another.
    """
    came, end = b"", time.monotonic() + BOUND_S
    opened.type(keys + REDRAW)
    while says.encode() not in _LOOKS.sub(b"", came):
        assert time.monotonic() < end, (says, came[-2000:])
        came += (part := opened.receive(STILL_S))
        if not part:
            assert opened.child.isalive()
            opened.type(REDRAW)


def stood_there(opened: Session) -> list[str]:
    """The attacks of which the harmless rest was seen."""
    seen = _LOOKS.sub(b"", opened.output).decode("utf-8", "replace")
    return [text for text in BATCHES if guard(text)[:SEEN] in seen]


@pytest.mark.timeout(240)
@pytest.mark.parametrize("names", ALIKE, ids=lambda names: names[0].replace(" ", "_"))
def test_no_attack_comes_through_on_any_screen(names: list[str]) -> None:
    """Every screen × every payload, each waited for: 0 leaks, 0 crashes, 0 orders."""
    with session("--matrix", f"--screen={names[0]}", size=(200, 50)) as opened:
        opened.wait_for(ANSWERED)
        for _ in BATCHES:
            for name in names:
                reach(opened, HOME + typed(name), SCREENS[name].says)
            opened.type(HOME + "R")  # what is typed next waits until everything is another text
        reach(opened, HOME + "O", f"all {orders(names[0])} ")
        assert stood_there(opened) == list(BATCHES)
        assert came_through(opened) == []
        assert b"\x1b]" not in opened.output
        opened.press(HOME + "\x11")
        assert opened.end() == 0


@pytest.mark.timeout(240)
@pytest.mark.parametrize("turned", range(0, len(BATCHES), SHOWN))
def test_no_attack_comes_through_where_a_face_asks_once(turned: int) -> None:
    """People and reasons stay as they were when the face began: as many faces as it takes for every payload."""
    with session("--matrix", "--screen=queue", f"--turned={turned}", size=(200, 50)) as opened:
        opened.ready()
        for name in ("dispute", "assign", "escalate"):
            reach(opened, HOME + typed(name), SCREENS[name].says)
        reach(opened, HOME + "O", f"all {orders('queue')} ")
        assert set(BATCHES[turned : turned + SHOWN]) <= set(stood_there(opened))
        assert came_through(opened) == []
        opened.press(HOME + "\x11")
        assert opened.end() == 0


def test_without_the_guard_attacks_come_through() -> None:
    """The test above can fail: the same walk with the guard left out."""
    with session("--matrix", "--unguarded", size=(200, 50)) as opened:
        opened.wait_until(lambda: bool(came_through(opened)), "a leak")
