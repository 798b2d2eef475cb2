"""Open items as the unit tests need them: built by hand in one line, or drawn by Hypothesis."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

from arqueue.model.ledger import Item, ItemKind, ItemState, OpenItem, Party
from arqueue.model.money import Money

TODAY = date(2026, 11, 21)
CURRENCIES = ("EUR", "USD", "JPY", "KWD")


def money(text: str, currency: str = "EUR") -> Money:
    """``money("12.50")``."""
    return Money.parse(text, currency)


def item(key: str, residual: str, currency: str = "EUR", **changes: Any) -> Item:
    """An invoice when the residual is positive, a payment when it is negative; anything can be said otherwise."""
    amount = Money.parse(residual, currency)
    values: dict[str, Any] = {
        "id": f"item:{key}",
        "kind": ItemKind.INVOICE if amount.minor >= 0 else ItemKind.PAYMENT,
        "number": f"N-{key}",
        "party_id": "party:1",
        "total": amount,
        "residual": amount,
        "doc_date": TODAY - timedelta(days=40),
        "due_date": TODAY - timedelta(days=10) if amount.minor >= 0 else None,
        "state": ItemState.OPEN,
        "version": "1",
    }
    return Item(**(values | changes))


def open_item(key: str, residual: str, currency: str = "EUR", **changes: Any) -> OpenItem:
    """The same with nothing under way."""
    made = item(key, residual, currency, **changes)
    return OpenItem(made, made.residual)


def party(key: str = "1", **changes: Any) -> Party:
    """A customer."""
    values: dict[str, Any] = {
        "id": f"party:{key}",
        "code": f"C{key}",
        "name": f"Customer {key}",
        "version": "1",
    }
    return Party(**(values | changes))


def amounts(low: int = 1, high: int = 50_000) -> st.SearchStrategy[int]:
    """Minor units; small numbers often, so that sums meet."""
    return st.one_of(st.integers(low, min(high, low + 20)), st.integers(low, high))


@st.composite
def open_items(draw: st.DrawFn, *, key: str, debit: bool, currencies: tuple[str, ...] = ("EUR",)) -> OpenItem:
    """A debit or a credit, some of it perhaps under way."""
    currency = draw(st.sampled_from(currencies))
    residual = draw(amounts()) * (1 if debit else -1)
    taken = draw(st.one_of(st.just(0), st.integers(0, abs(residual))))
    left = abs(residual) - taken
    kind = (
        draw(st.sampled_from([ItemKind.INVOICE, ItemKind.INSTALMENT, ItemKind.JOURNAL]))
        if debit
        else draw(st.sampled_from([ItemKind.PAYMENT, ItemKind.CREDIT, ItemKind.JOURNAL]))
    )
    base = draw(st.one_of(st.none(), st.integers(0, 10**7)))
    made = Item(
        id=f"item:{key}",
        kind=kind,
        number=f"INV-2026-{key:>04}" if debit else f"PAY-{key}",
        party_id="party:1",
        total=Money(residual, currency),
        residual=Money(residual, currency),
        residual_base=None if base is None else Money(base if debit else -base, "EUR"),
        doc_date=TODAY + timedelta(days=draw(st.integers(-400, 5))),
        due_date=draw(
            st.one_of(st.none(), st.integers(-400, 60).map(lambda days: TODAY + timedelta(days=days)))
        ),
        state=draw(st.sampled_from([ItemState.OPEN] * 6 + [ItemState.VOID, ItemState.DRAFT])),
        version="1",
        dispute=draw(st.sampled_from(["", "", "", "price", "damaged"])),
    )
    return OpenItem(made, Money(left if debit else -left, currency))
