"""The last line: the keys that matter here. It is a view of the registry, and whole entries go before any is cut."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.cells import cell_len
from textual.content import Content
from textual.widget import Widget

from screens.actions import Action, key_name

if TYPE_CHECKING:
    from screens.place import Place

GAP = "  "
_MOVES = {"j": "jk", "down": "↓↑"}
"""Both directions in the room of one."""
HELP = "app.help"


def keys_of(place: Place[Any]) -> dict[str, list[str]]:
    """The keys in force by action, as a configuration may have changed them; what a nearer scope hides is not in force."""
    keys: dict[str, list[str]] = {}
    for key, active in place.active_bindings.items():
        if identity := active.binding.id:  # a text field's own keys have none
            action = identity.rpartition(".")[0] if identity[-1:].isdigit() else identity
            keys.setdefault(action, []).append(key)
    return keys


def key_words(action: Action, keys: list[str]) -> str:
    """The keys of an action in words; its own hint as long as nobody gave it other keys."""
    names = {key_name(key) for key in keys}
    hinted = action.chooses or set(action.hint.split()) <= names
    if action.hint and hinted and set(keys) <= set(action.keys):
        return action.hint
    return " ".join(key_name(key) for key in keys)


def entries(place: Place[Any], width: int) -> list[tuple[str, str]]:
    """(key, label) of what fits into so many cells, the most needed first, help always last; the way back is never left out."""
    keys = keys_of(place)
    shown = [
        action
        for action in place.actions_here()
        if action.footer and action.id in keys and place.in_footer(action)
    ]
    shown.sort(key=lambda action: action.footer)
    found: list[tuple[str, str]] = []
    stays: list[bool] = []
    for action in shown:
        short = _MOVES.get(keys[action.id][0], "") if action.id == "rows.down" else ""
        first = key_name(keys[action.id][0])
        written = place.app.spelling.printed(short or (action.hint if action.chooses else first))
        found.append((written, place.label_of(action)))
        stays.append(action.id == HELP or action.id.endswith(".back"))
    while not all(stays) and _width(found) > width:
        last = max(at for at, kept in enumerate(stays) if not kept)
        del found[last], stays[last]
    while len(found) > 1 and _width(found) > width:
        del found[-2]
    return found


def _width(found: list[tuple[str, str]]) -> int:
    return sum(cell_len(f"{key} {label}") for key, label in found) + len(GAP) * (len(found) - 1)


class Footer(Widget):
    """The line of keys."""

    _painted = Content("")

    def on_mount(self) -> None:
        """Follow the focus and the keymap."""
        self.screen.bindings_updated_signal.subscribe(self, lambda _: self.refresh())

    def refresh_if_other(self) -> None:
        """Paint again if the words are others now."""
        if self._compose_line() != self._painted:
            self.refresh()

    @property
    def plain(self) -> str:
        """The words on the line."""
        return self._compose_line().plain

    def render(self) -> Content:
        """Keys bold, labels plain."""
        self._painted = self._compose_line()
        return self._painted

    def _compose_line(self) -> Content:
        place: Place[Any] = self.screen  # type: ignore[assignment]
        pieces: list[tuple[str, str]] = [(" ", "")]
        for number, (key, label) in enumerate(entries(place, max(0, self.size.width - 2))):
            pieces += [(GAP if number else "", ""), (key, "bold"), (f" {label}", "dim")]
        return Content.assemble(*pieces)
