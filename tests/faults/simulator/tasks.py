"""Coroutines stepped by hand: where a real process waits, a task hands out a moment, and the schedule says when it goes on."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Coroutine, Generator
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, TypeVar

from tests.faults.simulator.clock import Time

T = TypeVar("T")


class Killed(BaseException):
    """The process ends inside a transaction. Nothing may catch it."""


class _Overdue(BaseException):
    """A deadline passed: what a cancelled task sees."""


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
    time: Time
    waits: Moment | None = None
    """What it waits for; None for a pause that waits for nothing."""
    done: bool = False
    at: float = 0.0
    """True time of its last step."""
    deadlines: list[float] = field(default_factory=list)

    @property
    def ready(self) -> bool:
        """Whether it can go on, or is too late."""
        return not self.done and (self.waits is None or self.waits.ready() or self._overdue)

    @property
    def until(self) -> float | None:
        """When something happens to it by itself."""
        waits = self.waits.until if self.waits else None
        return min([*self.deadlines, *([] if waits is None else [waits])], default=None)

    @property
    def _overdue(self) -> bool:
        return any(each <= self.time.s for each in self.deadlines)

    def step(self, chance: random.Random) -> None:
        """Go on to the next moment; where its deadline passed meanwhile it may be told so instead."""
        global _running
        _running, self.at = self, self.time.s
        could = self.waits is None or self.waits.ready()
        late = self._overdue and not (could and chance.random() < 0.5)
        try:
            self.waits = self.coroutine.throw(_Overdue()) if late else self.coroutine.send(None)
        except StopIteration:
            self.done = True

    def kill(self) -> None:
        """It never goes on."""
        self.done = True
        self.coroutine.close()


_running: Task | None = None


async def sleep(seconds: float) -> None:
    """Stands where the product has ``asyncio.sleep``."""
    assert _running is not None
    time, until = _running.time, _running.time.s + seconds
    await Moment("sleep", lambda: time.s >= until, until)


async def to_thread(work: Callable[..., T], *given: Any) -> T:
    """Stands where the product has ``asyncio.to_thread``: others go on meanwhile."""
    found = work(*given)
    await asyncio.sleep(0)
    return found


class Deadline:
    """Stands where the product has ``asyncio.timeout``."""

    def __init__(self, seconds: float) -> None:
        assert _running is not None
        self._task, self._until = _running, _running.time.s + seconds

    async def __aenter__(self) -> None:
        self._task.deadlines.append(self._until)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._task.deadlines.remove(self._until)
        if kind is _Overdue:
            raise TimeoutError from error
