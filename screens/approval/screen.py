"""An order that waits, before the eyes of whoever may let it go: the same sheet for a yes and for a no."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.content import Content

from arqueue.errors import ArqueueError, BrokerUnreachable
from data.broker.protocol import CommandRow, Weighed
from screens import actions, words
from screens.actions import Action
from screens.approval import sheet
from screens.approval.answer import Answer, Kind
from screens.review.confirming import Confirming
from screens.situation import Situation

Answered = Callable[[str], None]
"""Told what became of it, in a line."""


class ApprovalScreen(Confirming):
    """Approve it, decline it, or be one of two who break the glass: ``y`` does."""

    BINDINGS: ClassVar = actions.bindings("approval")
    name_in_registry = "approval"

    def __init__(self, weighed: Weighed, answered: Answered, answer: Answer | None = None) -> None:
        super().__init__()
        self.weighed = weighed
        self.answer = answer or Answer()
        self.refusal = ""
        """What the broker said when it refused the answer after all."""
        self._answered = answered

    def sheet(self, width: int) -> Content:
        """What the order would do as things stand now."""
        command = self.weighed["command"]
        return sheet.paper(
            self.weighed,
            name_of=self.desk.name_of,
            at=words.moment(command["created_at"], self.desk.now()),
            reasons=self.desk.hello["reasons"] if self.desk.hello else [],
            answer=self.answer,
            refusal=self.refusal,
            in_doubt=self.in_doubt,
            width=width,
        )

    @property
    def forbidden(self) -> str:
        """Declining needs no limit: only the broker's own no is in its way."""
        if self.refusal:
            return "the broker refused it; Esc goes back"
        if self.answer.kind is not Kind.NO and self.weighed["review"]["verdict"] == "refused":
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
            self.weighed = await self.desk.call("weigh", id=before["command"]["id"], **self.answer.weighing)
        except BrokerUnreachable:
            raise
        except ArqueueError as error:
            self.refusal = words.problem(error)
            return True
        return before["review"] != self.weighed["review"]

    async def hand_over(self) -> bool:
        """The same answer of the same person twice is one answer."""
        order = self.weighed["command"]["id"]
        try:
            row: CommandRow = await self.desk.call(self.answer.method, id=order, **self.answer.given)
        except BrokerUnreachable:
            raise
        except ArqueueError as error:
            self.refusal = words.problem(error)
            return False
        self.weighed["command"] = row
        return True

    def done(self) -> None:
        """Say what was answered."""
        command = self.weighed["command"]
        waits = self.answer.kind is Kind.GLASS and command["state"] == "pending"
        more = "; one more has to" if waits else ""
        self._answered(f"{self.answer.done}: {command['words']}{more}")

    def left(self) -> None:
        """The outbox will tell."""
        left = "Left before the broker answered: {app.outbox} shows what became of the order."
        self._answered(self.keyed(left))

    def situation(self) -> Situation:
        """Whether it may be done, and by whom."""
        return Situation(
            connected=self.desk.connected,
            forbidden=self.forbidden,
            in_doubt=self.in_doubt,
            supervises=self.desk.supervises,
        )

    def actions_here(self) -> list[Action]:
        """The glass is broken from the sheet of a yes that is not theirs to give."""
        shown = self.answer.kind is Kind.YES and self.forbidden and not self.refusal
        return [action for action in super().actions_here() if shown or action.id != "approval.glass"]

    def do_glass(self) -> None:
        """Ask why."""
        from screens.approval.form import GlassForm

        if self.answer.kind is Kind.YES and not self.in_doubt:
            self.app.begin(self.app.open_place, GlassForm(self.weighed, self._broken))

    def _broken(self, said: str) -> None:
        self.app.close_place(self)
        self._answered(said)

    def label_of(self, action: Action) -> str:
        """What ``y`` does here."""
        if action.id == "review.post":
            return self.answer.kind.value
        return super().label_of(action)
