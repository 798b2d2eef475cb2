"""Who may look at the page: whoever read the token, once; afterwards the browser that did."""

from __future__ import annotations

import contextlib
import hmac
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path


class Admission:
    """A token for the first visit and another secret for the cookie, new with each start, in memory and in no log."""

    def __init__(self) -> None:
        self.token = secrets.token_urlsafe(32)
        self.cookie = secrets.token_urlsafe(32)

    def first(self, token: str) -> bool:
        """Whether this is the token; takes as long for a wrong one that begins right."""
        return _same(token, self.token)

    def again(self, cookie: str) -> bool:
        """Whether this browser was let in before."""
        return _same(cookie, self.cookie)


def _same(given: str, secret: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "surrogateescape"), secret.encode())


def folder(environ: Mapping[str, str]) -> Path:
    """Where the address is kept: the person's own runtime folder, else their state folder."""
    if base := environ.get("XDG_RUNTIME_DIR"):
        return Path(base) / "arqueue"
    home = Path(environ.get("HOME") or Path.home())
    return Path(environ.get("XDG_STATE_HOME") or home / ".local" / "state") / "arqueue"


@contextmanager
def kept(address: str, place: Path) -> Iterator[None]:
    """While the server runs, the address with its token stands in a file that only this person can read. Raises OSError."""
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    place.unlink(missing_ok=True)
    handle = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(address + "\n")
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            place.unlink(missing_ok=True)
