"""Taking one application back, and only that one.

A reconciliation is undone whole. What else was in it is put back as links, which keeps every residual but the two that are meant.
The remark that is written first says which lines those are: a second attempt reads it and goes on.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from arqueue.control.commands import Line, Order, Unapply, items_of
from arqueue.model.ledger import Allocation
from data.peers.contract import Absent, Done, Outcome, Partial, Stale, Unknown
from data.peers.tryton.allocations import Pair, traced
from data.peers.tryton.applying import Impossible
from data.peers.tryton.book import Book
from data.peers.tryton.lookup import number_of, record_of
from data.peers.tryton.reader import LINE, Reader
from data.peers.tryton.remarks import bearing
from data.peers.tryton.sight import Sight, look, unexpected
from data.peers.tryton.steps import TAKEN_BACK, Link, Match, Poster, Remark, Step, Unlink, Unmatch

_STEPS: Final = 30
_KEPT: Final = re.compile(r"\[line (\d+), invoice (\d*), entry (\d*), kept ([\d ]*)\]")


@dataclass(frozen=True, slots=True)
class Undoing:
    """What is to be taken back: a credit line, the invoice that it pays, the line of a write-off that is to be written back,
    and the lines that stay applied."""

    line: int
    invoice: int | None
    entry: int | None
    kept: tuple[int, ...]

    def __str__(self) -> str:
        kept = " ".join(str(each) for each in self.kept)
        return f"[line {self.line}, invoice {self.invoice or ''}, entry {self.entry or ''}, kept {kept}]"

    @classmethod
    def read(cls, text: str) -> Undoing | None:
        """What a remark says."""
        found = _KEPT.search(text)
        if found is None:
            return None
        invoice, entry = (int(each) if each else None for each in (found[2], found[3]))
        return cls(int(found[1]), invoice, entry, tuple(int(each) for each in found[4].split()))


async def take_back(
    reader: Reader, order: Order, command: Unapply, poster: Poster, remark: Remark
) -> Outcome:
    """Carry it out, or go on with it; `remark` is told where a remark is put. Raises Impossible, and as `Session.call`."""
    sight = await look(reader, items_of(command))
    place = await record_of(reader, command.debit_item)
    if place is None:
        return Stale(f"{command.debit_item} is not in Tryton any more", sight.entities)
    note = await bearing(reader, order, *place)
    undoing = Undoing.read(note.text) if note else None
    if undoing is None:
        stale = unexpected(order, sight)
        if stale is not None:
            return stale
        found = _allocation(sight.book, command)
        if found is None:
            return Stale("that application is not in Tryton any more", sight.entities)
        await _refuse_delegated(reader, sight.book, found[1])
        undoing = _plan(sight.book, *found)
        await _method(reader, sight.book, undoing)
        remark(*place)
        await poster.note(place[0], _words(sight, command, undoing))
    sight = await _look(reader, command, undoing)
    method = await _method(reader, sight.book, undoing)
    for _ in range(_STEPS):
        step = _next(sight.book, undoing, command, method)
        if step is None:
            note = await bearing(reader, order, *place)
            refs = (note.id,) if note else ()
            return Done(refs, (*sight.entities, *([note] if note else ())))
        await poster.do(sight.book, step, on=command.on, words=TAKEN_BACK)
        sight = await _look(reader, command, undoing)
    return Unknown("it takes more steps than is credible; look at the invoice in Tryton")


async def find(reader: Reader, order: Order, command: Unapply) -> Done | Partial | Absent:
    """By the remark, and by whether anything is left to do. Raises as `Session.call`."""
    place = await record_of(reader, command.debit_item)
    note = await bearing(reader, order, *place) if place else None
    undoing = Undoing.read(note.text) if note else None
    if note is None or undoing is None:
        return Absent()
    sight = await _look(reader, command, undoing)
    if _next(sight.book, undoing, command, None) is None:
        return Done((note.id,), (*sight.entities, note))
    if _allocation(sight.book, command) is not None:
        return Absent()
    rest = (Line(command.debit_item, command.amount),)
    return Partial((note.id,), (), rest, "begun; sending it again goes on", sight.entities)


async def _look(reader: Reader, command: Unapply, undoing: Undoing) -> Sight:
    """What was kept hangs together with the items no longer, once the reconciliation is undone."""
    return await look(reader, items_of(command), also=(undoing.line, *undoing.kept))


def _allocation(book: Book, command: Unapply) -> tuple[Allocation, Pair] | None:
    for allocation, pair in traced(book):
        same = (allocation.credit_item, allocation.debit_item) == (command.credit_item, command.debit_item)
        if allocation.id == command.allocation and same and allocation.amount == command.amount:
            return allocation, pair
    return None


def _plan(book: Book, allocation: Allocation, pair: Pair) -> Undoing:
    """Which lines stay applied. Raises Impossible where Tryton cannot keep them so."""
    credit, debit = book.lines[pair.credit], book.lines[pair.debit]
    if pair.amount != abs(credit.minor if allocation.amount_debit is None else credit.base):
        raise Impossible(
            "Tryton holds this payment as one line on several items; take it back there, then apply the rest again"
        )
    invoice = book.invoice_of(debit.id)
    key = invoice.id if invoice else None
    entry = next((line.id for line in (credit, debit) if _kind(book, line.id) == "write-off"), None)
    if credit.reconciliation is None:
        return Undoing(credit.id, key, entry, ())
    members = book.by_reconciliation[credit.reconciliation]
    others = [each for each in members if book.lines[each].base < 0 and each != credit.id]
    debits = [each for each in members if book.lines[each].base > 0]
    if others and (invoice is None or any(book.invoice_of(each) != invoice for each in debits)):
        raise Impossible(
            "Tryton has matched several documents at once; take it back there, then apply the rest again"
        )
    return Undoing(credit.id, key, entry, tuple(sorted(others)))


def _next(book: Book, undoing: Undoing, command: Unapply, method: int | None) -> Step | None:
    """What to do next; None when only what was kept is applied."""
    line, invoice = undoing.line, undoing.invoice
    if line not in book.lines:
        raise Impossible("the line that was applied is not in Tryton any more")
    if _joins(book, line, number_of(command.debit_item, "line")):
        return Unmatch(line)
    if invoice is not None:
        for kept in undoing.kept:
            if kept in book.lines and book.lines[kept].is_open and kept not in book.invoice_of_link:
                return Link(kept, invoice)
        if book.lines[line].is_open and book.invoice_of_link.get(line) == invoice:
            return Unlink(line, invoice)
    if undoing.entry in book.lines and book.lines[undoing.entry].is_open:
        return Match((undoing.entry,), method)
    return None


async def _method(reader: Reader, book: Book, undoing: Undoing) -> int | None:
    """The method that writes an entry back: it is of the same journal and books to the account that the entry booked to, on
    either side. (Cancelling the entry would need the right to cancel any entry.) Raises Impossible where there is none."""
    if undoing.entry is None:
        return None
    move = book.lines[undoing.entry].move
    domain = [["move", "=", move], ["account.type.receivable", "!=", True]]
    accounts = {row["account"] for row in await reader.rows(LINE, domain, ["account"])}
    entry = book.entry(undoing.entry)
    methods = await reader.rows(
        "account.move.reconcile.write_off", [], ["journal", "debit_account", "credit_account"]
    )
    for row in methods:
        if (
            entry
            and row["journal"] == entry.journal
            and {row["debit_account"], row["credit_account"]} == accounts
        ):
            return int(row["id"])
    raise Impossible("no write-off method of Tryton books this entry back; cancel it in Tryton")


async def _refuse_delegated(reader: Reader, book: Book, pair: Pair) -> None:
    """Raises Impossible for what was moved to another customer, where it would stay when it is open here again."""
    domain = [["id", "=", book.lines[pair.credit].reconciliation], ["delegate_to", "!=", None]]
    if await reader.rows("account.move.reconciliation", domain, ["id"]):
        raise Impossible("this part was moved to another customer; move it back from there")


def _joins(book: Book, line: int, debit: int | None) -> bool:
    """Whether a line is reconciled with the debit that it is to leave."""
    reconciliation = book.lines[line].reconciliation
    return any(
        book.lines[each].base > 0 and book.root(each) == debit
        for each in book.by_reconciliation.get(reconciliation or 0, ())
    )


def _kind(book: Book, line: int) -> str:
    entry = book.entry(line)
    journal = book.journals.get(entry.journal) if entry else None
    return journal.kind if journal else ""


def _words(sight: Sight, command: Unapply, undoing: Undoing) -> str:
    credit, debit = sight.item(command.credit_item), sight.item(command.debit_item)
    names = [item.number if item else "?" for item in (credit, debit)]
    return f"{command.amount} {command.amount.currency} of {names[0]} on {names[1]} taken back {undoing}"
