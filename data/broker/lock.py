"""One broker a store: a lock for life, which the kernel lets go of however the process ends."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from arqueue.errors import StoreRefused

_FILE = "broker.lock"


class AlreadyRunning(StoreRefused):
    """Another broker holds the store: use that one."""


@contextmanager
def sole_owner(folder: Path) -> Iterator[None]:
    """Hold the store's lock for life; the kernel lets go of it however the process ends. Raises AlreadyRunning."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(folder / _FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise AlreadyRunning(f"another broker serves {folder}", "use that one, or end it first") from None
        os.ftruncate(handle, 0)
        os.write(handle, f"{os.getpid()}\n".encode())
        yield
    finally:
        os.close(handle)


def owner_of(folder: Path) -> int | None:
    """The process that holds the lock, None if nobody does. Asks the kernel's table: trying the lock would disturb a
    broker that is just starting."""
    try:
        inode = (folder / _FILE).stat().st_ino
        said = (folder / _FILE).read_text("ascii").strip()
    except (OSError, UnicodeDecodeError):
        return None
    for line in Path("/proc/locks").read_text().splitlines():
        words = line.split()
        if len(words) > 5 and words[1] == "FLOCK" and words[5].endswith(f":{inode}") and words[4] == said:
            return int(words[4])
    return None
