"""The form of the order that reverses a posted one: it ends in the usual review, and nothing is done before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arqueue.errors import ArqueueError
from screens.subject import Subject

if TYPE_CHECKING:
    from data.broker.protocol import Reversal, Shown, Suggestions
    from screens.desk import Desk
    from screens.form import Done, Form


def said(found: Reversal) -> str:
    """What follows the order's name, with actions for their keys."""
    match found["way"]:
        case "wait":
            return ". {app.outbox} shows what becomes of it."
        case "unapply":
            return ". {applied.unapply} takes a line back."
        case "apply" | "resolve":
            return f"; {found['says']} here."
        case _:
            return f"; {found['says']}."


async def form(desk: Desk, found: Reversal, done: Done) -> Form | None:
    """None where no form reverses it. Raises what the broker says of the records that it would be about."""
    if found["way"] not in {"unapply", "apply", "resolve"}:
        return None
    shown: Shown = await desk.call("show", id=found["item"])
    account, item = shown["account"], shown["item"]
    if account is None or item is None:
        raise ArqueueError("its record vanished from the ledger")
    subject = Subject.of_item(item, account, None)
    match found["way"]:
        case "unapply":
            from screens.account.applied import AppliedForm

            return AppliedForm(subject, shown, done, found["allocations"])
        case "apply":
            from screens.apply.form import form_for

            ways: Suggestions = await desk.call("suggest", payment=item["id"], limit=9)
            return form_for(subject, ways, done)
        case _:
            from screens.account.dispute import ResolveForm

            return ResolveForm(subject, item, done)
