"""What is accepted, what needs somebody else, what is refused: whatever is asked, money stays within what is open."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arqueue.control.commands import (
    Adjust,
    Annotate,
    ApplyPayment,
    Command,
    Dispute,
    Escalate,
    Identify,
    Line,
    Resolve,
    Unapply,
)
from arqueue.control.decide import (
    Accepted,
    Decision,
    NeedsApproval,
    Refusal,
    Sight,
    Situation,
    decide,
    may_approve,
)
from arqueue.model.ledger import ItemKind, ItemState
from arqueue.model.money import Money
from arqueue.model.people import Limit, People, Person, Role
from tests.unit.books import CURRENCIES, TODAY, item, money, open_items

ANNA = Person("anna", "Anna", frozenset({Role.COLLECTOR}), (Limit("adjust", money("50.00")),))
SUE = Person("sue", "Sue", frozenset({Role.SUPERVISOR}), (Limit("adjust", money("1000.00")),))
MAX = Person("max", "Max", frozenset({Role.AUDITOR}))
PEOPLE = People([ANNA, SUE, MAX])
OPERATIONS = frozenset(
    {"apply", "unapply", "adjust", "annotate", "escalate", "dispute", "resolve", "identify"}
)


def sight(key: str, residual: str, *, family: str = "f", opened: str | None = None, **changes: Any) -> Sight:
    """An item as a decider sees it, all of it open unless said."""
    made = item(key, residual, changes.pop("currency", "EUR"), **changes)
    return Sight(made, made.residual if opened is None else money(opened, made.residual.currency), family)


def situation(*sights: Sight, person: Person = ANNA, **changes: Any) -> Situation:
    """What there is to see."""
    values: dict[str, Any] = {
        "person": person,
        "people": PEOPLE,
        "items": {each.item.id: each for each in sights},
        "parties": {"party:1"},
        "reasons": {"small": "method:small"},
        "operations": OPERATIONS,
    }
    return Situation(**(values | changes))


PAYMENT = sight("p", "-100.00")
INVOICE = sight("i", "80.00")


def apply_(*lines: tuple[str, str], payment: str = "p", currency: str = "EUR") -> ApplyPayment:
    """Apply the payment to items by key and amount."""
    return ApplyPayment(
        f"item:{payment}", tuple(Line(f"item:{key}", money(amount, currency)) for key, amount in lines), TODAY
    )


def adjust(amount: str, *, key: str = "i", reason: str = "small", method: str = "method:small") -> Adjust:
    """Write so much of an item off."""
    return Adjust(f"item:{key}", money(amount), reason, method, TODAY)


def rule_of(decision: Decision) -> str:
    """The rule that spoke; empty when accepted."""
    return "" if isinstance(decision, Accepted) else decision.rule


@pytest.mark.parametrize(
    "lines,rule",
    [
        ((("i", "80.00"),), ""),
        ((("i", "0.01"),), ""),
        ((), "something to apply to"),
        ((("i", "80.01"),), "no more than is open"),
        ((("i", "0.00"),), "positive amounts"),
        ((("i", "-5.00"),), "positive amounts"),
        ((("i", "40.00"), ("i", "40.00")), "each item once"),
        ((("i", "60.00"), ("j", "40.01")), "no more than is open"),
        ((("i", "60.00"), ("j", "40.00")), ""),
        ((("p", "10.00"),), "debits only"),
        ((("gone", "10.00"),), "known items only"),
    ],
)
def test_applying_stays_within_both_sides(lines: tuple[tuple[str, str], ...], rule: str) -> None:
    """No line exceeds its item, no sum exceeds the payment, no line is empty, doubled or on a credit."""
    seen = situation(PAYMENT, INVOICE, sight("j", "50.00"))
    assert rule_of(decide(apply_(*lines), seen)) == rule


@pytest.mark.parametrize(
    "invoice,rule",
    [
        (sight("i", "80.00", family="other"), "one family"),
        (sight("i", "8000", currency="JPY"), "one currency"),
        (sight("i", "80.00", opened="0.00"), "open items only"),
        (sight("i", "80.00", state=ItemState.VOID), "open items only"),
        (Sight(INVOICE.item, INVOICE.open, "f", party_gone=True), "a living customer"),
        (sight("i", "-80.00", kind=ItemKind.CREDIT), "debits only"),
    ],
)
def test_a_line_needs_an_open_invoice_of_the_payers_family_in_its_currency(invoice: Sight, rule: str) -> None:
    """Each of these stands in the way by itself."""
    assert rule_of(decide(apply_(("i", "1.00")), situation(PAYMENT, invoice))) == rule


@pytest.mark.parametrize(
    "payment,rule",
    [
        (sight("p", "-100.00", kind=ItemKind.CREDIT), ""),
        (sight("p", "-100.00", kind=ItemKind.JOURNAL), ""),
        (sight("p", "100.00", kind=ItemKind.PAYMENT), "credits only"),
        (sight("p", "-100.00", opened="0.00"), "open items only"),
        (sight("p", "-100.00", opened="-9.99"), "no more than is open"),
    ],
)
def test_any_open_credit_can_be_applied_and_only_what_is_left_of_it(payment: Sight, rule: str) -> None:
    """A credit note pays as a payment does; a payment with nothing left, or refunded (a debit), does not."""
    assert rule_of(decide(apply_(("i", "10.00")), situation(payment, INVOICE))) == rule


@pytest.mark.parametrize(
    "command,rule",
    [
        (adjust("50.00"), ""),
        (adjust("50.01"), "limit adjust EUR 50.00"),
        (adjust("80.01"), "no more than is open"),
        (adjust("0.00"), "positive amounts"),
        (adjust("1.00", reason="odd"), "a known reason"),
        (adjust("1.00", method="method:other"), "the reason's own account"),
        (Adjust("item:i", money("1", "JPY"), "small", "method:small", TODAY), "one currency"),
        (adjust("1.00", key="gone"), "known items only"),
    ],
)
def test_an_adjustment_stays_within_what_is_open_and_the_limit(command: Adjust, rule: str) -> None:
    """Over the limit it waits for somebody; anything else wrong refuses it."""
    decision = decide(command, situation(INVOICE))
    assert rule_of(decision) == rule
    assert isinstance(decision, NeedsApproval) == rule.startswith("limit")


def test_without_a_limit_in_the_currency_somebody_else_decides() -> None:
    """A limit in EUR says nothing of JPY."""
    yen = sight("y", "5000", currency="JPY")
    decision = decide(Adjust("item:y", money("1", "JPY"), "small", "method:small", TODAY), situation(yen))
    assert isinstance(decision, NeedsApproval)


def test_a_limit_for_the_very_reason_goes_before_the_general_one() -> None:
    """A strict limit for one reason binds even where the general one is generous."""
    strict = Limit("adjust", money("5.00"), "small")
    person = Person("eve", "Eve", frozenset({Role.COLLECTOR}), (Limit("adjust", money("500.00")), strict))
    assert rule_of(decide(adjust("5.01"), situation(INVOICE, person=person))) == "limit adjust EUR 5.00"


def test_a_limit_on_applying_is_kept_in_every_currency() -> None:
    """Whoever has a limit to apply is held to it, and has none in a currency that it does not name; others apply freely."""
    bound = Person("bob", "Bob", frozenset({Role.COLLECTOR}), (Limit("apply", money("20.00")),))
    seen = situation(PAYMENT, INVOICE, person=bound)
    assert decide(apply_(("i", "20.00")), seen) == Accepted()
    assert isinstance(decide(apply_(("i", "20.01")), seen), NeedsApproval)
    yen = (sight("p", "-5000", currency="JPY"), sight("i", "5000", currency="JPY"))
    assert isinstance(
        decide(apply_(("i", "1"), currency="JPY"), situation(*yen, person=bound)), NeedsApproval
    )
    assert decide(apply_(("i", "1"), currency="JPY"), situation(*yen)) == Accepted()


def test_a_ledger_that_writes_off_whole_items_gets_only_whole_items() -> None:
    """A part, or the rest beside what is under way, is refused where the ledger would write everything off."""
    whole = situation(sight("i", "40.00"), part_adjust=False)
    assert rule_of(decide(adjust("39.99"), whole)) == "all or nothing"
    assert decide(adjust("40.00"), whole) == Accepted()
    under_way = situation(sight("i", "40.00", opened="30.00"), part_adjust=False)
    assert rule_of(decide(adjust("30.00"), under_way)) == "all or nothing"


def test_an_auditor_changes_nothing() -> None:
    """Not even a note."""
    assert rule_of(decide(Annotate("item:i", "seen"), situation(INVOICE, person=MAX))) == "auditors read only"


def test_what_the_ledger_cannot_do_is_not_ordered() -> None:
    """The refusal comes before the order is stored."""
    assert rule_of(decide(adjust("1.00"), situation(INVOICE, operations={"apply"}))) == "not in this ledger"


@pytest.mark.parametrize(
    "command,rule",
    [
        (Annotate("item:i", "  \n "), "a note says something"),
        (Annotate("item:other", "hello"), "known items only"),
        (Annotate("party:1", "hello"), ""),
        (Escalate("item:i", "sue", " "), "a reason"),
        (Escalate("item:i", "nobody", "why"), "somebody real"),
        (Escalate("item:i", "anna", "why"), "to somebody else"),
        (Escalate("item:i", "supervisor", "why"), ""),
        (Unapply("allocation:1", "item:p", "item:gone", money("1.00"), TODAY), "known items only"),
        (Unapply("allocation:1", "item:p", "item:i", money("1.00"), TODAY), ""),
    ],
)
def test_remarks_and_escalations_need_words_a_target_and_somebody_else(command: Command, rule: str) -> None:
    """Each by itself."""
    assert rule_of(decide(command, situation(PAYMENT, INVOICE))) == rule


def dispute(amount: str = "10.00", *, key: str = "i", reason: str = "price") -> Dispute:
    """The customer objects to so much of an item."""
    return Dispute(f"item:{key}", money(amount), reason)


@pytest.mark.parametrize(
    "command,invoice,rule",
    [
        (dispute(), INVOICE, ""),
        (dispute("80.00"), INVOICE, ""),
        (dispute("80.01"), INVOICE, "no more than is open"),
        (dispute("30.01"), sight("i", "80.00", opened="30.00"), "no more than is open"),
        (dispute("0.00"), INVOICE, "positive amounts"),
        (dispute("-1.00"), INVOICE, "positive amounts"),
        (dispute(reason=" "), INVOICE, "a reason"),
        (dispute(key="p"), INVOICE, "debits only"),
        (dispute(key="gone"), INVOICE, "known items only"),
        (dispute(), sight("i", "80.00", opened="0.00"), "open items only"),
        (dispute(), sight("i", "80.00", state=ItemState.VOID), "open items only"),
        (dispute(), replace(INVOICE, disputed="freight"), "one dispute an item"),
        (dispute(), replace(INVOICE, disputed="freight", resolving=True), "one dispute an item"),
        (Dispute("item:i", money("1", "JPY"), "price"), INVOICE, "one currency"),
    ],
)
def test_a_dispute_is_about_an_open_debit_and_the_only_one(
    command: Dispute, invoice: Sight, rule: str
) -> None:
    """For a reason, and for no more than is open."""
    assert rule_of(decide(command, situation(PAYMENT, invoice))) == rule


OURS = replace(INVOICE, disputed="price", disputed_here=True)


@pytest.mark.parametrize(
    "outcome,invoice,changes,rule",
    [
        ("valid", OURS, {}, ""),
        ("invalid", OURS, {"resolves": False}, ""),
        ("valid", replace(OURS, disputed_here=False), {}, ""),
        ("valid", replace(OURS, disputed_here=False), {"resolves": False}, "not in this ledger"),
        ("perhaps", OURS, {}, "valid or invalid"),
        ("valid", INVOICE, {}, "an open dispute"),
        ("valid", replace(OURS, resolving=True), {}, "an open dispute"),
        ("valid", replace(OURS, open=money("0.00")), {}, ""),
        ("valid", sight("other", "1.00"), {}, "known items only"),
    ],
)
def test_only_an_open_dispute_is_resolved(
    outcome: str, invoice: Sight, changes: dict[str, Any], rule: str
) -> None:
    """Once, as valid or invalid, also when the item was paid meanwhile; one that stands in the ledger alone, where the ledger
    lets it be ended."""
    assert rule_of(decide(Resolve("item:i", outcome), situation(invoice, **changes))) == rule


@pytest.mark.parametrize(
    "payment,party,rule",
    [
        (PAYMENT, "party:2", ""),
        (sight("p", "-100.00", opened="-1.00"), "party:2", ""),
        (sight("p", "-100.00", opened="0.00"), "party:2", "open items only"),
        (sight("p", "-100.00", kind=ItemKind.CREDIT), "party:2", "payments only"),
        (sight("p", "100.00"), "party:2", "payments only"),
        (PAYMENT, "party:1", "another customer"),
        (PAYMENT, "party:gone", "a living customer"),
        (sight("q", "-1.00"), "party:2", "known items only"),
    ],
)
def test_only_an_unapplied_payment_goes_to_another_living_customer(
    payment: Sight, party: str, rule: str
) -> None:
    """What is applied of it stays where it is."""
    seen = situation(payment, parties={"party:1", "party:2"})
    assert rule_of(decide(Identify("item:p", party, TODAY), seen)) == rule


def test_a_limit_on_moving_payments_is_kept() -> None:
    """Whoever has one is held to it."""
    bound = Person("bob", "Bob", frozenset({Role.COLLECTOR}), (Limit("identify", money("99.99")),))
    seen = situation(PAYMENT, person=bound, parties={"party:2"})
    assert isinstance(decide(Identify("item:p", "party:2", TODAY), seen), NeedsApproval)


@pytest.mark.parametrize("opened", ["-25.00", "-110.00"])
def test_a_payment_moves_only_while_all_that_is_open_of_it_is_certain(opened: str) -> None:
    """It goes with all of it, so an order that may yet take a part, or bring one back, is awaited."""
    seen = replace(PAYMENT, open=money(opened), then=money("-95.00"))
    decision = decide(Identify("item:p", "party:2", TODAY), situation(seen, parties={"party:2"}))
    assert rule_of(decision) == "all that is open"


def test_a_payment_moves_with_what_an_order_before_it_surely_leaves() -> None:
    """What is under way and known to go before it is no obstacle."""
    seen = replace(PAYMENT, open=money("-25.00"), then=money("-25.00"))
    assert decide(Identify("item:p", "party:2", TODAY), situation(seen, parties={"party:2"})) == Accepted()


def test_the_rest_that_an_application_leaves_is_written_off_whole() -> None:
    """A ledger that writes off whole items gets all that is open when the order's turn comes."""
    then = replace(INVOICE, open=money("5.00"), then=money("5.00"))
    assert decide(adjust("5.00"), situation(then, part_adjust=False)) == Accepted()
    assert rule_of(decide(adjust("4.99"), situation(then, part_adjust=False))) == "all or nothing"


