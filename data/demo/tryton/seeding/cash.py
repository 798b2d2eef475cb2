"""Money in: receipts, what of them is applied, discounts, and payments that bounced.

A receipt is a plain posted move with one credit line for each invoice it pays and one for what stays unapplied. A part
of an invoice is a link (`payment_lines`); what closes it is a reconciliation, with a write-off where a discount was granted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from data.demo.customers import SUSPENSE
from data.demo.tryton.seeding.chart import CASH, DISCOUNT, METHODS, RECEIVABLE, RETURNS, Chart
from data.demo.tryton.seeding.documents import Progress, decimal
from data.demo.tryton.seeding.ledger import Ledger
from data.demo.tryton.seeding.parties import Customer, one_line

BATCH = 25


@dataclass(slots=True)
class Books:
    """What is known while seeding: identifiers by number, and how much of each invoice is still open."""

    chart: Chart
    customers: dict[str, Customer]
    invoices: dict[str, int]
    plans: dict[str, dict[str, Any]]
    receipts: dict[str, int] = field(default_factory=dict)
    """The first credit line of each payment, by its number."""
    open: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    """Minor units, by invoice number."""

    def __post_init__(self) -> None:
        for number, planned in self.plans.items():
            if planned["kind"] == "invoice":
                self.open[number] = planned["amount"]


def settle(ledger: Ledger, books: Books, documents: Sequence[dict[str, Any]], progress: Progress) -> None:
    """Post payments and apply payments and credit notes, in the order of their dates."""
    for start in range(0, len(documents), BATCH):
        batch = documents[start : start + BATCH]
        ledger.write(partial(_settle, books=books, batch=batch))
        progress(len(batch))


def _settle(pool: Any, books: Books, batch: Sequence[dict[str, Any]]) -> None:
    # The transaction may run twice: figures are only kept when all of it went through.
    before, receipts = dict(books.open), dict(books.receipts)
    try:
        paid: set[int] = set()
        for planned in batch:
            if planned["kind"] == "payment":
                _payment(pool, books, planned, paid)
            elif planned["applied"]:
                _credit(pool, books, planned, paid)
        invoice = pool.get("account.invoice")
        invoice.process(invoice.browse(sorted(paid)))
    except BaseException:
        books.open.clear()
        books.open.update(before)
        books.receipts.clear()
        books.receipts.update(receipts)
        raise


def _payment(pool: Any, books: Books, planned: dict[str, Any], paid: set[int]) -> None:
    applied = [] if planned["returned_on"] else [(number, amount) for number, amount in planned["applied"]]
    rest = planned["amount"] - sum(amount for _, amount in applied)
    parts = [(books.plans[number]["party"], amount) for number, amount in applied]
    if rest:
        parts.append((planned["party"], rest))
    move = _receipt(pool, books, planned, parts)
    # In the order of `parts`: Tryton lists lines newest first.
    credits = sorted((line for line in move.lines if line.party), key=lambda line: int(line.id))
    books.receipts[planned["number"]] = credits[0].id
    if planned["returned_on"]:
        _bounce(pool, books, planned, credits)
        return
    discounts: dict[str, int] = dict(planned["discounts"])
    for (number, amount), line in zip(applied, credits, strict=False):
        _apply(pool, books, number, amount, line, paid, discounts.pop(number, 0), planned["on"])
    for number, amount in discounts.items():
        # Granted on an invoice that this payment did not touch.
        _apply(pool, books, number, 0, None, paid, amount, planned["on"])


def _receipt(pool: Any, books: Books, planned: dict[str, Any], parts: Sequence[tuple[str, int]]) -> Any:
    chart = books.chart
    lines = [_line(pool, books, planned, -amount, RECEIVABLE, party) for party, amount in parts]
    total = sum((line["credit"] for line in lines), Decimal(0))
    cash = _line(pool, books, planned, planned["amount"], CASH, None)
    cash["debit"] = total
    journal = chart.journals[planned["method"]]
    text = planned["text"]
    if planned["party"] == SUSPENSE:
        # Tryton has no place for a payer whom nobody recognised but the words of the entry.
        text = f"{planned['payer']} {text}".strip()
    return _post_move(pool, chart, planned["number"], planned["on"], journal, text, [*lines, cash])


def _post_move(
    pool: Any, chart: Chart, number: str, on: str, journal: int, text: str, lines: Sequence[dict[str, Any]]
) -> Any:
    move = pool.get("account.move")
    values = {
        "company": chart.company,
        "number": number or None,
        "post_date": date.fromisoformat(on),
        "journal": journal,
        "period": pool.get("account.period").find(chart.company, date=date.fromisoformat(on)).id,
        "date": date.fromisoformat(on),
        "description": one_line(text),
        "lines": [("create", list(lines))],
    }
    made = move.create([values])
    move.post(made)
    return made[0]


def _line(
    pool: Any, books: Books, planned: dict[str, Any], minor: int, account: str, party: str | None
) -> dict[str, Any]:
    """A move line of a signed amount in the document's currency; debit positive."""
    chart = books.chart
    amount = decimal(minor, planned["currency"])
    values: dict[str, Any] = {"account": chart.accounts[account]}
    if party is not None:
        values["party"] = books.customers[party].id
    base = amount
    if planned["currency"] != chart.currency:
        currency = pool.get("currency.currency")
        there = currency(chart.currencies[planned["currency"]])
        base = currency.compute(there, amount, currency(chart.currencies[chart.currency]))
        values |= {"second_currency": there.id, "amount_second_currency": amount}
    return values | {"debit": max(base, Decimal(0)), "credit": max(-base, Decimal(0))}


