"""What is applied to what, out of a book: reconciliations and links as pairs of a credit and a debit. Pure.

A reconciliation joins any number of lines; it is told as the pairs that come of matching them one after the other. Each pair uses
up at least one of its two lines and is named after that line, so that whoever sees a line again, open or matched otherwise, knows
which names it may have given: ``rec:7`` and ``link:7``, never another.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from arqueue.model.ledger import Allocation
from arqueue.model.money import Money
from data.peers.tryton.book import Book
from data.peers.tryton.items import parts_of, version_of
from data.peers.tryton.rows import Invoice, Line


@dataclass(frozen=True, slots=True)
class Pair:
    """So much of a credit line on a debit line; ``name`` is the line that it uses up."""

    name: int
    credit: int
    debit: int
    amount: int


def pair_up(credits: Sequence[tuple[int, int]], debits: Sequence[tuple[int, int]]) -> Iterator[Pair]:
    """Match (line, positive amount) of both sides in their order until one side is used up."""
    left, right = list(reversed(credits)), list(reversed(debits))
    while left and right:
        (credit, have), (debit, owe) = left.pop(), right.pop()
        amount = min(have, owe)
        yield Pair(credit if have <= owe else debit, credit, debit, amount)
        if have > amount:
            left.append((credit, have - amount))
        if owe > amount:
            right.append((debit, owe - amount))


def allocations_of(book: Book) -> list[Allocation]:
    """Every allocation that touches a core line."""
    return [allocation for allocation, _ in traced(book)]


def traced(book: Book) -> list[tuple[Allocation, Pair]]:
    """Every allocation that touches a core line, with the lines that it stands for."""
    found: list[tuple[Allocation, Pair]] = []
    for reconciliation in sorted(_touched(book)):
        found += _reconciled(book, book.by_reconciliation[reconciliation])
    for invoice in book.invoices.values():
        if any(line in book.core for line in (*invoice.links, *book.dues(invoice))):
            found += _linked(book, invoice)
    return found


def names_of(lines: Iterable[int]) -> set[str]:
    """Every name that these lines can give to an allocation."""
    return {f"{kind}:{line}" for line in lines for kind in ("rec", "link")}


def _touched(book: Book) -> set[int]:
    """Reconciliations of core lines, those of splits left out: they move nothing."""
    hidden = {book.lines[line].reconciliation for line in book.balances.values()}
    return {
        key
        for line in book.core
        if (key := book.lines[line].reconciliation) is not None and key not in hidden
    }


def _reconciled(book: Book, members: Sequence[int]) -> list[tuple[Allocation, Pair]]:
    lines = [book.lines[each] for each in members]
    currencies = {line.currency for line in lines}
    if len(currencies) > 1:
        # Entries for exchange differences have no amount in the documents' currency.
        for currency in sorted(currencies):
            own = [line for line in lines if line.currency == currency]
            if len(own) > 1 and sum(line.minor for line in own) == 0:
                lines, currencies = own, {currency}
                break
    is_plain = len(currencies) == 1

    def size(line: Line) -> int:
        return abs(line.minor if is_plain else line.base)

    credits = sorted((line for line in lines if line.base < 0), key=lambda line: line.id)
    debits = sorted(
        (line for line in lines if line.base > 0), key=lambda line: (line.due or date.max, line.id)
    )
    pairs = pair_up([(line.id, size(line)) for line in credits], [(line.id, size(line)) for line in debits])
    return [(_allocation(book, "rec", pair, is_plain=is_plain), pair) for pair in pairs]


def _linked(book: Book, invoice: Invoice) -> list[tuple[Allocation, Pair]]:
    links = sorted(line for line in invoice.links if line in book.lines and book.lines[line].is_open)
    if not links:
        return []
    is_plain = all(book.lines[line].currency == invoice.currency for line in links)

    def size(line: int) -> int:
        return abs(book.lines[line].minor if is_plain else book.lines[line].base)

    dues = [
        line for root in parts_of(book, invoice) for line in book.leaves(root) if book.lines[line].is_open
    ]
    given = [(line, size(line)) for line in links]
    owed = [(line, size(line)) for line in dues]
    if book.lines[links[0]].base > 0:
        given, owed = owed, given  # a refund linked to a credit note: the note is the credit
    pairs = pair_up(given, owed)
    return [(_allocation(book, "link", pair, is_plain=is_plain), pair) for pair in pairs]


def _allocation(book: Book, kind: str, pair: Pair, *, is_plain: bool) -> Allocation:
    credit, debit = book.lines[pair.credit], book.lines[pair.debit]
    amount = pair.amount if is_plain else _share(credit, pair.amount)
    made = Allocation(
        id=f"{kind}:{pair.name}",
        credit_item=f"line:{book.root(pair.credit)}",
        debit_item=f"line:{book.root(pair.debit)}",
        amount=Money(amount, credit.currency),
        amount_debit=None if is_plain else Money(_share(debit, pair.amount), debit.currency),
        on=max(book.doc_date(pair.credit), book.doc_date(pair.debit)),
        version="",
    )
    content = (made.credit_item, made.debit_item, made.amount, made.amount_debit, made.on)
    return replace(made, version=version_of(*content))


def _share(line: Line, base: int) -> int:
    """An amount in the company's currency in the line's own, at the rate that the line was booked at."""
    return round(Fraction(abs(line.minor) * base, abs(line.base)))
