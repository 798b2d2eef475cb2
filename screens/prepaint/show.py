"""Ask, take the terminal, paint: the first thing that a person sees."""

from __future__ import annotations

import os
import sys

from screens.prepaint import first

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from screens.prepaint.taking import Taken

LEAST = (60, 15)
"""Below it the app shows nothing but how small the terminal is."""


def show(socket: str, act_as: str, environ: Mapping[str, str]) -> Taken | None:
    """Show the first frame, or what is waited for. None where this is no terminal for it: the app says why, or does without."""
    if not _fits(environ):
        return None
    size = os.get_terminal_size(1)
    if size.columns < LEAST[0] or size.lines < LEAST[1]:
        return None
    line = first.ask(socket, act_as)
    from screens.prepaint import paint, picture  # while the broker answers
    from screens.prepaint.taking import Taken
    from screens.surroundings import has_colours, speaks_utf8

    found = first.answered(line) if line is not None else None
    ascii_only, colours = not speaks_utf8(), has_colours(environ)
    if found is None or not found.window["rows"]:
        said = ["Waiting for the broker." if found is None else "Reading the queue."]
        lines = picture.of_waiting(said, (size.columns, size.lines))
        return Taken(found, paint.spelled(lines, ascii_only=ascii_only, colours=colours))
    from _datetime import datetime  # type: ignore[import-not-found]  # as the words have it

    now = datetime.now().astimezone()

    def page(cursor: int) -> list[str]:
        lines = picture.of_first(found, now, (size.columns, size.lines), cursor)
        return paint.spelled(lines, ascii_only=ascii_only, colours=colours)

    taken = Taken(found, page(0))
    taken.move(page, min(len(found.window["rows"]), size.lines - picture.BESIDE))
    return taken


def _fits(environ: Mapping[str, str]) -> bool:
    """A terminal at both ends, in front, that can be drawn on."""
    if environ.get("TERM", "dumb") in {"dumb", ""} or not (sys.stdin.isatty() and sys.stdout.isatty()):
        return False
    try:
        return os.tcgetpgrp(0) == os.getpgrp()
    except OSError:
        return False
