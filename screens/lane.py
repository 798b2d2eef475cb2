"""The quick way of keys that only move in a list: no look-up through all widgets, the frame at once instead of in its turn."""

from __future__ import annotations

from inspect import isawaitable
from typing import TYPE_CHECKING

from textual import events

from screens.rows import Rows

if TYPE_CHECKING:
    from collections.abc import Mapping

    from screens.face import Face

_MOVES = {
    f"act('rows.{name}')": f"do_{name}"
    for name in ("down", "up", "page_down", "page_up", "half_down", "half_up", "top", "bottom")
} | {"act('queue.mark')": "do_mark"}


class Lane:
    """Carries out a move when a list has the focus. What the keys are is asked once for each list and keymap."""

    def __init__(self, app: Face) -> None:
        self._app = app
        self._of: tuple[object, object] | None = None
        self._methods: Mapping[str, str] = {}

    async def take(self, key: events.Key) -> bool:
        """Whether the key was a move here, and has been made and painted."""
        rows = self._app.focused
        if not isinstance(rows, Rows):
            return False
        method = self._moves_of(rows).get(key.key)
        if method is None:
            return False
        top, rows.gutters = rows.top, (changed := set[int]())
        try:
            done = getattr(rows, method)()
            if isawaitable(done):
                await done
        finally:
            rows.gutters = None
        self._paint(rows, changed, turned=rows.top != top)
        return True

    def _moves_of(self, rows: Rows) -> Mapping[str, str]:
        """The keys that move in this list; what has another meaning nearer or first is none."""
        app = self._app
        if self._of != (rows, app._keymap):
            chain = app.screen._modal_binding_chain
            first = {key for _, bound in chain for key, binding in bound if binding.priority}
            node, nearest = chain[0]
            found = nearest.key_to_bindings.items() if node is rows else ()
            self._methods = {
                key: _MOVES[bindings[0].action]
                for key, bindings in found
                if len(bindings) == 1 and bindings[0].action in _MOVES and key not in first
            }
            self._of = (rows, app._keymap)
        return self._methods

    def _paint(self, rows: Rows, changed: set[int], *, turned: bool) -> None:
        """What changed in the list, now: two cells, or the page. All else that the move set off follows in its turn."""
        screen = self._app.screen
        busy = screen._layout_required or screen._repaint_required or self._app._batch_count
        if not (turned or busy or rows._repaint_required):
            self._app.paint_pieces(rows.gutter_pieces(changed))
            return
        for index in changed:
            rows.refresh_row(index, gutter_only=True)
        if rows._repaint_required and rows.is_attached:
            rows._repaint_required = False
            screen._dirty_widgets.add(rows)
            screen._on_timer_update()
