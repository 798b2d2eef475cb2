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
    named = _categories(pool, {name for each in parties for name in _names(each)})
    values = [_values(each, chart, named) for each in parties]
    made = pool.get("party.party").create(values)
    return {
        planned["code"]: Customer(party.id, party.addresses[0].id, planned["terms"], planned["terms_days"])
        for planned, party in zip(parties, made, strict=True)
    }


def _values(planned: dict[str, Any], chart: Chart, named: dict[str, int]) -> dict[str, Any]:
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
    if names := _names(planned):
        values["categories"] = [("add", [named[name] for name in names])]
    return values


def _names(planned: dict[str, Any]) -> list[str]:
    """The categories of a customer: its tags, and the one that is a hold."""
    return [*planned["tags"], *([HOLD] if planned["on_hold"] else [])]


def _categories(pool: Any, names: set[str]) -> dict[str, int]:
    category = pool.get("party.category")
    here = {each.name for each in category.search([("name", "in", sorted(names))])}
    category.create([{"name": name} for name in sorted(names - here)])
    return {each.name: int(each.id) for each in category.search([("name", "in", sorted(names))])}
