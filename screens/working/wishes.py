"""The same wish for many rows: each is looked at first, and has its own outcome."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from arqueue.errors import ArqueueError, BrokerUnreachable
from data.broker.protocol.working import Done
from screens import words
from screens.bulk.action import BulkAction, Part
from screens.desk import Desk
from screens.subject import Subject


class Wishes(BulkAction):
    """``wishes`` go with ``subjects``, one each; twice the same wish is one, so that it may be repeated."""

    def __init__(
        self,
        desk: Desk,
        heading: str,
        method: str,
        subjects: Sequence[Subject],
        wishes: Sequence[dict[str, Any]],
        common: list[tuple[str, str]],
    ) -> None:
        self._desk, self.heading, self._method = desk, heading, method
        self._wanted = list(zip(subjects, wishes, strict=True))
        self._common = common

    def common(self) -> list[tuple[str, str]]:
        """The day, the person, the reason."""
        return [(label, text) for label, text in self._common if text]

    async def look(self) -> list[Part]:
        """What would become of each; a refusal is that row's alone."""
        return [await self._look_at(subject, wish) for subject, wish in self._wanted]

    async def _look_at(self, subject: Subject, wish: dict[str, Any]) -> Part:
        named = subject.work["subject"] if subject.work is not None else subject.party_code
        part = Part(named, subject.customer, made_of=wish)
        try:
            done: Done = await self._desk.call(self._method, check=True, **wish)
        except BrokerUnreachable:
            raise
        except ArqueueError as error:
            part.why_not = words.problem(error)
            return part
        if done["repeated"]:
            part.why_not = "it is so already"
        part.says = done["words"].partition(": ")[2] or done["words"]
        return part

    async def act(self, part: Part) -> str:
        """Do one."""
        done: Done = await self._desk.call(self._method, **part.made_of)
        return done["words"].partition(": ")[2] or done["words"]
