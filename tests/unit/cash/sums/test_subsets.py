"""Every answer is found, counted and named in order, or it is said that it was not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arqueue.cash.sums import Answers, alike, exclusion, often, search, subsets
from tests.unit.cash.sums.brute import AMOUNTS, asked, every

Asked = tuple[list[int], int, int]
KINDS: dict[str, Callable[[Random], int]] = {
    "cents": lambda chance: max(1, round(22_000 * chance.lognormvariate(0, 1))),
    "dollars": lambda chance: 100 * max(1, round(220 * chance.lognormvariate(0, 1))),
    "fifties": lambda chance: 5_000 * chance.randint(1, 20),
    "prices": lambda chance: chance.choice([1_999, 4_900, 9_995, 14_900, 24_950]),
    "credits": lambda chance: (
        chance.choice([1, 1, 1, 1, -1]) * round(22_000 * chance.lognormvariate(0, 1) + 1)
    ),
}


def planted(kind: str, items: int, paid: int, seed: int = 1) -> tuple[list[int], int, tuple[int, ...]]:
    """Open amounts, what is paid, and for which of them."""
    chance = Random(f"{kind} {items} {paid} {seed}")
    amounts = [KINDS[kind](chance) for _ in range(items)]
    chosen = tuple(sorted(chance.sample(range(items), paid)))
    return amounts, sum(amounts[index] for index in chosen), chosen


def come_to(answers: Answers, amounts: Sequence[int], low: int, high: int) -> bool:
    """Whether there are sets, all different, all in the window."""
    return len(set(answers.sets)) == len(answers.sets) > 0 and all(
        low <= sum(amounts[index] for index in chosen) <= high for chosen in answers.sets
    )


@given(asked(), st.integers(0, 80))
def test_all_subsets_are_counted_and_the_first_are_named(asked: Asked, keep: int) -> None:
    """Count, sets and their order are what trying everything gives."""
    expected = every(*asked)
    assert subsets(*asked, keep=keep) == Answers(len(expected), True, True, tuple(expected[:keep]))


@settings(max_examples=15)
@given(asked(st.lists(st.integers(1, 3_000), min_size=12, max_size=16)))
def test_more_items_too(asked: Asked) -> None:
    """The same where halves are large enough to matter."""
    expected = every(*asked)
    assert subsets(*asked) == Answers(len(expected), True, True, tuple(expected[:64]))


@pytest.mark.parametrize(
    "without",
    [
        (),
        ("_FEW",),
        ("_FEW", "_SHORT"),
        ("_FEW", "_TABLES", "_SHALLOW"),
    ],
)
@given(asked())
def test_every_way_round_gives_the_same(without: tuple[str, ...], asked: Asked) -> None:
    """What many items are searched with names the same sets for few: sizes, exchanges, a series, tracing, plenty."""
    expected = every(*asked)
    with pytest.MonkeyPatch.context() as patch:
        for limit in (*without, "_TABLES_SOON"):
            patch.setattr(search, limit, 0)
        assert subsets(*asked) == Answers(len(expected), True, True, tuple(expected[:64]))


@given(AMOUNTS, st.integers(0, 11), st.integers(0, 5))
def test_what_is_not_paid_is_found_from_the_other_side(amounts: list[int], left_out: int, width: int) -> None:
    """Everything but the set comes to the window, for all such sets."""
    low = sum(amounts) - sum(amounts[:left_out]) - width
    balance = sum(amounts)
    expected = [
        chosen
        for chosen in every(amounts, balance - low - width, balance - low)
        if low <= balance - sum(amounts[index] for index in chosen) <= low + width
    ]
    assert exclusion(amounts, low, low + width) == Answers(len(expected), True, True, tuple(expected[:64]))


@given(asked())
def test_the_cap_is_said_to_be_passed(asked: Asked) -> None:
    """More answers than are to be counted: the cap, and that there are more; the sets are the first all the same."""
    expected = every(*asked)
    answers = subsets(*asked, count_cap=3)
    assert (answers.count, answers.counted) == (min(len(expected), 3), len(expected) <= 3)
    assert answers.complete
    assert answers.sets == tuple(expected[:64])


@given(asked(), st.integers(1, 20), st.sampled_from([1, 5, 64]))
def test_that_there_are_plenty_is_never_said_of_fewer(asked: Asked, cap: int, keep: int) -> None:
    """What is seen at once of large accounts, asked of small ones: count and first sets are what trying everything gives."""
    expected = every(*asked)
    with pytest.MonkeyPatch.context() as patch:
        for module, name, value in (
            (search, "_PLENTIFUL", 0),
            (search, "_DOZENS", 0),
            (often, "_SIZES", (1, 2)),
            (often, "_MIDDLE", 1),
        ):
            patch.setattr(module, name, value)
        answers = subsets(*asked, keep=keep, count_cap=cap)
    assert answers == Answers(min(len(expected), cap), len(expected) <= cap, True, tuple(expected[:keep]))


@given(asked(), st.integers(0, 6))
def test_when_the_time_is_over_what_is_known_is_true(asked: Asked, patience: int) -> None:
    """However early it stops: each set is an answer, no more are counted than there are, and it says that it stopped."""
    questions = iter(range(patience))
    answers = subsets(*asked, over=lambda: next(questions, None) is None)
    expected = every(*asked)
    assert set(answers.sets) <= set(expected)
    assert answers.count <= len(expected)
    if answers.complete:
        assert answers == subsets(*asked)
    else:
        assert not answers.counted or answers.count == len(expected)


def test_no_time_at_all() -> None:
    """Over before it began: nothing is claimed."""
    assert subsets([10, 20, 30], 30, 30, over=lambda: True) == Answers(0, False, False, ())


@pytest.mark.parametrize(
    "kind, items, paid", [("cents", 300, 150), ("prices", 1_000, 500), ("credits", 60, 30)]
)
def test_no_time_but_any_is_wanted(kind: str, items: int, paid: int) -> None:
    """Over before it began: some true answers are there all the same, and it is said that these are not all."""
    amounts, wanted, _ = planted(kind, items, paid)
    answers = subsets(amounts, wanted, wanted, over=lambda: True, any_at_least=True)
    assert come_to(answers, amounts, wanted, wanted)
    assert not answers.complete


def test_three_of_the_same_price() -> None:
    """Which of equal items is paid is open: each choice is an answer, the oldest first, and all are alike."""
    answers = subsets([500, 500, 300, 500], 1_000, 1_000)
    assert answers == Answers(3, True, True, ((0, 1), (0, 3), (1, 3)))
    assert alike([500, 500, 300, 500], (0, 3)) == 3


def test_different_amounts_are_not_alike() -> None:
    """30 is 10 + 20 as well as 30: sets with other amounts are not counted as alike."""
    assert subsets([10, 20, 30], 30, 30).count == 2
    assert alike([10, 20, 30], (0, 1)) == 1


def test_thirty_six_answers_in_round_figures() -> None:
    """Multiples of fifty make many answers: every one is counted and named."""
    amounts = [50 * step for step in (1, 2, 3, 4, 5, 6, 7, 8, 9, 10)]
    paid = next(paid for paid in range(50, 2_800, 50) if len(every(amounts, paid, paid)) == 36)
    assert subsets(amounts, paid, paid) == Answers(36, True, True, tuple(every(amounts, paid, paid)))


def test_what_is_missing_is_less_than_any_item() -> None:
    """10 and 9 come to 19; 12 is neither of them nor both."""
    assert subsets([10, 9], 12, 12) == Answers(0, True, True, ())
    assert subsets([120, 297, 513, 449, 297], 1_612, 1_612) == Answers(0, True, True, ())


def test_oldest_first_misses_what_is_found_here() -> None:
    """20 against 10, 7, 6 and 4 is 10 + 6 + 4."""
    assert subsets([10, 7, 6, 4], 20, 20).sets == ((0, 2, 3),)


@pytest.mark.parametrize(
    "amounts, low, high",
    [
        ([], 1, 1),
        ([], 0, 0),
        ([0, 0], 0, 0),
        ([5], 6, 6),
        ([5], 4, 4),
        ([-5], 5, 5),
        ([5, 5], 7, 6),
        ([100, 200], 150, 199),
    ],
)
def test_no_answer_is_a_complete_answer(amounts: list[int], low: int, high: int) -> None:
    """Nothing open, out of reach, an empty window, no common multiple: none, for sure."""
    assert subsets(amounts, low, high) == Answers(0, True, True, ())


def test_credits_are_netted() -> None:
    """An invoice less a credit note; and debits with credits that come to nothing."""
    assert subsets([1_000, -250, 400], 750, 750).sets == ((0, 1),)
    assert subsets([250, -250, 400], 0, 0).sets == ((0, 1),)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("items", [20, 50, 200, 1_000, 5_000])
@pytest.mark.parametrize("paid", [2, 5, 10])
def test_whatever_was_paid_some_answer_is_found(kind: str, items: int, paid: int) -> None:
    """At any number of open items; and the number of answers is known or beyond the cap."""
    amounts, total, chosen = planted(kind, items, paid)
    answers = subsets(amounts, total, total)
    assert come_to(answers, amounts, total, total)
    assert answers.counted or answers.count == 100_000
    assert len(answers.sets[0]) <= len(chosen)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("items", [50, 200, 1_000, 5_000])
def test_half_of_everything_open_is_found(kind: str, items: int) -> None:
    """The number of subsets is beyond any counting, which is said, and yet some are named."""
    amounts, total, _ = planted(kind, items, items // 2)
    answers = subsets(amounts, total, total)
    assert come_to(answers, amounts, total, total)
    assert (answers.count, answers.counted) == (100_000, False)


@pytest.mark.parametrize("items", [50, 200, 1_000, 5_000])
def test_all_but_three_are_found_as_what_is_left_out(items: int) -> None:
    """By exclusion the answer is as small as the one of three items."""
    amounts, total, chosen = planted("cents", items, 3)
    answers = exclusion(amounts, sum(amounts) - total, sum(amounts) - total)
    assert answers == subsets(amounts, total, total)
    assert come_to(
        subsets(amounts, sum(amounts) - total, sum(amounts) - total), amounts, *2 * [sum(amounts) - total]
    )
    assert len(answers.sets[0]) <= len(chosen)


@pytest.mark.parametrize("items, paid", [(20, 10), (50, 3), (200, 3), (1_000, 2)])
def test_a_tolerance_widens_the_window(items: int, paid: int) -> None:
    """Off by a few cents: the search to the cent may find others, the window always finds one."""
    amounts, total, _ = planted("cents", items, paid)
    answers = subsets(amounts, total - 40, total + 10)
    assert come_to(answers, amounts, total - 40, total + 10)
    assert answers.count >= subsets(amounts, total, total).count


@pytest.mark.parametrize("items", [50, 200, 5_000])
@pytest.mark.parametrize("kind", KINDS)
def test_the_same_question_has_the_same_answer(kind: str, items: int) -> None:
    """Twice the same, and no matter how often it is asked whether the time is over."""
    amounts, total, _ = planted(kind, items, 4)
    assert subsets(amounts, total, total) == subsets(amounts, total, total, over=lambda: False)


@pytest.mark.parametrize(
    "kind, items, paid", [("cents", 50, 25), ("cents", 400, 200), ("prices", 1_000, 500), ("fifties", 200, 5)]
)
def test_it_asks_for_the_time_and_stops(kind: str, items: int, paid: int) -> None:
    """Over at the second question: nobody asks a third time."""
    amounts, total, _ = planted(kind, items, paid)
    questions = list[None]()

    def over() -> bool:
        questions.append(None)
        return len(questions) >= 2

    answers = subsets(amounts, total, total, over=over)
    assert len(questions) <= 2
    assert answers.complete is (len(questions) < 2)


def test_large_amounts_without_anything_in_common() -> None:
    """Millions to the cent: no table is long enough, halves are."""
    chance = Random(7)
    amounts = [chance.randint(10**8, 10**10) for _ in range(30)]
    total = sum(amounts[3:18])
    assert subsets(amounts, total, total) == Answers(1, True, True, (tuple(range(3, 18)),))


def test_one_answer_among_two_hundred() -> None:
    """Everything else is too large or too small by far: the one answer of many items is traced."""
    amounts = [2**step for step in range(16)] + [1_000_000 + 65_536 * step for step in range(184)]
    chosen = tuple(range(0, 16, 2))
    total = sum(amounts[index] for index in chosen)
    assert subsets(amounts, total, total) == Answers(1, True, True, (chosen,))


def test_all_but_two_of_many_large_amounts() -> None:
    """Where nothing can be counted, what is left out is still looked for."""
    chance = Random(3)
    amounts = [chance.randint(10**8, 10**10) for _ in range(200)]
    left_out = {17, 130}
    total = sum(amount for index, amount in enumerate(amounts) if index not in left_out)
    assert (
        tuple(index for index in range(200) if index not in left_out) in subsets(amounts, total, total).sets
    )
