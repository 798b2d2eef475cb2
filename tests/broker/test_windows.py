"""What a face sees: windows of the queue that tile it, rows that can be found, figures that agree."""

from __future__ import annotations

from typing import Any

import pytest

from arqueue.errors import NotFound
from data.broker.client import BrokerClient
from tests.broker.company import Company


async def test_windows_tile_the_queue_without_gap_or_overlap(firm: Company) -> None:
    """Any cut into windows gives the same rows in the same order, best score first."""
    async with firm.face() as client:
        total = (await client.call("window", limit=1))["total"]
        whole = await _rows(client, total, 256)
        assert len(whole) == total
        assert len({row["id"] for row in whole}) == total
        assert [row["score"] for row in whole] == sorted((row["score"] for row in whole), reverse=True)
        for size in (1, 7, 64):
            assert [row["id"] for row in await _rows(client, min(total, 40), size)] == [
                row["id"] for row in whole[: min(total, 40)]
            ]


async def _rows(client: BrokerClient, upto: int, size: int, **more: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    while len(rows) < upto:
        part = (await client.call("window", offset=len(rows), limit=min(size, upto - len(rows)), **more))[
            "rows"
        ]
        if not part:
            break
        rows += part
    return rows


@pytest.mark.parametrize(
    "view, words", [("all", ""), ("payment", ""), ("overdue", "EUR"), ("all", "GBP payment")]
)
async def test_locate_says_where_the_window_shows_it(firm: Company, view: str, words: str) -> None:
    """Position and window agree for every row of a view and a filter."""
    async with firm.face() as client:
        found = await client.call("window", view=view, filter=words, limit=256)
        assert found["rows"]
        assert found["total"] <= found["all"]
        for position, row in enumerate(found["rows"][:30]):
            where = await client.call("locate", view=view, filter=words, id=row["id"])
            assert (where["position"], where["total"]) == (position, found["total"])
        nowhere = await client.call("locate", view=view, filter=words, id="payment/nothing")
        assert nowhere["position"] is None


async def test_the_parts_of_a_score_sum_to_it(firm: Company) -> None:
    """Every row can show its own arithmetic."""
    async with firm.face("sue") as client:
        for row in (await client.call("window", limit=256))["rows"]:
            assert sum(reason["points"] for reason in row["reasons"]) == row["score"], row["id"]
            assert all(reason["words"] for reason in row["reasons"])


async def test_counts_are_what_the_views_hold(firm: Company) -> None:
    """The status line's figures are those of the windows, for each person."""
    for person in ("anna", "ben", "sue"):
        async with firm.face(person) as client:
            counts = (await client.call("status"))["counts"]
            for view, count in counts.items():
                assert (await client.call("window", view=view, limit=1))["total"] == count, (person, view)


async def test_a_row_can_be_found_by_item_number_or_work_id(firm: Company) -> None:
    """``show`` knows the work of an item, the item of a work, and a customer by its code."""
    async with firm.face() as client:
        by_number = await client.call("show", id="PAY-7021")
        assert by_number["work"]["id"] == f"payment/{by_number['item']['id']}"
        by_work = await client.call("show", id=by_number["work"]["id"])
        assert by_work["item"]["number"] == "PAY-7021"
        party = await client.call("show", id="C-00006")
        assert party["work"]["kind"] == "overdue"
        assert party["account"]["party"]["name"] == "Fjordland Bygg AS"
        with pytest.raises(NotFound, match="nothing-of-that-name"):
            await client.call("show", id="nothing-of-that-name")


@pytest.mark.parametrize(
    "text, number",
    [("1482.37", "INV-7031"), ("5000", "PAY-7071"), ("485000", "PAY-7071"), ("7021", "PAY-7021")],
)
async def test_find_reads_amounts_in_the_currencys_own_decimals(
    firm: Company, text: str, number: str
) -> None:
    """1482.37 is euros and cents, 5000 is yen; half an amount finds nothing by amount."""
    async with firm.face() as client:
        found = await client.call("find", text=text, limit=50)
        assert number in [item["number"] for item in found["items"]]
        assert not (await client.call("find", text="148.237"))["items"]


async def test_find_takes_wildcards_as_text(firm: Company) -> None:
    """A percent sign is a percent sign."""
    async with firm.face() as client:
        assert not (await client.call("find", text="%"))["items"]
        assert not (await client.call("find", text="INV_7001"))["items"]
