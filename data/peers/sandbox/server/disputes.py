"""Disputes: the reason stands on the item itself, for everybody who reads the ledger; the amount and the words in a note."""

from __future__ import annotations

from arqueue.model.money import Money
from data.peers.sandbox.server import settle
from data.peers.sandbox.server.ledger import Writing
from data.peers.sandbox.server.refusal import LedgerRefused


def open_dispute(writing: Writing, key: int, amount: Money, reason: str) -> None:
    """Mark a debit as disputed. Raises LedgerRefused for a credit, a closed item, more than is open, a second dispute."""
    row = settle.item_row(writing, key)
    if row["total"] < 0:
        raise LedgerRefused("invalid", f"{row['number']} is a credit", "only what is owed can be disputed")
    if not row["residual"]:
        raise LedgerRefused(
            "invalid", f"{row['number']} is closed", "nothing is left to dispute", items=(key,)
        )
    if row["dispute"]:
        raise LedgerRefused(
            "already", f"{row['number']} is in dispute: {row['dispute']}", "resolve that first", items=(key,)
        )
    if amount.currency != row["currency"]:
        raise LedgerRefused("unsupported", f"{row['number']} is in {row['currency']}", "use its currency")
    if amount.minor <= 0:
        raise LedgerRefused("invalid", "amount: must be more than nothing", "give a positive amount")
    if amount.minor > row["residual"]:
        raise settle.insufficient(row, amount.minor)
    mark(writing, key, reason)


def end_dispute(writing: Writing, key: int) -> None:
    """Take the mark away, also from an item that was settled meanwhile. Raises LedgerRefused(already) where there is none."""
    row = settle.item_row(writing, key)
    if not row["dispute"]:
        raise LedgerRefused(
            "already", f"{row['number']} is not in dispute", "nothing is left to do", items=(key,)
        )
    mark(writing, key, "")


def mark(writing: Writing, key: int, reason: str) -> None:
    """Write the reason; an empty one says that there is no dispute."""
    writing.run(
        "UPDATE item SET dispute = ?, version = version + 1, modified_at = ? WHERE id = ?",
        reason,
        writing.stamp,
        key,
    )
    writing.touch("item", key)
