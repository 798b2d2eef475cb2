"""Reads a neighbourhood of the books: narrow rows, joined here, in rounds until nothing is missing."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any, Final

from arqueue.errors import Invalid, NeedsLogin
from data.peers.tryton.book import Book
from data.peers.tryton.rows import (
    INVOICE_FIELDS,
    LINE_FIELDS,
    MOVE_FIELDS,
    WIDE_FIELDS,
    Journal,
    Names,
    invoice_of,
    line_of,
    move_of,
)
from data.peers.tryton.rpc import Domain, Refusal, Row, Session

LINE: Final = "account.move.line"
INVOICE: Final = "account.invoice"
RECEIVABLE: Final[Domain] = (("account.type.receivable", "=", True), ("move_state", "=", "posted"))
OPEN: Final[Domain] = (*RECEIVABLE, ("reconciliation", "=", None))
_FEW: Final = 40
"""So few lines are asked for more at once: a call costs more than their columns."""
_PATIENCE: Final = 6
"""Each round follows a line through one split. One that was split more often is read with all lines of its customer."""
_ROUNDS: Final = 30


class Reader:
    """What is read of Tryton, and the little that is read once."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._names: Names | None = None
        self._journals: dict[int, Journal] = {}
        self._dunning_places: dict[int, int] = {}

    async def names(self) -> Names:
        """Currencies; read once, and again when a row names one that is not known."""
        if self._names is None:
            rows = await self.rows("currency.currency", [], ["code"])
            codes = {row["id"]: str(row["code"]) for row in rows}
            companies = await self.rows("company.company", [["id", "=", self.session.company]], ["currency"])
            if not companies or companies[0].get("currency") not in codes:
                raise NeedsLogin(
                    "the user's company cannot be read in Tryton", "give the user access to the company"
                )
            self._names = Names(codes, codes[companies[0]["currency"]])
        return self._names

    async def journals(self, needed: Iterable[int]) -> dict[int, Journal]:
        """Journals by id; read once, and again when one is needed that is not known."""
        if not self._journals.keys() >= set(needed):
            rows = await self.rows("account.journal", [], ["name", "type"])
            self._journals = {
                row["id"]: Journal(row["id"], str(row["name"]), str(row["type"])) for row in rows
            }
        return self._journals

    async def dunning_places(self, needed: set[int]) -> dict[int, int]:
        """Levels of reminders, and the place of each in its procedure, from 1; read once, and again when one is not known."""
        if not self._dunning_places.keys() >= needed:
            rows = await self.rows("account.dunning.level", [], ["procedure", "sequence"])
            rows.sort(key=lambda row: (row["procedure"], row["sequence"] or 0, row["id"]))
            self._dunning_places = {
                row["id"]: place
                for _, levels in groupby(rows, key=itemgetter("procedure"))
                for place, row in enumerate(levels, 1)
            }
        return self._dunning_places

    async def rows(self, model: str, domain: Domain, fields: Sequence[str], **options: Any) -> list[Row]:
        """Rows, with a missing right told as what it is. Raises as `Session.rows`, NeedsLogin for a refusal."""
        try:
            return await self.session.rows(model, domain, fields, **options)
        except Refusal as error:
            raise _forbidden(model, error) from error

    async def rows_of(
        self, model: str, field: str, keys: Iterable[Any], fields: Sequence[str], *, also: Domain = ()
    ) -> list[Row]:
        """Rows whose `field` is among the keys. Raises as `rows`."""
        try:
            return await self.session.rows_of(model, field, sorted(keys), fields, also=also)
        except Refusal as error:
            raise _forbidden(model, error) from error

    async def lines(self, domain: Domain, *, limit: int | None = None) -> list[Row]:
        """Receivable lines as raw rows, by id."""
        return await self.rows(LINE, [*RECEIVABLE, *domain], LINE_FIELDS, limit=limit)

    async def gather(self, seeds: Iterable[int | Row]) -> Book:
        """Everything that says what these lines are (raw rows, or ids). Ids of nothing are passed over."""
        rows: list[Row] = []
        ids: set[int] = set()
        for each in seeds:
            if isinstance(each, int):
                ids.add(each)
            else:
                rows.append(each)
        book = await self._gather(rows, ids)
        if any(why.startswith("currency:") for why in book.spoiled.values()):
            known, self._names = self._names, None
            if await self.names() != known:
                book = await self._gather(rows, ids)
        return book

    async def _gather(self, rows: Sequence[Row], ids: set[int]) -> Book:
        round_ = _Round(self, await self.names(), wide=len(ids) + len(rows) <= _FEW)
        book = round_.book
        round_.add(rows)
        book.core = set(book.lines)
        if ids:
            book.core |= ids & await round_.add_moves_of(ids)
        for place in range(_ROUNDS):
            seen = round_.size
            if place == _PATIENCE:
                await round_.add_customers()
            await round_.complete_moves()
            book.settle()
            await round_.complete_reconciliations()
            await round_.complete_links()
            if round_.size == seen:
                break
        else:
            round_.give_up()
        await round_.complete_reminders()
        await round_.complete_foreign()
        book.journals = await self.journals(move.journal for move in book.moves.values())
        return book


