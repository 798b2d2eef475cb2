"""How a write-off is carried out in Tryton's terms. Pure.

Tryton writes off whatever remains of the lines that it is given. All of an item goes in one step, together with what is linked to
it. A part is cut off first and written off alone; the rest of the item stays open.
"""

from __future__ import annotations

from data.peers.tryton.applying import cut
from data.peers.tryton.book import Book
from data.peers.tryton.items import covers, parts_of
from data.peers.tryton.steps import Match, Step


def next_step(book: Book, root: int, amount: int, left: int, method: int) -> Step:
    """What to do next to write `amount` off an item of which `left` is open, both in positive minor units. Raises
    Impossible."""
    if book.lines[root].base < 0:
        lines = book.free(root)
        links: list[int] = []
        is_alone = True
    else:
        lines = [line for line in book.leaves(root) if book.lines[line].is_open]
        links, is_alone = _links(book, root)
    if amount == left and (is_alone or not links):
        return Match((*lines, *links), method)
    fitting = next((line for line in lines if abs(book.lines[line].minor) == amount), None)
    if fitting is not None:
        return Match((fitting,), method)
    return cut(book, lines, amount)


def _links(book: Book, root: int) -> tuple[list[int], bool]:
    """Open links that cover this item, and whether they cover no other."""
    invoice = book.invoice_of(root)
    if invoice is None or root not in covers(book, invoice):
        return [], True
    links = [line for line in invoice.links if line in book.lines and book.lines[line].is_open]
    return links, parts_of(book, invoice) == [root]
