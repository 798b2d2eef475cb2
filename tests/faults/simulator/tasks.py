"""Coroutines stepped by hand: where a real process waits, a task hands out a moment, and the schedule says when it goes on."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Generator
from dataclasses import dataclass, field
from typing import Any


class Killed(BaseException):
    """The process ends inside a transaction. Nothing may catch it."""


def _at_once() -> bool:
    return True


@dataclass(slots=True)
class Moment:
    """A place where others may come in between, or the process may end; ``ready`` says when it can go on."""

    what: str
    ready: Callable[[], bool] = field(default=_at_once)
    until: float | None = None
    """True time at which it goes on at the latest, for who lets time pass."""

    def __await__(self) -> Generator[Moment, None, None]:
        yield self


@dataclass(slots=True)
class Task:
    """One coroutine of the broker or of a face."""

    name: str
    coroutine: Coroutine[Any, Any, Any]
    waits: Moment | None = None
    """What it waits for; None for a pause that waits for nothing."""
    done: bool = False
    at: float = 0.0
    """True time of its last step."""

    @property
    def ready(self) -> bool:
        """Whether it can go on."""
        return not self.done and (self.waits is None or self.waits.ready())

    def step(self, now: float) -> None:
        """Go on to the next moment."""
        self.at = now
        try:
            self.waits = self.coroutine.send(None)
        except StopIteration:
            self.done = True

    def kill(self) -> None:
        """It never goes on."""
        self.done = True
        self.coroutine.close()
