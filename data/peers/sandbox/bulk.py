"""Posting in bulk: the rules of documents.py and settle.py on rows in memory, written a batch at a time."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from operator import attrgetter

from arqueue.errors import Invalid
from data.demo.plan import PlannedCredit, PlannedInvoice, PlannedNote, PlannedParty, PlannedPayment
from data.peers.sandbox.server.documents import split
from data.peers.sandbox.server.journal import Leg, control, line_rows, merged
from data.peers.sandbox.server.ledger import Company
from data.peers.sandbox.server.schema import BANK, CREDIT_NOTES, REVENUE
from data.peers.sandbox.server.settle import base_part, settlement_legs

_DISCOUNT = ("DISC", "Cash discount", "4800")


@dataclass(slots=True)
class _Item:
    """A row of ``item`` in the order of its columns."""

    id: int
    kind: str
    number: str
    party_id: int
    currency: str
    total: int
    residual: int
    total_base: int
    residual_base: int
    doc_date: str
    due_date: str | None
    parent_id: int | None
    reference: str
    purchase_order: str
    text: str
    method: str
    payer: str
    payer_account: str
    dispute: str
    returned: str
    dunning_level: int
    entry_id: int
    version: int
    modified_at: str


_row = attrgetter(*(column.name for column in fields(_Item)))


class Bulk:
    """Takes documents in the order of their dates. Raises Invalid, naming the document, for what no ledger would post."""

    def __init__(self, connection: sqlite3.Connection, company: Company) -> None:
        self._connection = connection
        self._company = company
        self._parties: dict[str, int] = {}
        self._last = {"item": 0, "journal_entry": 0, "allocation": 0}
        self._new: dict[int, _Item] = {}
        self._touched: dict[int, _Item] = {}
        self._invoices: dict[str, list[_Item]] = {}
        self._numbers: dict[str, int] = {}
        self._entries: list[tuple[int, str, str, str]] = []
        self._lines: list[tuple[int, int, str, int | None, str, int, int, int, int]] = []
        self._allocations: list[tuple[int, int, int, str, int, int, int, str, int]] = []
        self._notes: list[tuple[str, str, str, str]] = []

    def add_parties(self, parties: Sequence[PlannedParty]) -> None:
        """All customers; parents may come after their children."""
        self._parties = {party.code: key for key, party in enumerate(parties, 1)}
        rows = [
            (
                key,
                party.code,
                party.name,
                party.currency,
                self._party(party.parent) if party.parent else None,
                party.credit_limit,
                int(party.on_hold),
                party.terms,
                json.dumps(party.emails),
                json.dumps(party.phones),
                json.dumps(party.tags),
                _stamp(self._company.today),
            )
            for key, party in enumerate(parties, 1)
        ]
        self._connection.executemany(
            "INSERT INTO party (id, code, name, currency, parent_id, credit_limit, on_hold, terms, emails, phones,"
            " tags, modified_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            rows,
        )

    def invoice(self, plan: PlannedInvoice) -> None:
        """An invoice, in instalments or whole."""
        parts = plan.instalments
        if parts and sum(amount for _, amount in parts) != plan.amount:
            raise Invalid(f"plan: the instalments of {plan.number} do not sum to its amount")
        whole = self._document("invoice", plan, plan.amount, REVENUE)
        whole.due_date = plan.due.isoformat()
        whole.reference, whole.purchase_order, whole.dispute = (
            plan.reference,
            plan.purchase_order,
            plan.dispute,
        )
        if not parts:
            self._invoices[plan.number] = [whole]
            return
        whole.residual = whole.residual_base = 0
        bases = split(whole.total_base, [amount for _, amount in parts])
        self._invoices[plan.number] = [
            self._instalment(whole, place, due, amount, base)
            for place, ((due, amount), base) in enumerate(zip(parts, bases, strict=True), 1)
        ]

    def _instalment(self, whole: _Item, place: int, due: date, amount: int, base: int) -> _Item:
        part = replace(whole, id=self._next("item"))
        part.kind, part.number, part.parent_id = "instalment", f"{whole.number}/{place}", whole.id
        part.total = part.residual = amount
        part.total_base = part.residual_base = base
        part.due_date = due.isoformat()
        self._new[part.id] = part
        return part

    def credit(self, plan: PlannedCredit) -> None:
        """A credit note, and what it was applied to."""
        note = self._document("credit", plan, -plan.amount, CREDIT_NOTES)
        self._settle(note, plan.applied, plan.on)

    def payment(self, plan: PlannedPayment) -> None:
        """A payment, what it was applied to, the discounts granted beside it, and its return; a discount for a payment that
        bounced is not granted."""
        money = self._document("payment", plan, -plan.amount, BANK)
        money.method, money.payer, money.payer_account = plan.method, plan.payer, plan.payer_account
        if plan.returned_on is not None:
            self._bounce(money, plan, plan.returned_on)
            return
        self._settle(money, plan.applied, plan.on)
        for number, amount in plan.discounts:
            self._discount(number, amount, plan.on)

    def note(self, plan: PlannedNote) -> None:
        """A remark on a customer or a document."""
        key = self._parties.get(plan.target)
        target = f"party:{key}" if key is not None else f"item:{self._find(plan.target)}"
        self._notes.append((target, plan.author, _stamp(plan.on), plan.text))

    def remind(self, reminders: Sequence[tuple[int, int]]) -> None:
        """What the reminders (days past due, level) made of all that is open now and was flushed; what is in dispute got none."""
        for days, level in sorted(reminders):
            due = self._company.today - timedelta(days=days)
            self._connection.execute(
                "UPDATE item SET dunning_level = ? WHERE residual > 0 AND dispute = '' AND due_date <= ?",
                (level, due.isoformat()),
            )

    def flush(self) -> None:
        """Write what has gathered, and forget it."""
        run = self._connection.executemany
        run(
            "INSERT INTO journal_entry (id, posted_on, kind, memo) VALUES (?, ?, ?, ?)",
            self._entries,
        )
        run("INSERT INTO journal_line VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", self._lines)
        run(
            f"INSERT INTO item VALUES ({', '.join('?' * len(fields(_Item)))})",
            [_row(item) for item in self._new.values()],
        )
        run(
            "UPDATE item SET residual = ?, residual_base = ?, modified_at = ? WHERE id = ?",
            [
                (item.residual, item.residual_base, item.modified_at, item.id)
                for item in self._touched.values()
            ],
        )
        run(
            "INSERT INTO allocation (id, credit_item, debit_item, currency, amount, base_credit, base_debit, made_on, void)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            self._allocations,
        )
        run("INSERT INTO note (target, author, at, text) VALUES (?, ?, ?, ?)", self._notes)
        for gathered in (self._new, self._touched, self._invoices, self._numbers):
            gathered.clear()
        for rows in (self._entries, self._lines, self._allocations, self._notes):
            rows.clear()

    def _next(self, table: str) -> int:
        self._last[table] += 1
        return self._last[table]

    def _party(self, code: str) -> int:
        try:
            return self._parties[code]
        except KeyError:
            raise Invalid(f"plan: there is no customer {code}") from None

    def _enter(self, on: date, kind: str, memo: str, legs: Iterable[Leg]) -> int:
        """An entry of the journal, unless all of it cancels out; its key, 0 for none."""
        lines = merged(legs)
        if not lines:
            return 0
        entry = self._next("journal_entry")
        self._entries.append((entry, on.isoformat(), kind, memo))
        self._lines += line_rows(entry, lines)
        return entry

    def _document(
        self, kind: str, plan: PlannedInvoice | PlannedCredit | PlannedPayment, total: int, contra: str
    ) -> _Item:
        if plan.amount <= 0:
            raise Invalid(f"plan: {plan.number} is not more than nothing")
        item = self._item(
            kind, plan.number, self._party(plan.party), plan.currency, total, plan.on, contra, plan.text
        )
        self._numbers[plan.number] = item.id
        return item

    def _item(
        self, kind: str, number: str, party: int, currency: str, total: int, on: date, contra: str, text: str,
        base: int | None = None,
    ) -> _Item:  # fmt: skip
        base = self._company.base(total, currency) if base is None else base
        legs = [control(party, currency, total, base), Leg(contra, currency, -total, -base)]
        entry = self._enter(on, kind, f"{kind} {number}", legs)
        item = _Item(
            id=self._next("item"),
            kind=kind,
            number=number,
            party_id=party,
            currency=currency,
            total=total,
            residual=total,
            total_base=base,
            residual_base=base,
            doc_date=on.isoformat(),
            due_date=None,
            parent_id=None,
            reference="",
            purchase_order="",
            text=text,
            method="",
            payer="",
            payer_account="",
            dispute="",
            returned="",
            dunning_level=0,
            entry_id=entry,
            version=1,
            modified_at=_stamp(on),
        )
        self._new[item.id] = item
        return item

    def _settle(self, credit: _Item, applied: Iterable[tuple[str, int]], on: date) -> list[int]:
        """Apply a credit to invoices, to their earliest instalments first; places in the list of allocations."""
        made: list[int] = []
        for number, amount in applied:
            left = amount
            for debit in self._open_parts(number):
                part = min(left, debit.residual)
                if part:
                    made.append(self._apply(credit, debit, part, on))
                    left -= part
            if left:
                raise Invalid(f"plan: {credit.number} pays {left} minor units more of {number} than is open")
        return made

    def _apply(self, credit: _Item, debit: _Item, amount: int, on: date, *, void: bool = False) -> int:
        if amount > -credit.residual:
            raise Invalid(f"plan: {credit.number} is applied beyond its amount")
        base_credit = base_part(credit.residual, credit.residual_base, amount)
        base_debit = base_part(debit.residual, debit.residual_base, amount)
        legs = settlement_legs(
            credit.currency, credit.party_id, debit.party_id, amount, base_credit, base_debit
        )
        self._enter(on, "settlement", f"{credit.number} to {debit.number}", legs)
        self._move(credit, amount, base_credit, on)
        self._move(debit, -amount, -base_debit, on)
        self._allocations.append(
            (
                self._next("allocation"),
                credit.id,
                debit.id,
                credit.currency,
                amount,
                base_credit,
                base_debit,
                on.isoformat(),
                int(void),
            )
        )
        return len(self._allocations) - 1

    def _move(self, item: _Item, amount: int, base: int, on: date) -> None:
        item.residual += amount
        item.residual_base += base
        item.modified_at = max(item.modified_at, _stamp(on))

    def _discount(self, number: str, amount: int, on: date) -> None:
        code, name, account = _DISCOUNT
        for debit in self._open_parts(number):
            part = min(amount, debit.residual)
            if part:
                base = -base_part(debit.residual, debit.residual_base, part)
                given = self._item(
                    "journal", "", debit.party_id, debit.currency, -part, on, account, name, base
                )
                given.number, given.reference, given.method = f"JNL-{given.id:06d}", debit.number, code
                self._apply(given, debit, part, on)
                amount -= part
        if amount:
            raise Invalid(f"plan: the discount on {number} is more than is open")

    def _bounce(self, money: _Item, plan: PlannedPayment, back: date) -> None:
        """The bank took it back: what it had paid is open again, and the journal shows both ways."""
        for place in reversed(self._settle(money, plan.applied, plan.on)):
            self._release(money, place, back)
        reversal = self._item(
            "journal",
            "",
            money.party_id,
            money.currency,
            -money.total,
            back,
            BANK,
            f"Return {plan.return_code}",
            -money.total_base,
        )
        reversal.number, reversal.reference = f"JNL-{reversal.id:06d}", money.number
        self._apply(money, reversal, reversal.total, back)
        money.returned = plan.return_code

    def _release(self, money: _Item, place: int, on: date) -> None:
        key, _, debit_key, currency, amount, base_credit, base_debit, made_on, _ = self._allocations[place]
        debit = self._new.get(debit_key) or self._touched[debit_key]
        legs = settlement_legs(currency, money.party_id, debit.party_id, -amount, -base_credit, -base_debit)
        self._enter(on, "settlement", f"{money.number} no longer to {debit.number}", legs)
        self._move(money, -amount, -base_credit, on)
        self._move(debit, amount, base_debit, on)
        row = (key, money.id, debit_key, currency, amount, base_credit, base_debit, made_on, 1)
        self._allocations[place] = row

    def _open_parts(self, number: str) -> list[_Item]:
        """An invoice, or its instalments by due date."""
        if number not in self._invoices:
            self._invoices[number] = self._fetch(number)
        return self._invoices[number]

    def _fetch(self, number: str) -> list[_Item]:
        rows = self._connection.execute(
            "SELECT * FROM item WHERE kind = 'invoice' AND number = ?", (number,)
        ).fetchall()
        if not rows:
            raise Invalid(f"plan: there is no invoice {number} to pay")
        parts = self._connection.execute(
            "SELECT * FROM item WHERE parent_id = ? ORDER BY due_date, id", (rows[0]["id"],)
        ).fetchall()
        items = [_Item(*row) for row in parts or rows]
        self._touched.update({item.id: item for item in items})
        return items

    def _find(self, number: str) -> int:
        if number in self._numbers:
            return self._numbers[number]
        row = self._connection.execute(
            "SELECT id FROM item WHERE kind IN ('invoice', 'credit', 'payment') AND number = ?", (number,)
        ).fetchone()
        if row is None:
            raise Invalid(f"plan: there is no customer or document {number}")
        return int(row["id"])


def _stamp(day: date) -> str:
    return f"{day.isoformat()}T00:00:00+00:00"
