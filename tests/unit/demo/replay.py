"""A ledger small enough to trust: it carries a plan out document by document and refuses what no ledger could post."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any

from data.demo.company import make_company
from data.demo.plan import (
    CompanyPlan,
    PlannedCredit,
    PlannedDocument,
    PlannedInvoice,
    PlannedNote,
    PlannedParty,
    PlannedPayment,
)

TODAY = date(2026, 11, 20)


@dataclass
class Ledger:
    """What is open after everything that was posted; ``refused`` tells in words what broke a rule."""

    today: date
    parties: dict[str, PlannedParty]
    invoices: dict[str, PlannedInvoice] = field(default_factory=dict)
    open: dict[str, int] = field(default_factory=dict)
    settled_on: dict[str, date] = field(default_factory=dict)
    credits: dict[str, PlannedCredit] = field(default_factory=dict)
    payments: dict[str, PlannedPayment] = field(default_factory=dict)
    unapplied: dict[str, int] = field(default_factory=dict)
    notes: list[PlannedNote] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def post(self, document: PlannedDocument) -> None:
        """Post one document, and whatever it is applied to."""
        if document.on > self.today:
            self.refused.append(f"{document} is in the future")
        if isinstance(document, PlannedNote):
            known = (self.parties, self.invoices, self.credits, self.payments)
            self._check(any(document.target in kind for kind in known), f"{document.target} does not exist")
            self.notes.append(document)
            return
        self._check(document.amount > 0, f"{document.number} is not positive")
        self._check(document.party in self.parties, f"{document.party} does not exist")
        taken = (
            document.number in self.invoices
            or document.number in self.credits
            or document.number in self.payments
        )
        self._check(not taken, f"{document.number} is there already")
        if isinstance(document, PlannedInvoice):
            self._post_invoice(document)
        elif isinstance(document, PlannedCredit):
            self.credits[document.number] = document
            self._apply(document, document.applied)
        else:
            self._post_payment(document)

    def _post_invoice(self, invoice: PlannedInvoice) -> None:
        self.invoices[invoice.number] = invoice
        self.open[invoice.number] = invoice.amount
        parts = invoice.instalments
        self._check(invoice.due >= invoice.on, f"{invoice.number} is due before it is written")
        self._check(
            not parts or sum(amount for _, amount in parts) == invoice.amount, f"{invoice.number} has a gap"
        )
        self._check(all(amount > 0 for _, amount in parts), f"{invoice.number} has an empty instalment")
        self._check(list(parts) == sorted(parts), f"{invoice.number} has instalments out of order")

    def _post_payment(self, payment: PlannedPayment) -> None:
        self.payments[payment.number] = payment
        before = {number: self.open.get(number, 0) for number, _ in (*payment.applied, *payment.discounts)}
        paid_off = {number: self.settled_on[number] for number in before if number in self.settled_on}
        self._apply(payment, payment.applied)
        for number, amount in payment.discounts:
            self._check(
                number in dict(payment.applied), f"{payment.number} grants a discount on what it does not pay"
            )
            self._take(payment, number, amount)
        if payment.returned_on is not None:
            self._check(
                payment.on <= payment.returned_on <= self.today, f"{payment.number} returned out of time"
            )
            self._check(bool(payment.return_code), f"{payment.number} returned without a code")
            self._check(not payment.discounts, f"{payment.number} returned with a discount")
            self.open.update(before)
            self.settled_on.update(paid_off)
            self.unapplied.pop(payment.number, None)

    def _apply(self, source: PlannedCredit | PlannedPayment, applied: tuple[tuple[str, int], ...]) -> None:
        rest = source.amount - sum(amount for _, amount in applied)
        self._check(rest >= 0, f"{source.number} applies more than it has")
        for number, amount in applied:
            self._take(source, number, amount)
        if rest > 0:
            self.unapplied[source.number] = rest

    def _take(self, source: PlannedCredit | PlannedPayment, number: str, amount: int) -> None:
        invoice = self.invoices.get(number)
        if invoice is None:
            self.refused.append(f"{source.number} is applied to {number}, which does not exist yet")
            return
        payer, owner = self.parties[source.party], self.parties[invoice.party]
        family = source.party == invoice.party or payer.code == owner.parent
        self._check(family, f"{source.number} pays for a stranger")
        self._check(source.currency == invoice.currency, f"{source.number} pays in another currency")
        self._check(amount > 0, f"{source.number} applies nothing to {number}")
        self.open[number] -= amount
        self.settled_on[number] = source.on
        self._check(self.open[number] >= 0, f"{source.number} pays {number} more than once")

    def _check(self, holds: bool, otherwise: str) -> None:
        if not holds:
            self.refused.append(otherwise)

    @property
    def open_invoices(self) -> list[PlannedInvoice]:
        """Invoices with something left to pay."""
        return [self.invoices[number] for number, left in self.open.items() if left]

    @property
    def closed_invoices(self) -> list[PlannedInvoice]:
        """Invoices with nothing left to pay."""
        return [self.invoices[number] for number, left in self.open.items() if not left]

    def due_dates(self, invoice: PlannedInvoice) -> list[date]:
        """When each part of an invoice that is still open falls due; payments go to the first parts first."""
        paid, dates = invoice.amount - self.open[invoice.number], []
        for due, amount in invoice.instalments or ((invoice.due, invoice.amount),):
            covered = min(paid, amount)
            paid -= covered
            if covered < amount:
                dates.append(due)
        return dates

    @property
    def open_items(self) -> int:
        """How many rows an open-item list would have: instalments, credit notes and payments each count."""
        return sum(len(self.due_dates(invoice)) for invoice in self.open_invoices) + len(self.unapplied)

    def balances(self) -> Counter[str]:
        """What each customer owes, in minor units of whatever currency."""
        balances: Counter[str] = Counter()
        for invoice in self.open_invoices:
            balances[invoice.party] += self.open[invoice.number]
        for number, rest in self.unapplied.items():
            source = self.credits.get(number) or self.payments[number]
            balances[source.party] -= rest
        return balances


def replay(plan: CompanyPlan) -> Ledger:
    """The ledger after the whole plan."""
    ledger = Ledger(plan.today, {party.code: party for party in plan.parties})
    for document in plan.documents():
        ledger.post(document)
    return ledger


def replay_of(size: str, seed: int, today: date = TODAY) -> Ledger:
    """The ledger of a generated company."""
    return replay(make_company(size, seed, today))


def digest(plan: CompanyPlan) -> str:
    """SHA-256 of all that a plan says; what stands at its default is left out, so that a new field is no change."""
    total = hashlib.sha256()
    for row in (*plan.parties, *plan.documents()):
        total.update(json.dumps([type(row).__name__, _said(row)], default=str).encode())
    return total.hexdigest()


def _said(row: PlannedParty | PlannedDocument) -> dict[str, Any]:
    said = {each.name: getattr(row, each.name) for each in fields(row)}
    return {name: value for name, value in said.items() if value not in ("", (), None, False)}
