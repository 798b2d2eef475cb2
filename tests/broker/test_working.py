"""Working the list together over real sockets: what is put off is hidden and comes back, whose it is, who is there, drafts."""

from __future__ import annotations

import asyncio
import stat
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from arqueue.errors import Invalid, NotFound, Refused
from data.broker.client import BrokerClient
from tests.broker.company import Company, company, eventually


@pytest.fixture
async def anna(firm: Company) -> AsyncIterator[BrokerClient]:
    """A collector."""
    async with firm.face() as client:
        yield client


@pytest.fixture
async def ben(firm: Company) -> AsyncIterator[BrokerClient]:
    """Another one."""
    async with firm.face("ben") as client:
        yield client


@pytest.fixture
async def sue(firm: Company) -> AsyncIterator[BrokerClient]:
    """A supervisor."""
    async with firm.face("sue") as client:
        yield client


async def rows(client: BrokerClient, view: str = "all") -> list[dict[str, Any]]:
    """The best of a view."""
    found: list[dict[str, Any]] = (await client.call("window", view=view, limit=200))["rows"]
    return found


async def ids(client: BrokerClient) -> set[str]:
    """What is in the list."""
    return {row["id"] for row in await rows(client)}


async def overdue(client: BrokerClient, place: int) -> dict[str, Any]:
    """One of the overdue accounts."""
    return [row for row in await rows(client) if row["kind"] == "overdue"][place]


async def test_a_whole_account_is_put_off_by_its_customers_name(anna: BrokerClient) -> None:
    """How many items it has says nothing of whose they are."""
    row = (await rows(anna, "overdue"))[0]
    snoozed = await anna.call("snooze", id=row["id"], check=True, until="3d")
    planned = await anna.call("follow_up", id=row["id"], check=True, on="3d")
    for done in (snoozed, planned):
        assert done["words"].startswith(f"{row['party']}, {row['subject']}: ")


async def test_what_is_snoozed_leaves_the_list_and_can_be_woken(anna: BrokerClient) -> None:
    """It is in the view of what sleeps meanwhile, with its day."""
    row = await overdue(anna, 0)
    done = await anna.call("snooze", id=row["id"], until="2026-12-01", why="promised by phone")
    assert done["day"] == "2026-12-01"
    assert row["id"] not in await ids(anna)
    asleep = {each["id"]: each for each in await rows(anna, "snoozed")}
    assert asleep[row["id"]]["snoozed_until"] == "2026-12-01"
    again = await anna.call("snooze", id=row["id"], until="2026-12-01", why="promised by phone")
    assert again["repeated"]
    await anna.call("snooze", id=row["id"])
    assert row["id"] in await ids(anna)


@pytest.mark.parametrize("until", ["yesterday", "2026-11-20", "2031-01-01", "someday"])
async def test_a_day_that_cannot_be_is_refused(anna: BrokerClient, until: str) -> None:
    """The field is named, and nothing is stored."""
    row = await overdue(anna, 0)
    with pytest.raises(Invalid, match=r"^until:"):
        await anna.call("snooze", id=row["id"], until=until)
    assert row["id"] in await ids(anna)


async def test_a_check_stores_nothing(anna: BrokerClient) -> None:
    """The review of many rows asks so."""
    row = await overdue(anna, 0)
    assert (await anna.call("snooze", id=row["id"], until="3d", check=True))["state"] == "checked"
    assert row["id"] in await ids(anna)


async def test_one_takes_what_is_free_and_gives_away_what_is_ones_own(
    anna: BrokerClient, ben: BrokerClient, sue: BrokerClient
) -> None:
    """What is another's is a supervisor's to give."""
    row = await overdue(anna, 1)
    with pytest.raises(Refused, match="can be taken, not given"):
        await anna.call("assign", id=row["id"], to="ben")
    await anna.call("assign", id=row["id"], to="anna")
    with pytest.raises(Refused, match="anna's"):
        await ben.call("assign", id=row["id"], to="ben")
    with pytest.raises(Refused, match="anna's work"):
        await ben.call("snooze", id=row["id"], until="3d")
    with pytest.raises(Refused, match="max works no customers"):
        await anna.call("assign", id=row["id"], to="max")
    with pytest.raises(NotFound):
        await anna.call("assign", id=row["id"], to="nobody")
    await sue.call("assign", id=row["id"], to="ben")
    assert (await overdue_of(sue, row["id"]))["assignee"] == "ben"
    await sue.call("assign", id=row["id"])
    assert (await overdue_of(sue, row["id"]))["assignee"] is None


async def overdue_of(client: BrokerClient, key: str) -> dict[str, Any]:
    """A row as it is now."""
    return next(row for row in await rows(client) if row["id"] == key)


