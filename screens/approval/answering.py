"""For the places in which an order that waits can stand under the cursor: the queue and the outbox."""

from __future__ import annotations

from typing import Any

from data.broker.protocol import Weighed
from screens.approval.form import DeclineForm
from screens.approval.screen import Answered, ApprovalScreen
from screens.place import Place


async def approve(place: Place[Any], order: str, answered: Answered) -> None:
    """Show what a yes would do. Raises what the broker says."""
    weighed: Weighed = await place.desk.call("weigh", id=order)
    await place.app.open_place(ApprovalScreen(weighed, answered))


async def decline(place: Place[Any], order: str, answered: Answered) -> None:
    """Ask why not. Raises what the broker says."""
    weighed: Weighed = await place.desk.call("weigh", id=order)
    await place.app.open_place(DeclineForm(weighed, answered))
