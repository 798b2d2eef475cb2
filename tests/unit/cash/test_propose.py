"""Ways to apply a payment: never more than there is, exact where it says exact, counted where it counts."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arqueue.cash.propose import Proposal, ProposalKind, propose
from arqueue.model.ledger import OpenItem
from arqueue.model.money import Money
from tests.unit.books import TODAY, money, open_item


def paid(amount: str, text: str = "", currency: str = "EUR", **changes: Any) -> OpenItem:
    """A payment of so much."""
    return open_item("p", f"-{amount}", currency, text=text, **changes)


def invoice(key: str, residual: str, number: str = "", **changes: Any) -> OpenItem:
    """An open invoice."""
    return open_item(key, residual, changes.pop("currency", "EUR"), number=number or f"N-{key}", **changes)


def of_kind(kind: ProposalKind, proposals: list[Proposal]) -> list[Proposal]:
    """Those of a kind."""
    return [each for each in proposals if each.kind is kind]


def lines_of(proposal: Proposal) -> dict[str, str]:
    """Item key to amount."""
    return {line.item.removeprefix("item:"): str(line.amount) for line in proposal.lines}


@pytest.mark.parametrize(
    "text,number,is_named",
    [
        ("payment INV-1001 thanks", "INV-1001", True),
        ("payment inv-1001", "INV-1001", True),
        ("INV-10012", "INV-1001", False),
        ("XINV-1001", "INV-1001", False),
        ("INV-1001, INV-10012", "INV-1001", True),
        ("INV-1001INV-1002", "INV-1001", True),
        ("101", "101", False),
        ("consulting services", "Consulting", False),
    ],
)
def test_a_number_stands_in_a_text_whole_or_not_at_all(text: str, number: str, is_named: bool) -> None:
    """Part of a longer number, a short number, or a word without digits names nothing."""
    found = propose(paid("10.00", text), [invoice("1", "99.00", number)])
    named = [each for each in of_kind(ProposalKind.REFERENCE, found) if "text names" in each.why[0]]
    assert bool(named) is is_named


def test_the_customers_own_reference_and_order_name_an_invoice() -> None:
    """Many customers quote their numbers, not ours."""
    debits = [invoice("1", "10.00", reference="PR-77001"), invoice("2", "10.00", purchase_order="PO-55002")]
    first = propose(paid("10.00", "for pr-77001"), debits)[0]
    second = propose(paid("10.00", "PO-55002"), debits)[0]
    assert (lines_of(first), lines_of(second)) == ({"1": "10.00"}, {"2": "10.00"})


def test_digits_alone_name_an_invoice_where_no_number_stands_whole() -> None:
    """By the last run of digits; a year names none."""
    debits = [invoice("1", "10.00", "INV-2026-0815"), invoice("2", "10.00", "INV-2026-0816")]
    assert lines_of(propose(paid("10.00", "rechnung 0816"), debits)[0]) == {"2": "10.00"}
    assert not of_kind(ProposalKind.REFERENCE, propose(paid("10.00", "in 2026"), debits))


def test_a_short_payment_leaves_the_last_named_item_open_in_part() -> None:
    """And says by how much."""
    first = propose(paid("95.00", "N-00001"), [invoice("1", "100.00", "N-00001")])[0]
    assert (lines_of(first), str(first.short), str(first.left)) == ({"1": "95.00"}, "5.00", "0.00")


def test_an_overpayment_stays_on_account() -> None:
    """And says how much."""
    first = propose(paid("120.00"), [invoice("1", "100.00")])[0]
    assert (str(first.left), str(first.short)) == ("20.00", "0.00")


def test_every_exact_answer_is_counted() -> None:
    """Three invoices of 50 are three answers, each marked as one of three."""
    exact = of_kind(ProposalKind.EXACT, propose(paid("50.00"), [invoice(str(n), "50.00") for n in range(3)]))
    assert [each.answers for each in exact] == [3, 3, 3]
    assert "1 of 3 equal answers" in exact[0].why


def test_exact_pairs_are_counted_however_many_items_there_are() -> None:
    """The only pair of 600 open items is found, and is known to be the only one."""
    debits = [invoice(str(n), f"{1000 + n}.00") for n in range(600)]
    debits.append(invoice("a", "3.33"))
    debits.append(invoice("b", "4.44"))
    (exact,) = of_kind(ProposalKind.EXACT, propose(paid("7.77"), debits))
    assert (lines_of(exact), exact.answers) == ({"a": "3.33", "b": "4.44"}, 1)


def test_items_in_another_currency_are_left_alone() -> None:
    """The accounting system books exchange differences."""
    assert propose(paid("100.00"), [invoice("1", "100", currency="JPY")]) == []


def test_nothing_open_proposes_nothing() -> None:
    """A payment fully under way, or one that is a debit."""
    debit = [invoice("1", "10.00")]
    assert propose(OpenItem(paid("10.00").item, Money.zero("EUR")), debit) == []
    assert propose(invoice("2", "10.00"), debit) == []
    assert propose(paid("10.00"), []) == []


@st.composite
def cases(draw: st.DrawFn) -> tuple[OpenItem, list[OpenItem]]:
    """Few different amounts, so that exact answers are frequent."""
    minor = st.integers(1, 12).map(lambda each: each * 100)
    debits = []
    for number in range(draw(st.integers(0, 9))):
        residual = draw(minor)
        opened = draw(st.sampled_from([residual, residual, residual // 2]))
        made = open_item(str(number), Money(residual, "EUR").text, number=f"INV-{1000 + number}").item
        debits.append(OpenItem(made, Money(opened, "EUR")))
    text = " ".join(f"INV-{draw(st.integers(1000, 1010))}" for _ in range(draw(st.integers(0, 3))))
    return paid(Money(draw(minor), "EUR").text, text), debits


@given(cases())
def test_no_proposal_takes_more_than_there_is(case: tuple[OpenItem, list[OpenItem]]) -> None:
    """No line exceeds its item, no item comes twice, what is applied and what is left are the payment."""
    payment, debits = case
    opened = {each.item.id: each.open for each in debits}
    for proposal in propose(payment, debits):
        assert proposal.lines
        assert len({line.item for line in proposal.lines}) == len(proposal.lines)
        assert all(0 < line.amount.minor <= opened[line.item].minor for line in proposal.lines)
        assert proposal.applied + proposal.left == -payment.open
        partly = [
            opened[line.item] - line.amount for line in proposal.lines if line.amount != opened[line.item]
        ]
        assert partly == ([proposal.short] if proposal.short else [])
        assert not (proposal.short and proposal.left)


@given(cases())
def test_exact_answers_are_exact_and_counted(case: tuple[OpenItem, list[OpenItem]]) -> None:
    """The count is what trying all singles, else all pairs, finds; each answer shown is one of them."""
    payment, debits = case
    wanted = -payment.open.minor
    live = [each for each in debits if each.open.minor > 0]
    every = [{each.item.id} for each in live if each.open.minor == wanted] or [
        {one.item.id, other.item.id}
        for one, other in combinations(live, 2)
        if one.open.minor + other.open.minor == wanted
    ]
    exact = of_kind(ProposalKind.EXACT, propose(payment, debits))
    assert len(exact) <= min(5, len(every))
    for proposal in exact:
        assert proposal.answers == len(every)
        assert {line.item for line in proposal.lines} in every
        assert proposal.applied == -payment.open
        assert not proposal.left


@given(cases())
def test_proposals_are_distinct(case: tuple[OpenItem, list[OpenItem]]) -> None:
    """The same lines are not offered twice under two names."""
    sets = [frozenset(each.lines) for each in propose(*case)]
    assert len(set(sets)) == len(sets)


def test_oldest_first_fills_from_the_oldest_due() -> None:
    """Whatever order the items come in."""
    old = invoice("old", "30.00", due_date=TODAY.replace(year=2025))
    new = invoice("new", "30.00", due_date=TODAY)
    (proposal,) = of_kind(ProposalKind.OLDEST, propose(paid("40.00"), [new, old]))
    assert lines_of(proposal) == {"old": "30.00", "new": "10.00"}
    assert proposal.short == money("20.00")
