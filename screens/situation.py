"""What a key would act on, and why it cannot: every reason that a person may hear for a key that does nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """All that decides whether an action may run: what is under the cursor, and what the other side can do."""

    connected: bool = True
    operations: frozenset[str] = frozenset()
    row: bool = False
    """Something is under the cursor."""
    kind: str = ""
    """The kind of the work row, for words."""
    marked: bool = False
    """Rows are marked, and what can be done to many is done to them."""
    party: bool = False
    item: bool = False
    credit: bool = False
    """The item is a payment, a credit note or another credit."""
    command_state: str = ""
    undoable: bool = False
    unappliable: bool = False
    """The order is booked, and what it applied can be taken back."""
    order: bool = False
    """The row is about an order: a failure or something handed over."""
    own: bool = False
    """The order was made by this person."""
    others: bool = False
    """The row is not this person's work."""
    supervises: bool = False
    """This person is a supervisor."""
    rest: bool = False
    """An item that is paid keeps something, or the payment does."""
    applied: bool = False
    """The payment pays something."""
    over: bool = False
    """It pays more than it has."""
    discount: bool = False
    """The item under the cursor has an early-payment discount."""
    forbidden: str = ""
    """Why what is under review cannot be done, in words."""
    in_doubt: bool = False
    reads_only: bool = False
    """This person is an auditor."""
    asked: bool = False
    """The key before asked whether to do it."""
    copying: bool = False
    """The company lets this person copy."""


Reason = Callable[[Situation], str]
"""Why an action cannot run, in words that name actions for their keys; empty when it can."""


OF_THE_BROKER = frozenset({"escalate", "dispute", "resolve"})
"""What the broker carries whatever the accounting system does; nothing else is named before it has met that one."""
FAILED = frozenset({"rejected", "conflict", "declined", "expired"})


def needs_broker(situation: Situation) -> str:
    """What needs the broker waits while it is away."""
    return "" if situation.connected else "the broker is away; this works again as soon as it is back"


def _can(operation: str, situation: Situation) -> str:
    # Before the broker has met the ledger it names next to nothing: then the review decides.
    if operation in situation.operations or not situation.operations - OF_THE_BROKER:
        return ""
    return "this accounting system does not take that from here"


def _row(situation: Situation) -> str:
    return "" if situation.row else "nothing is under the cursor"


def may_copy(situation: Situation) -> str:
    """Off, unless the company allows it to a role."""
    if not situation.copying:
        return "off for your role; the company's settings allow it (face.clipboard)"
    return _row(situation)


def may_apply(situation: Situation) -> str:
    """Only credits can be applied."""
    if reason := needs_broker(situation) or _row(situation) or _can("apply", situation):
        return reason
    if situation.credit:
        return ""
    if situation.kind == "overdue" and not situation.item:
        return "choose a payment or credit of this account ({queue.open}, {rows.down})"
    shown = f"this row: {situation.kind}" if situation.kind else "this item is owed to us"
    return f"only a payment or a credit can be applied ({shown})"


def may_adjust(situation: Situation) -> str:
    """Only items can be adjusted."""
    if reason := needs_broker(situation) or _row(situation) or _can("adjust", situation):
        return reason
    return (
        ""
        if situation.item or situation.marked
        else "a whole account cannot be adjusted: choose one of its items ({queue.open}, {rows.down})"
    )


def may_annotate(situation: Situation) -> str:
    """A remark needs a record to stand on."""
    if reason := needs_broker(situation) or _row(situation) or _can("annotate", situation):
        return reason
    return "" if situation.item or situation.party else "this row has no customer to write on"


def may_escalate(situation: Situation) -> str:
    """Something has to be there to hand over."""
    if reason := needs_broker(situation) or _row(situation) or _can("escalate", situation):
        return reason
    return "" if situation.item or situation.party else "this row has no customer to hand over"


def needs_row(situation: Situation) -> str:
    """Something has to be under the cursor, and the broker there."""
    return needs_broker(situation) or _row(situation)


def may_assign(situation: Situation) -> str:
    """Only customers are somebody's."""
    if reason := needs_row(situation):
        return reason
    return "" if situation.item or situation.party else "this row has no customer to give to somebody"


