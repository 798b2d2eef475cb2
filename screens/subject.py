"""What an action acts on: a row of the queue, or an open item of the account beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from screens import words

if TYPE_CHECKING:
    from data.broker.protocol import Account, ItemRow, QueueRow

CREDIT_KINDS = frozenset({"payment", "credit"})
EITHER_KINDS = frozenset({"escalation", "failure"})
"""Work about an item of either side: the broker says whether it can be applied."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Names and identifiers of one thing, enough to open a form on it and to say what it is."""

    work: QueueRow | None = None
    item_id: str | None = None
    item: ItemRow | None = None
    party_id: str | None = None
    party: str = ""
    party_code: str = ""

    @classmethod
    def of_row(cls, row: QueueRow) -> Subject:
        """The subject of a row of the queue."""
        return cls(
            work=row,
            item_id=row["item_id"],
            party_id=row["party_id"],
            party=row["party"],
            party_code=row["party_code"],
        )

    @classmethod
    def of_item(cls, item: ItemRow, account: Account, work: QueueRow | None) -> Subject:
        """The subject of an open item; ``work`` only when the row of the queue is about this very item."""
        about = work if work is not None and work["item_id"] == item["id"] else None
        family = {row["id"]: row for row in (account["party"], *account["family"])}
        code = family[item["party_id"]]["code"] if item["party_id"] in family else ""
        return cls(
            work=about,
            item_id=item["id"],
            item=item,
            party_id=item["party_id"],
            party=item["party"],
            party_code=code,
        )

    @classmethod
    def of_account(cls, account: Account, work: QueueRow | None) -> Subject:
        """The customer as a whole; ``work`` only when the row of the queue is about no single item."""
        party = account["party"]
        about = work if work is not None and work["item_id"] is None else None
        return cls(work=about, party_id=party["id"], party=party["name"], party_code=party["code"])

    @property
    def credit(self) -> bool:
        """Whether it is money that can be applied, or may be."""
        if self.item is not None:
            return self.item["open"].startswith("-")
        work = self.work
        return work is not None and self.item_id is not None and work["kind"] in CREDIT_KINDS | EITHER_KINDS

    @property
    def target(self) -> str:
        """The record that a remark belongs on: the item, else the customer; empty when there is neither."""
        return self.item_id or self.party_id or ""

    @property
    def work_id(self) -> str:
        """The row of the queue behind it; empty when there is none."""
        return self.work["id"] if self.work else ""

    @property
    def about(self) -> str:
        """What it is, in a few words."""
        if self.item is not None:
            return words.item_line(self.item)
        if self.work is None:
            return ""
        amount = words.money(self.work["amount"], self.work["currency"])
        return " · ".join(part for part in (words.work_kind(self.work), self.work["subject"], amount) if part)

    @property
    def customer(self) -> str:
        """Name and code: the code is what cannot be faked."""
        return " · ".join(part for part in (self.party or "(customer vanished)", self.party_code) if part)
