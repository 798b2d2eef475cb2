"""The keys of what is decided and of what became of it: review and outbox."""

from __future__ import annotations

from screens.actions.action import ACT, GO, LOOK, MOVE, Action, action
from screens.situation import (
    may_approve,
    may_break_glass,
    may_decline,
    may_dismiss,
    may_leave_review,
    may_post,
    may_retry,
    may_undo,
    needs_broker,
)

REVIEW: tuple[Action, ...] = (
    action("review.post", "y", "Post", "yes, do it (Enter does not)", ACT, 10, reason=may_post),
    action(
        "review.back",
        "n escape h left",
        "Back",
        "back, and nothing is done",
        GO,
        20,
        hint="n Esc",
        reason=may_leave_review,
    ),
    action("review.leave", "q", "Leave", "leave; the outbox tells what became of it", GO),
    action(
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
    action("review.up", "k up pageup", "Scroll up", "scroll up", MOVE, hint="k ↑"),
)
APPROVAL: tuple[Action, ...] = (
    action(
        "approval.glass",
        "B",
        "Break glass",
        "above everybody's limit: two supervisors let it through",
        ACT,
        15,
        reason=may_break_glass,
    ),
)
OUTBOX: tuple[Action, ...] = (
    action(
        "outbox.open",
        "enter l right",
        "Attempts",
        "attempts and outcomes",
        LOOK,
        20,
        hint="Enter l →",
    ),
    action(
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
    action("outbox.decline", "X", "Decline", "decline this order", ACT, 24, reason=may_decline),
    action(
        "outbox.undo",
        "u",
        "Undo",
        "take this order back, or reverse it",
        ACT,
        30,
        pair="outbox.put_back",
        both="take back, put back",
        reason=may_undo,
    ),
    action("outbox.put_back", "U", "Put back", "put back what was taken back", ACT, reason=needs_broker),
    action("outbox.retry", "r", "Retry", "try this order again", ACT, 40, reason=may_retry),
    action("outbox.dismiss", "x", "Put away", "looked at: put it away", ACT, 45, reason=may_dismiss),
    action("outbox.filter", "tab", "States", "all, unsettled, failed", LOOK, 50),
    action("outbox.back", "h left q escape", "Back", "back to the queue", GO, 25, hint="h ← q Esc"),
)
