"""Each way of searching agrees with trying everything, on its own."""

from __future__ import annotations

from functools import cached_property
from math import comb
from random import Random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from arqueue.cash.sums import Amounts, reach, subsets
from arqueue.cash.sums import often as often_
from arqueue.cash.sums.answers import OutOfTime, Patience, never
from arqueue.cash.sums.bulk import in_bulk
from arqueue.cash.sums.halves import Halves
from arqueue.cash.sums.often import often
from arqueue.cash.sums.plenty import plenty
from arqueue.cash.sums.question import End, Question, Turning
from arqueue.cash.sums.reach import traced
from arqueue.cash.sums.series import counted, field_size, outlook, series
from arqueue.cash.sums.shapes import spelled, ways
from arqueue.cash.sums.sizes import Sizes
from arqueue.cash.sums.swaps import Swaps
from arqueue.cash.sums.threes import Threes
from tests.unit.cash.sums.brute import AMOUNTS, asked, every

Asked = tuple[list[int], int, int]
NOTHING = [()]
DIFFERENT = st.one_of(
    st.lists(st.integers(1, 60), min_size=6, max_size=12, unique=True),
    st.lists(st.integers(-20, 40), min_size=6, max_size=12, unique=True),
)


def simplified(asked: Asked) -> tuple[Question, list[tuple[int, ...]]]:
    """The question in its simplest form and its answers there, the empty set among them."""
    question = Question.of(*asked)
    assume(question.possible)
    found = every(question.amounts, question.low, question.high)
    return question, NOTHING * (question.low <= 0 <= question.high) + found


@given(asked())
def test_the_simplest_form_has_the_same_answers(asked: Asked) -> None:
    """Nothing is lost with the common factor and with what cannot take part."""
    question = Question.of(*asked)
    there = every(question.amounts, question.low, question.high) if question.possible else []
    assert there == every(*asked)
    assert {place for chosen in there for place in chosen} <= set(question.places)


@given(AMOUNTS, st.lists(st.integers(-40, 40), max_size=5))
def test_a_few_more_are_as_if_there_from_the_beginning(amounts: list[int], more: list[int]) -> None:
    """All that is known of amounts is the same, whether some of them were put behind the others later or not."""
    extended, joined = Amounts(amounts).with_more(more), Amounts([*amounts, *more])
    assert extended == joined
    for name, known in vars(Amounts).items():
        if isinstance(known, cached_property):
            assert getattr(extended, name) == getattr(joined, name), name


@given(asked(), asked())
def test_what_is_known_is_as_good_for_the_next_question(one: Asked, two: Asked) -> None:
    """Amounts that remember what an earlier question needed have the same answers."""
    amounts = Amounts.of(one[0])
    for _, low, high in (one, two):
        assert Amounts.of(amounts) is amounts
        assert subsets(amounts, low, high) == subsets(one[0], low, high)


@given(asked())
def test_halves_meet_in_every_answer(asked: Asked) -> None:
    """Shapes that stand for all sets, each once; spelled out they are in order."""
    question, expected = simplified(asked)
    turning = Turning.of(question)
    halves = Halves.of(turning, 10**6, Patience(never))
    assert halves is not None
    shapes = [*halves.shapes(Patience(never))]
    assert ways(turning.groups, shapes) == len(expected)
    assert [*filter(None, expected)] == spelled(turning, shapes, len(expected), Patience(never))


@given(asked())
def test_halves_keep_to_their_room(asked: Asked) -> None:
    """No more sums than there is room for, else nothing."""
    question, expected = simplified(asked)
    halves = Halves.of(Turning.of(question), 8, Patience(never))
    if halves is None:
        assert len(question.amounts) > 3
    else:
        assert max(len(halves.ones), len(halves.others)) <= 8
        assert bool(expected) is any(True for _ in halves.shapes(Patience(never)))


@given(asked())
def test_answers_are_traced(asked: Asked) -> None:
    """The same shapes as halves give."""
    question, expected = simplified(asked)
    turning = Turning.of(question)
    assume(turning.high < 10**6)
    shapes = [*traced(turning, Patience(never))]
    assert len(set(shapes)) == len(shapes)
    assert [*filter(None, expected)] == spelled(turning, shapes, len(expected), Patience(never))


