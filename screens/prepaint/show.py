"""Ask, take the terminal, paint: the first thing that a person sees."""

from __future__ import annotations

import os
import sys

from screens.prepaint import first, paint, picture
from screens.prepaint.taking import Taken

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

LEAST = (60, 15)
"""Below it the app shows nothing but how small the terminal is."""


def show(socket: str, act_as: str, environ: Mapping[str, str]) -> Taken | None:
    """Show the first frame, or what is waited for. None where this is no terminal for it: the app says why, or does without."""
    if not _fits(environ):
        return None
    size = os.get_terminal_size(1)
    if size.columns < LEAST[0] or size.lines < LEAST[1]:
        return None
    found = first.ask(socket, act_as)
    if found is None or not found.window["rows"]:
        said = ["Waiting for the broker." if found is None else "Reading the queue."]
        lines = picture.of_waiting(said, (size.columns, size.lines))
    else:
        from datetime import datetime

        lines = picture.of_first(found, datetime.now().astimezone(), (size.columns, size.lines))
    from screens.surroundings import has_colours, speaks_utf8

    frame = paint.spelled(lines, ascii_only=not speaks_utf8(), colours=has_colours(environ))
    taken = Taken(found)
    taken.begin()
    taken.show(frame)
    return taken


def _fits(environ: Mapping[str, str]) -> bool:
    """A terminal at both ends, in front, that can be drawn on."""
    if environ.get("TERM", "dumb") in {"dumb", ""} or not (sys.stdin.isatty() and sys.stdout.isatty()):
        return False
    try:
        return os.tcgetpgrp(0) == os.getpgrp()
    except OSError:
        return False
