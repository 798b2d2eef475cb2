"""The review of one action on many rows: what will happen to each, ``y`` once, and what became of each."""

from __future__ import annotations

from collections.abc import Callable

from textual.content import Content

from arqueue.errors import ArqueueError, BrokerUnreachable
from screens import words
from screens.actions import Action
from screens.bulk.action import BulkAction, Part
from screens.bulk.sheet import sheet
from screens.review.confirming import Confirming

Finished = Callable[[list[Part] | None], None]


class BulkReview(Confirming):
    """Opened with the parts that were looked at. It stays open after ``y`` where one was refused after all: read that."""

    def __init__(self, action: BulkAction, parts: list[Part], finished: Finished) -> None:
        super().__init__()
        self.action, self.parts, self._finished = action, parts, finished

    def sheet(self, width: int) -> Content:
        """Sums, what all have in common, a part a row."""
        return sheet(self.action, self.parts, width, in_doubt=self.in_doubt)

    @property
    def forbidden(self) -> str:
        """When nothing is left to do."""
        if any(part.waits for part in self.parts):
            return ""
        if self.over:
            return "it is done; Esc goes back to the list"
        return "nothing here can be done; Esc goes back"

    def in_footer(self, action: Action) -> bool:
        """Where nothing is left to do, no key is named that would."""
        return super().in_footer(action) and not (action.id == "review.post" and self.forbidden)

    @property
    def over(self) -> bool:
        """Some of it is done: what changes now changes nothing of that."""
        return any(part.outcome for part in self.parts)

    async def ask_again(self) -> bool:
        """Look at every row anew."""
        again = await self.action.look()
        different, self.parts = again != self.parts, again
        return different

    async def hand_over(self) -> bool:
        """Part by part; those that were answered are not handed over again."""
        refused = False
        for part in self.parts:
            if part.waits:
                try:
                    part.outcome = await self.action.act(part)
                except BrokerUnreachable:
                    raise
                except ArqueueError as error:
                    part.why_not, refused = words.problem(error), True
        return self.over and not refused

    def do_back(self) -> None:
        """Back to the form; once something was done, back to where it was opened, and it is told."""
        if self.over:
            self.app.close_place(self)
            self.done()
        else:
            super().do_back()

    def do_leave(self) -> None:
        """Away from what is in doubt, else back."""
        if self.in_doubt:
            super().do_leave()
        else:
            self.do_back()

    def done(self) -> None:
        """Each has its outcome."""
        self._finished(self.parts)

    def left(self) -> None:
        """The outbox will tell."""
        self._finished(None)
