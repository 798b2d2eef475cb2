"""Another day: snooze, and follow-up. One types a day in words and reads at once which one that is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Static

from arqueue.errors import ArqueueError, Invalid
from data.broker.protocol.working import Day
from screens import background
from screens.field import Field
from screens.form import labelled, text_of
from screens.subject import Subject
from screens.working.form import Said, WorkingForm

EXAMPLES = "3d · 5wd · fri · next month · 1 dec · 2026-12-01"


class DayForm(WorkingForm):
    """A day and why. ``field`` is the broker's name of the day."""

    field: ClassVar[str] = ""
    label: ClassVar[str] = ""
    caption: ClassVar[str] = ""

    def __init__(self, subject: Subject, said: Said, more: Sequence[Subject] = ()) -> None:
        super().__init__(subject, said, more)
        self.day = Field(name="day", max_length=60)
        self.why = Field(name="why", max_length=300)
        self.meant = Static(Content(EXAMPLES), markup=False, id="meant")

    def fields(self) -> ComposeResult:
        """Day, which one that is, why."""
        yield labelled(self.label, self.day)
        yield labelled("", self.meant)
        yield labelled("Why", self.why, spaced=True)
        yield Static(Content(self.keyed(self.caption)), markup=False, classes="note")

    def order(self) -> list[Widget]:
        """Top to bottom."""
        return [self.day, self.why]

    @on(Input.Changed)
    def typed(self, event: Input.Changed) -> None:
        """Another day, or not one yet."""
        if event.input is self.day:
            background.start(self, self._ask, text_of(self.day), group="day", exclusive=True)

    async def _ask(self, text: str) -> None:
        if not text:
            self.meant.update(Content(EXAMPLES))
            return
        try:
            meant: Day = await self.desk.call("day", text=text)
        except ArqueueError as error:
            self.meant.update(Content(error.message.removeprefix("until: ")))
            return
        self.meant.update(Content.styled(meant["words"], "bold"))

    def wish(self) -> dict[str, Any]:
        """Until when, and why."""
        return {self.field: text_of(self.day), "why": text_of(self.why)}

    def common(self) -> list[tuple[str, str]]:
        """As typed."""
        return [(self.label, text_of(self.day)), ("Why", text_of(self.why))]

    def state(self) -> dict[str, Any]:
        """Both fields."""
        return {"day": self.day.value, "why": self.why.value}

    def restore(self, state: dict[str, Any]) -> None:
        """Put them back."""
        self.day.value, self.why.value = state["day"], state["why"]


class SnoozeForm(DayForm):
    """Out of the list until a day."""

    op: ClassVar = "snooze"
    method: ClassVar = "snooze"
    verb: ClassVar = "Snooze"
    field: ClassVar = "until"
    label: ClassVar = "Until"
    caption: ClassVar = (
        "It leaves the lists and comes back on that day; at once when a payment comes in, it is disputed or"
        " returned, a promise is broken, or an order on it fails."
    )

    @property
    def asleep(self) -> bool:
        """What sleeps already can be woken."""
        work = self.subject.work
        return len(self.subjects) == 1 and work is not None and bool(work.get("snoozed_until"))

    def fields(self) -> ComposeResult:
        """With a word about waking."""
        yield from super().fields()
        if self.asleep:
            how = self.keyed("{form.enter} without a day wakes it.")
            yield Static(Content(how), markup=False, classes="note")

    def wish(self) -> dict[str, Any]:
        """Raises Invalid without a day, unless there is something to wake."""
        if not text_of(self.day) and not self.asleep:
            self.focus_now(self.day)
            raise Invalid("until: no day is written", f"write {EXAMPLES.replace(' · ', ', ')}")
        return super().wish()


class FollowUpForm(DayForm):
    """It stays in the list, and is on one's agenda for a day."""

    op: ClassVar = "follow_up"
    method: ClassVar = "follow_up"
    verb: ClassVar = "Follow up"
    field: ClassVar = "on"
    label: ClassVar = "On"
    caption: ClassVar = "It stays in the list and stands on your agenda ({work.agenda})."

    def wish(self) -> dict[str, Any]:
        """Raises Invalid without a day."""
        if not text_of(self.day):
            self.focus_now(self.day)
            raise Invalid("on: no day is written", f"write {EXAMPLES.replace(' · ', ', ')}")
        return super().wish()
