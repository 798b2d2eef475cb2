"""Open items out of a book: what each is, what is open of it, and where that figure comes from. Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime
from typing import Final

from arqueue.control.commands import HEAD
from arqueue.errors import Invalid
from arqueue.model.ledger import Item, ItemKind, ItemState
from arqueue.model.money import Money
from arqueue.model.text import clean, clean_line
from data.peers.contract import Quarantined
from data.peers.tryton.book import Book
from data.peers.tryton.rows import Invoice

_RETURNED: Final = re.compile(r"(R\d{2}|[A-Z]{2}\d{2})\b")
"""A bank's return code (Nacha, ISO 20022) where the returning entry's text begins with one."""
_TAG: Final = re.compile(rf"\s*(?:\baudit {HEAD} )?\barqueue [0-9a-f]{{32}}$")
_CASH: Final = frozenset({"cash", "statement", "general"})
"""Journals whose credits are money that came in; others (write-off, revenue…) are entries of bookkeepers."""


@dataclass(frozen=True, slots=True)
class Cover:
    """How much of a due line links pay, in minor units of the line's currency and of the company's; both positive."""

    amount: int
    base: int


def version_of(*parts: object) -> str:
    """What tells two states of an entity apart: a digest of all that it says."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:20]


def sealed(item: Item) -> Item:
    """The item under the version that its content gives it; when it changed is not content, and what was never dunned
    is as if nobody asked, so that orders from before still find what they expect."""
    unsaid = {"version", "modified_at"} | (set() if item.dunning_level else {"dunning_level"})
    content = [getattr(item, each.name) for each in fields(Item) if each.name not in unsaid]
    return replace(item, version=version_of(*content))


def items_of(book: Book, roots: Iterable[int], base: str) -> tuple[list[Item], list[Quarantined]]:
    """The items named after these roots, and the parents of those that are parts. `base` is the company's currency."""
    items: list[Item] = []
    bad: list[Quarantined] = []
    parents: dict[int, Invoice] = {}
    for root in roots:
        try:
            _refuse_spoiled(book, root)
            item = _credit(book, root, base) if book.lines[root].base < 0 else _debit(book, root, base)
            items.append(sealed(item))
        except Invalid as error:
            bad.append(Quarantined(f"line:{root}", error.message, str(book.lines[root])[:2000]))
            continue
        if item.kind is ItemKind.INSTALMENT:
            invoice = book.invoice_of(root)
            assert invoice is not None
            parents[invoice.id] = invoice
    for invoice in parents.values():
        try:
            items.append(sealed(_parent(book, invoice)))
        except Invalid as error:
            bad.append(Quarantined(f"invoice:{invoice.id}", error.message, str(invoice)[:2000]))
    return items, bad


def _refuse_spoiled(book: Book, root: int) -> None:
    for line in (root, *book.members(root)):
        reason = book.spoiled.get(book.lines[line].move)
        if reason is not None:
            raise Invalid(reason)


def parts_of(book: Book, invoice: Invoice) -> list[int]:
    """The items that an invoice falls due in, earliest first; those that were rescheduled away are not among them."""
    sign = _sign(book, invoice)
    roots = book.roots(line for line in book.dues(invoice) if book.lines[line].base * sign > 0)
    return sorted((root for root in roots if book.leaves(root)), key=lambda root: _due_key(book, root))


def _sign(book: Book, invoice: Invoice) -> int:
    own = sum(book.lines[line].base for line in book.by_move.get(invoice.move, ()))
    return -1 if own < 0 else 1


def _due_key(book: Book, line: int) -> tuple[date, int]:
    return (book.lines[line].due or date.max, line)


