"""A command is written once, as bytes, and means for ever what it meant then."""

from __future__ import annotations

import json
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
    Expected,
    Identify,
    Line,
    Resolve,
    Unapply,
    effects,
    from_wire,
    head_in,
    items_of,
    new_id,
    seal,
    subjects_of,
    to_wire,
    unseal,
)
from arqueue.control.states import EDGES, FINAL, CommandState, may_follow
from arqueue.errors import Invalid
from arqueue.model.money import LIMIT, Money
from tests.unit.books import CURRENCIES, TODAY, money

IDS = st.text("abcdefghijklmnopqrstuvwxyz0123456789:-", min_size=1, max_size=20)
WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=60)
POSITIVE = st.builds(Money, st.integers(1, LIMIT - 1), st.sampled_from(CURRENCIES))
DAYS = st.dates()


@st.composite
def applications(draw: st.DrawFn) -> ApplyPayment:
    """One currency, several items."""
    currency = draw(st.sampled_from(CURRENCIES))
    amount = st.integers(1, 10**12).map(lambda minor: Money(minor, currency))
    lines = draw(
        st.lists(st.builds(Line, IDS, amount), min_size=1, max_size=5, unique_by=lambda each: each.item)
    )
    return ApplyPayment(
        draw(IDS.filter(lambda key: key not in {line.item for line in lines})), tuple(lines), draw(DAYS)
    )


COMMANDS: st.SearchStrategy[Command] = st.one_of(
    applications(),
    st.builds(Unapply, IDS, IDS, IDS, POSITIVE, DAYS),
    st.builds(Adjust, IDS, POSITIVE, WORDS, IDS, DAYS, WORDS),
    st.builds(Annotate, IDS, WORDS),
    st.builds(Escalate, IDS, IDS, WORDS, IDS),
    st.builds(Dispute, IDS, POSITIVE, WORDS, WORDS),
    st.builds(Resolve, IDS, st.sampled_from(["valid", "invalid"]), WORDS),
    st.builds(Identify, IDS, IDS, DAYS),
)
SEEN = st.builds(
    Expected, IDS, st.builds(Money, st.integers(-LIMIT + 1, LIMIT - 1), st.sampled_from(CURRENCIES))
)
EXPECTATIONS = st.dictionaries(IDS, SEEN, max_size=4)


@given(COMMANDS, EXPECTATIONS, WORDS)
def test_what_is_stored_is_what_was_decided(
    command: Command, expect: dict[str, Expected], actor: str
) -> None:
    """The order read back from its bytes is the order, and its bytes are those bytes."""
    order = seal(new_id(), command, expect, actor)
    again = unseal(order.body)
    assert again == order
    assert again.body is order.body or again.body == order.body
    assert again.body_sha == order.body_sha


@given(COMMANDS, EXPECTATIONS, st.randoms())
def test_the_same_order_has_the_same_bytes(
    command: Command, expect: dict[str, Expected], chance: Any
) -> None:
    """However often it is written and in whatever order its expectations were gathered."""
    key, shuffled = new_id(), list(expect.items())
    chance.shuffle(shuffled)
    assert seal(key, command, expect, "anna").body == seal(key, command, dict(shuffled), "anna").body
    order = seal(key, command, expect, "anna")
    once_more = seal(
        order.id, unseal(order.body).command, unseal(order.body).expect, unseal(order.body).actor
    )
    assert once_more.body == order.body


@given(COMMANDS)
def test_a_command_survives_the_wire(command: Command) -> None:
    """As JSON and back it is the same command."""
    assert from_wire(json.loads(json.dumps(to_wire(command)))) == command


def test_amounts_travel_as_decimal_strings() -> None:
    """Never as numbers, which a reader would make floats of."""
    order = seal("0" * 32, Adjust("item:1", money("0.10"), "small", "m", TODAY), {}, "anna")
    assert json.loads(order.body)["command"]["amount"] == "0.10"


@pytest.mark.parametrize(
    "raw",
    [
        {"op": "apply", "payment": "p", "lines": [{"item": "i", "amount": "1.00", "currency": "EUR"}]},
        {"op": "apply", "payment": "p", "lines": ["i"], "on": "2026-11-21"},
        {"op": "apply", "payment": "p", "lines": None, "on": "2026-11-21"},
        {
            "op": "adjust",
            "item": "i",
            "amount": "1.00",
            "currency": "EUR",
            "reason": "r",
            "method": "m",
            "on": "soon",
        },
        {
            "op": "adjust",
            "item": "i",
            "amount": 1.5,
            "currency": "EUR",
            "reason": "r",
            "method": "m",
            "on": "2026-11-21",
        },
        {"op": "steal"},
        {},
    ],
)
def test_a_command_that_cannot_be_read_is_invalid(raw: dict[str, Any]) -> None:
    """In words, whatever is wrong with it."""
    with pytest.raises(Invalid):
        from_wire(raw)


@pytest.mark.parametrize("head", ["", "0123456789ab", "0123456789abcdef"])
def test_a_memo_tells_where_the_audit_stood(head: str) -> None:
    """Behind whatever else stands in it; those of before tell fewer digits."""
    order = seal(new_id(), Annotate("item:1", "x"), {}, "ann", head=head)
    assert unseal(order.body).head == head
    assert head_in(f"fee of the bank {order.memo}") == head
    assert head_in(f"{order.memo} and more") == ""


def test_nothing_to_apply_has_no_effect() -> None:
    """A form without a line can be reviewed: it moves nothing."""
    assert effects(ApplyPayment("item:p", (), TODAY)) == {}


@given(applications())
def test_a_payment_shrinks_by_the_sum_of_its_lines(command: ApplyPayment) -> None:
    """And each item by its own line; nothing else moves."""
    moved = effects(command)
    assert moved[command.payment].minor == sum(line.amount.minor for line in command.lines)
    assert {line.item: line.amount for line in command.lines}.items() <= moved.items()
    assert moved.keys() == set(items_of(command))


def test_final_states_have_no_way_out() -> None:
    """And every other state leads to one."""
    assert all(not may_follow(final, after) for final in FINAL for after in CommandState)
    reached: set[CommandState] = set()
    for start in EDGES:
        seen, ahead = set(), [start]
        while ahead:
            state = ahead.pop()
            seen.add(state)
            ahead += [after for after in EDGES.get(state, ()) if after not in seen]
        assert seen & FINAL
        reached |= seen
    assert reached == set(CommandState)


def test_what_was_sent_cannot_be_cancelled() -> None:
    """Only what never left can be taken back."""
    assert may_follow(CommandState.QUEUED, CommandState.CANCELLED)
    for sent in (CommandState.SENDING, CommandState.UNKNOWN):
        assert not may_follow(sent, CommandState.CANCELLED)


@given(COMMANDS)
def test_a_command_is_about_every_item_that_it_moves(command: Command) -> None:
    """And about some record in any case: by it the order of commands is kept."""
    assert set(items_of(command)) <= set(subjects_of(command))
    assert subjects_of(command)
