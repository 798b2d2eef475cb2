"""An order that waits, before the eyes of whoever may let it go: the same sheet for a yes and for a no."""

from __future__ import annotations

from collections.abc import Callable

from textual.content import Content

from arqueue.errors import ArqueueError, BrokerUnreachable
from data.broker.protocol import CommandRow, Weighed
from screens import words
from screens.actions import Action
from screens.approval import sheet
from screens.review.confirming import Confirming

Answered = Callable[[str], None]
"""Told what became of it, in a line."""


class ApprovalScreen(Confirming):
    """Approve it, or with ``declining`` (why) decline it; ``y`` does."""

    def __init__(self, weighed: Weighed, answered: Answered, *, declining: str = "") -> None:
        super().__init__()
        self.weighed = weighed
        self.declining = declining
        self.refusal = ""
        """What the broker said when it refused the answer after all."""
        self._answered = answered

    def sheet(self, width: int) -> Content:
        """What the order would do as things stand now."""
        command = self.weighed["command"]
        return sheet.paper(
            self.weighed,
            maker=self.desk.name_of(command["actor"]),
            at=words.moment(command["created_at"], self.desk.now()),
            reasons=self.desk.hello["reasons"] if self.desk.hello else [],
            declining=self.declining,
            refusal=self.refusal,
            in_doubt=self.in_doubt,
            width=width,
        )

    @property
    def forbidden(self) -> str:
        """Declining needs no limit: only the broker's own no is in its way."""
        if self.refusal:
            return "the broker refused it; Esc goes back"
        if not self.declining and self.weighed["review"]["verdict"] == "refused":
            return self.weighed["review"]["reason"]
        return ""

    @property
    def over(self) -> bool:
        """It was refused after all."""
        return bool(self.refusal)

    async def ask_again(self) -> bool:
        """Somebody else may have answered it, or the item may have moved."""
        before = self.weighed
        try:
            self.weighed = await self.desk.call("weigh", id=before["command"]["id"])
        except BrokerUnreachable:
            raise
        except ArqueueError as error:
            self.refusal = words.problem(error)
            return True
        return before["review"] != self.weighed["review"]

    async def hand_over(self) -> bool:
        """The same answer of the same person twice is one answer."""
        method = "decline" if self.declining else "approve"
        given = {"why": self.declining} if self.declining else {}
        try:
            row: CommandRow = await self.desk.call(method, id=self.weighed["command"]["id"], **given)
        except BrokerUnreachable:
            raise
        except ArqueueError as error:
            self.refusal = words.problem(error)
            return False
        self.weighed["command"] = row
        return True

    def done(self) -> None:
        """Say what was answered."""
        self._answered(f"{'Declined' if self.declining else 'Approved'}: {self.weighed['command']['words']}")

    def left(self) -> None:
        """The outbox will tell."""
        self._answered("Left before the broker answered: O shows what became of the order.")

    def label_of(self, action: Action) -> str:
        """What ``y`` does here."""
        if action.id == "review.post":
            return "Decline" if self.declining else "Approve"
        return super().label_of(action)
