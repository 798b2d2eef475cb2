"""When the app itself fails: a reference number on the terminal, the details in a file that only this person can read."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

from arqueue.model.failure import told


def folder() -> Path:
    """Where reports go: the person's own state folder."""
    base = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(base) / "arqueue"


def report(error: BaseException, where: Path | None = None) -> tuple[str, Path | None]:
    """Write kinds and places of the fault, neither values nor what the error says. Returns the reference, and the file unless
    it cannot be written."""
    reference = os.urandom(4).hex().upper()
    head = f"arqueue {reference} {datetime.now(UTC).isoformat(timespec='seconds')}"
    text = "\n".join([head, *told(error), ""])
    target = (where or folder()) / f"crash-{reference}.txt"
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8", errors="replace") as file:
            file.write(text)
    except OSError:
        return reference, None
    return reference, target


def words(reference: str, target: Path | None) -> str:
    """What the person reads after the terminal is restored."""
    where = f"Details: {target}" if target else "The details could not be written to a file."
    return (
        f"arqueue stopped because of a fault of its own. Reference {reference}.\n"
        f"Orders that were said to be queued are safe with the broker.\n{where}"
    )