def test_an_allocation_is_taken_back_once() -> None:
    """While one order does it another is refused."""
    back = Unapply("allocation:1", "item:p", "item:i", money("1.00"), TODAY)
    seen = situation(PAYMENT, INVOICE, coming_back={"allocation:1"})
    assert rule_of(decide(back, seen)) == "once"
    assert decide(replace(back, allocation="allocation:2"), seen) == Accepted()


def test_nobody_approves_their_own() -> None:
    """Another person with the limit may; the maker and a person with too low a limit may not."""
    command = adjust("60.00")
    assert rule_of(may_approve(command, "sue", situation(INVOICE, person=SUE))) == "four eyes"
    assert isinstance(may_approve(command, "anna", situation(INVOICE, person=SUE)), Accepted)
    assert isinstance(may_approve(command, "ben", situation(INVOICE, person=ANNA)), Refusal)
    assert isinstance(may_approve(command, "anna", situation(INVOICE, person=MAX)), Refusal)


def test_an_approval_looks_at_what_is_open_now() -> None:
    """What was paid meanwhile can no longer be written off, whoever approves it."""
    paid = situation(sight("i", "80.00", opened="10.00"), person=SUE)
    assert rule_of(may_approve(adjust("60.00"), "anna", paid)) == "no more than is open"


