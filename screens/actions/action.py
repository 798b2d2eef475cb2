"""One action: its keys, its words, where it holds, and why it cannot run now."""

from __future__ import annotations

from dataclasses import dataclass
from string import ascii_lowercase

from screens.situation import Reason, Situation


def unconditional(_situation: Situation) -> str:
    """For what can be done wherever one is, and before anything is there."""
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One thing that a key does. ``keys`` are Textual's names; several keys are equal ways to it."""

    id: str
    keys: tuple[str, ...]
    label: str
    """One word for the footer."""
    description: str
    """A phrase for help and palette."""
    group: str
    scope: str
    """The place or widget that it belongs to; ``app`` is everywhere."""
    footer: int = 0
    """Its order in the footer, 0 when it is not shown there."""
    footer_in: tuple[str, ...] = ()
    """The places whose footer has room for it; all of them when empty."""
    chooses: bool = False
    """Each key means another thing: the first is choice 1."""
    hint: str = ""
    """How the keys are written in footer and help, when not simply one after another."""
    pair: str = ""
    """The opposite of this action, explained together with it on the help page."""
    both: str = ""
    """The words for the two."""
    reason: Reason = unconditional
    """Why it cannot run now, in words; empty when it can."""

    @property
    def method(self) -> str:
        """The method of the scope's widget that carries it out."""
        return "do_" + self.id.partition(".")[2].replace(".", "_")

    @property
    def keys_shown(self) -> str:
        """The keys as they are printed on keyboards."""
        return self.hint or " ".join(key_name(key) for key in self.keys)


_NAMES = {
    "slash": "/",
    "question_mark": "?",
    "colon": ":",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "equals_sign": "=",
    "comma": ",",
    "asterisk": "*",
    "escape": "Esc",
    "enter": "Enter",
    "space": "Space",
    "tab": "Tab",
    "shift+tab": "S-Tab",
    "down": "↓",
    "up": "↑",
    "left": "←",
    "right": "→",
    "home": "Home",
    "end": "End",
    "pagedown": "PgDn",
    "pageup": "PgUp",
    **{f"f{number}": f"F{number}" for number in range(1, 13)},
}


def key_name(key: str) -> str:
    """A key as it is printed on the keyboard: ``slash`` is ``/``."""
    if key in _NAMES:
        return _NAMES[key]
    return key.replace("ctrl+", "Ctrl+")


def key_printed(key: str, character: str | None) -> str:
    """A key that was pressed, known to the registry or not: what it types, where that can be seen, else its name."""
    if character is not None and character.isprintable() and not character.isspace():
        return character
    before, ctrl, letter = key_name(key).partition("Ctrl+")
    return f"{before}{ctrl}{letter.upper()}"


def key_of(name: str) -> str:
    """The key that is printed so, whatever the case; empty when none is."""
    return next((key for key, printed in _NAMES.items() if printed.lower() == name.lower()), "")


MOVE, ACT, LOOK, GO, FORM = "Move", "Act", "Look", "Go", "Form"
DIGITS = " ".join("123456789")
CYCLE = "r"
"""The key that goes on to the next of a few; no choice has it for its letter."""
LETTERS = " ".join(letter for letter in ascii_lowercase if letter != CYCLE)


def action(
    identity: str,
    keys: str,
    label: str,
    description: str,
    group: str,
    footer: int = 0,
    *,
    hint: str = "",
    footer_in: str = "",
    pair: str = "",
    both: str = "",
    reason: Reason = unconditional,
) -> Action:
    """An action whose scope is the first part of its id; ``keys`` apart by blanks."""
    return Action(
        id=identity,
        keys=tuple(keys.split()),
        label=label,
        description=description,
        group=group,
        scope=identity.partition(".")[0],
        footer=footer,
        footer_in=tuple(footer_in.split()),
        chooses=keys in (DIGITS, LETTERS),
        hint=hint,
        pair=pair,
        both=both,
        reason=reason,
    )
