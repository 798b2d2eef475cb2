"""What became of a promise to pay: by the ledger's figures and the date alone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arqueue.cash.covering import Cover
from arqueue.model.ledger import OpenItem
from arqueue.model.money import Money
from arqueue.work.promises import OVER, Promise, PromiseState, facts, next_level, standing
from tests.unit.books import TODAY, money, open_item

S = PromiseState
THEN = st.dictionaries(st.sampled_from(["item:a", "item:b", "item:c"]), st.integers(1, 500), min_size=1)


def promised(amount: str = "100.00", credits: tuple[str, ...] = (), **debits: str) -> Promise:
    """Of an amount by yesterday; of what, unless it is said: one item of as much."""
    about = {f"item:{key}": money(text).minor for key, text in (debits or {"i": amount}).items()}
    day = TODAY - timedelta(days=1)
    return Promise(money(amount), day, day, 0, about, frozenset(credits))


def state(promise: Promise, *live: OpenItem, covers: tuple[Cover, ...] = ()) -> PromiseState:
    """What became of it today."""
    return standing(promise, live, TODAY, covers).state


@pytest.mark.parametrize(
    "left, became", [("100.00", S.BROKEN), ("99.99", S.PARTLY), ("0.01", S.PARTLY), ("0.00", S.KEPT)]
)
def test_it_is_judged_by_what_is_left_when_its_day_is_over(left: str, became: PromiseState) -> None:
    """To the cent."""
    found = standing(promised(), [open_item("i", left)], TODAY)
    assert (found.state, found.paid) == (became, money("100.00") - money(left))


def test_until_its_day_is_over_it_is_open() -> None:
    """With the days of tolerance; what is paid before is kept at once."""
    promise = promised()
    for day in (promise.on - timedelta(days=9), promise.until):
        assert standing(promise, [open_item("i", "100.00")], day).state is S.OPEN
    assert standing(promise, [], promise.on - timedelta(days=9)).state is S.KEPT


def test_money_that_came_since_and_waits_breaks_no_promise() -> None:
    """Unless it was there already, is for something else, or is too little."""
    debt, other = open_item("i", "100.00"), open_item("o", "100.00")
    payment = open_item("p", "-100.00")
    assert state(promised(), debt, payment) is S.COVERED
    assert state(promised(credits=("item:p",)), debt, payment) is S.BROKEN
    assert state(promised(), debt, payment, covers=(Cover(payment, (other,)),)) is S.BROKEN
    assert state(promised(), debt, open_item("p", "-99.99")) is S.BROKEN
    assert state(promised(), debt, open_item("p", "-100.00", "USD")) is S.BROKEN


def test_money_of_the_family_counts_where_it_probably_pays_what_was_promised() -> None:
    """The head office pays for its branch."""
    debt, payment = open_item("i", "100.00"), open_item("h", "-100.00", party_id="party:head")
    assert state(promised(), debt, covers=(Cover(payment, (debt,)),)) is S.COVERED


def test_a_promise_of_less_than_half_of_what_is_overdue_is_small() -> None:
    """It keeps nobody from chasing the rest; half of it does."""
    late = [open_item("i", "100.00"), open_item("j", "100.01")]
    promise = Promise(money("100.00"), TODAY, TODAY, 2, {"item:i": 10000}, frozenset())
    assert facts(promise, late, late, TODAY)["promise_state"] == "small"
    known = facts(promise, late[:1], late[:1], TODAY)
    assert known == {
        "promise_state": "open",
        "promise_level": 2,
        "promised_on": TODAY.isoformat(),
        "promise_words": f"100.00 EUR by {TODAY}",
    }


def test_what_is_paid_of_a_promise_makes_it_no_smaller() -> None:
    """Whoever pays in parts is not chased for it."""
    promise = Promise(money("80.00"), TODAY, TODAY, 0, {"item:i": 8000}, frozenset())
    late = [open_item("i", "10.00"), open_item("j", "50.00")]
    assert facts(promise, late, late, TODAY)["promise_state"] == "open"


def test_what_came_of_it_is_said() -> None:
    """With the amount that it was."""
    live = [open_item("i", "30.00")]
    assert facts(promised(), live, live, TODAY)["promise_words"].endswith(", 70.00 came")  # type: ignore[union-attr]


@given(THEN, st.data())
def test_more_paid_is_never_worse_and_other_items_do_not_matter(
    then: dict[str, int], data: st.DataObject
) -> None:
    """Kept exactly when what was promised of came down by the amount; each item by itself, so that a debt that grew hides
    nothing."""
    amount = data.draw(st.integers(1, sum(then.values())))
    promise = Promise(Money(amount, "EUR"), TODAY, TODAY, 0, then, frozenset())
    now = {key: data.draw(st.integers(0, was + 50)) for key, was in then.items()}
    live = [open_item(key[-1], str(Money(left, "EUR"))) for key, left in now.items() if left]
    noise = open_item("z", str(Money(data.draw(st.integers(1, 900)), "EUR")))
    day = TODAY + timedelta(days=data.draw(st.integers(-1, 1)))
    found = standing(promise, [*live, noise], day)
    down = sum(max(0, was - now[key]) for key, was in then.items())
    assert (found.state is S.KEPT) == (down >= amount)
    assert found.paid.minor == min(down, amount)
    if found.state is not S.KEPT:
        over = S.PARTLY if down else S.BROKEN
        assert found.state is (S.OPEN if day <= TODAY else over)
    less = standing(promise, [each for each in live if data.draw(st.booleans())], day)
    assert less.paid.minor >= found.paid.minor


@given(st.one_of(st.none(), st.integers(0, 9)), st.one_of(st.none(), st.sampled_from(PromiseState)))
def test_only_a_kept_promise_raises_no_level(level: int | None, state: PromiseState | None) -> None:
    """The first one begins at none; a withdrawn one counts as put off."""
    expected = 0 if level is None else level + (state not in OVER)
    assert next_level(level, state) == expected
