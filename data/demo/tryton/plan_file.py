"""A company plan as a JSON file: what crosses from our process to the seeding process, and what the cache is keyed by."""

from __future__ import annotations

import json
from dataclasses import asdict, is_dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from data.demo.plan import CompanyPlan, PlannedCredit, PlannedInvoice, PlannedNote, PlannedPayment

_KINDS = {
    PlannedInvoice: "invoice",
    PlannedCredit: "credit",
    PlannedPayment: "payment",
    PlannedNote: "note",
}


def dump_plan(plan: CompanyPlan) -> bytes:
    """The plan in canonical JSON: dates as ISO 8601, amounts in minor units, rates as decimal strings."""
    body = {
        "name": plan.name,
        "currency": plan.currency,
        "today": plan.today,
        "rates": dict(plan.rates),
        "reminders": plan.reminders,
        "parties": [{"terms": party.terms, **asdict(party)} for party in plan.parties],
        "documents": [{"kind": _KINDS[type(each)], **asdict(each)} for each in plan.documents()],
    }
    return json.dumps(body, default=_plain, sort_keys=True, separators=(",", ":")).encode()


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    raise TypeError(f"a plan does not hold {type(value).__name__}")
