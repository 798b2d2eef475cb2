"""Which of Tryton's records carry the remarks on which item."""

from __future__ import annotations

from data.peers.tryton.book import Book
from data.peers.tryton.reader import INVOICE, LINE


def targets_of(book: Book) -> dict[str, str]:
    """Tryton records that may carry remarks → the item (or parent) that arqueue shows them on."""
    found: dict[str, str] = {}
    for root in book.roots(book.core):
        invoice = book.invoice_of(root)
        if invoice is None:
            found |= {f"{LINE},{line}": f"line:{root}" for line in book.members(root)}
            found[f"account.move,{book.lines[root].move}"] = f"line:{root}"
            continue
        resource = f"{INVOICE},{invoice.id}"
        # Remarks on an invoice in parts stand on its parent.
        found[resource] = f"invoice:{invoice.id}" if resource in found else f"line:{root}"
    return found
