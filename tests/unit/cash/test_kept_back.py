"""The same percentage kept back on every document: tax withheld, a retention, a discount that nobody agreed to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arqueue.cash.case import PaymentCase
from arqueue.cash.suggest import suggest
from arqueue.cash.suggestion import DifferenceKind, Suggestion
from arqueue.model.ledger import OpenItem
from tests.unit.books import TODAY, open_item
from tests.unit.cash.test_suggest_rules import never

FOUR = ("1234.50", "880.00", "412.35", "99.90")


def opened(amounts: tuple[str, ...] = FOUR) -> list[OpenItem]:
    """So much open, one a day."""
    return [open_item(str(at), amount, number=f"INV-{1001 + at}") for at, amount in enumerate(amounts)]


def best(paid: str, debits: list[OpenItem], text: str = "") -> Suggestion:
    """What is suggested first."""
    payment = open_item("p", f"-{paid}", text=text)
    return suggest(PaymentCase(payment=payment, today=TODAY, debits=debits), never).ways[0]


@pytest.mark.parametrize(
    "paid, rate, kept",
    [
        ("2547.94", "3 %", ["37.04", "26.40", "12.37", "3.00"]),
        ("2574.21", "2 %", ["24.69", "17.60", "8.25", "2.00"]),
        ("2364.07", "10 %", ["123.45", "88.00", "41.24", "9.99"]),
    ],
)
def test_a_rate_that_is_kept_back_of_each_document_is_short_on_each(
    paid: str, rate: str, kept: list[str]
) -> None:
    """Each rounded by itself, and said in words."""
    way = best(paid, opened())
    assert [line.short.text for line in way.lines] == kept
    assert way.difference.kind is DifferenceKind.SHORT
    assert way.difference.item is None
    assert any(why.startswith(f"{rate} less of each") for why in way.why)


def test_the_cents_of_rounding_are_the_largest_documents() -> None:
    """A payer who takes 3 % of the sum comes to another cent than who takes it line by line."""
    way = best("2547.95", opened())
    assert [line.short.text for line in way.lines] == ["37.03", "26.40", "12.37", "3.00"]


def test_it_is_seen_on_the_documents_that_the_text_names() -> None:
    """Not only on all that is open."""
    way = best("1253.58", opened(), "INV-1002 INV-1003")
    assert [(line.item, line.short.text) for line in way.lines] == [("item:1", "26.40"), ("item:2", "12.37")]


def test_where_any_difference_is_some_rate_none_is_told() -> None:
    """Of a few units every cent is half a percent or so."""
    way = best("5.97", opened(("1.10", "2.05", "3.00")))
    assert not any("of each" in why for why in way.why)


@given(
    st.lists(st.integers(20_000, 900_000), min_size=2, max_size=9),
    st.sampled_from([15, 20, 30, 50, 100, 200]),
)
def test_what_is_kept_back_and_what_is_paid_are_the_document(amounts: list[int], rate: int) -> None:
    """Line by line, whatever the rounding."""
    debits = [open_item(str(at), f"{minor / 100:.2f}") for at, minor in enumerate(amounts)]
    paid = sum(minor - (2 * minor * rate + 1000) // 2000 for minor in amounts)
    payment = open_item("p", f"-{paid / 100:.2f}")
    ways = suggest(PaymentCase(payment=payment, today=TODAY, debits=debits), never).ways
    way = next(way for way in ways if any("of each" in why for why in way.why))
    by_id = {each.item.id: each.open for each in debits}
    assert all(line.amount + line.short == by_id[line.item] and line.short.minor > 0 for line in way.lines)
    assert way.left.minor == 0
