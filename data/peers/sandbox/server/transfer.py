"""Payments that stood with the wrong customer.

One that is wholly open goes as it is, and only the control account is told. Of one that is applied in part, the allocations stay
where they are true: what is open is booked out of the old account and into the new one, and the two entries are told apart by
their own items, so that each customer's items still add up to its control lines.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from data.peers.sandbox.server.documents import Document, add_item, next_number
from data.peers.sandbox.server.journal import control, post
from data.peers.sandbox.server.ledger import Writing
from data.peers.sandbox.server.parties import party_row
from data.peers.sandbox.server.refusal import LedgerRefused
from data.peers.sandbox.server.settle import apply_credit, item_row


def identify(
    writing: Writing, key: int, party: int, on: date, *, memo: str, command_id: str = ""
) -> list[str]:
    """Move what is open of a payment to another customer; references of what was posted, first the item that it is now. Raises
    LedgerRefused."""
    row, heir = item_row(writing, key), party_row(writing, party)
    _check(row, heir)
    amount, base = row["residual"], row["residual_base"]
    legs = [
        control(row["party_id"], row["currency"], -amount, -base),
        control(party, row["currency"], amount, base),
    ]
    entry = post(writing, on, "transfer", memo, legs, command_id)
    if amount == row["total"]:
        writing.run(
            "UPDATE item SET party_id = ?, version = version + 1, modified_at = ? WHERE id = ?",
            party,
            writing.stamp,
            key,
        )
        writing.touch("item", key)
        return [f"item:{key}", f"journal:{entry}"]
    out = _booked_out(writing, row, heir, entry, on)
    into = _booked_in(writing, row, party, entry)
    allocation = apply_credit(writing, key, out, -amount, on, memo=memo, command_id=command_id)
    return [f"item:{into}", f"journal:{entry}", f"item:{out}", f"allocation:{allocation}"]


def _check(row: Any, heir: Any) -> None:
    if row["kind"] != "payment":
        raise LedgerRefused("invalid", f"{row['number']} is not a payment", "only payments are moved")
    if row["party_id"] == heir["id"]:
        raise LedgerRefused(
            "already", f"{row['number']} is {heir['code']}'s", "nothing is left to do", items=(row["id"],)
        )
    if not row["residual"]:
        raise LedgerRefused(
            "insufficient", f"{row['number']} is applied in full", "unapply it first", items=(row["id"],)
        )


def _booked_out(writing: Writing, row: Any, heir: Any, entry: int, on: date) -> int:
    """The debit that takes the rest off the old account."""
    document = Document(
        kind="journal",
        party=row["party_id"],
        currency=row["currency"],
        total=-row["residual"],
        on=on,
        reference=row["number"],
        text=f"{row['number']} moved to {heir['code']}",
    )
    return add_item(writing, document, next_number(writing, "journal"), -row["residual_base"], entry)


def _booked_in(writing: Writing, row: Any, party: int, entry: int) -> int:
    """The rest as the new customer's own payment: what the bank said of it goes with it."""
    document = Document(
        kind="payment",
        party=party,
        currency=row["currency"],
        total=row["residual"],
        on=date.fromisoformat(row["doc_date"]),
        reference=row["number"],
        text=row["text"],
        method=row["method"],
        payer=row["payer"],
        payer_account=row["payer_account"],
    )
    return add_item(writing, document, _part_number(writing, row["number"]), row["residual_base"], entry)


def _part_number(writing: Writing, number: str) -> str:
    taken = {
        found["number"]
        for found in writing.rows(
            "SELECT number FROM item WHERE kind = 'payment' AND number >= ?1 || '-' AND number < ?1 || '.'",
            number,
        )
    }
    return next(each for n in range(2, len(taken) + 3) if (each := f"{number}-{n}") not in taken)
