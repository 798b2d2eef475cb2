"""The lines of an advice find their open items, each by itself."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arqueue.cash.advice import Advice, AdviceLine
from arqueue.cash.remittance import match_advice
from arqueue.model.ledger import ItemKind, OpenItem
from tests.unit.books import money, open_item
from tests.unit.cash.remittance.books import ledger


def meant(
    reference: str, amount: str | None = None, items: list[OpenItem] | None = None, **more: object
) -> str | None:
    """The key of the item that a line means."""
    line = AdviceLine(reference=reference, amount=money(amount) if amount else None, **more)  # type: ignore[arg-type]
    ((same, key),) = match_advice(Advice(source="csv", lines=(line,)), ledger() if items is None else items)
    assert same is line
    return key.removeprefix("item:") if key else None


@pytest.mark.parametrize(
    "reference,key",
    [
        ("INV-2026-1001", "1001"),
        ("inv 2026/1001", "1001"),
        ("1001", "1001"),
        ("20261001", "1001"),
        ("Rechnung 1001", "1001"),
        ("001001", "1001"),
        ("PO-56001", "1001"),
        ("PR-771001", "1001"),
        ("RF35 20261001", "1001"),
        ("lNV-2026-1OO1", "1001"),
        ("CN 0044", "c44"),
        ("INV-7084/2", "i2"),
        ("9999", None),
        ("INV-2026-1011", None),
        ("", None),
        ("on account", None),
        ("1001 / 1002", None),
        ("INV-7084", None),
    ],
)
def test_a_line_means_the_one_item_of_its_name(reference: str, key: str | None) -> None:
    """However it is written; none where there is none, or more than one."""
    assert meant(reference) == key


def test_the_amount_tells_two_of_one_name_apart() -> None:
    """Also its side and its date: a credit note may have its invoice's number."""
    items = [
        open_item("one", "10.00", number="A-77", doc_date=date(2026, 1, 1)),
        open_item("two", "20.00", number="A-77", doc_date=date(2026, 2, 2)),
        open_item("back", "-5.00", number="A-77", kind=ItemKind.CREDIT),
    ]
    assert meant("A-77", "20.00", items) == "two"
    assert meant("A-77", "-3.00", items) == "back"
    assert meant("A-77", "15.00", items, on=date(2026, 1, 1)) == "one"
    assert meant("A-77", "9.80", items, discount=money("0.20")) == "one"
    assert meant("A-77", "15.00", items) is None


def test_a_weak_reading_holds_only_with_the_right_amount() -> None:
    """A wrong last figure."""
    assert meant("RE500816", "8.15") == "500815"
    assert meant("RE500816", "8.16") is None


def test_each_line_is_matched_by_itself() -> None:
    """In the advice's order, the same item twice if it is named twice."""
    lines = tuple(AdviceLine(reference=each) for each in ("1002", "nothing", "1001", "1002"))
    assert match_advice(Advice(source="csv", lines=lines), ledger()) == tuple(
        zip(lines, ("item:1002", None, "item:1001", "item:1002"), strict=True)
    )


@given(st.lists(st.text("INV-2061/ .xPO5", max_size=20), max_size=8), st.permutations(ledger()))
def test_any_reference_is_matched_to_a_given_item_or_none(
    references: list[str], items: list[OpenItem]
) -> None:
    """And the order of the items changes nothing."""
    advice = Advice(source="csv", lines=tuple(AdviceLine(reference=each) for each in references))
    found = match_advice(advice, items)
    assert [line.reference for line, _ in found] == references
    assert {key for _, key in found} <= {None, *(each.item.id for each in items)}
    assert found == match_advice(advice, ledger())
