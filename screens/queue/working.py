"""What the keys of the queue do: open forms on what is under the cursor, and change what the list shows."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from arqueue.errors import ArqueueError
from screens import words
from screens.background import Work
from screens.place import Place
from screens.subject import Subject
from screens.unsent import Unsent

if TYPE_CHECKING:
    from data.broker.protocol import CommandRow, Shown, Suggestions
    from screens.account.panel import AccountPanel
    from screens.queue.rows import QueueRows
    from screens.review.proposed import Proposed


BULK_CAP = 200
"""The most orders of one review."""


class Working(Unsent):
    """The actions of the queue and of the account beside it."""

    rows: QueueRows
    panel: AccountPanel
    reading: bool
    _acting_row = ""
    """The row of the list that the open form is about; empty when it is about something else in the account."""

    def begin(self, work: Work, *given: Any) -> None:
        """Let something open; keys wait until it has."""
        self.app.begin(work, *given)

    def subject(self) -> Subject | None:
        """What an action is about."""
        raise NotImplementedError

    # The four actions

    def do_apply(self) -> None:
        """Apply the payment or credit under the cursor."""
        if (subject := self._acting_on()) is not None and subject.item_id:
            self.begin(self._open_apply, subject, subject.item_id)

    async def _open_apply(self, subject: Subject, payment: str) -> None:
        from screens.apply.form import form_for

        found: Suggestions = await self.desk.call("suggest", payment=payment, limit=9)
        await self.app.open_place(form_for(subject, found, self.acted))

    def do_adjust(self) -> None:
        """Adjust the item under the cursor, or all that is marked."""
        if self.marked():
            if subjects := self._marked_or_here():
                self.begin(self._open_adjust_many, subjects)
        elif (subject := self._acting_on()) is not None and subject.item_id:
            self.begin(self._open_adjust, subject, subject.item_id)

    async def _open_adjust(self, subject: Subject, item: str) -> None:
        from screens.adjust.form import AdjustForm

        shown: Shown = await self.desk.call("show", id=item)
        if shown["item"] is None:
            raise ArqueueError("this item is no longer open", self.keyed("sync ({app.sync}) and look again"))
        await self.app.open_place(AdjustForm(subject, shown["item"], self.acted))

    async def _open_adjust_many(self, subjects: list[Subject]) -> None:
        from screens.adjust.many import AdjustManyForm, open_items

        items, skipped = await open_items(self.desk, subjects)
        if not items:
            raise ArqueueError(
                "none of the marked rows has an item that is open", "mark payments or invoices"
            )
        await self.app.open_place(AdjustManyForm(items, skipped, self.acted_on_marked))

    def do_note(self) -> None:
        """Write a note on the item or customer under the cursor, or on all that is marked."""
        from screens.annotate.form import AnnotateForm

        if subjects := self._marked_or_here():
            self.begin(self._open, AnnotateForm(subjects[0], self._then(), subjects[1:]))

    def do_escalate(self) -> None:
        """Hand over what is under the cursor, or all that is marked."""
        from screens.escalate.form import EscalateForm

        if subjects := self._marked_or_here():
            self.begin(self._open, EscalateForm(subjects[0], self._then(), subjects[1:]))

    def _then(self) -> Callable[[list[Proposed]], None]:
        return self.acted_on_marked if self.marked() > 1 else self.acted

    def marked(self) -> int:
        """How many rows a note or an escalation is for; 0 when it is for the one under the cursor."""
        return 0 if self.reading else len(self.desk.marks)

    def _marked_or_here(self) -> list[Subject]:
        if self.marked() > BULK_CAP:
            clears = self.keyed("{queue.back} clears the marks.")
            self.say(f"{words.count(self.marked())} rows are marked; at most {BULK_CAP} at once. {clears}")
            return []
        if self.marked():
            marked = [Subject.of_row(row) for row in self.desk.marks.values()]
            return [subject for subject in marked if subject.target]
        subject = self._acting_on()
        return [subject] if subject is not None else []

    def _acting_on(self) -> Subject | None:
        """What the form that opens is about; which row of the list that is, is remembered for when the order is stored."""
        subject, row = self.subject(), self.rows.row()
        about_row = subject is not None and row is not None and subject.work_id == row["id"]
        self._acting_row = row["id"] if about_row and row is not None else ""
        return subject

    async def _open(self, place: Place[Any]) -> None:
        await self.app.open_place(place)

    def acted(self, proposed: list[Proposed]) -> None:
        """Orders are in the store: say so, and go on to the next row. A note settles nothing: one stays."""
        if proposed[0].command["op"] != "annotate":
            self._go_on()
        self.say(self.ordered(proposed))

    def acted_on_marked(self, _: list[Proposed]) -> None:
        """Orders for marked rows are in the store: the marks have done their work."""
        self.clear_marks()

    def clear_marks(self) -> None:
        """Nothing is marked any more."""
        self.desk.marks.clear()
        self.rows.refresh()
        self.rows.post_message(self.rows.Loaded())

    def _go_on(self) -> None:
        """The row that was acted on is done, if it still is under the cursor; an account that is read stays open."""
        row = self.rows.row()
        if row is not None and row["id"] == self._acting_row:
            self.rows.do_down()
            if self.reading:
                self.begin(self.load_account)

    def close_account(self) -> None:
        """Back to the list."""
        raise NotImplementedError

    # Orders

    def waiting_order(self) -> str:
        """The order under the cursor of the list that waits for an approval; empty when none does."""
        row = self.rows.row()
        return (row["command_id"] or "") if row is not None and words.is_approval(row) else ""

    def do_approve(self) -> None:
        """Show what approving the order under the cursor would do."""
        from screens.approval.answering import approve

        if order := self.waiting_order():
            self.begin(approve, self, order, self.answered)

    def do_decline(self) -> None:
        """Ask why the order under the cursor is declined."""
        from screens.approval.answering import decline

        if order := self.waiting_order():
            self.begin(decline, self, order, self.answered)

    def answered(self, said: str) -> None:
        """A waiting order was answered: it leaves the list, and the next one is under the cursor."""
        self.say(said)

    def do_undo(self) -> None:
        """Take back the newest order, or offer what reverses it."""
        self.begin(self.take_back_newest)

    def do_dismiss(self) -> None:
        """Put a failure or an escalation away: it was looked at."""
        subject = self.subject()
        if subject is not None and subject.work is not None and subject.work["command_id"]:
            self.begin(self._dismiss, subject.work["command_id"])

    async def _dismiss(self, order: str) -> None:
        done: CommandRow = await self.desk.call("dismiss", id=order)
        self.say(f"Put away: {done['words']}")

    # Looking

    def do_next(self) -> None:
        """The next item, with its account."""
        self._step(1)

    def do_previous(self) -> None:
        """The item before, with its account."""
        self._step(-1)

    def _step(self, by: int) -> None:
        before = self.rows.cursor
        self.rows.move_to(before + by)
        if self.rows.cursor == before:
            self.say("This is the last row." if by > 0 else "This is the first row.")
        elif self.reading:
            self.begin(self.load_account)

    async def load_account(self) -> None:
        """Show the account of the row under the cursor now."""
        raise NotImplementedError

    def do_known(self) -> None:
        """By what the customer under the cursor is known; everybody's where there is none."""
        from screens.known.screen import Customer, KnownScreen

        subject = self.subject()
        of = None
        if subject is not None and subject.party_id:
            of = Customer(subject.party_id, subject.party, subject.party_code)
        self.begin(self._open, KnownScreen(of))

    def do_why(self) -> None:
        """Show the arithmetic of the rank."""
        from screens.queue.arithmetic import ArithmeticPage

        row = self.rows.row()
        if row is None:
            self.say("Nothing is under the cursor.")
            return
        self.begin(self._open, ArithmeticPage(row))

    def do_pane(self) -> None:
        """To the account, or back to the list."""
        if self.reading:
            self.close_account()
        else:
            self.open()

    def open(self) -> None:
        """Open the account of the row under the cursor."""
        self.begin(self._open_account)

    async def _open_account(self) -> None:
        row = await self.rows.settled_row()
        if row is None:
            self.say("Nothing is under the cursor.")
            return
        if self.panel.shown_id != row["id"]:
            await self.panel.load(row)
        self.open_account()

    def open_account(self) -> None:
        """Bring the account to the front."""
        raise NotImplementedError

    def open_details(self) -> None:
        """Everything about the item under the cursor of the account, or about the customer."""
        self.begin(self._open_details)

    async def _open_details(self) -> None:
        from screens.account.details import DetailsPage

        account, item = self.panel.account, self.panel.items.item()
        if account is None:
            self.say("The customer of this row vanished from the ledger.")
            return
        shown: Shown = await self.desk.call("show", id=item["id"] if item else account["party"]["id"])
        page = DetailsPage(shown["account"] or account, item and shown["item"], shown["applied"])
        await self._open(page)
