"""The views that a person keeps, asked for over the socket."""

from __future__ import annotations

from typing import Any

import pytest

from arqueue.errors import Invalid, NotFound
from tests.broker.company import Company


async def test_a_view_is_kept_for_its_person(firm: Company) -> None:
    """Another connection of the same person has it, another person has not; it can be forgotten."""
    async with firm.face() as client:
        kept = await client.call("save_view", name="Late", view="overdue", filter="age>60  mine", sort="-age")
    late = {
        "name": "Late",
        "view": "overdue",
        "filter": "age>60 owner:me",
        "sort": "-age",
        "columns": [],
        "digit": 0,
    }
    assert late in kept
    async with firm.face() as client:
        assert late in await client.call("views")
    async with firm.face("sue") as client:
        assert await client.call("views") == []
        with pytest.raises(NotFound):
            await client.call("remove_view", name="Late")
    async with firm.face() as client:
        assert late not in await client.call("remove_view", name="Late")


@pytest.mark.parametrize(
    "given, field",
    [
        ({"name": "x", "view": "nowhere"}, "view"),
        ({"name": "x", "filter": "kidn:dispute"}, "filter"),
        ({"name": "x", "filter": "y" * 10_000}, "10,000 characters"),
        ({"name": "4111 1111 1111 1111"}, "payment card"),
        ({"name": "x", "filter": "4111-1111-1111-1111"}, "payment card"),
        ({"name": "x", "sort": "random"}, "sort"),
        ({"name": "x", "columns": "colour"}, "columns"),
        ({"name": ""}, "name"),
        ({"name": "Disputes"}, "everybody has"),
    ],
)
async def test_a_view_that_cannot_be_is_refused(firm: Company, given: dict[str, Any], field: str) -> None:
    """Naming the field."""
    async with firm.face() as client:
        with pytest.raises(Invalid, match=field):
            await client.call("save_view", **given)


async def test_a_view_gets_a_digit_and_another_name(firm: Company) -> None:
    """A digit is one view's; how many rows each holds is what its list shows."""
    async with firm.face() as client:
        await client.call("save_view", name="Euros", view="all", filter="EUR")
        await client.call("save_view", name="Pounds", view="all", filter="GBP")
        await client.call("change_view", name="Euros", digit=9)
        kept = await client.call("change_view", name="Pounds", to="Sterling", digit=9)
        assert {each["name"]: each["digit"] for each in kept} == {"Euros": 0, "Sterling": 9}
        await client.call("save_view", name="Sterling", view="all", filter="GBP kind:overdue")
        counts = {each["name"]: each["total"] for each in await client.call("view_counts")}
        shown = await client.call("window", filter="GBP kind:overdue")
        assert counts["Sterling"] == shown["total"]
        with pytest.raises(Invalid, match="already"):
            await client.call("change_view", name="Sterling", to="Euros")
        with pytest.raises(NotFound):
            await client.call("change_view", name="Nothing", digit=1)
        for name in ("Euros", "Sterling"):
            kept = await client.call("remove_view", name=name)
        assert kept == []
