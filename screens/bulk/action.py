"""What is done to many rows at once: a part for each of them, told before it is done and after.

A place that offers such an action makes a subclass of ``BulkAction`` and opens ``screens.bulk.screen.BulkReview`` with it::

    class Snooze(BulkAction):
        heading = "Snooze 12 marked rows"

        def common(self):
            return [("Until", "2026-12-01")]          # what is the same for all, as label and text

        async def look(self):
            return [Part("INV-2001", "Acme · C-1000", says="asleep until 2026-12-01"),
                    Part("INV-2002", "Acme · C-1000", why_not="it is pinned")]

        async def act(self, part):
            await self.desk.call("snooze", ...)       # the same intent twice has to be once
            return "asleep"                           # the outcome in words

    await self.app.open_place(BulkReview(Snooze(...), self.finished))

``look`` is asked again whenever the queue changes under the review, until somebody pressed ``y``. ``act`` is called once for each
part without a ``why_not``, and again for those whose answer was lost. What it raises is that part's refusal, but for
BrokerUnreachable.
``finished`` gets the parts with their outcomes, or None when the review was left in doubt; when it was left without ``y`` it
is not called.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from arqueue.model.money import Money


@dataclass(slots=True)
class Part:
    """One row's part. ``amount`` is by how much what is open on it changes, for the sums (a
    credit is negative); ``made_of`` is for whoever made it."""

    name: str
    """What it is: a document's number, or what the row is about."""
    customer: str
    says: str = ""
    """What will happen."""
    why_not: str = ""
    """Why it is left out, or was refused after all."""
    approval: str = ""
    """Why another person has to say yes first."""
    amount: Money | None = None
    outcome: str = ""
    """What became of it; empty before."""
    made_of: Any = field(default=None, compare=False)

    @property
    def waits(self) -> bool:
        """It is still to be done."""
        return not self.why_not and not self.outcome


class BulkAction:
    """What a subclass says; see above."""

    heading: str = ""

    def common(self) -> list[tuple[str, str]]:
        """What is the same for all, as label and text."""
        return []

    async def look(self) -> list[Part]:
        """A part for every row, in their order. Raises what the broker says."""
        raise NotImplementedError

    async def act(self, part: Part) -> str:
        """Do one part; its outcome in words. Raises ArqueueError for a refusal, BrokerUnreachable when nobody knows."""
        raise NotImplementedError
