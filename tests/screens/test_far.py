"""At the far end of a line that holds everything for 300 ms each way: what is typed blindly is done in its order, none of it is
lost, and nothing is confirmed that was not on the screen."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests.screens.far import HELD_S
from tests.screens.terminal_session import Session, session


@contextmanager
def far_away(size: tuple[int, int] = (80, 24)) -> Iterator[Session]:
    """A session whose keys and screen are on their way for so long."""
    with session(size=size, program=("-m", "tests.screens.far")) as opened:
        opened.ready()
        opened.pump(3 * HELD_S)
        yield opened


def blindly(opened: Session, *keys: str) -> None:
    """Type one key after another and read nothing: the last is typed long before the first can have been seen."""
    for key in keys:
        opened.type(key)


def test_nothing_comes_back_sooner() -> None:
    """The line does what it should: a key is seen after both ways."""
    with far_away() as opened:
        began = time.monotonic()
        opened.type("j")
        opened.wait_for(">  DISPUTE")
        assert time.monotonic() - began >= 2 * HELD_S


def test_what_is_typed_blindly_is_done_in_its_order() -> None:
    """Moves, a form, its text, out of it again and into another: each key means what it means behind those before it."""
    with far_away() as opened:
        blindly(opened, *"jjkn", *"the rest on Friday", "\x1b[27u", *"kg", "/", *"dunmore", "\r", "n")
        opened.wait_for("Note on")
        blindly(opened, *"abc", "\x1b[D", "x")
        opened.wait_for("abxc")
        assert "the rest on Friday" not in opened.text
        blindly(opened, "\x1b[27u", "\x1b[27u", "g", "j", "n")
        opened.wait_for("the rest on Friday")


def test_no_key_of_many_is_lost() -> None:
    """Three hundred letters and the keys between them, typed faster than the line gives them back."""
    words = " ".join(f"w{number:03}" for number in range(60))
    with far_away((120, 40)) as opened:
        blindly(opened, "n", *words)
        opened.wait_until(lambda: words in " ".join(opened.text.split()), words)


def test_a_confirmation_that_was_typed_blindly_is_none() -> None:
    """a 1 Enter y before the form can have been seen: the review waits; y by itself, once it is read, posts."""
    with far_away() as opened:
        blindly(opened, "a", "1", "\r", "y")
        opened.wait_for("Review: Apply PAY-2000")
        opened.wait_for("press y.")
        opened.type("y")
        opened.wait_for("Queued")


def test_no_y_confirms_what_is_still_on_its_way() -> None:
    """One y after another, each by itself, until the review arrives: it was painted long before, and none of them posts."""
    with far_away() as opened:
        blindly(opened, "a", "1", "\r")
        while "Review: Apply PAY-2000" not in opened.text:
            opened.press("y", 0.07)
        opened.pump(3 * HELD_S)
        assert "Read it, then press y." in opened.text
        opened.type("y")
        opened.wait_for("Queued")


def test_the_end_is_reached_over_the_line() -> None:
    """Ctrl+Q from afar: status 0, and all that restores the terminal arrives."""
    with far_away() as opened:
        blindly(opened, "n", "\x11")
        assert opened.end() == 0
        assert b"\x1b[?1049l" in opened.output