def _bounce(pool: Any, books: Books, planned: dict[str, Any], credits: Sequence[Any]) -> None:
    """The bank took the money back: a debit against the receipt, under the bank's code."""
    text = f"{planned['return_code']} {planned['number']} returned"
    lines = [_line(pool, books, planned, planned["amount"], RECEIVABLE, planned["party"])]
    cash = _line(pool, books, planned, -planned["amount"], CASH, None)
    journal = books.chart.journals[RETURNS]
    move = _post_move(pool, books.chart, "", planned["returned_on"], journal, text, [*lines, cash])
    pool.get("account.move.line").reconcile([*credits, *(line for line in move.lines if line.party)])


def _credit(pool: Any, books: Books, planned: dict[str, Any], paid: set[int]) -> None:
    line = next(iter(pool.get("account.invoice")(books.invoices[planned["number"]]).lines_to_pay))
    amounts = [amount for _, amount in planned["applied"]]
    rest = planned["amount"] - sum(amounts)
    lines = [line]
    if len(amounts) > 1 or rest:
        lines = _split(pool, books, planned, line, [*amounts, *([rest] if rest else [])])
    for (number, amount), part in zip(planned["applied"], lines, strict=False):
        _apply(pool, books, number, amount, part, paid, 0, planned["on"])
    if not rest:
        paid.add(books.invoices[planned["number"]])


def _split(pool: Any, books: Books, planned: dict[str, Any], line: Any, amounts: Sequence[int]) -> list[Any]:
    """Tryton links or reconciles whole lines, so a credit that goes to several places is rescheduled first."""
    reschedule = pool.get("account.move.line.reschedule", type="wizard")
    term = pool.get("account.move.line.reschedule.term")
    terms = [term(date=line.maturity_date, amount=-decimal(each, planned["currency"])) for each in amounts]
    move, balance = reschedule.reschedule_lines(
        [line], pool.get("account.journal")(books.chart.journals["misc"]), terms
    )
    move.origin = line.move.origin
    move.save()
    move.post()
    return sorted((each for each in move.lines if each != balance), key=lambda each: int(each.id))


def _apply(
    pool: Any,
    books: Books,
    number: str,
    amount: int,
    line: Any | None,
    paid: set[int],
    discount: int,
    on: str,
) -> None:
    """Apply `amount` by `line` to an invoice and write `discount` off it; both in minor units of its currency."""
    invoice = pool.get("account.invoice")(books.invoices[number])
    books.open[number] -= amount + discount
    if books.open[number] < 0:
        raise ValueError(f"the plan applies more to {number} than is open of it")
    if books.open[number]:
        if line is not None:
            pool.get("account.invoice").add_payment_lines({invoice: [line]})
        if discount:
            _link_discount(pool, books, number, discount, on)
        return
    open_lines = [each for each in (*invoice.lines_to_pay, *invoice.payment_lines) if not each.reconciliation]
    method = pool.get("account.move.reconcile.write_off")(books.chart.methods[DISCOUNT]) if discount else None
    pool.get("account.move.line").reconcile(
        [*open_lines, *([line] if line is not None else [])],
        writeoff=method,
        date=date.fromisoformat(on),
        description=DISCOUNT if discount else None,
    )
    paid.add(invoice.id)


def _link_discount(pool: Any, books: Books, number: str, discount: int, on: str) -> None:
    """A discount on an invoice that stays open: a journal entry, linked like a payment."""
    planned = books.plans[number]
    chart = books.chart
    lines = [
        _line(pool, books, planned, -discount, RECEIVABLE, planned["party"]),
        _line(pool, books, planned, discount, dict(METHODS)[DISCOUNT], None),
    ]
    move = _post_move(pool, chart, "", on, chart.journals["Write-off"], DISCOUNT, lines)
    credit = next(line for line in move.lines if line.party)
    invoice = pool.get("account.invoice")
    invoice.add_payment_lines({invoice(books.invoices[number]): [credit]})
