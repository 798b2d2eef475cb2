"""A calendar file of whole days (RFC 5545): what any calendar program reads, and reads again without doubling it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

_OCTETS = 75
"""The most of one line, without its end (RFC 5545 section 3.1)."""
_ESCAPES = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n", "\r": None})


@dataclass(frozen=True, slots=True)
class Event:
    """One whole day's entry. ``uid`` stays the same however often it changes; ``sequence`` grows with each change, ``stamp`` is
    the instant of the last one, UTC."""

    uid: str
    on: date
    summary: str
    description: str
    stamp: datetime
    sequence: int


def calendar(events: Iterable[Event], *, name: str) -> str:
    """The whole file; lines end in CRLF and are folded at 75 octets. The same events make the same bytes."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//arqueue//agenda//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{_escaped(name)}",
    ]
    for event in events:
        lines += _event(event)
    return "".join(f"{_folded(line)}\r\n" for line in [*lines, "END:VCALENDAR"])


def _event(event: Event) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{_escaped(event.uid)}"
    yield f"DTSTAMP:{event.stamp.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    yield f"SEQUENCE:{event.sequence}"
    yield f"DTSTART;VALUE=DATE:{event.on:%Y%m%d}"
    yield f"DTEND;VALUE=DATE:{event.on + timedelta(days=1):%Y%m%d}"
    yield f"SUMMARY:{_escaped(event.summary)}"
    if event.description:
        yield f"DESCRIPTION:{_escaped(event.description)}"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def _escaped(text: str) -> str:
    """A value of type TEXT (section 3.3.11); control characters have no place in one."""
    told = "".join(char for char in text if char == "\n" or (ord(char) >= 0x20 and ord(char) != 0x7F))
    return told.translate(_ESCAPES)


def _folded(line: str) -> str:
    """Never in the middle of a character; a continued line begins with a blank."""
    parts, room, part = [], _OCTETS, ""
    for char in line:
        size = len(char.encode())
        if size > room:
            parts.append(part)
            part, room = " ", _OCTETS - 1
        part += char
        room -= size
    return "\r\n".join([*parts, part])
