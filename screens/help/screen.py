"""The keys of one place on one page, in two columns: a view of the registry."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from typing import Any

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from screens import words
from screens.actions import PLACES, Action, key_name
from screens.footer import key_words, keys_of
from screens.page import Page
from screens.place import Place

KEYS = 14
Entry = tuple[str, str]


def entries(place: Place[Any]) -> list[tuple[str, list[Entry]]]:
    """(group, [(keys, what they do)]) of a place, with the keys that are in force."""
    keys = keys_of(place)
    groups: dict[str, list[Entry]] = {}
    seconds = {action.pair for action in place.actions_here() if action.pair in keys}
    for action in place.actions_here():
        if action.id not in keys or action.id in seconds:
            continue
        if action.pair in keys:
            entry = (_together(keys[action.id], keys[action.pair]), action.both)
        else:
            entry = (key_words(action, keys[action.id]), action.description)
        groups.setdefault(action.group, []).append(entry)
    return list(groups.items())


def _together(keys: list[str], opposite: list[str]) -> str:
    pairs = zip_longest(keys, opposite)
    return " ".join(key_name(key) for pair in pairs for key in pair if key is not None)


def columns(groups: Sequence[tuple[str, list[Entry]]]) -> tuple[list[Entry | str], list[Entry | str]]:
    """The groups in two columns of about the same height; a title is a plain string."""
    blocks: list[list[Entry | str]] = [[title, *found] for title, found in groups]
    total = sum(map(len, blocks))
    left: list[Entry | str] = []
    right: list[Entry | str] = []
    for block in blocks:
        (left if len(left) + len(block) / 2 <= total / 2 else right).extend(block)
    return left, right


def page(groups: Sequence[tuple[str, list[Entry]]], width: int) -> Content:
    """The page in so many cells."""
    left, right = columns(groups)
    half = width // 2
    pieces: list[tuple[str, str]] = []
    for number in range(max(len(left), len(right))):
        pieces.append(("\n" if number else "", ""))
        for column in (left, right):
            pieces += _cell(column[number] if number < len(column) else "", half - 1)
    return Content.assemble(*pieces)


def _cell(entry: Entry | str, width: int) -> list[tuple[str, str]]:
    if isinstance(entry, str):
        return [(words.fit(entry, width), "bold")]
    keys, does = entry
    return [(words.fit(" " + keys.replace("Ctrl+", "^"), KEYS), "bold"), (words.fit(does, width - KEYS), "")]


class HelpPage(Page):
    """Help for the place that it was asked in."""

    def __init__(self, place: Place[Any]) -> None:
        super().__init__()
        self._groups = entries(place)
        self._title = next(title for name, title, _ in PLACES if name == place.registry_place())

    def content(self) -> ComposeResult:
        """Title and keys."""
        yield Static(id="keys", markup=False)

    def on_resize(self) -> None:
        """Another width, other columns."""
        head = Content.assemble(
            (f"Keys: {self._title}", "bold"), (self.keyed("   {page.back} closes this page\n"), "dim")
        )
        self.query_one("#keys", Static).update(head + page(self._groups, max(40, self.size.width - 4)))


def shown_actions(place: Place[Any]) -> list[Action]:
    """The actions that the page explains."""
    keys = keys_of(place)
    return [action for action in place.actions_here() if action.id in keys]
