"""The account of the customer under the cursor: beside the list where there is room, instead of it where there is not."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from textual import getters
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from arqueue.errors import ArqueueError, NotFound
from data.broker.client import Push
from screens import background, words
from screens.account import card
from screens.account.items import ItemRows
from screens.desk import Desk
from screens.subject import Subject

if TYPE_CHECKING:
    from data.broker.protocol import Account, QueueRow, Shown
    from data.broker.protocol.working import Attended

REMARKS = 3
HIGH = 32
"""Rows of a terminal from which on lines are not counted."""


class AccountPanel(Vertical):
    """Card, ageing, open items, the last remarks and orders of one customer."""

    items = getters.query_one(ItemRows)

    class Loaded(Message):
        """The account of a row is on the screen."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(classes="-empty")
        self._desk = desk
        self.shown_id: str | None = None
        """The work item whose account is shown."""
        self.work: QueueRow | None = None
        self.account: Account | None = None
        self._attended: Attended | None = None
        self.here = False
        """The account is open, not only beside the list."""

    def compose(self) -> ComposeResult:
        """From who they are to what was done."""
        yield Static(id="why", markup=False)
        yield Static(id="standing", markup=False)
        yield Static(id="card", markup=False)
        yield Static(id="ageing", markup=False)
        yield ItemRows()
        yield Static(id="remarks", markup=False)

    @property
    def subject(self) -> Subject | None:
        """The item under the cursor, or the account as a whole, as something to act on."""
        item, account = self.items.item(), self.account
        if account is None:
            return None
        return Subject.of_item(item, account, self.work) if item else Subject.of_account(account, self.work)

    def clear(self, note: str = "") -> None:
        """Nothing is under the cursor, or it cannot be shown; ``note`` says why."""
        self.shown_id = self.work = self.account = None
        self._attended = None
        self._desk.tell("attend", id=None)
        for name in ("why", "standing", "card", "ageing", "remarks"):
            self.query_one(f"#{name}", Static).update(Content(note if name == "why" else ""))
        self.items.show([], 0)
        self.add_class("-empty")

    async def load(self, row: QueueRow) -> None:
        """Show the account behind a row of the queue."""
        try:
            shown, attended = await asyncio.gather(self._show(row), self._attend(row["id"]))
        except ArqueueError as error:
            self.clear(f"{error.message}\n{error.hint}".strip())
            self.shown_id = row["id"]
            return
        another = self.shown_id != row["id"]
        self.shown_id = row["id"]
        self.work = shown["work"] or row
        self.account = shown["account"]
        self._show_items(to_subject=another)
        self._attended = attended
        self.paint()
        self.post_message(self.Loaded())

    # Who else is here

    def on_mount(self) -> None:
        """Hear of others who come and go."""
        self._desk.presence.subscribe(self, self._came_or_went)

    def _came_or_went(self, push: Push) -> None:
        if self._attended is not None and push["key"] == self._attended["key"]:
            self._attended = {**self._attended, "others": push["others"]}
            self._paint_standing()

    def open_for(self, *, here: bool) -> None:
        """The account is in front, or only beside the list again: the others hear of the first alone."""
        if self.here != here:
            self.here = here
            self.attend_again()

    def attend_again(self) -> None:
        """Say anew what is shown here, or that nothing is."""
        if self.work is None:
            self._desk.tell("attend", id=None)
        else:
            background.start(self, self._attend_again, self.work["id"], group="attend", exclusive=True)

    async def _attend_again(self, work_id: str) -> None:
        found = await self._attend(work_id)
        if self.shown_id == work_id:
            self._attended = found
            self._paint_standing()

    async def _attend(self, work_id: str) -> Attended | None:
        """Say that this row is shown, and hear how it stands. Nothing where it is gone."""
        try:
            found: Attended = await self._desk.call("attend", id=work_id, here=self.here)
        except ArqueueError:
            return None
        return found

    def _paint_standing(self) -> None:
        self._write("standing", card.standing(self._attended, self._desk.name_of))
        self.query_one("#standing").display = bool(self._attended and card.stands(self._attended))

    async def _show(self, row: QueueRow) -> Shown:
        """The row, or what it was about: a row may be gone for a moment while an order on it is under way."""
        try:
            shown: Shown = await self._desk.call("show", id=row["id"])
        except NotFound:
            record = row["item_id"] or row["party_id"]
            if record is None:
                raise
            shown = await self._desk.call("show", id=record)
        return shown

    def _show_items(self, *, to_subject: bool) -> None:
        account = self.account
        items = account["items"] if account else []
        self.items.show(items, account["items_total"] if account else 0)
        if to_subject:
            self.items.stand_on(self.work["item_id"] if self.work else None)

    def on_resize(self) -> None:
        """Another width, another layout of the ageing."""
        self.paint()

    def paint(self) -> None:
        """Write what is known into its places."""
        account = self.account
        width = max(20, self.size.width - 3)
        self._paint_standing()
        if account is None:
            if self.work is not None:
                self._write("why", card.why(self.work, self._text(), width))
                self._write("card", Content("The customer of this row vanished from the ledger."))
            return
        self._write("why", card.why(self.work, self._text(), width))
        self._write("card", card.card(account, width))
        self._write("ageing", card.ageing(account["ageing"], width, low=self.app.size.height < HIGH))
        self.remove_class("-empty")
        self._write("remarks", self._remarks(account, width))

    def _text(self) -> str:
        """What a customer wrote with the payment that the row is about."""
        about = self.work["item_id"] if self.work else None
        items = self.account["items"] if self.account else []
        return next((item["text"] for item in items if item["id"] == about), "")

    def _write(self, name: str, content: Content) -> None:
        self.query_one(f"#{name}", Static).update(content)

    def _remarks(self, account: Account, width: int) -> Content:
        now = self._desk.now()
        pieces: list[tuple[str, str]] = []
        if account["notes"]:
            pieces.append(("Notes", "bold"))
        for note in account["notes"][:REMARKS]:
            state = f"  {words.state(note['state'])}" if note["ours"] and note["state"] != "posted" else ""
            head = f"{words.moment(note['at'], now)} {note['author']}{state}  "
            text = note["text"].replace("\n", " ")
            pieces += [("\n", ""), (words.fit(head + text, width).rstrip(), "")]
        if account["commands"]:
            pieces.append(("\nOrders" if pieces else "Orders", "bold"))
        for command in account["commands"][:REMARKS]:
            line = f"{words.moment(command['created_at'], now)} {words.state(command['state'])}  {command['words']}"
            pieces += [("\n", ""), (words.fit(line, width).rstrip(), "")]
        return Content.assemble(*pieces)