def may_pin(situation: Situation) -> str:
    """A pinned row is on top for everybody: one's own work, or a supervisor's word."""
    if reason := needs_row(situation):
        return reason
    if situation.supervises or not situation.others:
        return ""
    return "it would be on top for everybody; take the customer first ({work.assign})"


def may_promise(situation: Situation) -> str:
    """Only customers promise."""
    if reason := needs_row(situation):
        return reason
    return "" if situation.item or situation.party else "this row has no customer who could promise"


def may_dispute(situation: Situation) -> str:
    """Only what a customer owes is disputed."""
    if reason := needs_broker(situation) or _row(situation):
        return reason
    if not situation.item:
        return "a whole account cannot be disputed: choose one of its invoices ({rows.down})"
    return "a credit is not owed to us: only invoices are disputed" if situation.credit else ""


def may_undo(situation: Situation) -> str:
    """What is unsent is taken back; of what was sent the broker says what reverses it."""
    if reason := needs_broker(situation) or _row(situation):
        return reason
    if situation.undoable or situation.command_state in {"sending", "unknown", "posted"}:
        return ""
    if situation.command_state == "cancelled":
        return "it was taken back already"
    return "it never was booked; there is nothing to take back"


def may_retry(situation: Situation) -> str:
    """Only what failed or is unknown can be tried again."""
    if reason := needs_broker(situation) or _row(situation):
        return reason
    if situation.command_state in {"unknown", "queued"}:
        return ""
    if situation.command_state in FAILED:
        return "it was decided against; make the change anew ({work.dismiss} puts this away)"
    return "only an order whose outcome is unknown can be tried again"


def may_dismiss(situation: Situation) -> str:
    """Only what failed can be put away."""
    if reason := needs_broker(situation) or _row(situation):
        return reason
    return "" if situation.command_state in FAILED else "only a failed order is put away"


def may_settle(situation: Situation) -> str:
    """Only rows about an order can be put away."""
    if reason := needs_broker(situation) or _row(situation):
        return reason
    if situation.command_state == "pending":
        return "it waits for an answer: {work.approve} approves, {work.decline} declines"
    return "" if situation.order else "only a failure or an escalation; other work goes when it is done"


def may_approve(situation: Situation) -> str:
    """Only what waits, and never one's own; whether the limit is enough the broker says in the review."""
    if reason := needs_broker(situation) or _row(situation):
        return reason
    if situation.command_state != "pending":
        return "nothing here waits for an approval; the inbox ({app.inbox}) has what does"
    return "your own order needs another person; {work.undo} takes it back" if situation.own else ""


def may_decline(situation: Situation) -> str:
    """A supervisor's no."""
    if reason := may_approve(situation):
        return reason
    return "" if situation.supervises else "only a supervisor declines an order"


def may_break_glass(situation: Situation) -> str:
    """Only a supervisor, and only where the usual yes is not theirs to give; whose limit covers it the broker knows."""
    if reason := needs_broker(situation):
        return reason
    if not situation.supervises:
        return "only supervisors break the glass"
    return "" if situation.forbidden else "you may approve it as usual: y does"


def may_forget(situation: Situation) -> str:
    """Who only reads forgets nothing."""
    if reason := needs_row(situation):
        return reason
    return "an auditor changes nothing; a collector can forget it" if situation.reads_only else ""


def may_agree(situation: Situation) -> str:
    """Only to what was asked just now."""
    return "" if situation.asked else "nothing is asked; {known.forget} asks whether to forget a name"


def may_cycle(situation: Situation) -> str:
    """Something has to be left over."""
    if situation.rest:
        return ""
    if situation.over:
        return "more is applied than the payment has: apply less first"
    if not situation.applied:
        return "nothing is applied yet: take a suggestion or an item first"
    return "nothing is left over: all is paid in full, the payment is used up"


def may_discount(situation: Situation) -> str:
    """Only terms give a discount."""
    return "" if situation.discount else "this item's terms give no early-payment discount"


def may_post(situation: Situation) -> str:
    """A refused order cannot be posted."""
    return situation.forbidden or needs_broker(situation)


def may_leave_review(situation: Situation) -> str:
    """An order in doubt is not gone back from."""
    if situation.in_doubt:
        return "the broker has the order and has not answered yet; it is asked again"
    return ""
