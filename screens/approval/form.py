"""Why an order is declined, or why the glass is broken for it, in words that others read."""

from __future__ import annotations

from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.content import Content
from textual.widget import Widget

from arqueue.errors import Invalid
from data.broker.protocol import Weighed
from screens import words
from screens.approval.answer import Answer, Kind
from screens.approval.screen import Answered, ApprovalScreen
from screens.field import Field
from screens.form import Form, labelled, text_of
from screens.subject import Subject


class WhyForm(Form):
    """One reason."""

    kind: ClassVar[Kind]
    missing: ClassVar[str]
    """Why it cannot go without."""

    def __init__(self, weighed: Weighed, answered: Answered) -> None:
        command = weighed["command"]
        subject = Subject(
            item_id=command["target"],
            party_id=command["party_id"],
            party=command["party"],
            party_code=weighed["review"]["party_code"],
        )
        super().__init__(subject, lambda proposed: None)
        self.weighed = weighed
        self.why = Field(name="why", max_length=500)
        self._answered = answered

    def name_of_subject(self) -> str:
        """The order in a line."""
        return self.weighed["command"]["words"]

    def head(self) -> Content:
        """The order and who made it."""
        command = self.weighed["command"]
        maker, at = (
            self.desk.name_of(command["actor"]),
            words.moment(command["created_at"], self.desk.now()),
        )
        return Content.assemble(
            (f"{self.verb}: {command['words']}", "bold"),
            (f"\n{self.subject.customer}", ""),
            (f"\nmade by {maker}, {at}", "dim"),
        )

    def fields(self) -> ComposeResult:
        """The reason."""
        yield labelled("Why", self.why)

    def order(self) -> list[Widget]:
        """Only the reason."""
        return [self.why]

    def command(self) -> dict[str, Any]:
        """The order that it is about, and why. Raises Invalid when no reason is given."""
        why = text_of(self.why)
        if not why:
            raise Invalid(self.missing, "a few words are enough")
        return {"id": self.weighed["command"]["id"], "why": why}

    async def review_all(self, commands: list[dict[str, Any]]) -> None:
        """The same sheet as for a yes, with the reason on it."""
        (command,) = commands
        answer = Answer(self.kind, command["why"])
        self.weighed = await self.desk.call("weigh", id=command["id"], **answer.weighing)
        await self.app.open_place(ApprovalScreen(self.weighed, self._given, answer))

    def _given(self, said: str) -> None:
        self.finished([])
        self._answered(said)

    @property
    def draft_key(self) -> tuple[str, str]:
        """Every order has its own."""
        return (self.op, self.weighed["command"]["id"])

    def state(self) -> dict[str, Any]:
        """The reason."""
        return {"why": self.why.value}

    def restore(self, state: dict[str, Any]) -> None:
        """Put it back."""
        self.why.value = state["why"]


class DeclineForm(WhyForm):
    """Why not."""

    op: ClassVar = "decline"
    verb: ClassVar = "Decline"
    kind: ClassVar = Kind.NO
    missing: ClassVar = "why: the maker has to know what to put right"


class GlassForm(WhyForm):
    """Why it cannot wait for somebody with the limit."""

    op: ClassVar = "glass"
    verb: ClassVar = "Break the glass"
    kind: ClassVar = Kind.GLASS
    missing: ClassVar = "why: breaking the glass needs a reason; it stands in the audit"
