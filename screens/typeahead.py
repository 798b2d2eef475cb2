"""Keys wait their turn: one is carried out to its end before the next is looked at, and none is lost meanwhile.

Textual hands a key to the focused widget's own queue, so a key typed ahead can reach the old screen while the new one opens.
Here the app carries each key out itself; while a place opens, keys are held and then follow in their order.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from textual import events
from textual.message import Message

if TYPE_CHECKING:
    from screens.face import Face

CAP = 1000


class TypeAhead:
    """The line in which keys wait. The way out does not: it is open at any time."""

    class Released(Message, bubble=False):
        """Nothing opens any more; held keys may go on."""

    def __init__(self, app: Face) -> None:
        self._app = app
        self.ways_out = frozenset(app.spelling.keys("app.quit"))
        self._held: deque[events.Key] = deque()
        self._holds = 0
        self._busy = False
        self.current: events.Key | None = None
        """The key that is carried out now."""
        self.before_at = 0.0
        """When the key before it was pressed, and when something was last pasted, on the clock of key events."""
        self.pasted_at = float("-inf")

    @property
    def idle(self) -> bool:
        """Nothing is held and nothing opens."""
        return not self._holds and not self._held and not self._busy

    def hold(self) -> None:
        """A place begins to open."""
        self._holds += 1

    def release(self) -> None:
        """It is open, and painted."""
        self._holds -= 1
        if not self._holds:
            self._app.post_message(self.Released())

    async def take(self, key: events.Key) -> None:
        """Carry a key out, or keep it until its turn; once the app is leaving, nothing is left that a key could mean."""
        if self._app.leaving:
            return
        if key.key in self.ways_out:
            await self._deliver(key)
        elif self._holds or self._held:
            if len(self._held) < CAP:
                self._held.append(key)
        else:
            await self._deliver(key)

    async def drain(self) -> None:
        """Carry out what was held, as far as nothing opens again."""
        while self._held and not self._holds:
            await self._deliver(self._held.popleft())

    async def _deliver(self, key: events.Key) -> None:
        app = self._app
        self._busy = True
        self.before_at = self.current.time if self.current is not None else 0.0
        self.current = key
        try:
            app.before_key(key)
            if await app.lane.take(key):
                return
            if await app._check_bindings(key.key, priority=True):
                return
            focused = app.focused
            if focused is not None and focused.check_consume_key(key.key, key.character):
                key._set_forwarded()
                await focused._dispatch_message(key)
            elif not await app._check_bindings(key.key):
                app.unknown_key(key)
        finally:
            self._busy = False
