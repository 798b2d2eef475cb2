"""The same order for many rows, each reviewed and stored by itself: note, escalation, adjustment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from arqueue.errors import ArqueueError, BrokerUnreachable
from arqueue.model.money import Money
from data.broker.protocol import Review, Submitted
from screens import words
from screens.bulk.action import BulkAction, Part
from screens.desk import Desk
from screens.review.proposed import Proposed
from screens.review.sheet import reason_words
from screens.subject import Subject


class Orders(BulkAction):
    """``commands`` go with ``subjects``, one each; ``intent`` makes each of them one order however often it is handed over.
    ``skipped`` are rows for which there is no such order, with the reason."""

    def __init__(
        self,
        desk: Desk,
        heading: str,
        intent: str,
        subjects: Sequence[Subject],
        commands: Sequence[dict[str, Any]],
        skipped: Sequence[tuple[Subject, str]] = (),
    ) -> None:
        self._desk, self.heading, self._intent = desk, heading, intent
        self._wanted = list(zip(subjects, commands, strict=True))
        self._skipped = skipped

    def common(self) -> list[tuple[str, str]]:
        """Reason, note, text, to whom."""
        command = self._wanted[0][1] if self._wanted else {}
        reasons = self._desk.hello["reasons"] if self._desk.hello else []
        said = [
            ("Reason", reason_words(command.get("reason", ""), reasons)),
            ("Note", command.get("note", "")),
            ("Text", command.get("text", "")),
            ("To", command.get("to", "")),
            ("Why", command.get("why", "")),
        ]
        return [(label, text) for label, text in said if text]

    async def look(self) -> list[Part]:
        """What the broker says to each; an error is the refusal of that one."""
        parts = [await self._look_at(number) for number in range(len(self._wanted))]
        return [*parts, *(Part(_name(each), each.customer, why_not=why) for each, why in self._skipped)]

    async def _look_at(self, number: int) -> Part:
        subject, command = self._wanted[number]
        part = Part(_name(subject), subject.customer)
        try:
            review: Review = await self._desk.call("review", command=command)
        except BrokerUnreachable:
            raise
        except ArqueueError as error:
            part.why_not = words.problem(error)
            return part
        part.made_of = Proposed(command, f"{self._intent}.{number}" if number else self._intent, review)
        reason = review["reason"] or review["words"]
        if review["verdict"] == "refused":
            part.why_not = reason
        elif review["verdict"] == "needs_approval":
            part.approval = reason
        if review["lines"]:
            line = review["lines"][0]
            part.name = line["number"]
            part.amount = Money.parse(line["change"], line["currency"])
            before, after = words.money(line["before"]), words.money(line["after"], line["currency"])
            part.says = f"{before} → {after}"
        return part

    async def act(self, part: Part) -> str:
        """Store the order under its own intent."""
        proposed: Proposed = part.made_of
        taken: Submitted = await self._desk.call("submit", intent=proposed.intent, command=proposed.command)
        proposed.submitted = taken
        self._desk.taking_back.remember(proposed, taken)
        return "already queued" if taken["repeated"] else words.state(taken["state"])


def _name(subject: Subject) -> str:
    """The document's number where there is one, else what the row is about."""
    if subject.item is not None:
        return subject.item["number"]
    return (subject.work["subject"] if subject.work is not None else "") or subject.party_code
