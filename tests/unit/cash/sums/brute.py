"""What the search must find, by trying everything; and questions to try it on."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from hypothesis import strategies as st

from arqueue.cash.sums.question import Question

Sets = list[tuple[int, ...]]

AMOUNTS = st.one_of(
    st.lists(st.integers(1, 40), max_size=11),
    st.lists(st.integers(1, 10**9), max_size=11),
    st.lists(st.integers(-30, 40), max_size=11),
    st.lists(st.sampled_from([1999, 4900, 9995]), max_size=11),
    st.lists(st.integers(-4, 10).map(lambda steps: 50 * steps), max_size=11),
)
"""To the cent, large, with credits and zeros, at a few prices, in round figures."""


@st.composite
def asked(draw: st.DrawFn, amounts: st.SearchStrategy[list[int]] = AMOUNTS) -> tuple[list[int], int, int]:
    """Amounts and a window that mostly holds the sum of some of them."""
    drawn = draw(amounts)
    paid = sum(amount for amount in drawn if draw(st.booleans())) + draw(st.sampled_from([0, 0, 0, 1, -1]))
    width = draw(st.sampled_from([0, 0, 0, 1, 7, 100]))
    return drawn, paid - draw(st.integers(0, width)), paid + width


def every(amounts: Sequence[int], low: int, high: int) -> Sets:
    """All sets of items that are open and come into the window: fewest items first, then oldest first."""
    items = [index for index, amount in enumerate(amounts) if amount]
    return [
        chosen
        for size in range(1, len(items) + 1)
        for chosen in combinations(items, size)
        if low <= sum(amounts[index] for index in chosen) <= high
    ]


def question(asked: tuple[list[int], int, int]) -> Question:
    """In the form that the single ways are given."""
    return Question.of(*asked)
