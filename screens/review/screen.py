"""The review: what an order would do, item by item, before a key that nobody types by accident hands it to the broker."""

from __future__ import annotations

from collections.abc import Callable

from textual.content import Content

from arqueue.errors import ArqueueError, BrokerUnreachable
from data.broker.protocol import Review
from screens import words
from screens.actions import Action
from screens.review import sheet
from screens.review.confirming import Confirming
from screens.review.proposed import Proposed


class ReviewScreen(Confirming):
    """Before, change and after, the verdict, and ``y``."""

    def __init__(
        self,
        title: str,
        proposed: list[Proposed],
        finished: Callable[[list[Proposed] | None], None],
    ) -> None:
        super().__init__()
        self._heading, self.proposed, self._finished = title, proposed, finished

    def sheet(self, width: int) -> Content:
        """The order in full."""
        reasons = self.desk.hello["reasons"] if self.desk.hello else []
        return sheet.of_one(self._heading, self.proposed, reasons, width, self.in_doubt)

    def label_of(self, action: Action) -> str:
        """``y`` only asks, where another person has to say yes."""
        if action.id == "review.post" and any(
            each.review["verdict"] == "needs_approval" for each in self.proposed
        ):
            return "Ask approval"
        return super().label_of(action)

    @property
    def forbidden(self) -> str:
        """Only when no order is left that may be posted."""
        if all(each.refused for each in self.proposed):
            return "a rule forbids this order; Esc goes back to change it"
        return ""

    @property
    def over(self) -> bool:
        """The broker has refused one of them."""
        return any(each.refusal for each in self.proposed)

    async def ask_again(self) -> bool:
        """Review every order anew."""
        again: list[Review] = [await self.desk.call("review", command=each.command) for each in self.proposed]
        if again == [each.review for each in self.proposed]:
            return False
        for each, review in zip(self.proposed, again, strict=True):
            each.review = review
        return True

    async def hand_over(self) -> bool:
        """Every order under its own intent; those that were answered are not handed over again."""
        for each in self.proposed:
            if each.waits:
                await self._hand_over(each)
        return any(each.submitted for each in self.proposed)

    async def _hand_over(self, each: Proposed) -> None:
        try:
            each.submitted = await self.desk.call("submit", intent=each.intent, command=each.command)
            self.desk.taking_back.remember(each, each.submitted)
        except BrokerUnreachable:
            raise
        except ArqueueError as error:
            each.refusal = words.problem(error)

    def done(self) -> None:
        """The orders are in the store."""
        self._finished(self.proposed)

    def left(self) -> None:
        """The outbox will tell."""
        self._finished(None)
