"""The keys of one place on one page, in two columns where they are many: a view of the registry."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from typing import Any

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from screens import words
from screens.actions import key_name
from screens.footer import key_words, keys_of
from screens.page import Page
from screens.place import Place

KEYS = 11
"""The least cells for keys."""
TWO = 100
"""From so many cells on there is room for whole sentences in two columns."""
Entry = tuple[str, str]


def entries(place: Place[Any]) -> list[tuple[str, list[Entry]]]:
    """(group, [(keys, what they do)]) of a place, with the keys that are in force."""
    keys, printed = keys_of(place), place.app.spelling.printed
    groups: dict[str, list[Entry]] = {}
    seconds = {action.pair for action in place.actions_here() if action.pair in keys}
    for action in place.actions_here():
        if action.id not in keys or action.id in seconds:
            continue
        if action.pair in keys:
            entry = (printed(_together(keys[action.id], keys[action.pair])), action.both)
        else:
            entry = (printed(key_words(action, keys[action.id])), action.description)
        groups.setdefault(action.group, []).append(entry)
    return list(groups.items())


def _together(keys: list[str], opposite: list[str]) -> str:
    pairs = zip_longest(keys, opposite)
    return " ".join(key_name(key) for pair in pairs for key in pair if key is not None)


def columns(
    groups: Sequence[tuple[str, list[Entry]]], width: int, height: int
) -> list[tuple[list[Entry | str], int]]:
    """The groups in one column where they have room, else in two of about the same height, each with its width; a title is
    a plain string."""
    blocks: list[list[Entry | str]] = [[title, *found] for title, found in groups]
    total = sum(map(len, blocks))
    if total <= height and width < TWO:
        return [([each for block in blocks for each in block], width)]
    left: list[Entry | str] = []
    right: list[Entry | str] = []
    for block in blocks:
        (left if len(left) + len(block) / 2 <= total / 2 else right).extend(block)
    return [(left, width // 2), (right, width // 2)]


def page(groups: Sequence[tuple[str, list[Entry]]], width: int, height: int) -> Content:
    """The page in so many cells."""
    lines = [_cells(entries, room - 1) for entries, room in columns(groups, width, height)]
    blank: list[tuple[str, str]] = [(" " * (width // 2 - 1), "")]
    pieces: list[tuple[str, str]] = []
    for number, line in enumerate(zip_longest(*lines, fillvalue=blank)):
        pieces.append(("\n" if number else "", ""))
        for cell in line:
            pieces += cell
    return Content.assemble(*pieces)


def _cells(entries: Sequence[Entry | str], width: int) -> list[list[tuple[str, str]]]:
    """A column, its keys as wide as the longest of them."""
    short = [entry if isinstance(entry, str) else (_written(entry[0]), entry[1]) for entry in entries]
    wide = max((cell_len(entry[0]) for entry in short if not isinstance(entry, str)), default=0)
    keys = min(max(KEYS, wide + 2), width // 2)
    return [
        [(words.fit(entry, width), "bold")]
        if isinstance(entry, str)
        else [(words.fit(f" {entry[0]}", keys), "bold"), (words.fit(entry[1], width - keys), "")]
        for entry in short
    ]


def _written(keys: str) -> str:
    return keys.replace("Ctrl+", "^")


class HelpPage(Page):
    """Help for the place that it was asked in."""

    def __init__(self, place: Place[Any]) -> None:
        super().__init__()
        self._groups = entries(place)
        self._title = place.keys_title

    def content(self) -> ComposeResult:
        """Title and keys."""
        yield Static(id="keys", markup=False)

    def on_resize(self) -> None:
        """Another width, other columns."""
        closes = self.keyed("   {page.back} closes this page")
        title = words.fit(f"Keys: {self._title}", max(6, self.size.width - 4 - cell_len(closes))).rstrip()
        head = Content.assemble((title, "bold"), (f"{closes}\n", "dim"))
        self.query_one("#keys", Static).update(
            head + page(self._groups, max(40, self.size.width - 4), self.size.height - 3)
        )
