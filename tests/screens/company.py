"""A company of a few thousand rows for the scripted broker: the same every time, with every kind of work and hostile names."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

TODAY = date(2026, 11, 20)
NAMES = (
    "Acme Industries GmbH",
    "Brightwater Foods Ltd",
    "Castell & Söhne KG",
    "Dunmore Logistics PLC",
    "Eastgate Retail Group",
    "Färber Möbelhaus",
    "Granite Peak Mining",
    "Hollis & Crane LLP",
    "Iberia Solar SA",
    "Jansen Scheepswerf BV",
)
KINDS = ("payment", "dispute", "overdue", "overdue", "overdue")
SUBJECTS = {"payment": "PAY-{n}", "dispute": "INV-{n}", "overdue": "{k} invoices"}
REASONS = {
    "payment": [
        ("payment.unapplied", 60, "money received and not applied"),
        ("payment.reference", 25, "the text names an open invoice"),
    ],
    "dispute": [("dispute.unanswered", 50, "dispute without an answer: short delivery")],
    "overdue": [
        ("overdue.days", 40, "oldest invoice 47 days late"),
        ("overdue.large", 20, "more than 10,000 overdue"),
    ],
}


def party_row(number: int, name: str | None = None) -> dict[str, Any]:
    """A customer's card."""
    return {
        "id": f"party:{number}",
        "code": f"C-{1000 + number}",
        "name": name
        or f"{NAMES[number % len(NAMES)]}" + (f" {number // len(NAMES)}" if number >= len(NAMES) else ""),
        "parent": "party:0" if number % 10 == 3 else None,
        "currency": "EUR",
        "credit_limit": "50000.00" if number % 3 else None,
        "on_hold": number % 7 == 6,
        "terms": "30 days net",
        "emails": [f"ap{number}@example.com"],
        "phones": ["+49 30 5550 100"],
        "active": True,
        "suspicious": name is not None,
    }


def item_row(identity: str, party: dict[str, Any], **given: Any) -> dict[str, Any]:
    """An open invoice of 1,000.00, except as given."""
    due = TODAY - timedelta(days=given.pop("late", 47))
    row: dict[str, Any] = {
        "id": identity,
        "kind": "invoice",
        "number": identity.partition(":")[2],
        "doc_date": (due - timedelta(days=30)).isoformat(),
        "due_date": due.isoformat(),
        "days_past_due": (TODAY - due).days,
        "total": "1000.00",
        "residual": "1000.00",
        "open": "1000.00",
        "currency": "EUR",
        "state": "open",
        "dispute": "",
        "returned": "",
        "reference": "",
        "purchase_order": "",
        "text": "",
        "method": "",
        "payer": "",
        "party_id": party["id"],
        "party": party["name"],
        "version": "1",
    }
    return row | given


def work_row(number: int, kind: str, party: dict[str, Any], **given: Any) -> dict[str, Any]:
    """A row of the queue."""
    score = sum(points for _, points, _ in REASONS.get(kind, []))
    subject = SUBJECTS.get(kind, "").format(n=2000 + number, k=2 + number % 5)
    row: dict[str, Any] = {
        "id": f"work:{number}",
        "kind": kind,
        "party": party["name"],
        "party_id": party["id"],
        "party_code": party["code"],
        "item_id": {"payment": f"item:PAY-{2000 + number}", "dispute": f"item:INV-{2000 + number}"}.get(kind),
        "subject": subject,
        "amount": f"{(number * 7919) % 90000 + 12}.{number % 100:02}",
        "currency": "EUR",
        "age_days": number % 130,
        "score": score,
        "reasons": [
            {"rule": rule, "points": points, "words": words} for rule, points, words in REASONS.get(kind, [])
        ],
        "owner": None,
        "state": "open",
        "command_id": None,
        "maker": None,
    }
    return row | given


