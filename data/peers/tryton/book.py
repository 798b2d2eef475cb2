"""A neighbourhood of the books: the lines that somebody asked about and every line that says what they are. Pure.

`core` are the lines whose items are to be told completely; the others are there because a core line is reconciled with or linked
to them, and are complete only so far as to say which item they belong to.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from data.peers.tryton.rows import Invoice, Journal, Line, Move


@dataclass(slots=True)
class Book:
    """Rows by id, and what follows from them once `settle` has seen them."""

    lines: dict[int, Line] = field(default_factory=dict)
    parties: dict[int, int] = field(default_factory=dict)
    """Line → customer."""
    invoices: dict[int, Invoice] = field(default_factory=dict)
    moves: dict[int, Move] = field(default_factory=dict)
    journals: dict[int, Journal] = field(default_factory=dict)
    blocks: dict[int, str] = field(default_factory=dict)
    """Line → why its reminders are blocked."""
    dunned: dict[int, int] = field(default_factory=dict)
    """Line → how many reminders went out about it."""
    to_pay: dict[int, Decimal] = field(default_factory=dict)
    """Invoice → Tryton's own ``amount_to_pay``, where links in another currency leave no other way to know."""
    core: set[int] = field(default_factory=set)
    spoiled: dict[int, str] = field(default_factory=dict)
    """Move → why a line of it cannot be read: none of its items can be told."""
    unreadable: dict[int, tuple[str, str]] = field(default_factory=dict)
    """Line → why it cannot be read, and what Tryton sent."""
    by_move: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    by_reconciliation: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    invoice_of_move: dict[int, int] = field(default_factory=dict)
    invoice_of_link: dict[int, int] = field(default_factory=dict)
    balances: dict[int, int] = field(default_factory=dict)
    """Move that split or rescheduled lines → its balance line, reconciled with what was there before."""
    consumed: set[int] = field(default_factory=set)
    """Lines that a split replaced, and the balance lines that replaced them."""
    _members: dict[int, list[int]] = field(default_factory=dict)

    def add_line(self, line: Line) -> None:
        """Take a line in; a second time changes nothing."""
        if line.id not in self.lines:
            self.lines[line.id] = line
            self.by_move[line.move].append(line.id)
            if line.reconciliation is not None:
                self.by_reconciliation[line.reconciliation].append(line.id)

    def add_invoice(self, invoice: Invoice) -> None:
        """Take an invoice in."""
        self.invoices[invoice.id] = invoice
        for move in invoice.moves:
            self.invoice_of_move[move] = invoice.id
        for line in invoice.links:
            self.invoice_of_link[line] = invoice.id

    def invoice_of(self, line: int) -> Invoice | None:
        """The invoice that a line is due of."""
        found = self.invoice_of_move.get(self.lines[line].move)
        return self.invoices[found] if found is not None else None

    def linked_to(self, line: int) -> Invoice | None:
        """The invoice that a line pays a part of."""
        found = self.invoice_of_link.get(line)
        return self.invoices[found] if found is not None else None

    def entry(self, line: int) -> Move | None:
        """The head of the journal entry that a line stands in; None for an invoice's, which the invoice tells better."""
        move = self.lines[line].move
        return None if move in self.invoice_of_move else self.moves.get(move)

    def dues(self, invoice: Invoice) -> list[int]:
        """Every receivable line of an invoice's moves."""
        return [line for move in invoice.moves for line in self.by_move.get(move, ())]

    def settle(self) -> None:
        """See which moves are splits, and let `core` grow to all that an item of it consists of."""
        for move, members in self.by_move.items():
            if move not in self.balances and self._is_split(members):
                self.balances[move] = max(members)
        self._members.clear()
        self.consumed = set()
        for balance in self.balances.values():
            reconciliation = self.lines[balance].reconciliation
            if reconciliation is not None:
                self.consumed.update(self.by_reconciliation[reconciliation])
        waiting = list(self.core)
        while waiting:
            fresh = self._kin(waiting.pop()) - self.core
            self.core |= fresh
            waiting += fresh

    def _is_split(self, members: list[int]) -> bool:
        """Whether a move only cuts lines into others: one customer, nothing added, and the balance line (made last) against
        all others."""
        if len(members) < 2 or any(line not in self.parties for line in members):
            return False
        lines = [self.lines[line] for line in sorted(members)]
        balance = lines[-1]
        return (
            len({self.parties[line] for line in members}) == 1
            and sum(line.base for line in lines) == 0
            and balance.base != 0
            and all(line.base * balance.base < 0 for line in lines[:-1])
            and not balance.is_open
        )

    def _kin(self, line: int) -> set[int]:
        found = set(self.siblings(line))
        invoice = self.invoice_of(line)
        if invoice:
            found.update(self.dues(invoice))
        if self.lines[line].move in self.balances:
            found.update(self.by_move[self.lines[line].move])
        if line in self.consumed:
            reconciliation = self.lines[line].reconciliation
            assert reconciliation is not None
            for each in self.by_reconciliation[reconciliation]:
                found.add(each)
                if self.balances.get(self.lines[each].move) == each:
                    found.update(self.by_move[self.lines[each].move])
        return found

    def siblings(self, line: int) -> list[int]:
        """The lines that make one credit: the credit lines of one move and one customer. A debit stands alone."""
        row = self.lines[line]
        if row.base >= 0 or row.move in self.balances:
            return [line]
        party = self.parties.get(line)
        return [
            each
            for each in self.by_move[row.move]
            if self.lines[each].base < 0 and self.parties.get(each) == party
        ]

    def origins(self, move: int) -> list[int]:
        """What a split replaced."""
        balance = self.balances[move]
        reconciliation = self.lines[balance].reconciliation
        assert reconciliation is not None
        return sorted(each for each in self.by_reconciliation[reconciliation] if each != balance)

    def root(self, line: int) -> int:
        """The line after which an item is named: of a credit's lines and of all that was cut from them the first; a debit's
        pieces stay with it as long as they are due on its day."""
        row = self.lines[line]
        if row.move in self.balances:
            origins = self.origins(row.move)
            # An origin with a higher id would be a piece of a later split of ours: never followed, so this ends.
            older = [each for each in origins if each < self.balances[row.move]]
            if older and (row.base < 0 or line == self.balances[row.move] or self._same_day(line, older)):
                return self.root(older[0])
            return line
        return min(self.siblings(line))

    def _same_day(self, line: int, origins: list[int]) -> bool:
        return len(origins) == 1 and self.lines[origins[0]].due in (None, self.lines[line].due)

    def members(self, root: int) -> list[int]:
        """Every line of the item named after `root`, balance lines left out; complete for core items and for the invoices
        that core lines pay."""
        if not self._members:
            for line in sorted(self.lines):
                if self.balances.get(self.lines[line].move) != line:
                    self._members.setdefault(self.root(line), []).append(line)
        return self._members.get(root, [])

    def leaves(self, root: int) -> list[int]:
        """The lines of an item that carry its amount today."""
        return [line for line in self.members(root) if line not in self.consumed]

    def free(self, root: int) -> list[int]:
        """The lines of a credit that are neither reconciled nor linked: what of it is unapplied."""
        return [
            line
            for line in self.leaves(root)
            if self.lines[line].is_open and line not in self.invoice_of_link
        ]

    def roots(self, lines: Iterable[int]) -> list[int]:
        """The items that these lines belong to, in the order of their names."""
        return sorted({self.root(line) for line in lines})

    def doc_date(self, line: int) -> date:
        """The business date of the document that a line stands in."""
        invoice = self.invoice_of(line)
        if invoice and invoice.on:
            return invoice.on
        entry = self.entry(line)
        if entry:
            return entry.on
        return self.lines[line].due or date.min
