"""What is written into Tryton: single calls, each whole or not at all, each locked by the stamps of the rows that it was
decided on.

A step that is repeated after its answer was lost meets other stamps and is refused. A remark has no stamp; it is looked for
before it is written.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from arqueue.control.commands import Order
from arqueue.model.money import Money
from data.peers.tryton.book import Book
from data.peers.tryton.reader import INVOICE, LINE, Reader
from data.peers.tryton.rpc import Stamps, Warned

MOVE: Final = "account.move"
TAKEN_BACK: Final = "taken back"
"""The words of entries that write a write-off back."""
_WARNINGS: Final = 5


@dataclass(frozen=True, slots=True)
class Split:
    """Cut a line into parts (positive minor units) that sum to it."""

    line: int
    parts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Link:
    """Let a whole line pay a part of an invoice."""

    line: int
    invoice: int


@dataclass(frozen=True, slots=True)
class Unlink:
    """Take that back."""

    line: int
    invoice: int


@dataclass(frozen=True, slots=True)
class Match:
    """Reconcile lines that sum to zero or, with a write-off method, to what is written off."""

    lines: tuple[int, ...]
    method: int | None = None


@dataclass(frozen=True, slots=True)
class Unmatch:
    """Undo the reconciliation that a line is in."""

    line: int


@dataclass(frozen=True, slots=True)
class Delegate:
    """Put whole lines on another customer's account: an entry takes them off the old one, in the same transaction."""

    lines: tuple[int, ...]
    party: int


Remark = Callable[[str, str], None]
"""Is told of a record (``model,id``) that a remark is put on, and of the target that it stands for."""

Step = Split | Link | Unlink | Match | Unmatch | Delegate


class Poster:
    """Carries out steps for one order. `begun` turns true with the first call that may change the books."""

    def __init__(self, reader: Reader, order: Order) -> None:
        self._reader, self._session, self._order = reader, reader.session, order
        self.begun = False

    async def do(self, book: Book, step: Step, *, on: date, words: str = "") -> None:
        """One step, as decided on this book. `words` go with the order's reference into entries that it makes. Raises as
        `Session.call`."""
        match step:
            case Split():
                await self._split(book, step)
            case Link(line, invoice):
                await self._pay(book, line, invoice, invoice)
            case Unlink(line, invoice):
                await self._pay(book, line, invoice, None)
            case Match():
                await self._match(book, step, on, words)
            case Delegate():
                await self._delegate(book, step, words)
            case Unmatch(line):
                reconciliation = book.lines[line].reconciliation
                lines = book.by_reconciliation[reconciliation] if reconciliation else [line]
                await self._wizard(
                    "account.move.unreconcile_lines", LINE, [line], "unreconcile", {}, _stamps(book, lines)
                )

    async def _delegate(self, book: Book, step: Delegate, words: str) -> None:
        """Tryton dates the entry by its own clock."""
        journal = await self._journal(book, step.lines[0])
        form = {"start": {"journal": journal, "party": step.party, "description": self._tagged(words)}}
        stamps = _stamps(book, step.lines)
        await self._wizard("account.move.line.delegate", LINE, step.lines, "delegate", form, stamps)

    async def _split(self, book: Book, step: Split) -> None:
        row = book.lines[step.line]
        sign = -1 if row.minor < 0 else 1
        on = row.due or book.doc_date(step.line)
        names = await self._reader.names()
        currency = next(key for key, code in names.currencies.items() if code == row.currency)
        form = {
            "preview": {
                "journal": await self._journal(book, step.line),
                "description": self._tagged(""),
                "currency": currency,
                "terms": [
                    {"date": on, "amount": _decimal(sign * part, row.currency), "currency": currency}
                    for part in step.parts
                ],
            }
        }
        invoice = book.invoice_of(step.line)
        stamps = _stamps(book, [step.line], invoice.id if invoice else None)
        await self._wizard("account.move.line.reschedule", LINE, [step.line], "reschedule", form, stamps)

    async def _journal(self, book: Book, line: int) -> int:
        move = book.lines[line].move
        if move in book.moves:
            return book.moves[move].journal
        (head,) = await self._reader.rows(MOVE, [["id", "=", move]], ["journal"])
        return int(head["journal"])

    async def _pay(self, book: Book, line: int, invoice: int, value: int | None) -> None:
        self.begun = True
        await self._session.call(
            f"model.{LINE}.write",
            [line],
            {"invoice_payment": value},
            context={"_timestamp": dict(_stamps(book, [line], invoice))},
        )

    async def _match(self, book: Book, step: Match, on: date, words: str) -> None:
        form: dict[str, Any] = {}
        if step.method is not None:
            form = {"writeoff": {"writeoff": step.method, "date": on, "description": self._tagged(words)}}
        stamps = _stamps(book, step.lines)
        await self._wizard("account.move.reconcile_lines", LINE, step.lines, "reconcile", form, stamps)

    async def _wizard(
        self, name: str, model: str, ids: Sequence[int], state: str, form: dict[str, Any], stamps: Stamps
    ) -> None:
        """Run a wizard to the state that acts. What it warns of is what was ordered."""
        async with self._session.wizard(name, model, ids) as wizard:
            self.begun = True
            for _ in range(_WARNINGS):
                try:
                    await wizard.execute(state, form, stamps)
                except Warned as warning:
                    await self._session.call("model.res.user.warning.skip", warning.name, False)
                else:
                    return
            await wizard.execute(state, form, stamps)

    async def note(self, resource: str, text: str) -> None:
        """Write a remark that ends in the order's reference."""
        self.begun = True
        message = f"{text}\n\n{self._order.memo}"
        await self._session.call("model.ir.note.create", [{"resource": resource, "message": message}])

    def _tagged(self, words: str) -> str:
        return " ".join([*words.split(), self._order.memo])


def _stamps(book: Book, lines: Sequence[int], invoice: int | None = None) -> dict[str, str]:
    """The locks: whoever changed one of these rows since they were read is not overwritten."""
    found = {f"{LINE},{line}": book.lines[line].stamp for line in lines if line in book.lines}
    if invoice is not None:
        found[f"{INVOICE},{invoice}"] = book.invoices[invoice].stamp
    return found


def _decimal(minor: int, currency: str) -> Decimal:
    return Money(minor, currency).decimal


async def tagged_moves(reader: Reader, order: Order) -> list[dict[str, Any]]:
    """Entries that carry the order's reference: write-offs, reversals and splits that it made."""
    return await reader.rows(
        MOVE, [["description", "like", f"%{order.reference}"]], ["number", "journal", "description"]
    )
