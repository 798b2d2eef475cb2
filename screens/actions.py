"""The one registry of what keys do. Bindings, footer, help page, palette and the key table of the docs are views of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from textual.binding import Binding, BindingType

from screens.situation import (
    Reason,
    may_adjust,
    may_annotate,
    may_apply,
    may_approve,
    may_decline,
    may_dismiss,
    may_escalate,
    may_leave_review,
    may_post,
    may_retry,
    may_settle,
    may_undo,
    needs_broker,
)


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
    numbered: bool = False
    """The keys are 1 … 9 and choose."""
    hint: str = ""
    """How the keys are written in footer and help, when not simply one after another."""
    pair: str = ""
    """The opposite of this action, explained together with it on the help page."""
    both: str = ""
    """The words for the two."""
    reason: Reason = field(default=lambda situation: "")
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
    "f1": "F1",
}


def key_name(key: str) -> str:
    """A key as it is printed on the keyboard: ``slash`` is ``/``."""
    if key in _NAMES:
        return _NAMES[key]
    return key.replace("ctrl+", "Ctrl+")


MOVE, ACT, LOOK, GO, FORM = "Move", "Act", "Look", "Go", "Form"
_ONE_TO_NINE = tuple("123456789")


def _a(
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
    reason: Reason = lambda situation: "",
) -> Action:
    return Action(
        id=identity,
        keys=tuple(keys.split()),
        label=label,
        description=description,
        group=group,
        scope=identity.partition(".")[0],
        footer=footer,
        footer_in=tuple(footer_in.split()),
        numbered=keys.split() == list(_ONE_TO_NINE),
        hint=hint,
        pair=pair,
        both=both,
        reason=reason,
    )


_DIGITS = " ".join(_ONE_TO_NINE)
ACTIONS: tuple[Action, ...] = (
    # Every list.
    _a(
        "rows.down",
        "j down",
        "Move",
        "next row",
        MOVE,
        10,
        hint="j ↓",
        pair="rows.up",
        both="row down, row up",
    ),
    _a("rows.up", "k up", "Up", "row before", MOVE, hint="k ↑"),
    _a(
        "rows.page_down",
        "pagedown",
        "Page",
        "page down",
        MOVE,
        pair="rows.page_up",
        both="page down, page up",
    ),
    _a("rows.page_up", "pageup", "Page up", "page up", MOVE),
    _a(
        "rows.half_down",
        "ctrl+d",
        "Half",
        "half a page down",
        MOVE,
        pair="rows.half_up",
        both="half a page down, up",
    ),
    _a("rows.half_up", "ctrl+u", "Half up", "half a page up", MOVE),
    _a("rows.top", "g home", "Top", "first row", MOVE, pair="rows.bottom", both="first row, last row"),
    _a("rows.bottom", "G end", "Bottom", "last row", MOVE),
    # The four actions, on the row under the cursor of the queue or the account.
    _a("work.apply", "a", "Apply", "apply payment or credit", ACT, 20, reason=may_apply),
    _a("work.adjust", "m", "Adjust", "adjust: write off", ACT, 30, reason=may_adjust),
    _a("work.note", "n", "Note", "write a note", ACT, 40, reason=may_annotate),
    _a("work.escalate", "e", "Escalate", "hand over to somebody", ACT, 50, reason=may_escalate),
    _a(
        "work.approve",
        "A",
        "Approve",
        "approve the order that waits",
        ACT,
        22,
        pair="work.decline",
        both="approve, decline",
        reason=may_approve,
    ),
    _a("work.decline", "X", "Decline", "decline the order that waits", ACT, 24, reason=may_decline),
    _a("work.undo", "u", "Undo", "take back newest unsent", ACT, reason=needs_broker),
    _a("work.dismiss", "x", "Put away", "put a failure away", ACT, 35, reason=may_settle),
    _a(
        "work.next",
        "J",
        "Next",
        "next item, account open",
        MOVE,
        pair="work.previous",
        both="next, previous account",
    ),
    _a("work.previous", "K", "Previous", "item before, account open", MOVE),
    _a("work.why", "w", "Why", "why this rank", LOOK),
    _a("work.filter", "slash", "Filter", "filter by words", LOOK),
    _a("work.view", _DIGITS, "View", "saved view", LOOK, hint="1-9"),
    _a(
        "work.view_before",
        "left_square_bracket",
        "View before",
        "view before",
        LOOK,
        pair="work.view_after",
        both="view before, next view",
    ),
    _a("work.view_after", "right_square_bracket", "Next view", "next view", LOOK),
    _a("work.pane", "tab", "Pane", "to the account and back", MOVE),
    # The list of the queue.
    _a("queue.open", "enter l right", "Open", "open the account", LOOK, hint="Enter l →"),
    _a("queue.mark", "space", "Mark", "mark and move down", ACT),
    _a("queue.range", "v", "Range", "mark a range", ACT),
    _a("queue.mark_all", "V", "Mark all", "mark all shown", ACT),
    _a("queue.back", "escape", "Clear", "clear filter and marks", GO),
    _a("queue.leave", "q", "Leave", "leave arqueue", GO),
    # The account beside or instead of the list.
    _a(
        "account.open",
        "enter l right",
        "Details",
        "all about the item or account",
        LOOK,
        55,
        hint="Enter l →",
    ),
    _a("account.back", "h left q escape", "Back", "back to the list", GO, 60, hint="h ← q Esc"),
    # Forms.
    _a("form.back", "escape", "Back", "leave the form; what was typed is kept", GO, 60),
    _a(
        "form.next",
        "tab",
        "Next",
        "next field",
        FORM,
        20,
        pair="form.previous",
        both="next field, field before",
    ),
    _a("form.previous", "shift+tab", "Field before", "field before", FORM),
    _a("form.enter", "enter", "Review", "next field; on the last one, review", FORM, 30),
    _a("note.newline", "ctrl+j", "New line", "start a new line in a note", FORM),
    _a("apply.choose", _DIGITS, "Suggestion", "take this suggestion", FORM, 12, hint="1-9"),
    _a("apply.toggle", "space", "On/off", "apply to this item, or not", FORM, 14),
    _a("apply.amount", "tab equals_sign", "Amount", "type the amount of this line", FORM, 16, hint="Tab ="),
    _a("apply.none", "0", "None", "clear all lines", FORM),
    _a("amount.enter", "enter tab", "Take", "take this amount", FORM, 10, hint="Enter Tab"),
    _a("amount.back", "escape", "Cancel", "leave the amount as it was", GO, 20),
    _a("apply.review", "enter", "Review", "review before anything is posted", FORM, 30),
    _a(
        "apply.back",
        "escape h left q",
        "Back",
        "leave the form; the lines are kept",
        GO,
        60,
        hint="Esc h ← q",
    ),
    # Review.
    _a("review.post", "y", "Post", "yes, do it (Enter does not)", ACT, 10, reason=may_post),
    _a(
        "review.back",
        "n escape h left",
        "Back",
        "back, and nothing is done",
        GO,
        20,
        hint="n Esc",
        reason=may_leave_review,
    ),
    _a("review.leave", "q", "Leave", "leave; the outbox tells what became of it", GO),
    _a(
        "review.down",
        "j down pagedown",
        "Scroll",
        "scroll down",
        MOVE,
        30,
        hint="j ↓",
        pair="review.up",
        both="scroll",
    ),
    _a("review.up", "k up pageup", "Scroll up", "scroll up", MOVE, hint="k ↑"),
    # Outbox.
    _a(
        "outbox.open",
        "enter l right",
        "Attempts",
        "every attempt and its outcome",
        LOOK,
        20,
        hint="Enter l →",
    ),
    _a(
        "outbox.approve",
        "A",
        "Approve",
        "approve this order",
        ACT,
        22,
        pair="outbox.decline",
        both="approve, decline",
        reason=may_approve,
    ),
    _a("outbox.decline", "X", "Decline", "decline this order", ACT, 24, reason=may_decline),
    _a("outbox.undo", "u", "Undo", "take this order back while it is unsent", ACT, 30, reason=may_undo),
    _a("outbox.retry", "r", "Retry", "try this order again", ACT, 40, reason=may_retry),
    _a("outbox.dismiss", "x", "Put away", "looked at: put it away", ACT, 45, reason=may_dismiss),
    _a("outbox.filter", "tab", "States", "all, unsettled or failed orders", LOOK, 50),
    _a("outbox.back", "h left q escape", "Back", "back to the queue", GO, 25, hint="h ← q Esc"),
    # Pages that are only read, and the palette.
    _a("page.back", "escape q h left", "Back", "close this page", GO, 10, hint="Esc q"),
    _a(
        "page.down",
        "j down pagedown",
        "Scroll",
        "scroll down",
        MOVE,
        30,
        hint="j ↓",
        pair="page.up",
        both="scroll",
    ),
    _a("page.up", "k up pageup", "Scroll up", "scroll up", MOVE, hint="k ↑"),
    _a("palette.run", "enter", "Run", "run the action", ACT, 10),
    _a("palette.down", "down", "Next", "next action", MOVE, 20),
    _a("palette.up", "up", "Before", "action before", MOVE),
    _a("palette.back", "escape", "Close", "close the palette", GO, 30),
    _a("line.enter", "enter", "Filter", "filter by words", ACT, 10),
    _a("line.back", "escape", "Cancel", "leave the filter as it was", GO, 20),
    # Everywhere.
    _a("app.outbox", "O", "Outbox", "outbox: all orders", GO, 70, footer_in="queue account"),
    _a("app.sync", "R", "Sync", "sync with the ledger", GO, reason=needs_broker),
    _a("app.palette", "colon ctrl+p", "Actions", "every action by name", GO),
    _a("app.help", "question_mark f1", "Help", "help for this place", GO, 90),
    _a("app.redraw", "ctrl+l", "Redraw", "draw the screen again", GO),
    _a("app.suspend", "ctrl+z", "Suspend", "suspend to the shell", GO),
    _a("app.quit", "ctrl+q", "Quit", "leave arqueue now", GO),
)
BY_ID: dict[str, Action] = {action.id: action for action in ACTIONS}
PLACES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("queue", "Queue", ("rows", "queue", "work", "app")),
    ("account", "Account", ("rows", "account", "work", "app")),
    ("apply", "Apply", ("rows", "apply", "app")),
    ("amount", "Amount", ("amount", "app")),
    ("form", "Adjust, note, escalate", ("rows", "form", "note", "app")),
    ("review", "Review", ("review", "app")),
    ("outbox", "Outbox", ("rows", "outbox", "app")),
    ("page", "Pages", ("page", "app")),
    ("palette", "Palette", ("palette", "app")),
    ("line", "Filter line", ("line", "app")),
)
"""The places by name, title and the scopes whose keys hold there, nearest first."""


SCOPE_TITLES: dict[str, str] = {
    **{place: title for place, title, _ in PLACES},
    "rows": "Every list",
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
    if not action.numbered:
        yield Binding(",".join(action.keys), f"act('{action.id}')", action.label, show=False, id=action.id)
        return
    for key in action.keys:
        yield Binding(key, f"act('{action.id}', {key})", action.label, show=False, id=f"{action.id}.{key}")


def key_table() -> str:
    """The Markdown table of all keys, for the docs."""
    lines = ["| Place | Keys | Does |", "|---|---|---|"]
    for action in ACTIONS:
        keys = " ".join(f"`{key_name(key)}`" for key in action.keys)
        lines.append(
            f"| {SCOPE_TITLES[action.scope]} | {keys.replace('|', chr(92) + '|')} | {action.description} |"
        )
    return "\n".join(lines) + "\n"


def main() -> None:
    """Print the table."""
    import sys

    sys.stdout.write(key_table())


if __name__ == "__main__":
    main()
