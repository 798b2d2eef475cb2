"""The people file as it is now: looked at before every decision, so that a role or a limit that changes counts at once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import structlog

from arqueue.errors import ConfigInvalid
from arqueue.model.people import People
from arqueue.settings import load_people

log = structlog.get_logger()
_Sign = tuple[int, ...]


class Roster:
    """Who may do what. A file that cannot be read leaves the people of before, with what is wrong with it. Asked from any
    thread."""

    def __init__(self, file: Path, people: People, *, changed: Callable[[], None] = lambda: None) -> None:
        self._file, self._people, self._changed = file, people, changed
        self._sign: _Sign | None = ()
        self._lock = threading.Lock()

    def now(self) -> People:
        """The file's people, read again when it is another file than it was."""
        sign = _sign(self._file)
        if sign != self._sign:
            with self._lock:
                if sign != self._sign:
                    self._read(sign)
        return self._people

    def _read(self, sign: _Sign | None) -> None:
        """``sign`` was taken before: what is written while it is read is read again."""
        before = self._people.fault
        try:
            self._people = load_people(self._file)
        except ConfigInvalid as error:
            self._people = People(self._people, owners=self._people.owners, fault=error.message)
            log.error("people file not usable", remedy="arqueue doctor says what is wrong with it")
        else:
            log.info("people file read", persons=sum(1 for _ in self._people))
        self._sign = sign
        if before != self._people.fault:
            self._changed()


def _sign(file: Path) -> _Sign | None:
    """What tells one state of a file from another; None for one that is not there."""
    try:
        found = file.stat()
    except OSError:
        return None
    return (
        found.st_dev,
        found.st_ino,
        found.st_size,
        found.st_mtime_ns,
        found.st_ctime_ns,
    )
