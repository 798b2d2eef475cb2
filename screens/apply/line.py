"""What a payment can be applied to: open debits, and credits that can be netted beside it. Pure facts, as the ledger has them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from arqueue.model.money import Money
from data.broker.protocol import DiscountRow, ItemRow, Suggestions
from screens import words

_day = lru_cache(maxsize=4096)(words.day)
"""Thousands of items fall due on a hundred days."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One open item. ``open`` is positive on both sides; ``credit`` says which side it is on."""

    item: str
    number: str
    open: Money
    credit: bool = False
    kind: str = "invoice"
    party: str = ""
    """The customer's name where it is not the payer's."""
    party_apart: str = ""
    """What of it tells it from the payer's."""
    due: str = ""
    late: int | None = None
    order: str = ""
    reference: str = ""
    discount: Money | None = None
    """The early-payment discount that its terms still know."""
    until: str = ""
    earned: bool = False

    @property
    def signed(self) -> Money:
        """What is open, negative for a credit."""
        return -self.open if self.credit else self.open

    @property
    def search(self) -> str:
        """Everything that a filter may name, in small letters: amounts with and without their thousands apart."""
        amount = self.signed.text
        parts = (self.number, self.order, self.reference, self.party, self.kind, self.due)
        return " ".join((*parts, amount, words.money(amount))).lower()


def lines_of(found: Suggestions) -> dict[str, Line]:
    """Every open debit, oldest due first, then what can be netted; and what a suggestion names beyond these."""
    currency = found["payment"]["currency"]
    payer = found["payment"]
    discounts = {row["item"]: row for row in found["discounts"]}
    lines = {
        row["id"]: _line(row, payer, discounts)
        for row in (*found["debits"], *found["credits"])
        if row["currency"] == currency
    }
    for suggestion in found["suggestions"]:
        for named in suggestion["lines"]:
            if named["item"] not in lines:
                open_ = Money.parse(named["open"], currency)
                lines[named["item"]] = Line(
                    item=named["item"],
                    number=named["number"],
                    open=abs(open_),
                    credit=open_.minor < 0,
                    kind=named["kind"],
                    due=words.day(named["due_date"]),
                )
    return lines


def _line(row: ItemRow, payer: ItemRow, discounts: Mapping[str, DiscountRow]) -> Line:
    credit = row["open"].startswith("-")
    discount = discounts.get(row["id"])
    party = "" if row["party_id"] == payer["party_id"] else row["party"]
    return Line(
        item=row["id"],
        number=row["number"],
        open=Money.parse(row["open"].removeprefix("-"), row["currency"]),
        credit=credit,
        kind=row["kind"],
        party=party,
        party_apart=_apart(party, payer["party"]) if party else "",
        due=_day(row["due_date"] or row["doc_date"]),
        late=None if credit else row["days_past_due"],
        order=row["purchase_order"],
        reference=row["reference"],
        discount=Money.parse(discount["amount"], row["currency"]) if discount else None,
        until=discount["until"] if discount else "",
        earned=discount["earned"] if discount else False,
    )


def _apart(name: str, payers: str) -> str:
    """A name without the words that it begins with as the payer's does; whole where nothing would be left."""
    words_, shared = name.split(), 0
    for one, other in zip(words_, payers.split(), strict=False):
        if one != other:
            break
        shared += 1
    return f"…{' '.join(words_[shared:])}" if 0 < shared < len(words_) else name