@st.composite
def worlds(draw: st.DrawFn) -> tuple[Situation, Command]:
    """A few items of several families and currencies, and any command on them."""
    sights = {}
    for number in range(draw(st.integers(1, 5))):
        each = draw(open_items(key=str(number), debit=draw(st.booleans()), currencies=CURRENCIES[:2]))
        family = draw(st.sampled_from(["f", "f", "g"]))
        sights[each.item.id] = Sight(each.item, each.open, family, draw(st.integers(0, 9)) == 0)
    ids = st.sampled_from([*sights, "item:none"])
    limits = tuple(
        Limit(action, Money(draw(st.integers(0, 30_000)), currency), reason)
        for action, currency, reason in draw(
            st.lists(
                st.sampled_from(
                    [(a, c, r) for a in ("adjust", "apply") for c in CURRENCIES[:2] for r in ("*", "small")]
                ),
                unique=True,
                max_size=4,
            )
        )
    )
    person = Person("eve", "Eve", frozenset({Role.COLLECTOR}), limits)
    amount = st.builds(Money, st.integers(-5, 50_000), st.sampled_from(CURRENCIES[:2]))
    command: Command
    if draw(st.booleans()):
        command = ApplyPayment(
            draw(ids), tuple(draw(st.lists(st.builds(Line, ids, amount), max_size=4))), TODAY
        )
    else:
        command = Adjust(draw(ids), draw(amount), "small", "method:small", TODAY)
    return situation(*sights.values(), person=person), command


