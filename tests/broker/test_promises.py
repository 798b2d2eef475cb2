"""Promises to pay over real sockets: recorded, ranked below, broken at midnight, ranked above, withdrawn."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from arqueue.errors import Invalid, NotFound, Refused
from data.broker.client import BrokerClient
from tests.broker.company import Company, company


@pytest.fixture
async def anna(firm: Company) -> AsyncIterator[BrokerClient]:
    """A collector."""
    async with firm.face() as client:
        yield client


async def rows(client: BrokerClient, view: str = "all", words: str = "") -> list[dict[str, Any]]:
    """The best of a view."""
    found: list[dict[str, Any]] = (await client.call("window", view=view, filter=words, limit=200))["rows"]
    return found


async def ids(client: BrokerClient, view: str = "all", words: str = "") -> list[str]:
    """The same as ids, best first."""
    return [row["id"] for row in await rows(client, view, words)]


async def chased(client: BrokerClient, place: int = 0) -> dict[str, Any]:
    """An overdue account that is to be chased and promised nothing."""
    promised = await ids(client, "promise")
    return [row for row in await rows(client, "overdue") if row["score"] > 0 and row["id"] not in promised][
        place
    ]


async def today(client: BrokerClient) -> date:
    """The business date."""
    return date.fromisoformat((await client.call("status"))["business_date"])


async def rules(client: BrokerClient, key: str) -> dict[str, str]:
    """Why a row ranks where it does: words by rule."""
    row = next(row for row in await rows(client) if row["id"] == key)
    return {each["rule"]: each["words"] for each in row["reasons"]}


async def test_an_account_falls_with_its_promise_and_rises_when_midnight_breaks_it(
    anna: BrokerClient,
) -> None:
    """With the counts and the view: it is in the view of promises the whole time, and in that of overdue accounts."""
    row = await chased(anna)
    before, counts = await ids(anna), (await anna.call("status"))["counts"]
    on = await today(anna) + timedelta(days=1)
    done = await anna.call("promise", id=row["id"], on=on.isoformat(), why="by phone")
    assert (done["id"], done["day"], done["state"]) == (row["id"], on.isoformat(), "done")
    after = await ids(anna)
    assert sorted(after) == sorted(before)
    assert after.index(row["id"]) > before.index(row["id"])
    said = f"{float(row['amount']):,.2f} {row['currency']} by {on}"
    assert (await rules(anna, row["id"]))["promised"] == f"promised: wait for {said}"
    held = (await anna.call("status"))["counts"]
    assert held == {**counts, "promise": counts["promise"] + 1}
    for view, words in (("promise", ""), ("overdue", ""), ("all", "kind:promise"), ("all", "kind:overdue")):
        assert row["id"] in await ids(anna, view, words), (view, words)

    await anna.call("clock", advance=1)
    assert "promised" in await rules(anna, row["id"]), "the promised day is not over"
    await anna.call("clock", advance=1)
    reasons = await rules(anna, row["id"])
    assert reasons["broken promise"] == f"broke its promise of {said}"
    assert "promised" not in reasons
    risen = await ids(anna)
    assert risen.index(row["id"]) < after.index(row["id"])
    assert row["id"] in await ids(anna, "promise")
    found = await anna.call("promises", id=row["id"])
    assert [(each["state"], each["level"]) for each in found["rows"]] == [("broken", 0)]


async def test_another_promise_replaces_the_one_before_and_says_so(anna: BrokerClient) -> None:
    """The level counts how often; the same promise again is none."""
    row = await chased(anna)
    on = await today(anna)
    first, second = ((on + timedelta(days=days)).isoformat() for days in (3, 5))
    await anna.call("promise", id=row["id"], on=first)
    assert (await anna.call("promise", id=row["id"], on=first))["repeated"]
    done = await anna.call("promise", id=row["id"], on=second)
    assert done["words"].endswith("; it replaces one that was open")
    found = (await anna.call("promises", id=row["id"]))["rows"]
    assert [(each["on"], each["state"], each["level"]) for each in found] == [
        (second, "open", 1),
        (first, "replaced", 0),
    ]
    assert len([each for each in (await anna.call("promises"))["rows"] if each["id"] == row["id"]]) == 1


async def test_a_withdrawn_promise_leaves_the_account_where_it_was(anna: BrokerClient) -> None:
    """There is nothing to withdraw twice."""
    row, before = await chased(anna), await ids(anna)
    await anna.call("promise", id=row["id"], on="3d")
    await anna.call("promise", id=row["id"], why="it was another customer")
    assert await ids(anna) == before
    assert row["id"] not in await ids(anna, "promise")
    with pytest.raises(Refused, match="no promise to withdraw"):
        await anna.call("promise", id=row["id"])


async def test_a_small_promise_hides_no_large_debt(anna: BrokerClient) -> None:
    """It is said, and the account stays above what is not to be chased."""
    row = await chased(anna)
    await anna.call("promise", id=row["id"], on="3d", amount="0.01")
    reasons = await rules(anna, row["id"])
    assert "promised/small" in reasons
    assert "promised" not in reasons
    assert row["id"] in await ids(anna, "promise")
    await anna.call("promise", id=row["id"])


@pytest.mark.parametrize("said", ["today", "Today", ""])
async def test_money_can_be_promised_for_the_same_day(anna: BrokerClient, said: str) -> None:
    """In a word or as a date."""
    day, row = await today(anna), await chased(anna)
    done = await anna.call("promise", id=row["id"], on=said or day.isoformat(), check=True)
    assert done["day"] == day.isoformat()


async def test_a_check_stores_nothing(anna: BrokerClient) -> None:
    """A form may ask so."""
    row = await chased(anna)
    before = await anna.call("promises", id=row["id"])
    assert (await anna.call("promise", id=row["id"], on="3d", check=True))["state"] == "checked"
    assert await anna.call("promises", id=row["id"]) == before


@pytest.mark.parametrize(
    "asked, says",
    [
        ({"on": "yesterday"}, "^on:"),
        ({"on": "2026-11-01"}, "^on: 2026-11-01 is not after today"),
        ({"on": "3d", "amount": "0"}, "^amount:"),
        ({"on": "3d", "amount": "-5"}, "^amount:"),
        ({"on": "3d", "amount": "1.234,50"}, "^amount:"),
        ({"on": "3d", "amount": "99999999999"}, "^amount: .* is more than"),
        ({"on": "3d", "currency": "JPY"}, "^currency: it is not JPY"),
    ],
)
async def test_what_cannot_be_promised_is_refused(
    anna: BrokerClient, asked: dict[str, Any], says: str
) -> None:
    """The field is named, and nothing is stored."""
    row = await chased(anna)
    before = await anna.call("promises", id=row["id"])
    with pytest.raises(Invalid, match=says):
        await anna.call("promise", id=row["id"], **asked)
    assert await anna.call("promises", id=row["id"]) == before


async def test_who_owes_nothing_promises_nothing(anna: BrokerClient) -> None:
    """And a customer has to be known."""
    late = {row["party_id"] for row in await rows(anna, "overdue")}
    customer = next(row for row in await rows(anna, "payment") if row["party_id"] not in late)
    with pytest.raises(Refused, match="is overdue"):
        await anna.call("promise", id=customer["party_code"], on="3d")
    with pytest.raises(NotFound):
        await anna.call("promise", id="nobody", on="3d")


async def test_an_auditor_records_no_promise(firm: Company, anna: BrokerClient) -> None:
    """Whoever only looks changes nothing."""
    row = await chased(anna)
    async with firm.face("max") as auditor:
        with pytest.raises(Refused, match="looks at the work"):
            await auditor.call("promise", id=row["id"], on="3d")


@pytest.fixture
def patient(tmp_path: Path) -> Iterator[Company]:
    """A company that grants two days."""
    with company(tmp_path / "firm", section="[promise]\ntolerance_days = 2\n") as made:
        yield made


async def test_the_companys_days_of_tolerance_are_waited_for(patient: Company) -> None:
    """The promised day is said as it was; broken it is only after them."""
    async with patient.face() as anna:
        row, on = await chased(anna), await today(anna) + timedelta(days=1)
        await anna.call("promise", id=row["id"], on=on.isoformat())
        await anna.call("clock", advance=3)
        assert "promised" in await rules(anna, row["id"])
        await anna.call("clock", advance=1)
        assert f"by {on}" in (await rules(anna, row["id"]))["broken promise"]
