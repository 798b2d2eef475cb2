"""What the forms of working together have in common: nothing is posted, so Enter on the last field does it; many rows are
reviewed first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from data.broker.protocol.working import Done
from screens.bulk.action import Part
from screens.form import Form
from screens.subject import Subject
from screens.working.wishes import Wishes

Said = Callable[[str, bool], None]
"""What was done, in words, and whether it was done to many."""


class WorkingForm(Form):
    """A wish about rows or customers. ``method`` is the broker's."""

    method: ClassVar[str] = ""

    def __init__(self, subject: Subject, said: Said, more: Sequence[Subject] = ()) -> None:
        super().__init__(subject, lambda proposed: None, more)
        self._said = said

    def name_of_subject(self) -> str:
        """What the row is about."""
        work = self.subject.work
        return work["subject"] if work is not None else super().name_of_subject()

    @property
    def end(self) -> str:
        """One row is not reviewed: the last Enter does it."""
        return self.verb if len(self.subjects) == 1 else super().end

    def wish(self) -> dict[str, Any]:
        """What is asked for every row. Raises Invalid, naming the field."""
        raise NotImplementedError

    def common(self) -> list[tuple[str, str]]:
        """The same as labels and texts, for the review of many."""
        raise NotImplementedError

    def commands(self) -> list[dict[str, Any]]:
        """One wish for each subject. Raises Invalid."""
        wish = self.wish()
        return [{"id": subject.work_id or subject.target, **wish} for subject in self.subjects]

    async def review_all(self, commands: list[dict[str, Any]]) -> None:
        """Do it; for many, show first what will become of each."""
        if len(commands) == 1:
            done: Done = await self.desk.call(self.method, **commands[0])
            self._close()
            self._said(done["words"] + (" (it was so already)" if done["repeated"] else ""), False)
            return
        from screens.bulk.screen import BulkReview

        wishes = Wishes(self.desk, self.heading, self.method, self.subjects, commands, self.common())
        await self.app.open_place(BulkReview(wishes, await wishes.look(), self._done_many))

    def _done_many(self, parts: list[Part] | None) -> None:
        from screens.bulk.sheet import summary

        self._close()
        self._said("Left before the broker answered." if parts is None else summary(parts), parts is not None)

    def _close(self) -> None:
        self._kept = self.state()
        self.desk.drop_draft(self.draft_key)
        self.app.close_place(self)
