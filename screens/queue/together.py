"""What the keys of the queue do about working together: another day, whose it is, on top, the next free row, the agenda."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from textual.events import ScreenResume

from screens import words
from screens.queue.showing import Showing

if TYPE_CHECKING:
    from data.broker.protocol.working import Claimed
    from screens.subject import Subject


class Together(Showing):
    """The actions of the queue that post nothing."""

    def on_screen_resume(self, event: ScreenResume) -> None:
        """A form that was open here said so; now only what the account shows is."""
        if self.painted_at is not None:
            self.panel.attend_again()

    def do_snooze(self) -> None:
        """Let what is under the cursor sleep, or all that is marked."""
        from screens.working.day import SnoozeForm

        if subjects := self._rows_meant():
            self.begin(self._open, SnoozeForm(subjects[0], self.told, subjects[1:]))

    def do_follow_up(self) -> None:
        """Plan to look at it on a day."""
        from screens.working.day import FollowUpForm

        if subjects := self._rows_meant():
            self.begin(self._open, FollowUpForm(subjects[0], self.told, subjects[1:]))

    def do_assign(self) -> None:
        """Give the customer to somebody, or those of all that is marked."""
        from screens.working.assign import AssignForm

        if subjects := [each for each in self._rows_meant() if each.party_id]:
            self.begin(self._open, AssignForm(subjects[0], self.told, subjects[1:]))

    def do_pin(self) -> None:
        """Keep it on top until tomorrow."""
        from screens.working.pin import PinForm

        if (subject := self._acting_on()) is not None:
            self.begin(self._open, PinForm(subject, self.told))

    def do_promise(self) -> None:
        """Record what the customer of the row promised to pay, or withdraw it."""
        from screens.subject import Subject
        from screens.working.promise import PromiseForm

        row, place = self.rows.row(), self.rows.cursor
        if row is not None:
            then = partial(self._promised, row["id"], place)
            self.begin(self._open, PromiseForm(Subject.of_row(row), then))

    def _promised(self, work_id: str, place: int, said: str, many: bool) -> None:
        """The row ranks elsewhere from now on: one goes on where it was, not with it."""
        row = self.rows.row()
        if row is not None and row["id"] == work_id:
            self.rows.move_to(place + 1 if self.rows.cursor == place else place)
            if self.reading:
                self.begin(self.load_account)
        self.told(said, many)

    def _rows_meant(self) -> list[Subject]:
        return self._marked_or_here()

    def told(self, said: str, many: bool) -> None:
        """It is done: say so; marks that were meant are used up."""
        if many:
            self.desk.marks.clear()
            self.rows.refresh()
            self.rows.post_message(self.rows.Loaded())
        self.say(said)

    # The next free row

    def do_claim(self) -> None:
        """Claim the best row that is nobody else's, and open it."""
        self.begin(self._claim)

    async def _claim(self) -> None:
        found: Claimed = await self.desk.call("next")
        row = found["row"]
        if row is None:
            self.say("Nothing is free: what is left is somebody's, claimed, or was yours just now.")
            return
        await self.rows.show("all", "", row["id"])
        await self._open_account()
        self.say(f"Yours for {found['minutes']} minutes: {row['subject']} {words.work_kind(row).lower()}")

    def do_agenda(self) -> None:
        """What is due on which day."""
        from screens.agenda.screen import AgendaScreen

        self.begin(self._open, AgendaScreen())