async def test_a_pinned_row_is_on_top_for_everybody(
    anna: BrokerClient, ben: BrokerClient, sue: BrokerClient
) -> None:
    """A supervisor may pin anything, for a reason."""
    row = await overdue(anna, 4)
    with pytest.raises(Refused, match="on top for everybody"):
        await ben.call("pin", id=row["id"], reason="mine")
    with pytest.raises(Invalid, match="reason"):
        await sue.call("pin", id=row["id"])
    await sue.call("pin", id=row["id"], reason="the auditor asks")
    assert (await rows(ben))[0]["id"] == row["id"]
    assert "On top until 23 Nov: the auditor asks" in (await anna.call("attend", id=row["id"]))["notes"]
    await sue.call("pin", id=row["id"])
    assert (await rows(ben))[0]["id"] != row["id"]


async def test_the_rows_of_whoever_is_away_are_the_stand_ins(
    anna: BrokerClient, ben: BrokerClient, sue: BrokerClient
) -> None:
    """And go back when the absence ends; a circle is refused in words."""
    row = await overdue(anna, 2)
    await anna.call("assign", id=row["id"], to="anna")
    days: dict[str, Any] = {"first": "2026-11-20", "last": "2026-11-27"}
    with pytest.raises(Refused, match="not yours to say"):
        await ben.call("absence", person="anna", stand_in="ben", **days)
    noted = await sue.call("absence", person="anna", stand_in="ben", **days)
    assert (await overdue_of(sue, row["id"]))["assignee"] == "ben"
    assert (
        "Ben Okafor's customer while Anna Berg is away" in (await ben.call("attend", id=row["id"]))["notes"]
    )
    with pytest.raises(Refused, match="this customer is anna's"):
        await ben.call("assign", id=row["id"], to="ben")
    with pytest.raises(Refused, match="anna → ben → anna"):
        await sue.call("absence", person="ben", stand_in="anna", **days)
    await sue.call("end_absence", id=noted["id"])
    assert (await overdue_of(sue, row["id"]))["assignee"] == "anna"
    await sue.call("assign", id=row["id"])


async def test_a_swap_goes_both_ways(anna: BrokerClient, sue: BrokerClient) -> None:
    """Two people have each other's rows for a time."""
    one, two = await overdue(anna, 1), await overdue(anna, 2)
    await sue.call("assign", id=one["id"], to="anna")
    await sue.call("assign", id=two["id"], to="ben")
    days: dict[str, Any] = {"first": "2026-11-20", "last": "2026-11-20"}
    with pytest.raises(Refused, match="two people"):
        await anna.call("absence", person="anna", stand_in="ben", swap=True, **days)
    noted = await sue.call("absence", person="anna", stand_in="ben", swap=True, **days)
    assert (await overdue_of(sue, one["id"]))["assignee"] == "ben"
    assert (await overdue_of(sue, two["id"]))["assignee"] == "anna"
    await sue.call("end_absence", id=noted["id"])
    for row in (one, two):
        await sue.call("assign", id=row["id"])


async def test_two_people_are_never_given_the_same_row(firm: Company, ben: BrokerClient) -> None:
    """And what a dead connection held is free at once."""
    async with firm.face("sue") as other:
        taken = (await other.call("next"))["row"]["id"]
        assert (await ben.call("next"))["row"]["id"] != taken
        assert (await ben.call("next"))["row"]["id"] != taken
        claimed = await ben.call("attend", id=taken, here=False)
        assert claimed["claimed"] == "sue"

    async def look() -> str | None:
        return (await ben.call("attend", id=taken, here=False))["claimed"]  # type: ignore[no-any-return]

    await eventually(look, lambda claimed: claimed is None, "the claim to be given back")
    assert (await ben.call("next"))["row"]["id"] == taken


async def test_two_people_at_the_same_customer_see_each_other(
    firm: Company, anna: BrokerClient, ben: BrokerClient
) -> None:
    """Whoever comes is told at once, whoever is there hears of it; nobody else hears anything."""
    row = await overdue(anna, 3)
    heard: list[dict[str, Any]] = []
    anna.on_push(lambda push: heard.append(push) if push["push"] == "presence" else None)
    assert (await anna.call("attend", id=row["id"]))["others"] == []
    assert (await ben.call("attend", id=row["id"]))["others"] == ["anna"]

    async def last() -> list[str] | None:
        return heard[-1]["others"] if heard else None

    await eventually(last, lambda others: others == ["ben"], "anna to hear of ben")
    async with firm.face("sue") as third:
        await third.call("attend", id=row["id"], here=False)
    await ben.call("attend")
    await eventually(last, lambda others: others == [], "anna to hear that ben went")
    assert [push["others"] for push in heard] == [["ben"], []]


