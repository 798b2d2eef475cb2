"""Where nobody presses a key, nothing is sent: ten seconds on every screen, each on a terminal of its own."""

from __future__ import annotations

import select
import time
from collections.abc import Mapping
from contextlib import ExitStack

import pytest

from tests.screens.everywhere import SCREENS, typed
from tests.screens.terminal_session import ANSWERED, Session, session

SILENCE_S = 10.0
BOUND_S = 90.0
AT_ONCE = 14
"""So many programs a machine starts without trouble."""
NAMES = list(SCREENS)


def silent(opened: Mapping[str, Session]) -> None:
    """Wait, bounded, for ten seconds in which none of them sends a byte: what repeats itself never comes to that."""
    end, last = time.monotonic() + BOUND_S, ""
    while ready := select.select([each.child.child_fd for each in opened.values()], [], [], SILENCE_S)[0]:
        assert time.monotonic() < end, last
        for name, each in opened.items():
            if each.child.child_fd in ready:
                last = f"{name} sends {each.pump(0.0)!r}"


@pytest.mark.timeout(300)
@pytest.mark.parametrize("first", range(0, len(NAMES), AT_ONCE))
def test_every_screen_is_silent_for_ten_seconds(first: int) -> None:
    """Not one byte: no clock, no blinking, no repaint."""
    with ExitStack() as stack:
        opened = {
            name: stack.enter_context(session(f"--screen={name}")) for name in NAMES[first : first + AT_ONCE]
        }
        for name, each in opened.items():
            each.wait_for(ANSWERED)
            each.press(typed(name), 0.0)
        for name, each in opened.items():
            each.wait_for(SCREENS[name].says)
        silent(opened)
        assert all(SCREENS[name].says in each.text for name, each in opened.items())
        assert all(each.child.isalive() for each in opened.values())
