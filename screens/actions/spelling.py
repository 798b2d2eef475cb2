"""The keys in force as words: whatever names a key says the one that the person has given it."""

from __future__ import annotations

from collections.abc import Mapping

from screens.actions import BY_ID
from screens.actions.action import key_printed

_IN_WORDS = str.maketrans({"↓": " Dn ", "↑": " Up ", "←": " Left ", "→": " Right "})


class Spelling:
    """A keymap (action id → keys with commas between them) over the registry's own keys; ``arrows`` where the terminal shows
    them as arrows."""

    def __init__(self, keymap: Mapping[str, str], *, arrows: bool = True) -> None:
        self._keymap, self.arrows = keymap, arrows

    def keys(self, name: str) -> tuple[str, ...]:
        """All keys of an action, as Textual calls them."""
        given = self._keymap.get(name)
        return tuple(given.split(",")) if given is not None else BY_ID[name].keys

    def key(self, name: str) -> str:
        """One key of an action as it is printed, Esc or the first; of one that chooses, all of them."""
        if BY_ID[name].chooses:
            return BY_ID[name].hint
        keys = self.keys(name)
        return self.printed(key_printed("escape" if "escape" in keys else keys[0], None))

    def printed(self, keys: str) -> str:
        """Keys as they are shown: in ASCII an arrow would be a letter, so it is a word there."""
        return keys if self.arrows else " ".join(keys.translate(_IN_WORDS).split())

    def fill(self, text: str) -> str:
        """The text with the key for each ``{action}`` in it. For the program's own words: data may hold braces."""
        before, brace, rest = text.partition("{")
        while brace:
            name, _, rest = rest.partition("}")
            piece, brace, rest = rest.partition("{")
            before += self.key(name) + piece
        return before
