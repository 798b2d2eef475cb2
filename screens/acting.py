"""How a key becomes a deed: look the action up, ask whether it may run, and run it or say why not."""

from __future__ import annotations

from inspect import isawaitable
from typing import TYPE_CHECKING, Any

from screens.actions import BY_ID
from screens.actions.action import unconditional

if TYPE_CHECKING:
    from screens.face import Face
    from screens.place import Place


class Acting:
    """For a widget, a screen or the app that carries out actions of the registry: a method ``do_…`` for each."""

    def keyed(self, text: str) -> str:
        """Words of the program with the key that is in force for each ``{action}``."""
        face: Face = self.app  # type: ignore[attr-defined]
        return face.spelling.fill(text)

    async def action_act(self, identity: str, choice: int = 0) -> None:
        """Carry out one action; when it may not run, its reason is said instead."""
        action = BY_ID[identity]
        place: Place[Any] = self.app.screen  # type: ignore[attr-defined]
        # What has no condition asks nothing of a place, which may not have come up yet.
        if action.reason is not unconditional and (why := action.reason(place.situation())):
            place.say(f"{action.label}: {self.keyed(why)}")
            return
        method = getattr(self, action.method)
        result = method(choice) if action.chooses else method()
        if isawaitable(result):
            await result
