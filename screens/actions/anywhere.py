"""The keys of pages and of the palette, and those that hold everywhere."""

from __future__ import annotations

from screens.actions.action import ACT, GO, LOOK, MOVE, Action, action
from screens.situation import (
    needs_broker,
)

PAGES: tuple[Action, ...] = (
    action("page.back", "escape q h left", "Back", "close this page", GO, 10, hint="Esc q"),
    action(
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
    action("page.up", "k up pageup", "Scroll up", "scroll up", MOVE, hint="k ↑"),
    action("tour.close", "enter", "Close", "close the tour", GO, 5),
    action("settings.theme", "t", "Theme", "the next theme, kept for next time", LOOK, 20),
    action("palette.run", "enter", "Run", "run the action", ACT, 10),
    action("palette.down", "down", "Next", "next action", MOVE, 20),
    action("palette.up", "up", "Before", "action before", MOVE),
    action(
        "palette.page_down",
        "pagedown",
        "Page",
        "page down",
        MOVE,
        pair="palette.page_up",
        both="page down, page up",
    ),
    action("palette.page_up", "pageup", "Page up", "page up", MOVE),
    action("palette.back", "escape", "Close", "close the palette", GO, 30),
    action("line.enter", "enter", "Keep", "keep the filter", ACT, 10),
    action("line.back", "escape", "Cancel", "leave the filter as it was", GO, 20),
    action("line.complete", "tab", "Complete", "complete what is typed", ACT, 15),
    action("words.enter", "enter", "Keep", "keep the words", ACT, 10),
    action("words.back", "escape", "Cancel", "leave the list as it was", GO, 20),
)
APP: tuple[Action, ...] = (
    action(
        "app.outbox",
        "O",
        "Outbox",
        "outbox: all orders",
        GO,
        70,
        footer_in="queue account",
        pair="app.inbox",
        both="outbox; inbox: for me",
    ),
    action("app.inbox", "I", "Inbox", "inbox: escalations and approvals for me", GO),
    action(
        "app.sync",
        "R",
        "Sync",
        "sync with the ledger",
        GO,
        pair="app.freshness",
        both="sync, how fresh it is",
        reason=needs_broker,
    ),
    action("app.freshness", "S", "Sync state", "how fresh everything is", GO),
    action("app.settings", "comma", "Settings", "settings: keys, theme", GO),
    action("app.palette", "colon ctrl+p", "Actions", "every action by name", GO),
    action("app.help", "question_mark f1", "Help", "help for this place", GO, 90),
    action("app.tour", "f2", "Tour", "the tour: first steps", GO),
    action(
        "app.redraw",
        "ctrl+l",
        "Redraw",
        "draw the screen again",
        GO,
        pair="app.suspend",
        both="draw again, suspend",
    ),
    action("app.suspend", "ctrl+z", "Suspend", "suspend to the shell", GO),
    action("app.quit", "ctrl+q", "Quit", "leave arqueue now", GO),
)
