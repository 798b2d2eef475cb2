"""The one registry of what keys do. Bindings, footer, help page, palette and the key table of the docs are views of it."""

from __future__ import annotations

from collections.abc import Iterable

from textual.binding import Binding, BindingType

from screens.actions import anywhere, forms, lists, orders
from screens.actions.action import ACT, CYCLE, FORM, GO, LETTERS, LOOK, MOVE, Action, key_name, key_of

__all__ = [
    "ACT",
    "ACTIONS",
    "BY_ID",
    "CYCLE",
    "FORM",
    "GO",
    "LETTERS",
    "LOOK",
    "MOVE",
    "PLACES",
    "SCOPE_TITLES",
    "Action",
    "bindings",
    "key_name",
    "key_of",
    "key_table",
    "of_place",
    "of_scopes",
]

ACTIONS: tuple[Action, ...] = (
    *lists.ROWS,
    *lists.WORK,
    *lists.QUEUE,
    *lists.AGENDA,
    *lists.VIEWS,
    *lists.KNOWN,
    *lists.ACCOUNT,
    *forms.FORMS,
    *orders.REVIEW,
    *orders.APPROVAL,
    *orders.OUTBOX,
    *anywhere.PAGES,
    *anywhere.APP,
)
BY_ID: dict[str, Action] = {action.id: action for action in ACTIONS}
PLACES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("queue", "Queue", ("rows", "queue", "work", "app")),
    ("account", "Account", ("rows", "account", "work", "app")),
    ("ways", "Apply: suggestions", ("rows", "ways", "apply", "app")),
    ("lines", "Apply: items", ("rows", "lines", "apply", "app")),
    ("payers", "Who sent it", ("rows", "payers", "form", "app")),
    ("applied", "What is applied", ("rows", "applied", "form", "app")),
    ("move", "Move", ("rows", "move", "form", "app")),
    ("amount", "Amount", ("amount", "app")),
    ("rest", "What becomes of a rest", ("rest", "app")),
    ("form", "Forms", ("rows", "form", "note", "app")),
    ("review", "Review", ("review", "app")),
    ("approval", "Approval", ("approval", "review", "app")),
    ("outbox", "Outbox", ("rows", "outbox", "app")),
    ("agenda", "Agenda", ("rows", "agenda", "app")),
    ("views", "Views", ("rows", "views", "app")),
    ("known", "Known payers", ("rows", "known", "app")),
    ("page", "Pages", ("page", "app")),
    ("settings", "Settings", ("settings", "page", "app")),
    ("sync", "Sync", ("page", "app")),
    ("tour", "Tour", ("tour", "page", "app")),
    ("palette", "Palette", ("palette", "app")),
    ("line", "Filter line", ("line", "app")),
    ("words", "Words to search by", ("words", "app")),
)
"""The places by name, title and the scopes whose keys hold there, nearest first."""


SCOPE_TITLES: dict[str, str] = {
    **{place: title for place, title, _ in PLACES},
    "rows": "Every list",
    "apply": "Apply",
    "work": "Queue and account",
    "note": "Note",
    "app": "Everywhere",
}
"""Where the keys of a scope hold, in words."""


def of_scopes(*scopes: str) -> list[Action]:
    """The actions of these scopes, in the registry's order."""
    return [action for action in ACTIONS if action.scope in scopes]


def of_place(name: str) -> list[Action]:
    """The actions whose keys hold in a place, without those that a nearer scope's key hides."""
    scopes = next(scopes for place, _, scopes in PLACES if place == name)
    return of_scopes(*scopes)


def bindings(*scopes: str) -> list[BindingType]:
    """Textual's bindings of these scopes; every one has an id, by which a configuration may give it other keys."""
    return [binding for action in of_scopes(*scopes) for binding in _bind(action)]


def _bind(action: Action) -> Iterable[Binding]:
    if not action.chooses:
        yield Binding(",".join(action.keys), f"act('{action.id}')", action.label, show=False, id=action.id)
        return
    for place, key in enumerate(action.keys, start=1):
        yield Binding(
            key, f"act('{action.id}', {place})", action.label, show=False, id=f"{action.id}.{place}"
        )


def key_table() -> str:
    """The Markdown table of all keys, for the docs."""
    lines = ["| Place | Keys | Does | Name |", "|---|---|---|---|"]
    for action in ACTIONS:
        keys = " ".join(f"`{key_name(key)}`" for key in action.keys)
        lines.append(
            f"| {SCOPE_TITLES[action.scope]} | {keys.replace('|', chr(92) + '|')} | {action.description} | "
            f"`{action.id}` |"
        )
    return "\n".join(lines) + "\n"
