"""The month that a text names, and what it speaks for."""

from __future__ import annotations

from datetime import date

import pytest

from arqueue.cash.case import PaymentCase
from arqueue.cash.period import month_of
from arqueue.cash.suggest import suggest
from tests.unit.books import TODAY, open_item


@pytest.mark.parametrize(
    "text, month",
    [
        ("INVOICES 10/2026", (2026, 10)),
        ("Kontoauszug 09.2026", (2026, 9)),
        ("2026-09", (2026, 9)),
        ("Rechnungen Okt. 2026", (2026, 10)),
        ("STATEMENT OCTOBER 2026", (2026, 10)),
        ("relevé décembre 2026", (2026, 12)),
        ("lokakuu 2026", (2026, 10)),
    ],
)
def test_a_month_is_read_in_figures_and_in_words(text: str, month: tuple[int, int]) -> None:
    """As headings of statements have it, in several languages."""
    assert month_of(text) == month


@pytest.mark.parametrize(
    "text",
    ["", "12.10.2026", "2026-10-12", "10/2026 11/2026", "INV-10/2026", "RE 2026-1012", "13/2026", "Oct 26"],
)
def test_a_full_date_a_number_and_several_months_are_none(text: str) -> None:
    """What could be something else says nothing."""
    assert month_of(text) is None


@pytest.mark.parametrize("month", [8, 9, 10])
def test_of_equal_documents_the_one_of_the_named_month_is_paid(month: int) -> None:
    """Three rents at the same price."""
    debits = [
        open_item(str(each), "417.23", doc_date=date(2026, each, 5), due_date=date(2026, each, 25))
        for each in (8, 9, 10)
    ]
    payment = open_item("p", "-417.23", number="PAY-1", text=f"RENT {month:02}/2026", doc_date=TODAY)
    way = suggest(PaymentCase(payment=payment, today=TODAY, debits=debits), lambda: False).ways[0]
    assert [line.item for line in way.lines] == [f"item:{month}"]
