"""Invoices and credit notes: posted by Tryton's own code in batches, under the numbers of the plan."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from arqueue.model.money import Money
from data.demo.tryton.seeding.chart import RECEIVABLE, REVENUE, Chart
from data.demo.tryton.seeding.ledger import Ledger
from data.demo.tryton.seeding.parties import Customer, one_line

BATCH = 50
Progress = Callable[[int], None]


def post_invoices(
    ledger: Ledger,
    chart: Chart,
    customers: dict[str, Customer],
    documents: Sequence[dict[str, Any]],
    progress: Progress,
) -> dict[str, int]:
    """Create and post invoices and credit notes. Returns Tryton's identifiers by number."""
    numbers: dict[str, int] = {}
    for start in range(0, len(documents), BATCH):
        batch = documents[start : start + BATCH]
        numbers |= ledger.write(partial(_post, chart=chart, customers=customers, batch=batch))
        progress(len(batch))
    return numbers


def _post(
    pool: Any, chart: Chart, customers: dict[str, Customer], batch: Sequence[dict[str, Any]]
) -> dict[str, int]:
    invoice = pool.get("account.invoice")
    made = invoice.create([_values(pool, chart, customers[each["party"]], each) for each in batch])
    invoice.post(made)
    return {planned["number"]: each.id for planned, each in zip(batch, made, strict=True)}


def _values(pool: Any, chart: Chart, customer: Customer, planned: dict[str, Any]) -> dict[str, Any]:
    on = date.fromisoformat(planned["on"])
    credit = planned["kind"] == "credit"
    amount = Money(planned["amount"], planned["currency"]).decimal
    line = {
        "type": "line",
        "account": chart.accounts[REVENUE],
        "currency": chart.currencies[planned["currency"]],
        "quantity": -1 if credit else 1,
        "unit_price": amount,
        "description": one_line(planned["text"]) or ("Credit" if credit else "Goods"),
    }
    values: dict[str, Any] = {
        "type": "out",
        "company": chart.company,
        "number": planned["number"],
        "party": customer.id,
        "invoice_address": customer.address,
        "account": chart.accounts[RECEIVABLE],
        "journal": chart.journals["revenue"],
        "currency": chart.currencies[planned["currency"]],
        "invoice_date": on,
        "accounting_date": on,
        "description": one_line(planned["text"]),
        "lines": [("create", [line])],
        "payment_term_date": on,
    }
    if credit:
        return values
    due = date.fromisoformat(planned["due"])
    values["reference"] = one_line(" ".join(filter(None, (planned["purchase_order"], planned["reference"]))))
    if planned["instalments"]:
        values["payment_term"] = _instalments(pool, chart, planned, on)
    elif due == on + timedelta(days=customer.terms_days):
        values["payment_term"] = chart.terms[customer.terms]
    else:
        values["payment_term_date"] = due
    return values


def _instalments(pool: Any, chart: Chart, planned: dict[str, Any], on: date) -> int:
    """A payment term for this very plan of instalments: fixed amounts, and what is left with the last."""
    parts = sorted((date.fromisoformat(due), amount) for due, amount in planned["instalments"])
    currency = chart.currencies[planned["currency"]]
    lines: list[dict[str, Any]] = []
    for place, (due, amount) in enumerate(parts, 1):
        last = place == len(parts)
        fixed: dict[str, Any] = {
            "type": "fixed",
            "amount": Money(amount, planned["currency"]).decimal,
            "currency": currency,
        }
        lines.append(
            {
                "sequence": place,
                "relativedeltas": [("create", [{"days": (due - on).days}])],
                **({"type": "remainder"} if last else fixed),
            }
        )
    name = f"{len(parts)} instalments ({one_line(planned['number'])})"
    return int(
        pool.get("account.invoice.payment_term").create([{"name": name, "lines": [("create", lines)]}])[0].id
    )


def block_disputed(
    pool: Any, chart: Chart, numbers: dict[str, int], disputed: Sequence[dict[str, Any]]
) -> None:
    """Stop the reminders of disputed invoices and say why in a note on the reminder, as a clerk does in Tryton."""
    dunning = pool.get("account.dunning")
    invoice = pool.get("account.invoice")
    procedure, level = chart.dunning
    values, reasons = [], []
    for planned in disputed:
        for line in invoice(numbers[planned["number"]]).lines_to_pay:
            if line.reconciliation:
                continue
            values.append(
                {
                    "company": chart.company,
                    "line": line.id,
                    "procedure": procedure,
                    "level": level,
                    "blocked": True,
                }
            )
            reasons.append(planned["dispute"])
    made = dunning.create(values)
    notes = [
        {"resource": f"account.dunning,{each.id}", "message": f"Dispute: {reason}"}
        for each, reason in zip(made, reasons, strict=True)
    ]
    pool.get("ir.note").create(notes)


def add_notes(
    pool: Any,
    customers: dict[str, Customer],
    numbers: dict[str, int],
    receipts: dict[str, int],
    notes: Sequence[dict[str, Any]],
) -> list[tuple[int, str]]:
    """Put remarks on customers and documents. Returns (note, business date), for whoever dates them back."""
    values, dates = [], []
    for planned in notes:
        target = planned["target"]
        if target in customers:
            resource = f"party.party,{customers[target].id}"
        elif target in numbers:
            resource = f"account.invoice,{numbers[target]}"
        elif target in receipts:
            resource = f"account.move.line,{receipts[target]}"
        else:
            continue
        values.append({"resource": resource, "message": f"{planned['text']}\n{planned['author']}"})
        dates.append(planned["on"])
    made = pool.get("ir.note").create(values)
    return [(each.id, on) for each, on in zip(made, dates, strict=True)]


def decimal(minor: int, currency: str) -> Decimal:
    """Minor units as Tryton's Decimal."""
    return Money(minor, currency).decimal
