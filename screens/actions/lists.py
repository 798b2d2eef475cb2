"""The keys of every list, of the queue and of the account beside it."""

from __future__ import annotations

from screens.actions.action import ACT, DIGITS, GO, LOOK, MOVE, Action, action
from screens.situation import (
    may_adjust,
    may_annotate,
    may_apply,
    may_approve,
    may_decline,
    may_dispute,
    may_escalate,
    may_settle,
    needs_broker,
)

ROWS: tuple[Action, ...] = (
    action(
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
    action("rows.up", "k up", "Up", "row before", MOVE, hint="k ↑"),
    action(
        "rows.page_down",
        "pagedown",
        "Page",
        "page down",
        MOVE,
        pair="rows.page_up",
        both="page down, page up",
    ),
    action("rows.page_up", "pageup", "Page up", "page up", MOVE),
    action(
        "rows.half_down",
        "ctrl+d",
        "Half",
        "half a page down",
        MOVE,
        pair="rows.half_up",
        both="half a page down, up",
    ),
    action("rows.half_up", "ctrl+u", "Half up", "half a page up", MOVE),
    action("rows.top", "g home", "Top", "first row", MOVE, pair="rows.bottom", both="first row, last row"),
    action("rows.bottom", "G end", "Bottom", "last row", MOVE),
)
WORK: tuple[Action, ...] = (
    action("work.apply", "a", "Apply", "apply payment or credit", ACT, 20, reason=may_apply),
    action("work.adjust", "m", "Adjust", "adjust: write off", ACT, 30, reason=may_adjust),
    action("work.note", "n", "Note", "write a note", ACT, 40, reason=may_annotate),
    action("work.escalate", "e", "Escalate", "hand over to somebody", ACT, 50, reason=may_escalate),
    action(
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
    action("work.decline", "X", "Decline", "decline the order that waits", ACT, 24, reason=may_decline),
    action("work.undo", "u", "Undo", "take back newest unsent", ACT, reason=needs_broker),
    action("work.dismiss", "x", "Put away", "put a failure away", ACT, 35, reason=may_settle),
    action(
        "work.next",
        "J",
        "Next",
        "next item, account open",
        MOVE,
        pair="work.previous",
        both="next, previous account",
    ),
    action("work.previous", "K", "Previous", "item before, account open", MOVE),
    action("work.why", "w", "Why", "why this rank", LOOK),
    action("work.filter", "slash", "Filter", "filter by words", LOOK),
    action("work.view", DIGITS, "View", "saved view", LOOK, hint="1-9"),
    action(
        "work.view_before",
        "left_square_bracket",
        "View before",
        "view before",
        LOOK,
        pair="work.view_after",
        both="view before, next view",
    ),
    action("work.view_after", "right_square_bracket", "Next view", "next view", LOOK),
    action("work.pane", "tab", "Pane", "to the account and back", MOVE),
)
QUEUE: tuple[Action, ...] = (
    action("queue.open", "enter l right", "Open", "open the account", LOOK, hint="Enter l →"),
    action("queue.mark", "space", "Mark", "mark and move down", ACT),
    action("queue.range", "v", "Range", "mark a range", ACT),
    action("queue.mark_all", "V", "Mark all", "mark all shown", ACT),
    action("queue.back", "escape", "Clear", "clear filter and marks", GO),
    action("queue.leave", "q", "Leave", "leave arqueue", GO),
)
ACCOUNT: tuple[Action, ...] = (
    action(
        "account.open",
        "enter l right",
        "Details",
        "all about the item or account",
        LOOK,
        55,
        hint="Enter l →",
    ),
    action("account.dispute", "d", "Dispute", "dispute it, or answer its dispute", ACT, reason=may_dispute),
    action("account.applied", "U", "Unapply", "what is applied: back or elsewhere", ACT, reason=needs_broker),
    action("account.back", "h left q escape", "Back", "back to the list", GO, 60, hint="h ← q Esc"),
)
