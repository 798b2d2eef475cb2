"""A small company for the tests of the Tryton connector: one customer for each situation, told in a plan."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

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
HOSTILE = "Acme \x1b[31mRed\x1b[0m [bold]Supplies[/] \u202ednuof"


def _party(code: str, name: str, currency: str = "EUR", **more: object) -> PlannedParty:
    return PlannedParty(code=code, name=name, currency=currency, terms_days=30, **more)  # type: ignore[arg-type]


def _invoice(number: str, party: str, amount: int, currency: str = "EUR", **more: object) -> PlannedInvoice:
    on = more.pop("on", date(2026, 9, 1))
    assert isinstance(on, date)
    return PlannedInvoice(
        number=number,
        party=party,
        currency=currency,
        amount=amount,
        on=on,
        due=more.pop("due", date(2026, 10, 1)),  # type: ignore[arg-type]
        **more,  # type: ignore[arg-type]
    )


def _payment(number: str, party: str, amount: int, currency: str = "EUR", **more: object) -> PlannedPayment:
    return PlannedPayment(
        number=number,
        party=party,
        currency=currency,
        amount=amount,
        on=more.pop("on", date(2026, 10, 15)),  # type: ignore[arg-type]
        **more,  # type: ignore[arg-type]
    )


PARTIES = (
    _party(
        "C001",
        "Nordwind Handels GmbH",
        credit_limit=500_000,
        emails=("ap@nordwind.example",),
        phones=("+49 30 1",),
    ),
    _party("C002", HOSTILE, on_hold=True, tags=("agency", "export")),
    _party("C003", "Harbor Dollar Trading Inc.", "USD"),
    _party("C004", "Instalment Machines SA"),
    _party("C005", "Many Small Bills Ltd"),
)


def _documents() -> Iterator[PlannedDocument]:
    yield _invoice(
        "INV-1001", "C001", 100_000, reference="order 17", purchase_order="PO-000017", text="Chairs"
    )
    yield _invoice("INV-1002", "C001", 50_000)
    yield _invoice("INV-1003", "C001", 30_000, due=date(2026, 11, 30))
    yield _invoice("INV-1004", "C001", 98_000, on=date(2026, 8, 1), due=date(2026, 8, 31))
    yield _invoice("INV-1005", "C001", 40_000)
    yield _invoice("INV-2001", "C002", 12_345, dispute="wrong price")
    yield _invoice("INV-2002", "C002", 20_000)
    yield _invoice("INV-3001", "C003", 110_000, "USD")
    yield _invoice("INV-3002", "C003", 33_333, "USD")
    yield _invoice(
        "INV-4001",
        "C004",
        90_000,
        due=date(2026, 12, 1),
        instalments=((date(2026, 10, 1), 30_000), (date(2026, 11, 1), 30_000), (date(2026, 12, 1), 30_000)),
    )
    for n in range(1, 13):
        yield _invoice(f"INV-5{n:03d}", "C005", 1_000 * n)
    yield PlannedCredit(
        number="CN-1", party="C001", currency="EUR", amount=5_000, on=date(2026, 10, 2), text="Damaged"
    )
    yield PlannedCredit(
        number="CN-2",
        party="C005",
        currency="EUR",
        amount=3_000,
        on=date(2026, 10, 3),
        applied=(("INV-5003", 2_000),),
    )
    yield _payment("PMT-1", "C001", 30_000, text="part of INV-1001", applied=(("INV-1001", 30_000),))
    yield _payment("PMT-2", "C001", 75_000, text="INV-1002 and something")
    yield _payment(
        "PMT-3",
        "C001",
        96_040,
        applied=(("INV-1004", 96_040),),
        discounts=(("INV-1004", 1_960),),
        method="ach",
    )
    yield _payment("PMT-4", "C002", 20_000, returned_on=date(2026, 10, 20), return_code="R01", method="check")
    yield _payment("PMT-5", "C003", 33_333, "USD", text="INV 3002")
    yield _payment("PMT-6", "C004", 40_000, applied=(("INV-4001", 40_000),))
    yield _payment("PMT-7", "C005", 10_000, applied=(("INV-5001", 1_000), ("INV-5002", 500)))
    yield _payment("PMT-8", "C001", 40_000, text="\x1b[2Jremit INV-1005")
    yield PlannedNote(target="C001", author="anna", on=date(2026, 10, 5), text="Pays on Fridays")
    yield PlannedNote(target="INV-1001", author="anna", on=date(2026, 10, 6), text="Asked for a copy")


def plan() -> CompanyPlan:
    """The company, the same at each call."""
    return CompanyPlan(
        name="Muster Office Supplies AG",
        currency="EUR",
        today=TODAY,
        parties=PARTIES,
        documents=_documents,
        rates={"USD": Decimal("0.92")},
        reminders=((30, 2), (10, 1)),
    )
