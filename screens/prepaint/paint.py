"""Lines of styled cells as bytes for a terminal: guarded like everything that leaves, in its own colours or none."""

from __future__ import annotations

from arqueue.model.guard import guard

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

ENTER = "\x1b[?1049h\x1b[?25l\x1b[?7l"
LEAVE = "\x1b[?7h\x1b[?1049l\x1b[?25h"
_OFF = "\x1b[0m"
_WEIGHTS = {
    "dim": "2",
    "strong": "1",
    "bold": "1",
    "bold reverse": "1;7",
    "bad": "1",
    "cursor": "1",
    "mark": "1",
}
_COLOURED = {**_WEIGHTS, "good": "32", "warn": "33", "bad": "1;31", "cursor": "1;32", "mark": "1;32"}


def spelled(lines: Iterable[Iterable[tuple[str, str]]], *, ascii_only: bool, colours: bool) -> list[str]:
    """What is written to show each of the lines, whatever stood there."""
    styles = _COLOURED if colours else _WEIGHTS
    written = []
    for number, line in enumerate(lines, start=1):
        cells = []
        for text, style in line:
            safe = guard(text)
            if ascii_only and not safe.isascii():
                from screens.letters import to_ascii

                safe = to_ascii(safe)
            said = styles.get(style) if style == "bold reverse" or not safe.isspace() else None
            if safe:
                cells.append(f"\x1b[{said}m{safe}{_OFF}" if said else safe)
        written.append(f"\x1b[{number};1H{''.join(cells).rstrip(' ')}\x1b[K")
    return written
