"""The order in the making, whatever keys are pressed: its arithmetic holds, and what it hands over adds up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from arqueue.errors import Invalid
from arqueue.model.money import Money
from data.broker.protocol import ReasonCodeRow, Suggestions
from screens import words
from screens.apply import said
from screens.apply.rests import letters
from screens.apply.sheet import Sheet
from tests.screens.company import item_row, party_row
from tests.screens.scripted_broker import REASONS

PARTY = party_row(0)


def found(debits: list[int], credits: list[int], discounts: dict[int, int], payment: int) -> Suggestions:
    """A payment over these open amounts, in cents."""

    def row(name: str, minor: int) -> dict[str, Any]:
        amount = Money(minor, "EUR").text
        return item_row(f"item:{name}", PARTY, total=amount, residual=amount, open=amount)

    answer = {
        "payment": row("PAY", -payment),
        "suggestions": [],
        "complete": True,
        "notes": [],
        "debits": [row(f"INV-{n}", minor) for n, minor in enumerate(debits)],
        "debits_total": len(debits),
        "credits": [row(f"CN-{n}", -minor) for n, minor in enumerate(credits)],
        "discounts": [
            {
                "item": f"item:INV-{n}",
                "amount": Money(min(minor, debits[n] - 1), "EUR").text,
                "until": "2026-11-22",
                "earned": True,
            }
            for n, minor in discounts.items()
            if n < len(debits) and debits[n] > 1
        ],
        "payers": [],
        "unidentified": False,
        "tolerance": "2.00",
        "charges": None,
        "reasons": {"small": "SMALL"},
        "dispute_reasons": ["price", "quantity"],
    }
    return cast(Suggestions, answer)


amounts = st.integers(1, 500_000)
answers = st.builds(
    found,
    st.lists(amounts, max_size=8),
    st.lists(amounts, max_size=3),
    st.dictionaries(st.integers(0, 7), amounts, max_size=4),
    st.integers(1, 2_000_000),
)
KEYS: list[Callable[[Sheet, str, Money], None]] = [
    lambda sheet, item, amount: sheet.toggle(item),
    lambda sheet, item, amount: sheet.put(item, amount),
    lambda sheet, item, amount: sheet.take_all(sheet.lines),
    lambda sheet, item, amount: sheet.invert(sheet.lines),
    lambda sheet, item, amount: _discount(sheet, item),
    lambda sheet, item, amount: sheet.cycle(item) if sheet.gap(item) else None,
    lambda sheet, item, amount: sheet.cycle_over() if sheet.left.minor > 0 or sheet.over == "next" else None,
]


def _discount(sheet: Sheet, item: str) -> None:
    if sheet.lines[item].discount is not None:
        sheet.toggle_discount(item)


@st.composite
def worked_on(draw: st.DrawFn) -> Sheet:
    """A sheet after some keys."""
    sheet = Sheet(draw(answers), cast(list[ReasonCodeRow], REASONS))
    items = list(sheet.lines)
    if items:
        for key, place, minor in draw(
            st.lists(st.tuples(st.sampled_from(KEYS), st.integers(0, 50), amounts), max_size=12)
        ):
            key(sheet, items[place % len(items)], Money(minor, "EUR"))
    return sheet


@given(worked_on())
def test_the_total_is_the_payment_and_its_credits_less_what_is_paid(sheet: Sheet) -> None:
    """Whatever was done before."""
    debits = sum(amount.minor for item, amount in sheet.amounts.items() if not sheet.lines[item].credit)
    credits = sum(amount.minor for item, amount in sheet.amounts.items() if sheet.lines[item].credit)
    assert sheet.left.minor == sheet.available.minor + credits - debits


@given(worked_on())
def test_what_is_handed_over_adds_up(sheet: Sheet) -> None:
    """No line is more than what is open with its discount, no rest is settled where there is none, and nothing is paid twice."""
    try:
        order = sheet.command()
    except Invalid:
        return
    paid = credits = 0
    for line in order["lines"]:
        item = sheet.lines[line["item"]]
        amount = Money.parse(line["amount"], "EUR").minor
        discount = Money.parse(line.get("discount", "0"), "EUR").minor
        paid += amount
        assert amount > 0
        assert discount >= 0
        assert amount + discount <= item.open.minor
        if "short" in line:
            assert amount + discount < item.open.minor
            assert line["short"]["reason"]
    for credit in order.get("credits", []):
        used = Money.parse(credit["amount"], "EUR").minor
        credits += used
        assert 0 < used <= sheet.lines[credit["item"]].open.minor
    assert paid - credits <= sheet.available.minor
    named = [line["item"] for line in (*order["lines"], *order.get("credits", []))]
    assert len(named) == len(set(named))


def test_a_line_that_was_changed_is_nobodys_rest_any_more() -> None:
    """What the rest was put on is taken off again only while it stands there as it was put."""
    sheet = Sheet(found([100, 300], [], {}, 200), cast(list[ReasonCodeRow], REASONS))
    first, second = sheet.lines
    sheet.put(first, Money(100, "EUR"))
    sheet.cycle_over()
    assert sheet.amount(second) == Money(100, "EUR")
    sheet.put(second, Money(40, "EUR"))
    sheet.cycle_over()
    assert sheet.amount(second) == Money(40, "EUR")


@given(worked_on())
def test_a_draft_is_what_was_left(sheet: Sheet) -> None:
    """State and back is the same order, unless more was typed than is open."""
    try:
        before = sheet.command()
    except Invalid:
        return
    state = sheet.state()
    assert sheet.restore(state) == []
    assert sheet.command() == before


@given(worked_on(), st.integers(1, 4))
def test_a_step_back_is_just_what_was_there(sheet: Sheet, ways: int) -> None:
    """Whatever was typed, right or not, in its order; and the rest goes on to its next way from there."""
    before, shown = sheet.state(), (sheet.left, list(sheet.amounts))
    for _ in range(ways):
        sheet.cycle_over()
    sheet.put_back(before)
    assert (sheet.left, list(sheet.amounts)) == shown
    assert sheet.state() == before


@given(worked_on())
def test_everything_but_everything_but_is_the_same_lines(sheet: Sheet) -> None:
    """x twice brings back the lines that were on, paid in full."""
    before = set(sheet.amounts)
    sheet.invert(sheet.lines)
    assert set(sheet.amounts) == set(sheet.lines) - before
    sheet.invert(sheet.lines)
    assert set(sheet.amounts) == before


@given(worked_on(), st.data())
def test_what_becomes_of_a_rest_comes_round(sheet: Sheet, data: st.DataObject) -> None:
    """The key leads through every way and back, and no amount moves meanwhile."""
    resting = [item for item in sheet.amounts if sheet.rest(item)]
    if not resting:
        return
    item = data.draw(st.sampled_from(resting))
    sheet.rests.pop(item, None)
    taken, left = sheet.discount(item), sheet.left
    seen = []
    for _ in range(7):
        sheet.cycle(item)
        seen.append((sheet.rest_of(item).how, sheet.discount(item)))
        assert sheet.left == left
        if seen[-1] == ("open", taken):
            break
    assert seen[-1] == ("open", taken)
    assert {"dispute", "writeoff"} <= {how for how, _ in seen}


@given(st.lists(st.text("abcdefghij rxyz", min_size=1, max_size=12), unique=True, max_size=20))
def test_every_reason_has_a_letter_of_its_own(names: list[str]) -> None:
    """None has the letter that goes on to the next way."""
    found_letters = letters(names)
    assert list(found_letters.values()) == names
    assert "r" not in found_letters


def test_a_discount_that_is_not_granted_is_a_rest_and_not_too_much() -> None:
    """The payer took it off: the payment reaches no further, and taking it again is the same key."""
    sheet = Sheet(found([1000], [], {0: 20}, 980), cast(list[ReasonCodeRow], REASONS))
    (item,) = sheet.lines
    sheet.toggle_discount(item)
    assert (sheet.amount(item), sheet.discount(item)) == (Money(980, "EUR"), Money(20, "EUR"))
    sheet.toggle_discount(item)
    assert (sheet.amount(item), sheet.rest(item), sheet.left.minor) == (
        Money(980, "EUR"),
        Money(20, "EUR"),
        0,
    )
    sheet.toggle_discount(item)
    assert sheet.discount(item) == Money(20, "EUR")


@given(worked_on(), st.integers(78, 118))
def test_the_sum_keeps_to_its_two_lines(sheet: Sheet, width: int) -> None:
    """The result stands in the first; what it means follows it where there is room, and begins the second where there is none."""
    first, second = said.total(sheet, width).plain.split("\n")
    assert cell_len(first) <= width
    assert f"= {words.money(sheet.left.text, 'EUR')}" in first
    if sheet.left.minor < 0:
        assert "MORE THAN THE PAYMENT HAS" in first or second.startswith("   MORE THAN THE PAYMENT HAS · ")


@pytest.mark.parametrize(
    "name,apart",
    [
        ("Ilmhafen Handel SE Filiale Nord", "…Filiale Nord"),
        ("Ilmhafen Markt GmbH", "…Markt GmbH"),
        ("Ilmhafen", "Ilmhafen"),
        ("Nordmarkt GmbH", "Nordmarkt GmbH"),
    ],
)
def test_customers_of_a_family_are_told_apart_where_names_begin_alike(name: str, apart: str) -> None:
    """By what is theirs alone, which a narrow column would cut off; the whole name is kept as well."""
    answer = found([100, 200], [], {}, 300)
    answer["payment"]["party"] = "Ilmhafen Handel SE"
    answer["debits"][1] |= {"party_id": "party:9", "party": name}
    own, theirs = Sheet(answer, cast(list[ReasonCodeRow], REASONS)).lines.values()
    assert (own.party, own.party_apart) == ("", "")
    assert (theirs.party, theirs.party_apart) == (name, apart)