class _Round:
    """One gathering: what it has asked for so far."""

    def __init__(self, reader: Reader, names: Names, *, wide: bool) -> None:
        self.book = Book()
        self._reader, self._names = reader, names
        self._fields = WIDE_FIELDS if wide else LINE_FIELDS
        self._dunned: set[int] | None = set() if wide else None
        """Lines that have a reminder; None where nobody knows."""
        self._moves: set[int] = set()
        self._unheaded: set[int] = set()
        """Moves that nobody has looked for an invoice of."""
        self._reconciliations: set[int] = set()
        self._linked: set[int] = set()

    @property
    def size(self) -> int:
        """Grows while something new comes in."""
        return len(self.book.lines) + len(self.book.invoices) + len(self.book.spoiled)

    def add(self, rows: Iterable[Row]) -> None:
        """Take raw lines in; one that cannot be read spoils its move."""
        for row in rows:
            try:
                self.book.add_line(line_of(row, self._names))
                self._add_wide(row)
            except Invalid as error:
                self.book.unreadable[row["id"]] = (error.message, json.dumps(row, default=str)[:2000])
                if isinstance(row.get("move"), int):
                    self.book.spoiled[row["move"]] = error.message

    def _add_wide(self, row: Row) -> None:
        if "party" in row:
            self.book.parties[row["id"]] = row["party"] or 0
        if "move." in row:
            self.book.moves[row["move"]] = move_of({**row["move."], "id": row["move"]})
        if row.get("dunnings") and self._dunned is not None:
            self._dunned.add(row["id"])

    async def add_moves_of(self, ids: set[int]) -> set[int]:
        """Take in these lines with all others of their moves; what is there now."""
        rows = await self._reader.rows_of(LINE, "move.lines", ids, self._fields, also=RECEIVABLE)
        self.add(rows)
        self._moves.update(row["move"] for row in rows)
        self._unheaded.update(row["move"] for row in rows)
        return set(self.book.lines)

    async def add_customers(self) -> None:
        """All lines of the customers of core lines."""
        parties = {self.book.parties[line] for line in self.book.core if self.book.parties.get(line)}
        self.add(await self._reader.rows_of(LINE, "party", parties, LINE_FIELDS, also=RECEIVABLE))
        self._fields = LINE_FIELDS
        self._dunned = None

    def give_up(self) -> None:
        """What hangs together without end is set aside rather than told wrongly."""
        for line in self.book.core:
            self.book.spoiled[self.book.lines[line].move] = (
                "it hangs together with too many entries to be read"
            )

    async def complete_moves(self) -> None:
        """The other receivable lines of each move, its invoice or else its own head, and who the lines stand with."""
        book = self.book
        wanted = {line.move for line in book.lines.values()}
        wanted.update(move for invoice in self._whole_invoices() for move in invoice.moves)
        wanted -= self._moves
        reader = self._reader
        if wanted:
            self._moves |= wanted
            self._unheaded |= wanted
            self.add(await reader.rows_of(LINE, "move", wanted, self._fields, also=RECEIVABLE))
        asked, self._unheaded = self._unheaded, set()
        if not asked:
            return
        self._take(await reader.rows_of(INVOICE, "move|additional_moves", asked, INVOICE_FIELDS))
        plain = asked - book.invoice_of_move.keys() - book.moves.keys()
        if plain:
            for row in await reader.rows_of("account.move", "id", plain, MOVE_FIELDS):
                try:
                    book.moves[row["id"]] = move_of(row)
                except Invalid as error:
                    book.spoiled[row["id"]] = error.message
        await self._complete_parties()

    async def _complete_parties(self) -> None:
        book = self.book
        ask = set()
        for line in book.lines.keys() - book.parties.keys():
            invoice = book.invoice_of(line)
            if invoice and not invoice.has_payees:
                book.parties[line] = invoice.party
            else:
                ask.add(line)
        if ask:
            for row in await self._reader.rows_of(LINE, "id", ask, ["party"]):
                book.parties[row["id"]] = row.get("party") or 0

    async def complete_reconciliations(self) -> None:
        """What core lines are reconciled with, and what split lines were cut from."""
        book = self.book
        lines = {*book.core, *book.balances.values()}
        wanted = {book.lines[line].reconciliation for line in lines} - {None} - self._reconciliations
        if wanted:
            keys = {each for each in wanted if each is not None}
            self._reconciliations |= keys
            self.add(await self._reader.rows_of(LINE, "reconciliation", keys, self._fields, also=RECEIVABLE))

    async def complete_links(self) -> None:
        """Invoices that core lines pay a part of, and the lines that pay a part of the invoices here."""
        book = self.book
        asked = book.core - self._linked
        if asked:
            self._linked |= asked
            self._take(await self._reader.rows_of(INVOICE, "payment_lines", asked, INVOICE_FIELDS))
        wanted = {line for invoice in self._whole_invoices() for line in invoice.links} - book.lines.keys()
        if wanted:
            self.add(await self._reader.rows_of(LINE, "id", wanted, self._fields, also=RECEIVABLE))

    def _whole_invoices(self) -> list[Any]:
        """Invoices whose links say something about a core line: its own, and the one that it pays."""
        book = self.book
        return [
            invoice
            for invoice in book.invoices.values()
            if not book.core.isdisjoint(invoice.links)
            or any(line in book.core for line in book.dues(invoice))
        ]

    async def complete_reminders(self) -> None:
        """How many reminders went out about core lines (of one that is a draft, those before it), and why they are blocked: the
        first note on the reminder, where somebody wrote one."""
        debits = {line for line in self.book.core if self.book.lines[line].base > 0}
        if self._dunned is not None:
            debits &= self._dunned
        reader = self._reader
        rows = await reader.rows_of("account.dunning", "line", debits, ["line", "level", "state", "blocked"])
        places = await reader.dunning_places({row["level"] for row in rows})
        for row in rows:
            self.book.dunned[row["line"]] = places.get(row["level"], 1) - (row["state"] == "draft")
        of_resource = {f"account.dunning,{row['id']}": row["line"] for row in rows if row["blocked"]}
        if not of_resource:
            return
        self.book.blocks = dict.fromkeys(of_resource.values(), "reminders blocked")
        notes = await reader.rows_of("ir.note", "resource", of_resource, ["resource", "message"])
        for note in sorted(notes, key=lambda note: -int(note["id"])):
            words = str(note.get("message") or "").partition("\n")[0].removeprefix("Dispute:").strip()
            if words:
                self.book.blocks[of_resource[note["resource"]]] = words

    async def complete_foreign(self) -> None:
        """Links in another currency: only Tryton can say what they are worth to the invoice."""
        book = self.book
        mixed = {
            invoice.id
            for invoice in self._whole_invoices()
            if any(
                book.lines[line].is_open and book.lines[line].currency != invoice.currency
                for line in (*invoice.links, *book.dues(invoice))
                if line in book.lines
            )
        }
        if mixed:
            for row in await self._reader.rows_of(INVOICE, "id", mixed, ["amount_to_pay"]):
                book.to_pay[row["id"]] = row["amount_to_pay"]

    def _take(self, rows: Iterable[Row]) -> None:
        for row in rows:
            try:
                self.book.add_invoice(invoice_of(row, self._names))
            except Invalid as error:
                if isinstance(row.get("move"), int):
                    self.book.spoiled[row["move"]] = error.message


def _forbidden(model: str, error: Refusal) -> NeedsLogin:
    return NeedsLogin(
        f"Tryton does not let this user read {model}: {error.message}",
        "give the user the rights that the docs list",
    )
