"""Who may look at the page: the first who brings the token; afterwards the browser that did."""

from __future__ import annotations

import contextlib
import hmac
import os
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path


class Admission:
    """A token for one first visit and another secret for the cookie, new with each start, in memory and in no log."""

    def __init__(self) -> None:
        self.token = secrets.token_urlsafe(32)
        self.cookie = secrets.token_urlsafe(32)
        self.renewed: Callable[[], None] = lambda: None
        """Told when a token was used up and ``token`` is the next."""

    def first(self, token: str) -> bool:
        """Whether this is the token, which it then is no longer; takes as long for a wrong one that begins right."""
        if not _same(token, self.token):
            return False
        self.token = secrets.token_urlsafe(32)
        self.renewed()
        return True

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
def kept(address: str, place: Path) -> Iterator[Callable[[str], None]]:
    """While the server runs, the address with its token stands in a file that only this person can read; what is yielded puts
    the next one there. Raises OSError."""
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)

    def keep(address: str) -> None:
        fresh = place.with_name(f"{place.name}.{os.getpid()}")
        fresh.unlink(missing_ok=True)
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(address + "\n")
        fresh.replace(place)

    def keep_next(address: str) -> None:
        with contextlib.suppress(OSError):  # the browser is in all the same
            keep(address)

    keep(address)
    try:
        yield keep_next
    finally:
        with contextlib.suppress(OSError):
            place.unlink(missing_ok=True)
