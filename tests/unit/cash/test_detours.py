"""Ways that only net documents against each other beside what a likelier way pays fill no list."""

from __future__ import annotations

import pytest

from arqueue.model.ledger import ItemKind
from tests.unit.cash.test_suggest import credit, invoice, lines, paid, ways

OPEN = [invoice("1001", "100.00", age=80), invoice("1002", "40.00", age=70), invoice("1003", "75.25", age=60)]
NETTED = [credit("2007", "40.00")]
DETOUR = {"1001": "100.00", "1002": "40.00", "2007": "-40.00"}


@pytest.mark.parametrize("text", ["INV-1001", "", "thank you"])
@pytest.mark.parametrize("kind", [ItemKind.CREDIT, ItemKind.PAYMENT])
def test_what_comes_to_nothing_beside_a_likelier_way_is_not_shown(text: str, kind: ItemKind) -> None:
    """Whether the smaller set is named or equals the amount; the other ways stay."""
    found = [lines(way) for way in ways(paid("100.00", text), OPEN, credits=[credit("2007", "40.00", kind)])]
    assert found[0] == {"1001": "100.00"}
    assert DETOUR not in found
    assert len(found) > 1


@pytest.mark.parametrize("text", ["INV-1001 INV-1002", "INV-1001 INV-1002 less CN-2007", "INV-1001, CN-2007"])
def test_what_the_payer_names_is_shown_whatever_it_comes_to(text: str) -> None:
    """Part of what is added is enough: why else would it be named."""
    assert DETOUR in [lines(way) for way in ways(paid("100.00", text), OPEN, credits=NETTED)]


def test_what_is_named_but_faintly_is_shown_behind_the_likelier_way() -> None:
    """Two letters and a figure may mean the credit note."""
    found = [
        lines(way) for way in ways(paid("100.00", "INV-1001 CN-7"), OPEN, credits=[credit("7", "40.00")])
    ]
    assert found[:2] == [{"1001": "100.00"}, {"1001": "100.00", "1002": "40.00", "7": "-40.00"}]


def test_netting_that_changes_what_is_paid_is_shown() -> None:
    """The credit is what makes the sum."""
    found = [lines(way) for way in ways(paid("135.25"), OPEN, credits=NETTED)]
    assert {"1001": "100.00", "1003": "75.25", "2007": "-40.00"} in found


def test_a_way_that_leaves_the_same_over_is_a_detour_as_well() -> None:
    """Of a payment that is more than what is named."""
    found = [lines(way) for way in ways(paid("103.00", "INV-1001"), OPEN, credits=NETTED)]
    assert {"1001": "100.00"} in found
    assert DETOUR not in found


def test_the_room_is_for_other_ways() -> None:
    """Nine are shown as before, where there are so many."""
    debits = [invoice(str(1000 + at), f"{100 + at}.00", age=90 - at) for at in range(12)]
    credits = [credit(str(2000 + at), f"{100 + at}.00") for at in range(12)]
    found = [lines(way) for way in ways(paid("211.00"), debits, credits=credits)]
    for at, way in enumerate(found):
        for before in found[:at]:
            assert not set(before.items()) < set(way.items())
    assert len(found) == 9
