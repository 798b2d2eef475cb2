"""Which keys are in force: the registry's own, in the style that a person chose, with the keys that they gave."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache

from textual.keys import Keys, _character_to_key, key_to_character

from arqueue.errors import ConfigInvalid
from arqueue.face import Bound, FaceSettings
from screens.actions import ACTIONS, BY_ID, PLACES, Action, key_name, key_of

LETTERS_THAT_MOVE = frozenset("jkhlgG")
"""What the arrow style leaves out where the same is done by an arrow, Home, End, Enter or Escape."""
FIXED = frozenset({"review", "rest", "amount", "line", "palette"})
"""Scopes whose keys are the same for everybody: what confirms money is never a matter of taste."""
TYPED_IN = frozenset({"form", "note"})
"""Scopes of forms with fields: a letter would be typed, not carried out."""
SWALLOWED = {
    "ctrl+b": "tmux keeps it",
    "ctrl+a": "GNU screen keeps it",
    "ctrl+i": "a terminal sends it as Tab",
    "ctrl+m": "a terminal sends it as Enter",
    "ctrl+h": "a terminal sends it as Backspace",
    "ctrl+q": "it always leaves",
    "ctrl+c": "it says how to leave",
}
_LOST = ("alt+", "ctrl+shift+", "shift+enter", "ctrl+enter")
"""What only some terminals send, or what a multiplexer swallows."""
_SUGGESTED = "t b c i z f2 f3 f4 f5 f6 f7 f8 f9 f10 f12".split()


def keymap(face: FaceSettings) -> dict[str, str]:
    """Binding id → keys, for Textual. Raises ConfigInvalid, naming line and remedy."""
    keys = styled(face.keys.value)
    given: dict[str, Bound] = {}
    for bound in face.bind:
        keys[bound.action] = _checked(bound, face)
        given[bound.action] = bound
    for bound in given.values():
        _without_conflict(bound, keys, face)
    return {name: ",".join(own) for name, own in keys.items() if own != BY_ID[name].keys}


def styled(style: str) -> dict[str, tuple[str, ...]]:
    """Every action's keys in a style."""
    return {action.id: _in_style(action, style) for action in ACTIONS}


def _in_style(action: Action, style: str) -> tuple[str, ...]:
    if style != "arrows" or action.chooses:
        return action.keys
    return tuple(key for key in action.keys if key not in LETTERS_THAT_MOVE) or action.keys


@cache
def _known() -> frozenset[str]:
    return frozenset(key.value for key in Keys)


def canonical(name: str) -> str:
    """A key as Textual calls it, from what is printed on it: ``/``, ``PgDn``, ``ctrl+t``. Empty for no key."""
    if len(name) == 1:
        return key_of(name) or _character_to_key(name)
    known = key_of(name) or name.lower()
    return known if known in _known() or known in {"space", *_NAMED} else ""


_NAMED = frozenset({"slash", "question_mark", "colon", "comma", "full_stop", "equals_sign", "asterisk"})


def _checked(bound: Bound, face: FaceSettings) -> tuple[str, ...]:
    action = BY_ID.get(bound.action)
    if action is None:
        near = sorted(name for name in BY_ID if name.rpartition(".")[2] == bound.action.rpartition(".")[2])
        raise _wrong(
            bound,
            face,
            "no action is called that",
            f"{near[0]}?" if near else "`arqueue keys` names them all",
        )
    if action.scope in FIXED or action.chooses:
        raise _wrong(bound, face, "these keys are the same for everybody", "take the line out")
    return tuple(_key(name, action, bound, face) for name in bound.keys)


def _key(name: str, action: Action, bound: Bound, face: FaceSettings) -> str:
    if name.lower().startswith(_LOST):
        raise _wrong(bound, face, f"{name} does not arrive in every terminal", "take another key")
    key = canonical(name)
    if not key:
        raise _wrong(bound, face, f"{name} is no key", "such as t, /, PgDn, f5 or ctrl+t")
    if key in SWALLOWED:
        raise _wrong(bound, face, f"{key_name(key)} is not free: {SWALLOWED[key]}", "take another key")
    letter = key_to_character(key)
    if action.scope in TYPED_IN and letter is not None and letter.isprintable():
        raise _wrong(bound, face, f"{name} is typed into the fields of a form", "take a key such as f5")
    return key


def _without_conflict(bound: Bound, keys: Mapping[str, tuple[str, ...]], face: FaceSettings) -> None:
    mine = BY_ID[bound.action]
    for key in keys[bound.action]:
        for other in _beside(mine):
            if key not in keys[other.id] or (key in mine.keys and key in other.keys):
                continue
            free = _free(mine, keys)
            raise _wrong(
                bound,
                face,
                f"{key_name(key)} is {other.label} ({other.id}) there already",
                f'give that one another key too, such as "{other.id}" = "{free}"',
            )


def _beside(mine: Action) -> Iterable[Action]:
    """The actions whose keys hold in some place together with this one's."""
    scopes = {scope for _, _, scopes in PLACES if mine.scope in scopes for scope in scopes}
    return (action for action in ACTIONS if action.scope in scopes and action.id != mine.id)


def _free(mine: Action, keys: Mapping[str, tuple[str, ...]]) -> str:
    taken = {key for other in _beside(mine) for key in keys[other.id]} | set(keys[mine.id])
    return next(key for key in _SUGGESTED if key not in taken)


def _wrong(bound: Bound, face: FaceSettings, words: str, hint: str) -> ConfigInvalid:
    return ConfigInvalid(f"{face.file} line {bound.line}: {bound.action}: {words}", hint)
