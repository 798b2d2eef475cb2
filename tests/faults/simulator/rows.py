"""What the simulated ledger holds at first, and its rows as they go over the wire."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from arqueue.model.money import Money

EUR = "EUR"
START = datetime(2026, 11, 21, 9, tzinfo=UTC)
AT = START.isoformat()
_OPERATIONS = ["apply", "unapply", "adjust", "annotate", "escalate", "dispute", "resolve", "identify"]
_METHODS = [
    {"id": f"method:{code}", "code": code, "name": code, "account": "6800"}
    for code in ("SMALL", "FEE", "DISC")
]


COMPANY = {
    "product": "simulated",
    "version": 1,
    "company": "Test",
    "currency": EUR,
    "zone": "UTC",
    "business_date": "2026-11-21",
    "lock_date": None,
    "overlap_s": 0,
    "key_lifetime_s": 3600,
    "operations": _OPERATIONS,
    "methods": _METHODS,
}


def stamp(at: float) -> str:
    """So many seconds after the story began."""
    return (START + timedelta(seconds=at)).isoformat(timespec="microseconds")


@dataclass(slots=True)
class Row:
    """An item; minor units, debit positive."""

    id: str
    kind: str
    party: str
    total: int
    residual: int
    version: int = 1
    dispute: str = ""


def company() -> dict[str, Row]:
    """Two customers: payments of 100 and 60, invoices of 80, 50 and 90."""
    rows = [
        Row("item:1", "payment", "party:1", -10000, -10000),
        Row("item:2", "invoice", "party:1", 8000, 8000),
        Row("item:3", "invoice", "party:1", 5000, 5000),
        Row("item:4", "payment", "party:2", -6000, -6000),
        Row("item:5", "invoice", "party:2", 9000, 9000),
    ]
    return {row.id: row for row in rows}


def party_row(number: int) -> dict[str, Any]:
    """A customer."""
    return {
        "kind": "party",
        "id": f"party:{number}",
        "version": "1",
        "code": f"C{number}",
        "name": f"Customer {number}",
        "parent_id": None,
        "currency": EUR,
        "credit_limit": None,
        "on_hold": False,
        "terms": "",
        "emails": [],
        "phones": [],
        "active": True,
        "modified_at": AT,
    }


def item_row(row: Row) -> dict[str, Any]:
    """An item as it is now."""
    residual = str(Money(row.residual, EUR))
    return {
        "kind": "item",
        "id": row.id,
        "version": str(row.version),
        "type": row.kind,
        "number": f"N-{row.id[5:]}",
        "party_id": row.party,
        "currency": EUR,
        "total": str(Money(row.total, EUR)),
        "residual": residual,
        "residual_base": residual,
        "base_currency": EUR,
        "doc_date": "2026-10-01",
        "due_date": "2026-11-01",
        "state": "open" if row.residual else "closed",
        "parent_id": None,
        "reference": "",
        "purchase_order": "",
        "text": "",
        "method": "",
        "dispute": row.dispute,
        "returned": "",
        "modified_at": AT,
    }
