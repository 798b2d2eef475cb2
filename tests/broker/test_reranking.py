"""A whole new order, built beside everybody's work."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlite_utils import Database

from arqueue.strategy_file import default_text
from data.broker import reranking
from data.broker.reranking import Reranker
from data.store import ranking
from data.store.queue import Delta
from data.store.store import Store
from tests.store.test_ranking import OTHER, Given, agrees, put
from tests.unit.books import TODAY

TOMORROW = TODAY + timedelta(days=1)


def rows(count: int, kind: str) -> list[Given]:
    """So many, of different sizes and ages."""
    return [
        (kind, 1000 * number % 7919, "anna" if number % 3 else None, None, number % 90)
        for number in range(count)
    ]


def changed(database: Database, count: int) -> None:
    """Other rows than before."""
    put(database.conn, rows(count, "payment"))


def generations(connection: sqlite3.Connection) -> set[int]:
    """The orders that anything is left of."""
    tables = ("rank", "tally", "band", "ranking")
    return {gen for table in tables for (gen,) in connection.execute(f"SELECT DISTINCT gen FROM {table}")}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Rows, ranked for today."""
    made = Store(tmp_path / "store" / "arqueue.sqlite")

    def work(database: Database) -> None:
        ranking.begin(database.conn, TODAY)
        put(database.conn, rows(900, "overdue"))

    asyncio.run(made.write(work))
    yield made
    made.close()


@pytest.mark.parametrize("at_once", [0, 20_000])
async def test_what_changes_meanwhile_is_in_the_new_order(
    store: Store, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    """Of the old one nothing is left, in one transaction or in many; it is told once it is shown."""
    monkeypatch.setattr(reranking, "_AT_ONCE", at_once)
    told: list[Delta] = []
    rank = Reranker(store, told.append)
    building = asyncio.create_task(rank.rank(TOMORROW, OTHER))
    for count in (880, 905, 890):
        await store.write(partial(changed, count=count))
    assert await building
    order = await store.read(ranking.current)
    assert order is not None
    assert (order.day, order.text, len(told)) == (TOMORROW, OTHER, 1)
    assert await store.read(lambda connection: ranking.size(connection, order)) == 890
    await store.read(agrees)
    assert await store.read(generations) == {order.gen}


async def test_the_same_date_and_rules_are_no_work(store: Store) -> None:
    """Nobody is told."""
    told: list[Delta] = []
    assert not await Reranker(store, told.append).rank(TODAY, default_text())
    assert told == []


async def test_an_order_that_a_crash_left_half_built_goes_at_the_next_look(store: Store) -> None:
    """The one that is shown stays."""
    await store.write(lambda database: ranking.start(database.conn, TOMORROW, OTHER))
    assert not await Reranker(store, lambda delta: None).rank(TODAY)
    assert await store.read(lambda c: c.execute("SELECT state FROM ranking").fetchall()) == [("current",)]
