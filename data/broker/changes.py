"""Changes of the queue as faces are told of them: the first at once, those that follow it together."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final

from data.store.queue import Delta

EVERY_S: Final = 0.2
A_FACE_S: Final = 0.01
"""Whoever is told asks again: a sync that changes much would else be as many questions of every face. The more faces there are,
the longer what follows is gathered."""
_IDS: Final = 200
"""More rows are not named: then any may be another."""


class Changes:
    """Gathers what changed and hands it to ``tell``, on the event loop."""

    def __init__(self, tell: Callable[[dict[str, Any]], None], faces: Callable[[], int] = lambda: 1) -> None:
        self._tell, self._faces = tell, faces
        self._ids: dict[str, None] | None = {}
        self._generation: int | None = None
        self._due: asyncio.TimerHandle | None = None

    def add(self, delta: Delta) -> None:
        """Told now, or with what else there is when the last word is not quite fresh any more."""
        if self._ids is not None:
            self._ids.update(dict.fromkeys(delta.ids))
            if len(self._ids) > _IDS:
                self._ids = None
        self._generation = max(delta.generation, self._generation or 0)
        if self._due is None:
            self._say()

    def so_far(self) -> dict[str, Any] | None:
        """What is gathered and not told yet, for whoever did some of it: they do not wait for the others' turn."""
        if self._generation is None:
            return None
        push: dict[str, Any] = {"push": "changed", "generation": self._generation}
        if self._ids is not None:
            push["ids"] = list(self._ids)
        return push

    def _say(self) -> None:
        self._due, push = None, self.so_far()
        if push is None:
            return
        self._ids, self._generation = {}, None
        wait = max(EVERY_S, A_FACE_S * self._faces())
        self._due = asyncio.get_running_loop().call_later(wait, self._say)
        self._tell(push)

    def stop(self) -> None:
        """Nobody is there to be told."""
        if self._due is not None:
            self._due.cancel()
