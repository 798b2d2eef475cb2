"""What is known of the accounting system: reachable or not, how fresh the mirror is. Watched by the status line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from arqueue.errors import ArqueueError


@dataclass(slots=True)
class Health:
    """Kept by the puller and the sender, read by everybody; ``changed`` is called when something a person sees moved."""

    state: str = "first"
    last_ok: str | None = None
    last_ok_boot_s: float | None = None
    done: int = 0
    remaining: int | None = None
    quarantined: int = 0
    error: ArqueueError | None = None
    changed: Callable[[], None] = field(default=lambda: None)
    read_back: set[str] = field(default_factory=set)
    """Rows that came in with an order's outcome since the puller last asked: its page may be older. Touched only in the store's
    writer thread, but for the puller's emptying it before it asks."""

    def pulling(self, done: int, remaining: int | None) -> None:
        """A page came in."""
        self.state, self.done, self.remaining = "pulling", done, remaining
        self.changed()

    def well(self, stamp: str, boot_s: float) -> None:
        """A sync finished: the mirror is as fresh as can be."""
        self.state, self.error, self.remaining = "idle", None, None
        self.last_ok, self.last_ok_boot_s = stamp, boot_s
        self.changed()

    def failing(self, error: ArqueueError) -> None:
        """The accounting system cannot be used now; said once until it changes."""
        before = self.error
        news = before is None or (before.code, before.message) != (error.code, error.message)
        news = news or self.state != "failing"
        self.state, self.error = "failing", error
        if news:
            self.changed()
