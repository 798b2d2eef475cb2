"""How an application is carried out in Tryton's terms: decided step by step from the books as they are, so that a second attempt
goes on where the first one got to. Pure.

1. Cut the payment's lines so that each part goes to one debit.
2. A part of an invoice: link it. What closes an invoice: reconcile it, with whatever was linked before; where something was, the
   last part is linked too, so that taking one part back later leaves the others where they are.
3. A part of a later instalment, or of a debit that is no invoice, cannot be linked: the debit is cut too, then reconciled.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from data.peers.tryton.book import Book
from data.peers.tryton.items import covers, parts_of
from data.peers.tryton.rows import Invoice
from data.peers.tryton.steps import Link, Match, Split, Step


@dataclass(frozen=True, slots=True)
class Want:
    """So much is still to be applied to a debit item; `left` of it is open. Positive minor units."""

    root: int
    amount: int
    left: int


class Impossible(Exception):
    """Tryton has no way to do this; the message says why."""


def next_step(book: Book, payment: int, wants: Sequence[Want]) -> Step | None:
    """What to do next; None when everything is applied and matched. Raises Impossible."""
    due = [want for want in wants if want.amount]
    if due:
        shares = _shares(book, payment, due)
        for line, parts in _cuts(book, shares).items():
            return Split(line, _in_two(parts) if book.lines[line].is_foreign else parts)
        return _serve(book, due[0], [line for line, _ in shares[0]])
    for want in wants:
        step = formality(book, want.root)
        if step:
            return step
    return None


def formality(book: Book, root: int) -> Match | None:
    """Links that cover debits to the cent, not yet reconciled with them: Tryton calls an invoice paid only then."""
    invoice = book.invoice_of(root)
    if invoice is None:
        return None
    cover = covers(book, invoice)
    if not cover or invoice.id in book.to_pay:
        return None
    lines: list[int] = []
    for part in parts_of(book, invoice):
        leaves = _open(book, part)
        if part not in cover:
            continue
        if cover[part].amount != abs(sum(book.lines[line].minor for line in leaves)):
            return None  # a link that reaches into the next part belongs to both
        lines += leaves
    links = [line for line in invoice.links if line in book.lines and book.lines[line].is_open]
    return Match((*lines, *links))


def _shares(book: Book, payment: int, wants: Sequence[Want]) -> list[list[tuple[int, int]]]:
    """Which lines of the payment, and how much of each, serve each want: a line that fits first, then one after the other."""
    pieces = {line: abs(book.lines[line].minor) for line in book.free(payment)}
    shares: list[list[tuple[int, int]]] = [[] for _ in wants]
    for place, want in enumerate(wants):
        fitting = next((line for line, size in pieces.items() if size == want.amount), None)
        if fitting is not None:
            shares[place].append((fitting, pieces.pop(fitting)))
    for place, want in enumerate(wants):
        missing = want.amount - sum(size for _, size in shares[place])
        while missing:
            line = next(iter(pieces), None)
            if line is None:
                raise Impossible("the payment has less left than the order applies")
            taken = min(missing, pieces[line])
            shares[place].append((line, taken))
            missing -= taken
            pieces[line] -= taken
            if not pieces[line]:
                del pieces[line]
    return shares


def _cuts(book: Book, shares: Sequence[Sequence[tuple[int, int]]]) -> dict[int, tuple[int, ...]]:
    """Lines that go to several places or keep a rest."""
    parts: dict[int, list[int]] = {}
    for share in shares:
        for line, size in share:
            parts.setdefault(line, []).append(size)
    cuts = {}
    for line, sizes in parts.items():
        rest = abs(book.lines[line].minor) - sum(sizes)
        if rest or len(sizes) > 1:
            cuts[line] = (*sizes, rest) if rest else tuple(sizes)
    return cuts


def _serve(book: Book, want: Want, pieces: list[int]) -> Step:
    """Apply whole lines to one debit."""
    invoice = book.invoice_of(want.root)
    if invoice is not None and _takes_links(book, invoice, want):
        return Link(pieces[0], invoice.id)
    leaves = _open(book, want.root)
    open_of = {line: abs(book.lines[line].minor) for line in leaves}
    if sum(open_of.values()) == want.amount:
        return Match((*leaves, *pieces))
    fitting = next((line for line, size in open_of.items() if size == want.amount), None)
    if fitting is not None:
        return Match((fitting, *pieces))
    return cut(book, leaves, want.amount)


def _in_two(parts: tuple[int, ...]) -> tuple[int, ...]:
    """Off a foreign line one part at a time: Tryton 8.2 adds what rounding to the company's currency leaves over to the wrong
    side of a credit, and then refuses its own entry; of two parts nothing is left over."""
    return (parts[0], sum(parts[1:]))


def cut(book: Book, leaves: Sequence[int], amount: int) -> Split:
    """Cut so much off one of these lines. Raises Impossible where none is large enough."""
    for line in leaves:
        size = abs(book.lines[line].minor)
        if size > amount:
            return Split(line, (amount, size - amount))
    raise Impossible("the amount spans several lines in Tryton; take it in the amounts of those lines")


def _takes_links(book: Book, invoice: Invoice, want: Want) -> bool:
    """Whether a link to the invoice goes to just this item: it is the earliest that is open, and the link does not close an
    item that has none yet (that is reconciled at once)."""
    parts = parts_of(book, invoice)
    cover = covers(book, invoice)
    for part in parts:
        there = abs(sum(book.lines[line].minor for line in _open(book, part)))
        covered = cover[part].amount if part in cover else 0
        if part == want.root:
            closes = want.amount == want.left
            return not closes or covered > 0
        if there > covered:
            return False
    return False


def _open(book: Book, root: int) -> list[int]:
    return [line for line in book.leaves(root) if book.lines[line].is_open]
