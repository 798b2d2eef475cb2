"""The open items of an account: a list with its own cursor, so that actions can be about one item, or about the whole account."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment

from arqueue.errors import ArqueueError
from screens import actions, words
from screens.place import Place
from screens.rows import Rows
from screens.subject import Subject

if TYPE_CHECKING:
    from data.broker.protocol import ItemRow, Shown
    from screens.form import Done


_NUMBER = 6
"""Cells of a document's number in the narrowest pane: its end tells one from the next."""
_AROUND = 6
"""Cells for the currency, and blanks behind the number and before the amount."""


class ItemRows(Rows):
    """The account first, then number, due date, lateness, what is open; what a queued order covers is said in words."""

    BINDINGS: ClassVar = actions.bindings("account")
    quiet_cursor = True

    def __init__(self) -> None:
        super().__init__()
        self.items: list[ItemRow] = []
        self.total = 0
        self._number, self._late, self._amount = 12, 10, 12

    def show(self, items: list[ItemRow], total: int) -> None:
        """Other items; the cursor stays on its item when that is still there."""
        under = self.item()
        self.items, self.total = items, total
        self._number = words.widest((item["number"] for item in items), 8, 18)
        self._late = words.widest(map(_late, items), 0, 11)
        self._amount = words.widest((words.money(item["open"]) for item in items), 6, 16)
        places = {item["id"]: place for place, item in enumerate(items, start=1)}
        self.set_reactive(Rows.cursor, places.get(under["id"], self.cursor) if under else 0)
        self.update_rows()

    def stand_on(self, item_id: str | None) -> None:
        """Put the cursor on an item, or on the account as a whole."""
        places = {item["id"]: place for place, item in enumerate(self.items, start=1)}
        self.move_to(places.get(item_id or "", 0))

    def item(self) -> ItemRow | None:
        """The item under the cursor; None when that is on the account as a whole."""
        return self.items[self.cursor - 1] if 0 < self.cursor <= len(self.items) else None

    def row_count(self) -> int:
        """The account, and the items held; the broker gives 500 at most."""
        return 1 + len(self.items)

    def paint(self, index: int, width: int) -> list[Segment]:
        """One item. In a narrow pane the due date gives way, then the kind, the word for late, the beginning of the number."""
        if index == 0:
            return [Segment(words.fit(self._account(), width), self.tone("strong"))]
        item = self.items[index - 1]
        plain, dim = self.rich_style, self.tone("dim")
        room = width - self._number
        late, columns = _late(item), self._late
        if room < columns + self._amount + _AROUND:
            late, columns = late.removesuffix(" late").removeprefix("due "), max(0, columns - len(" late"))
        number = min(self._number, max(_NUMBER, width - columns - self._amount - _AROUND))
        overdue = (item["days_past_due"] or 0) > 0 and late
        segments = [
            Segment(words.fit(words.ending(item["number"], number), number + 1), plain),
            Segment(words.fit(item["kind"], 11) if room >= 48 else "", dim),
            Segment(words.fit(words.day(item["due_date"]), 12) if room >= 60 else "", dim),
            Segment(words.fit(late, columns), self.tone("warn") if overdue else dim),
            Segment(
                words.fit_right(words.money(item["open"]), self._amount + (3 if room >= 40 else 1)), plain
            ),
            Segment(f" {item['currency']}", dim),
        ]
        used = sum(segment.cell_length for segment in segments)
        if rest := max(0, width - used - 2):
            segments.append(Segment("  " + words.fit(self._remark(item), rest), self.tone("strong")))
        return segments

    def _account(self) -> str:
        if not self.items:
            what = (
                "The whole account: no open items. {account.applied}: what was applied; {work.note}: a note"
            )
            return self.keyed(what)
        held = len(self.items)
        shown = f"{words.count(held)} of " if held < self.total else ""
        return f"The whole account: {shown}{words.plural(self.total, 'open item')}"

    def _remark(self, item: ItemRow) -> str:
        remarks = []
        if item["open"] != item["residual"]:
            remarks.append(f"queued, {words.money(item['residual'])} in the ledger")
        if item["dispute"]:
            remarks.append(f"DISPUTE {item['dispute']}")
        if item["returned"]:
            remarks.append(f"RETURNED {item['returned']}")
        return ", ".join(remarks)

    def do_back(self) -> None:
        """Back to the list of the queue."""
        self.screen.close_account()  # type: ignore[attr-defined]

    def do_dispute(self) -> None:
        """Dispute the item, or answer its dispute."""
        if (subject := self.screen.subject()) is not None and subject.item_id:  # type: ignore[attr-defined]
            self.screen.begin(self._open_dispute, subject, subject.item_id)  # type: ignore[attr-defined]

    async def _open_dispute(self, subject: Subject, item: str) -> None:
        from screens.account.dispute import DisputeForm, ResolveForm

        place: Place[None] = self.screen  # type: ignore[assignment]
        shown: Shown = await place.desk.call("show", id=item)
        if shown["item"] is None:
            raise ArqueueError("this item is no longer open", self.keyed("sync ({app.sync}) and look again"))
        acted: Done = place.acted  # type: ignore[attr-defined]
        if shown["item"]["dispute"]:
            await place.app.open_place(ResolveForm(subject, shown["item"], acted))
        else:
            await place.app.open_place(DisputeForm(subject, shown["item"], place.desk.dispute_reasons, acted))

    def do_applied(self) -> None:
        """What is applied to the item, or of it."""
        if (subject := self.screen.subject()) is not None:  # type: ignore[attr-defined]
            self.screen.begin(self._open_applied, subject)  # type: ignore[attr-defined]

    async def _open_applied(self, subject: Subject) -> None:
        from screens.account.applied import AppliedForm

        place: Place[None] = self.screen  # type: ignore[assignment]
        shown: Shown = await place.desk.call("show", id=subject.target)
        acted: Done = place.acted  # type: ignore[attr-defined]
        await place.app.open_place(AppliedForm(subject, shown, acted))

    def do_open(self) -> None:
        """All about the item, or the account."""
        self.screen.open_details()  # type: ignore[attr-defined]


def _late(item: ItemRow) -> str:
    """A credit is never late."""
    return "" if item["open"].startswith("-") else words.late(item["days_past_due"])
