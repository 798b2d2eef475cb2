"""A view of one's own: what its name, order and columns may be."""

from __future__ import annotations

import pytest

from arqueue.errors import Invalid
from arqueue.work.filter import parse
from arqueue.work.views import COLUMNS, SORTS, SavedView, saved_view


def test_a_view_is_kept_as_it_was_asked_for() -> None:
    """Its filter in its one spelling."""
    found = saved_view("Big ones", "overdue", "amount>=5000.00  mine", "-age", "kind, amount,amount")
    assert found == SavedView(
        "Big ones", "overdue", parse("amount>=5000 owner:me"), "-age", ("kind", "amount")
    )


@pytest.mark.parametrize("sort", [*SORTS, *(f"-{sort}" for sort in SORTS)])
def test_every_order_goes_both_ways(sort: str) -> None:
    """A minus turns it round."""
    assert saved_view("x", "all", "", sort, ",".join(COLUMNS)).sort == sort


@pytest.mark.parametrize(
    "field, given",
    [
        ("name", ("", "all", "", "rank", "")),
        ("name", ("a" * 31, "all", "", "rank", "")),
        ("name", ("\x1b[31m", "all", "", "rank", "")),
        ("filter", ("x", "all", "kidn:dispute", "rank", "")),
        ("sort", ("x", "all", "", "random", "")),
        ("columns", ("x", "all", "", "rank", "kind,colour")),
    ],
)
def test_what_is_wrong_is_named(field: str, given: tuple[str, str, str, str, str]) -> None:
    """With what there is instead."""
    with pytest.raises(Invalid, match=field) as caught:
        saved_view(*given)
    assert caught.value.hint
