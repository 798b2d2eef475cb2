"""Reminders: how many went out about an item stands on the item itself; writing and sending them is not the ledger's."""

from __future__ import annotations

from data.peers.sandbox.server import settle
from data.peers.sandbox.server.ledger import Writing
from data.peers.sandbox.server.refusal import LedgerRefused


def dun(writing: Writing, key: int, level: int) -> None:
    """So many reminders went out about a debit; 0 takes them back. Raises LedgerRefused for a credit."""
    row = settle.item_row(writing, key)
    if row["total"] < 0:
        raise LedgerRefused("invalid", f"{row['number']} is a credit", "only what is owed can be dunned")
    writing.run(
        "UPDATE item SET dunning_level = ?, version = version + 1, modified_at = ? WHERE id = ?",
        level,
        writing.stamp,
        key,
    )
    writing.touch("item", key)
