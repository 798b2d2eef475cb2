"""The calendar file, read back by the grammar of RFC 5545."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from arqueue.work.icalendar import Event, calendar

AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
_CONTROLS = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")


def event(summary: str, description: str = "", *, uid: str = "a/1@b") -> Event:
    """An event on a day."""
    return Event(uid, date(2026, 12, 31), summary, description, AT, 3)


def unfolded(text: str) -> list[str]:
    """The content lines (section 3.1)."""
    assert text.endswith("\r\n")
    return text.replace("\r\n ", "").removesuffix("\r\n").split("\r\n")


def values(text: str) -> dict[str, str]:
    """Name (with parameters) to value, text unescaped (section 3.3.11)."""
    found = {}
    for line in unfolded(text):
        name, _, value = line.partition(":")
        found[name] = re.sub(r"\\(.)", lambda hit: "\n" if hit[1] in "nN" else hit[1], value)
    return found


def test_a_day_is_a_whole_day_that_ends_with_the_next() -> None:
    """As calendar programs show it; it blocks nobody's time."""
    read = values(calendar([event("INV-1 Acme")], name="arqueue"))
    assert read["DTSTART;VALUE=DATE"] == "20261231"
    assert read["DTEND;VALUE=DATE"] == "20270101"
    assert read["DTSTAMP"] == "20261120T093000Z"
    assert read["SEQUENCE"] == "3"
    assert read["TRANSP"] == "TRANSPARENT"


@given(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=300),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=300),
)
def test_any_text_comes_back_and_no_line_is_too_long(summary: str, description: str) -> None:
    """75 octets without the end, never cut in the middle of a character, nothing of it is read as another line."""
    text = calendar([event(summary, description)], name=summary)
    for line in text.removesuffix("\r\n").split("\r\n"):
        assert len(line.encode()) <= 75
    read = values(text)
    assert read["SUMMARY"] == _CONTROLS.sub("", summary)
    assert read.get("DESCRIPTION", "") == _CONTROLS.sub("", description)
    names = [line.partition(":")[0] for line in unfolded(text)]
    assert names.count("BEGIN") == names.count("END") == 2


def test_the_same_events_make_the_same_bytes() -> None:
    """A program that subscribes sees no change where there is none."""
    events = [event("x"), event("y", uid="a/2@b")]
    assert calendar(events, name="n") == calendar(events, name="n")