@dataclass
class Company:
    """Parties, work and items; tests change it as they please."""

    parties: dict[str, dict[str, Any]] = field(default_factory=dict)
    work: list[dict[str, Any]] = field(default_factory=list)
    items: dict[str, dict[str, Any]] = field(default_factory=dict)
    notes: list[dict[str, Any]] = field(default_factory=list)
    commands: list[dict[str, Any]] = field(default_factory=list)
    attempts: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    @classmethod
    def of(cls, rows: int) -> Company:
        """A company with so many rows of work; row 0 is a payment over two invoices of customer 0."""
        company = cls()
        for number in range(rows // 3 + 1):
            party = party_row(number)
            company.parties[party["id"]] = party
        people = list(company.parties.values())
        for number in range(rows):
            kind, party = KINDS[number % len(KINDS)], people[number % len(people)]
            row = work_row(number, kind, party)
            if number == 0:
                row["amount"] = "-1250.00"
            company.work.append(row)
            company._items_of(row, party)
        company._first_payment()
        return company

    def _items_of(self, row: dict[str, Any], party: dict[str, Any]) -> None:
        number = row["id"].partition(":")[2]
        if row["kind"] == "payment":
            minus = row["amount"] if row["amount"].startswith("-") else "-" + row["amount"]
            row["amount"] = minus
            item = item_row(
                row["item_id"],
                party,
                kind="payment",
                due_date=None,
                days_past_due=None,
                total=minus,
                residual=minus,
                open=minus,
                method="wire",
                text=f"RE INV {number} THANKS",
            )
        elif row["kind"] == "dispute":
            item = item_row(
                row["item_id"],
                party,
                dispute="short delivery",
                total=row["amount"],
                residual=row["amount"],
                open=row["amount"],
            )
        else:
            item = item_row(f"item:INV-{3000 + int(number)}", party, late=12 + int(number) % 90)
        self.items[item["id"]] = item

    def _first_payment(self) -> None:
        party = self.parties["party:0"]
        payment = self.items["item:PAY-2000"]
        payment["text"] = "RE INV-2031 + INV-2032 LESS CHARGES"
        for number, total, left, late in (
            ("2031", "1000.00", "1000.00", 47),
            ("2032", "250.37", "250.37", 12),
        ):
            row = item_row(f"item:INV-{number}", party, total=total, residual=left, open=left, late=late)
            self.items[row["id"]] = row
        self.notes.append(
            {
                "id": "note:1",
                "target": "party:0",
                "author": "Kim Berger",
                "at": "2026-11-18T09:12:00+00:00",
                "text": "Called: pays the rest on Friday.",
                "ours": True,
                "state": "posted",
            }
        )

    def items_of(self, party_id: str) -> list[dict[str, Any]]:
        """Open items, oldest due first."""
        rows = [
            row
            for row in self.items.values()
            if row["party_id"] == party_id and row["open"] not in ("0.00", "0")
        ]
        return sorted(rows, key=lambda row: row["due_date"] or "")


def waiting_order(company: Company, number: int = 77, maker: str = "lee") -> dict[str, Any]:
    """An order of somebody else that waits for an approval, in the outbox and first in the queue."""
    item = company.items["item:INV-2001"]
    party = company.parties[item["party_id"]]
    order: dict[str, Any] = {
        "id": f"{number:032x}",
        "op": "adjust",
        "state": "pending",
        "words": "adjust INV-2001 by 60.00 EUR (SMALL)",
        "target": item["id"],
        "party": party["name"],
        "party_id": party["id"],
        "amount": "60.00",
        "currency": "EUR",
        "actor": maker,
        "created_at": "2026-11-20T08:58:00+00:00",
        "updated_at": "2026-11-20T08:58:00+00:00",
        "attempts": 0,
        "outcome": "",
        "refs": [],
        "undoable": True,
        "approvals": [],
    }
    row = work_row(number, "escalation", party) | {
        "id": f"approval/{order['id']}",
        "item_id": item["id"],
        "subject": f"from {maker}",
        "amount": "60.00",
        "state": "queued",
        "reasons": [{"rule": "escalated", "points": 150, "words": f"asks approval: {order['words']}"}],
        "command_id": order["id"],
        "maker": maker,
    }
    company.commands.insert(0, order)
    company.work.insert(0, row)
    return order