def covers(book: Book, invoice: Invoice) -> dict[int, Cover]:
    """What the links of an invoice pay of each of its items: Tryton links to the invoice as a whole, so the earliest due is
    covered first, and together they come to what is missing from Tryton's ``amount_to_pay``."""
    links = [line for line in invoice.links if line in book.lines and book.lines[line].is_open]
    if not links:
        return {}
    open_of = {root: _open_leaves(book, root) for root in parts_of(book, invoice)}
    total = sum(abs(sum(book.lines[each].minor for each in leaves)) for leaves in open_of.values())
    base = sum(abs(book.lines[line].base) for line in links)
    if invoice.id in book.to_pay:
        left = total - abs(Money.from_decimal(book.to_pay[invoice.id], invoice.currency).minor)
    else:
        left = sum(abs(book.lines[line].minor) for line in links)
    found: dict[int, Cover] = {}
    whole, roots = left, list(open_of)
    for place, root in enumerate(roots):
        is_last = place == len(roots) - 1
        there = abs(sum(book.lines[each].minor for each in open_of[root]))
        taken = left if is_last else min(there, left)
        left -= taken
        if taken:
            found[root] = Cover(taken, base * taken // whole if whole else 0)
    return found


def _open_leaves(book: Book, root: int) -> list[int]:
    return [line for line in book.leaves(root) if book.lines[line].is_open]


def _debit(book: Book, root: int, base: str) -> Item:
    invoice = book.invoice_of(root)
    line = book.lines[root]
    amount = sum(book.lines[each].minor for each in _open_leaves(book, root))
    worth = sum(book.lines[each].base for each in _open_leaves(book, root))
    if root in book.invoice_of_link:
        amount = worth = 0  # a refund that is linked to a credit note is used up
    if invoice is None:
        return replace(_plain(book, root, base, amount, worth), kind=ItemKind.JOURNAL)
    cover = covers(book, invoice).get(root, Cover(0, 0))
    parts = parts_of(book, invoice)
    is_part = len(parts) > 1 and root in parts
    number = f"{invoice.number}/{parts.index(root) + 1}" if is_part else invoice.number
    return replace(
        _plain(book, root, base, amount - cover.amount, worth - cover.base),
        kind=ItemKind.INSTALMENT if is_part else ItemKind.INVOICE,
        number=clean_line(number),
        parent_id=f"invoice:{invoice.id}" if is_part else None,
        due_date=line.due,
        reference=clean_line(invoice.reference),
        text=clean(invoice.text),
        dispute=_dispute(book, root),
        dunning_level=_dunned(book, root),
        state=_state(invoice, amount - cover.amount),
    )


def _credit(book: Book, root: int, base: str) -> Item:
    invoice = book.invoice_of(root)
    free = book.free(root)
    amount = sum(book.lines[line].minor for line in free)
    worth = sum(book.lines[line].base for line in free)
    if invoice is not None:
        # What was refunded on a credit note is linked to it.
        cover = covers(book, invoice).get(root, Cover(0, 0))
        return replace(
            _plain(book, root, base, amount + cover.amount, worth + cover.base),
            kind=ItemKind.CREDIT,
            number=clean_line(invoice.number),
            due_date=book.lines[root].due,
            reference=clean_line(invoice.reference),
            text=clean(invoice.text),
            state=_state(invoice, amount + cover.amount),
        )
    item = _plain(book, root, base, amount, worth)
    entry = book.entry(root)
    journal = book.journals.get(entry.journal) if entry else None
    if journal is None or journal.kind not in _CASH:
        return replace(item, kind=ItemKind.JOURNAL)
    return replace(
        item, kind=ItemKind.PAYMENT, method=clean_line(journal.name), returned=_returned(book, root)
    )


def _state(invoice: Invoice, residual: int) -> ItemState:
    if residual:
        return ItemState.OPEN
    return ItemState.VOID if invoice.state == "cancelled" else ItemState.CLOSED


def _plain(book: Book, root: int, base: str, amount: int, worth: int) -> Item:
    """What every item has; a credit's lines of the first move add up to what it was."""
    line = book.lines[root]
    move = book.entry(root)
    whole = sum(book.lines[each].minor for each in book.siblings(root))
    text = _TAG.sub("", line.text or (move.text if move else ""))
    members = book.members(root) or [root]
    return Item(
        id=f"line:{root}",
        kind=ItemKind.JOURNAL,
        number=clean_line(move.number if move else "") or f"#{root}",
        party_id=f"party:{book.parties[root]}",
        total=Money(whole, line.currency),
        residual=Money(amount, line.currency),
        residual_base=Money(worth, base),
        doc_date=book.doc_date(root),
        due_date=line.due,
        state=ItemState.OPEN if amount else ItemState.CLOSED,
        text=clean(text),
        version="",
        modified_at=utc(max(book.lines[each].modified for each in members)),
    )


def _parent(book: Book, invoice: Invoice) -> Item:
    """An invoice in parts: told for its number and total; only its parts carry what is open."""
    own = book.by_move[invoice.move]
    lines = [book.lines[line] for line in own]
    return Item(
        id=f"invoice:{invoice.id}",
        kind=ItemKind.INVOICE,
        number=clean_line(invoice.number),
        party_id=f"party:{invoice.party}",
        total=Money(sum(line.minor for line in lines), invoice.currency),
        residual=Money.zero(invoice.currency),
        doc_date=invoice.on or book.doc_date(own[0]),
        due_date=max((line.due for line in lines if line.due), default=None),
        state=ItemState.CLOSED,
        reference=clean_line(invoice.reference),
        text=clean(invoice.text),
        version="",
        modified_at=utc(max(line.modified for line in lines)),
    )


def _dispute(book: Book, root: int) -> str:
    reasons = [book.blocks[line] for line in book.members(root) if line in book.blocks]
    return clean_line(reasons[0]) if reasons else ""


def _dunned(book: Book, root: int) -> int:
    """The highest of its lines'."""
    return max((book.dunned.get(line, 0) for line in book.members(root)), default=0)


def _returned(book: Book, root: int) -> str:
    """The bank's code where the whole credit was reconciled with an entry that took the money back."""
    for line in book.leaves(root):
        reconciliation = book.lines[line].reconciliation
        for other in book.by_reconciliation.get(reconciliation or 0, ()):
            move = book.entry(other)
            if book.lines[other].base > 0 and move and (code := _RETURNED.match(move.text)):
                return code[1]
    return ""


def utc(stamp: datetime) -> datetime:
    """Tryton's naive stamp as an instant. It does not say its zone; a server that runs in UTC is read right."""
    return stamp.replace(tzinfo=UTC)