@given(asked())
def test_a_series_counts_without_looking(asked: Asked) -> None:
    """The number of answers, and never more than was foreseen."""
    question, expected = simplified(asked)
    turning = Turning.of(question)
    assume(turning.high < 10**6)
    view = outlook(turning.groups, turning.high, Patience(never))
    assert counted(turning, view.most, 10**9, Patience(never)) == len(expected) <= 2**view.most + 1e-6


@given(st.lists(st.integers(1, 60), min_size=1, max_size=12), st.integers(0, 90))
def test_fields_are_wide_enough(weights: list[int], width: int) -> None:
    """Every number of a series is what it should be: none has run over into the next."""
    size, high = field_size(weights, width), sum(weights) + width
    fields = series(weights, high, width, size, Patience(never))
    sums = [0]
    for weight in weights:
        sums += [total + weight for total in sums]
    for need in range(high + 1):
        number = int.from_bytes(fields[need * size : need * size + size], "little")
        assert number == sum(need - width <= total <= need for total in sums)


@given(st.integers(1, 400))
def test_equal_weights_are_the_most_that_a_field_must_hold(items: int) -> None:
    """A half of so many equal items: the bound holds where it is met."""
    assert comb(items, items // 2) < 256 ** field_size([5] * items, 0)


@pytest.mark.parametrize(
    "limits",
    [
        {},
        {"few._ROOM": 0, "sizes._PAIRS": 0},
        {"few._SOON_SHIFTED": 0, "sizes._PAIRS": 1},
        {"few._SOON_SHIFTED": 10**9, "few._SHIFTED": 10**9},
        {"few._ITEMS": 0},
        {"few._DIFFERENT": 0},
        {"threes._ITEMS": range(5, 57)},
    ],
)
@given(asked())
def test_sizes_one_by_one(limits: dict[str, object], asked: Asked) -> None:
    """All answers of each size, oldest first; whatever is seen beforehand, and in whichever form."""
    question, expected = simplified(asked)
    assume(question.most - question.least < 10**6 or 10**9 not in limits.values())
    with pytest.MonkeyPatch.context() as patch:
        for name, value in limits.items():
            patch.setattr(f"arqueue.cash.sums.{name}", value)
        sizes = Sizes(question, Patience(never))
        found = [chosen for size in range(1, len(question.amounts) + 1) for chosen in sizes.of(size)]
    assert found == [*filter(None, expected)]


@given(st.lists(st.integers(1, 500), min_size=8, max_size=14), st.data())
def test_threes_meet_in_every_answer(amounts: list[int], data: st.DataObject) -> None:
    """All sets of five, six and seven, oldest first."""
    size = data.draw(st.sampled_from([5, 6, 7]))
    paid = sum(data.draw(st.permutations(amounts))[:size])
    question, expected = simplified((amounts, paid, paid))
    assume(len(question.places) >= size)
    threes = Threes(question, Patience(never))
    for wanted in (5, 6, 7):
        assert [*threes.of(wanted)] == [chosen for chosen in expected if len(chosen) == wanted]


def test_threes_that_make_the_same_are_all_there() -> None:
    """Two threes of one sum lead to two answers."""
    amounts = [500, 1, 2, 9, 3, 4, 5, 1_000, 2_000, 4_000, 8_000, 16_000]
    found = [*Threes(Question.of(amounts, 7_512, 7_512), Patience(never)).of(7)]
    assert found == [chosen for chosen in every(amounts, 7_512, 7_512) if len(chosen) == 7]
    assert len(found) > 1


@pytest.mark.parametrize("limits", [{}, {"_BEGUN": 1}, {"_ENDS": 1}, {"_BEGUN": 0, "_ENDS": 4, "_WIDE": 0}])
@given(asked(), st.integers(0, 20))
def test_all_at_once_group_by_group(limits: dict[str, int], asked: Asked, keep: int) -> None:
    """How many answers there are, and the first of them; wherever it is looked what leads on."""
    question, expected = simplified(asked)
    turning = Turning.of(question)
    assume(turning.high < 10**6)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in limits.items():
            patch.setattr(reach, name, value)
        found = reach.every(turning, 5_000, keep, Patience(never))
        assert found is not None
        count, shapes = found
        assert count == len(expected)
        assert spelled(turning, shapes, keep, Patience(never)) == [*filter(None, expected)][:keep]


@given(asked())
def test_exchanges_give_the_same(asked: Asked) -> None:
    """All answers of each size from the largest or smallest items, oldest first."""
    question, expected = simplified(asked)
    assume(question.most - question.least < 10**6)
    sizes = Sizes(question, Patience(never))
    possible = filter(sizes.may_have, range(1, len(question.amounts) + 1))
    found = [chosen for size in possible for chosen in Swaps.of(question, size).sets(Patience(never))]
    assert found == [*filter(None, expected)]


@given(asked(), st.integers(0, 5), st.sampled_from([10**5, 10**6, 10**7]))
def test_plenty_claims_no_more_than_there_is(asked: Asked, enough: int, room: int) -> None:
    """At least so many, and what it names are answers."""
    question, expected = simplified(asked)
    end = End.of(question)
    assume(end.high < 10**6)
    found = plenty(end, enough, room, Patience(never))
    assert found.count <= len(expected)
    assert set(found.sets(3, Patience(never))) <= set(expected)
    if found.exact and found.count <= enough:
        assert found.count == len(expected)


@pytest.mark.parametrize(
    "sizes, middle, tries", [((1,), 0, 40), ((2, 3), 1, 40), ((3, 4), 2, 4), ((1, 2, 5), 1, 2)]
)
@given(asked(DIFFERENT), st.integers(0, 400))
def test_sums_that_meet_are_answers(
    sizes: tuple[int, ...], middle: int, tries: int, asked: Asked, enough: int
) -> None:
    """However small the two sets, and whatever is turned besides: no more meet than there are answers."""
    question, expected = simplified(asked)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (("_SIZES", sizes), ("_MIDDLE", middle), ("_TRIES", tries), ("_SPREAD", 3)):
            patch.setattr(often_, name, value)
        assert often(End.of(question), enough, Patience(never)).count <= len(expected)


@pytest.mark.parametrize("amounts", [[3, 5, 19, 15], [3, 19, 15, 19, 5]])
def test_no_beginning_is_made_twice(amounts: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be turned begins nothing: 15 + 5 is one answer, and not one more for each that comes before."""
    for name, value in (("_SIZES", (1,)), ("_MIDDLE", 0), ("_SPREAD", 3)):
        monkeypatch.setattr(often_, name, value)
    assert often(End.of(Question.of(amounts, 20, 20)), 9, Patience(never)).count == 1


def test_sums_meet_more_often_than_anybody_counts() -> None:
    """Two hundred amounts to the cent, a payment of a few of them: seen with hardly any work."""
    chance = Random(5)
    amounts = [round(22_000 * chance.lognormvariate(0, 1)) for _ in range(200)]
    paid, patience = sum(amounts[:8]), Patience(never)
    assert often(End.of(Question.of(amounts, paid, paid)), 100_000, patience).count > 100_000
    assert patience.spent < 20_000


def test_plenty_of_round_amounts_is_soon_seen() -> None:
    """However much room there is, no more is done than shows that there are enough."""
    question = Question.of([10 + 7 * number % 300 for number in range(200)], 2_000, 2_000)
    end, patience = End.of(question), Patience(never)
    assert plenty(end, 100_000, 40_000_000, patience).count > 100_000
    assert patience.spent < 20_000


@given(st.lists(st.sampled_from([199, 490, 995, -150]), min_size=100, max_size=160), st.data())
def test_prices_in_bulk(amounts: list[int], data: st.DataObject) -> None:
    """Many items at a few prices: some shape is found for what was planted in the middle, and it comes to the sum."""
    paid = sum(data.draw(st.permutations(amounts))[: len(amounts) // 2])
    question = Question.of(amounts, paid, paid)
    turning = Turning.of(question)
    shape = next(in_bulk(turning, Patience(never)), None)
    assert shape is not None
    (chosen,) = spelled(turning, [shape], 1, Patience(never))
    assert sum(question.amounts[index] for index in chosen) == question.low


def test_an_allowance_ends_quietly_and_time_does_not() -> None:
    """What is done within an allowance stops there; what follows has no such bound; and over is over."""
    patience, done = Patience(never), []
    with patience.of(10):
        for _ in range(5):
            patience.spend(4)
            done.append(patience.spent)
    assert done == [4, 8]
    patience.spend(10**6)
    late = Patience(lambda: True)
    with pytest.raises(OutOfTime), late.of(10):
        late.spend(1)
