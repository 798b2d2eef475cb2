"""Customers: names as they come, terms, credit limits, addresses to write and to call."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from arqueue.model.currency import exponent
from arqueue.model.money import Money
from data.demo.tryton.seeding.chart import Chart

HOLD = "Credit hold"
# Tryton refuses these in a field of one line (fields.Char.forbidden_chars).
_REFUSED = re.compile(r"[\t\n\r\x0b\x0c]+")


@dataclass(frozen=True, slots=True)
class Customer:
    """What a document needs of its customer."""

    id: int
    address: int
    terms: str
    terms_days: int


def one_line(text: str) -> str:
    """A text as Tryton takes it in a field of one line; everything else of a hostile name arrives as it is."""
    return _REFUSED.sub(" ", text).strip()


def add_parties(pool: Any, chart: Chart, parties: list[dict[str, Any]]) -> dict[str, Customer]:
    """Create these customers. Returned by code."""
    hold = _hold(pool)
    values = [_values(each, chart, hold) for each in parties]
    made = pool.get("party.party").create(values)
    return {
        planned["code"]: Customer(party.id, party.addresses[0].id, planned["terms"], planned["terms_days"])
        for planned, party in zip(parties, made, strict=True)
    }


def _values(planned: dict[str, Any], chart: Chart, hold: int) -> dict[str, Any]:
    reach = [{"type": "email", "value": each} for each in planned["emails"]]
    reach += [{"type": "phone", "value": each} for each in planned["phones"]]
    values: dict[str, Any] = {
        "name": one_line(planned["name"]) or planned["code"],
        "code": planned["code"],
        "addresses": [("create", [{"street_unstructured": "1 Main Street"}])],
        "contact_mechanisms": [("create", reach)],
        "customer_payment_term": chart.terms[planned["terms"]],
    }
    if planned["credit_limit"] is not None:
        # Tryton keeps limits in the company's currency.
        limit = Money(planned["credit_limit"], planned["currency"]).decimal * chart.rates[planned["currency"]]
        values["credit_limit_amount"] = limit.quantize(Decimal(1).scaleb(-exponent(chart.currency)))
    if planned["on_hold"]:
        values["categories"] = [("add", [hold])]
    return values


def _hold(pool: Any) -> int:
    category = pool.get("party.category")
    found = category.search([("name", "=", HOLD)]) or category.create([{"name": HOLD}])
    return int(found[0].id)