async def test_a_draft_is_the_persons_own_and_outlives_the_connection(
    firm: Company, ben: BrokerClient
) -> None:
    """Cleaned like a note; never with a card number in it."""
    draft: dict[str, Any] = {"op": "annotate", "target": "item:1"}
    async with firm.face() as first:
        await first.call("keep_draft", typed={"text": "half a \x1b[31mnote"}, **draft)
        with pytest.raises(Invalid, match="payment card number"):
            await first.call("keep_draft", typed={"text": "4111 1111 1111 1111"}, **draft)
        nested: dict[str, Any] = {}
        for _ in range(600):
            nested = {"": nested}
        wide: dict[str, Any] = {"": [[]] * 40_000}
        for typed in (nested, wide):
            with pytest.raises(Invalid, match="a draft"):
                await first.call("keep_draft", typed=typed, **draft)
    assert await ben.call("draft", **draft) is None
    async with firm.face() as second:
        assert (await second.call("draft", **draft))["typed"] == {"text": "half a �[31mnote"}
        assert (await second.call("drop_draft", **draft))["dropped"]
        assert await second.call("draft", **draft) is None


async def test_an_order_takes_its_draft_with_it(anna: BrokerClient) -> None:
    """In its transaction: a face that dies then finds no draft of what it ordered."""
    row = next(row for row in await rows(anna) if row["item_id"])
    draft: dict[str, Any] = {"op": "annotate", "target": row["item_id"]}
    await anna.call("keep_draft", typed={"text": "called"}, **draft)
    other: dict[str, Any] = {"op": "adjust", "target": row["item_id"]}
    await anna.call("keep_draft", typed={"note": "later"}, **other)
    command = {"op": "annotate", "target": row["item_id"], "text": "called"}
    await anna.call("submit", intent="draft-goes-1", command=command)
    assert await anna.call("draft", **draft) is None
    assert await anna.call("draft", **other) is not None


async def test_everything_is_in_the_audit(firm: Company, anna: BrokerClient, sue: BrokerClient) -> None:
    """Who put off, assigned and pinned what."""
    row = await overdue(anna, 3)
    await sue.call("pin", id=row["id"], reason="board asks")
    await sue.call("pin", id=row["id"])
    ran = await asyncio.to_thread(firm.cli, "audit", "export", act_as="max")
    assert all(word in ran.out for word in ("snoozed", "assigned", "pinned", "unpinned", "absence ended"))


async def test_a_collector_sees_no_other_agenda(ben: BrokerClient, sue: BrokerClient) -> None:
    """A supervisor does."""
    with pytest.raises(Refused, match="not yours"):
        await ben.call("agenda", person="anna")
    assert "rows" in await sue.call("agenda", person="anna")


def test_a_new_day_wakes_what_slept(tmp_path: Path) -> None:
    """It is in the list again by itself. The calendar file had the day, for its owner alone."""
    with company(tmp_path / "c", broker=False) as firm:
        plain = firm.config.read_text("utf-8")
        calendar = '[calendar]\nfolder = "calendars"\n\n[demo]'
        firm.config.write_text(plain.replace("[demo]", calendar), "utf-8")
        firm.start_broker()
        firm.ask("sync", wait=True, timeout_s=30.0)
        asyncio.run(_sleep_over(firm))


async def _sleep_over(firm: Company) -> None:
    file = firm.home / "calendars" / "anna.ics"
    async with firm.face() as anna:
        row = await overdue(anna, 0)
        await anna.call("snooze", id=row["id"], until="2026-11-23", why="waits")

        async def written() -> str:
            return file.read_bytes().decode() if file.exists() else ""

        await eventually(written, lambda text: "DTSTART;VALUE=DATE:20261123" in text, "the calendar")
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert row["id"] not in await ids(anna)
        await anna.call("clock", set="2026-11-20")
        assert len(await rows(anna, "done")) == 1
        await anna.call("clock", set="2026-11-23")
        assert row["id"] in await ids(anna)
        assert await rows(anna, "done") == []


async def test_the_same_plan_twice_is_one(anna: BrokerClient) -> None:
    """So that a lost answer may be asked for again; also to be done with it."""
    row = await overdue(anna, 5)
    wish: dict[str, Any] = {"id": row["id"], "on": "2026-11-27", "why": "call"}
    assert [(await anna.call("follow_up", **wish))["repeated"] for _ in range(2)] == [False, True]
    done = [(await anna.call("follow_up", id=row["id"]))["repeated"] for _ in range(2)]
    assert done == [False, True]


async def test_an_absence_is_ranked_though_its_asker_hung_up(
    firm: Company, anna: BrokerClient, sue: BrokerClient
) -> None:
    """Nobody else would ask for it again."""
    row = await overdue(anna, 4)
    await sue.call("assign", id=row["id"], to="anna")
    async with firm.face("sue") as gone:
        days: dict[str, Any] = {"first": "2026-11-20", "last": "2026-11-27"}
        asked = asyncio.create_task(gone.call("absence", person="anna", stand_in="ben", **days))
        await eventually(lambda: _away(sue), lambda found: bool(found), "the absence is stored")
    await asyncio.gather(asked, return_exceptions=True)
    await eventually(
        lambda: overdue_of(sue, row["id"]), lambda found: found["assignee"] == "ben", "it is ben's"
    )
    for noted in await _away(sue):
        await sue.call("end_absence", id=noted["id"])
    await sue.call("assign", id=row["id"])


async def _away(client: BrokerClient) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = await client.call("absences")
    return found