@given(worlds())
def test_nothing_is_let_through_beyond_open_limit_family_and_currency(
    world: tuple[Situation, Command],
) -> None:
    """Whatever is asked: what is accepted, or accepted once approved, is possible; what is accepted is within the limit."""
    seen, command = world
    decision = decide(command, seen)
    if isinstance(decision, Refusal):
        return
    if isinstance(command, ApplyPayment):
        payment = seen.items[command.payment]
        assert sum(line.amount.minor for line in command.lines) <= -payment.open.minor
        assert len({line.item for line in command.lines}) == len(command.lines) > 0
        for line in command.lines:
            taker = seen.items[line.item]
            assert 0 < line.amount.minor <= taker.open.minor
            assert line.amount.currency == taker.open.currency == payment.open.currency
            assert taker.family == payment.family
            assert taker.item.state is payment.item.state is ItemState.OPEN
            assert not taker.party_gone
            assert not payment.party_gone
        moved = Money(sum(line.amount.minor for line in command.lines), payment.open.currency)
    else:
        assert isinstance(command, Adjust)
        target = seen.items[command.item]
        assert 0 < command.amount.minor <= abs(target.open.minor)
        assert command.amount.currency == target.open.currency
        moved = command.amount
    if isinstance(decision, Accepted) and any(each.action == command.op for each in seen.person.limits):
        limit = seen.person.limit_for(command.op, moved.currency, getattr(command, "reason", ""))
        assert limit is not None
        assert moved <= limit
