"""One order, several commands: whatever is settled, the amounts add up and no cent is moved twice."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arqueue.cash.settle import How, SettledLine, Settlement, Short, Terms, expand
from arqueue.control.commands import (
    Adjust,
    Annotate,
    ApplyPayment,
    Command,
    Dispute,
    Escalate,
    Line,
)
from arqueue.control.decide import Refusal, Sight
from arqueue.model.ledger import ItemKind
from arqueue.model.money import Money
from tests.unit.books import TODAY, item, money

TERMS = Terms(TODAY, {"DISC": "method:disc", "SMALL": "method:small"}, "DISC")


def sight(key: str, residual: str, *, party: str = "party:1", currency: str = "EUR") -> Sight:
    """An item, all of it open."""
    kind = ItemKind.PAYMENT if residual.startswith("-") else ItemKind.INVOICE
    made = item(key, residual, currency, party_id=party, kind=kind)
    return Sight(made, made.residual, "f")


def seen(*sights: Sight) -> dict[str, Sight]:
    """By id."""
    return {each.item.id: each for each in sights}


def line(
    key: str, amount: str, discount: str = "0", short: Short | None = None, currency: str = "EUR"
) -> SettledLine:
    """One debit of an order."""
    return SettledLine(f"item:{key}", money(amount, currency), money(discount, currency), short)


def settlement(*lines: SettledLine, **more: Any) -> Settlement:
    """An order to settle payment p."""
    return Settlement("item:p", lines, **more)


def commands(order: Settlement, *sights: Sight) -> tuple[Command, ...]:
    """What it becomes; a refusal fails the test."""
    made = expand(order, seen(*sights), TERMS)
    assert not isinstance(made, Refusal), made
    return made


def rule(order: Settlement, *sights: Sight) -> str:
    """The rule that refuses it."""
    made = expand(order, seen(*sights), TERMS)
    assert isinstance(made, Refusal), made
    assert made.hint
    return made.rule


PAYMENT = sight("p", "-900.00")
ONE, TWO, THREE = sight("1", "500.00"), sight("2", "300.00"), sight("3", "200.00")
CREDIT = sight("c", "-60.00")


def test_credits_come_first_then_the_payment_then_what_becomes_of_each_rest() -> None:
    """The order in which the commands are sent: each finds what it was decided on."""
    made = commands(
        settlement(
            line("1", "490.00", "10.00"),
            line("2", "296.00", short=Short(How.WRITEOFF, "SMALL", "rounding")),
            line("3", "150.00", short=Short(How.DISPUTE, "not delivered", amount=money("40.00"))),
            credits=(Line("item:c", money("60.00")),),
            refund=True,
            note="asked by mail",
        ),
        *(PAYMENT, CREDIT, ONE, TWO, THREE),
    )
    assert made == (
        ApplyPayment("item:c", (Line("item:1", money("60.00")),), TODAY),
        ApplyPayment(
            "item:p",
            (
                Line("item:1", money("430.00")),
                Line("item:2", money("296.00")),
                Line("item:3", money("150.00")),
            ),
            TODAY,
        ),
        Adjust("item:1", money("10.00"), "DISC", "method:disc", TODAY, "early-payment discount"),
        Adjust("item:2", money("4.00"), "SMALL", "method:small", TODAY, "rounding"),
        Dispute("item:3", money("40.00"), "not delivered"),
        Escalate("item:p", "supervisor", "refund of 24.00 EUR requested: asked by mail"),
    )


def test_a_plain_order_is_one_command() -> None:
    """What stays open, and what stays on account, needs nothing."""
    made = commands(settlement(line("1", "400.00", short=Short(How.OPEN))), PAYMENT, ONE)
    assert made == (ApplyPayment("item:p", (Line("item:1", money("400.00")),), TODAY),)


def test_a_note_stands_on_the_payment() -> None:
    """Words that belong to the order as a whole."""
    made = commands(settlement(line("1", "400.00"), note="as agreed"), PAYMENT, ONE)
    assert made[-1] == Annotate("item:p", "as agreed")


def test_a_credit_pays_its_own_customer_first() -> None:
    """Some ledgers apply within one customer only; what the credit has left goes to the others."""
    branch = sight("c", "-350.00", party="party:2")
    there = sight("2", "300.00", party="party:2")
    made = commands(
        settlement(line("1", "500.00"), line("2", "300.00"), credits=(Line("item:c", money("350.00")),)),
        *(PAYMENT, branch, ONE, there),
    )
    assert made[0] == ApplyPayment(
        "item:c", (Line("item:2", money("300.00")), Line("item:1", money("50.00"))), TODAY
    )
    assert made[1] == ApplyPayment("item:p", (Line("item:1", money("450.00")),), TODAY)


@pytest.mark.parametrize(
    "order,expected",
    [
        (settlement(), "something to apply to"),
        (settlement(line("1", "0.00")), "positive amounts"),
        (settlement(line("1", "-1.00")), "positive amounts"),
        (settlement(line("1", "10.00", "-1.00")), "positive amounts"),
        (settlement(line("1", "500.01")), "no more than is open"),
        (settlement(line("1", "490.00", "10.01")), "no more than is open"),
        (settlement(line("1", "5.00"), line("1", "5.00")), "each item once"),
        (settlement(line("1", "5.00"), credits=(Line("item:p", money("1.00")),)), "each item once"),
        (settlement(line("1", "500.00", short=Short(How.WRITEOFF, "SMALL"))), "a rest"),
        (settlement(line("1", "490.00", "10.00", Short(How.DISPUTE, "price"))), "a rest"),
        (
            settlement(line("1", "490.00", short=Short(How.DISPUTE, "price", amount=money("10.01")))),
            "no more than is left",
        ),
        (
            settlement(line("1", "490.00", short=Short(How.WRITEOFF, "SMALL", amount=money("0.00")))),
            "no more than is left",
        ),
        (
            settlement(line("1", "60.00"), credits=(Line("item:c", money("60.00")),)),
            "the payment pays something",
        ),
        (settlement(line("1", "60.00"), credits=(Line("item:c", money("0.00")),)), "positive amounts"),
        (settlement(line("1", "500.00"), line("2", "300.00"), refund=True), ""),
        (
            settlement(line("1", "500.00"), line("2", "300.00"), line("3", "100.00"), refund=True),
            "something to refund",
        ),
        (settlement(line("y", "1000", currency="JPY")), "one currency"),
    ],
)
def test_what_does_not_add_up_is_refused(order: Settlement, expected: str) -> None:
    """With the rule, the number of the item, and what to do."""
    sights = (PAYMENT, CREDIT, ONE, TWO, THREE, sight("y", "5000", currency="JPY"))
    if expected:
        assert rule(order, *sights) == expected
    else:
        commands(order, *sights)


@st.composite
def orders(draw: st.DrawFn) -> tuple[Settlement, dict[str, Sight]]:
    """Orders that add up: debits and credits of two customers, discounts, and every way to treat a rest."""
    debits = draw(st.lists(st.integers(1, 5_000), min_size=1, max_size=6))
    lines, sights = [], {}
    for n, total in enumerate(debits):
        paid = draw(st.integers(1, total))
        discount = draw(st.integers(0, total - paid))
        rest = total - paid - discount
        short = None
        if rest and draw(st.booleans()):
            amount = draw(st.one_of(st.none(), st.integers(1, rest)))
            short = Short(
                draw(st.sampled_from(How)),
                "SMALL",
                amount=None if amount is None else Money(amount, "EUR"),
            )
        key = f"d{n}"
        lines.append(SettledLine(f"item:{key}", Money(paid, "EUR"), Money(discount, "EUR"), short))
        sights[f"item:{key}"] = sight(key, str(Money(total, "EUR")), party=draw(_PARTIES))
    due = sum(line.amount.minor for line in lines)
    credits = []
    for n in range(draw(st.integers(0, 3))):
        if due > 1:
            used = draw(st.integers(1, due - 1))
            due -= used
            credits.append(Line(f"item:c{n}", Money(used, "EUR")))
            sights[f"item:c{n}"] = sight(f"c{n}", f"-{Money(used, 'EUR')}", party=draw(_PARTIES))
    over = draw(st.integers(0, 500))
    sights["item:p"] = sight("p", f"-{Money(due + over, 'EUR')}")
    refund = bool(over) and draw(st.booleans())
    return Settlement("item:p", tuple(lines), tuple(credits), refund), sights


_PARTIES = st.sampled_from(["party:1", "party:2"])


@given(orders())
def test_the_commands_move_what_the_order_says_and_nothing_else(
    made: tuple[Settlement, dict[str, Sight]],
) -> None:
    """Each debit is paid its amount, by payment and credits together; each credit is used up as said; the payment pays the
    difference; no debit is moved by more than is open of it."""
    order, sights = made
    found = expand(order, sights, TERMS)
    assert not isinstance(found, Refusal), found
    paid: Counter[str] = Counter()
    used: Counter[str] = Counter()
    adjusted: Counter[str] = Counter()
    for command in found:
        if isinstance(command, ApplyPayment):
            assert len({each.item for each in command.lines}) == len(command.lines)
            for each in command.lines:
                assert each.amount.minor > 0
                paid[each.item] += each.amount.minor
                used[command.payment] += each.amount.minor
        elif isinstance(command, Adjust):
            assert command.amount.minor > 0
            adjusted[command.item] += command.amount.minor
    assert paid == Counter({line.item: line.amount.minor for line in order.lines})
    credits = {each.item: each.amount.minor for each in order.credits}
    assert used == Counter({**credits, "item:p": sum(paid.values()) - sum(credits.values())})
    for line in order.lines:
        assert paid[line.item] + adjusted[line.item] <= sights[line.item].open.minor
        assert adjusted[line.item] >= line.discount.minor


@given(orders())
def test_the_payment_is_applied_after_the_credits_and_before_every_adjustment(
    made: tuple[Settlement, dict[str, Sight]],
) -> None:
    """An adjustment that came first would be a write-off of something that is still to be paid."""
    order, sights = made
    found = expand(order, sights, TERMS)
    assert not isinstance(found, Refusal)
    kinds = [
        "credit" if isinstance(each, ApplyPayment) and each.payment != order.payment else each.op
        for each in found
    ]
    ranks = ["credit", "apply", "adjust", "dispute", "escalate"]
    places = [ranks.index("adjust" if kind == "dispute" else kind) for kind in kinds]
    assert places == sorted(places)
    assert kinds.count("apply") == 1
