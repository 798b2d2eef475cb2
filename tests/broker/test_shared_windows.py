"""Windows that are made once for all who see the same: never older than the last change, never another person's."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
import pytest_asyncio
from sqlite_utils import Database

from arqueue.control.states import CommandState
from arqueue.model.people import Person, Role
from data.broker import windows
from data.broker.listing import Listing
from data.broker.requests import WindowRequest
from data.broker.windows import Painted, Windows
from data.peers.contract import Page
from data.store import mirror, outbox, owning, pins, queue, ranking, snoozes
from data.store.audit import SYSTEM
from data.store.store import Store
from tests.store.books import ANNA, AT, adjust, company, new_command
from tests.unit.books import TODAY, item, party

SUE = Person("sue", "Sue", frozenset({Role.SUPERVISOR}))
LEE = Person("lee", "Lee", frozenset({Role.COLLECTOR}))
KIM = Person("kim", "Kim", frozenset({Role.COLLECTOR}))
WHOLE = WindowRequest(limit=64)
SOON = TODAY + timedelta(days=7)


class House:
    """A store, a date, and the windows over both."""

    def __init__(self, store: Store) -> None:
        self.store, self.day, self.painted = store, TODAY, Painted()
        self.windows = Windows(cast(Any, SimpleNamespace(store=store, today=lambda: self.day)), self.painted)

    async def shown(self, person: Person = SUE, asked: WindowRequest = WHOLE) -> dict[str, Any]:
        """What goes out."""
        found: dict[str, Any] = json.loads((await self.windows.window(person, asked)).body)
        return found

    async def true(self, person: Person = SUE, asked: WindowRequest = WHOLE) -> dict[str, Any]:
        """What the store holds."""

        def look(connection: sqlite3.Connection) -> Any:
            return Listing(connection, person, self.day).window(asked.view, "", asked.offset, asked.limit)

        return cast(dict[str, Any], await self.store.read(look))

    async def change(self, work: Callable[[Database], None]) -> None:
        """One transaction, the customer's work included."""

        def all_of_it(database: Database) -> None:
            work(database)
            queue.refresh(database, {"party:1"}, self.day, "EUR")

        await self.store.write(all_of_it)


@pytest_asyncio.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """One customer with a payment and two invoices."""
    store = Store(tmp_path / "store" / "arqueue.sqlite")
    made = House(store)
    await made.change(lambda database: came(database, *company()))
    yield made
    store.close()


def came(database: Database, *entities: Any) -> None:
    """A page of the feed."""
    mirror.store_page(database, Page("1", False, entities), feed=True, at=AT)


def ordered(database: Database) -> None:
    """A write-off is under way."""
    outbox.add(database, new_command(database.conn, adjust("1.00"), command_id="c" * 32), ANNA, at=AT)


def ended(database: Database) -> None:
    """It is not any more."""
    ordered(database)
    row = outbox.get(database.conn, "c" * 32)
    outbox.move(database, row, CommandState.CANCELLED, SYSTEM, at=AT)


CHANGES: dict[str, Callable[[Database], Any]] = {
    "an item came": lambda database: came(database, item("k", "70.00")),
    "an item is paid": lambda database: came(database, item("j", "5.00", version="2")),
    "a customer is called otherwise": lambda database: came(database, party(name="Zenith", version="2")),
    "an order is under way": ordered,
    "an order came and went": ended,
    "a row sleeps": lambda database: snoozes.snooze(
        database, ANNA, "payment/p", "party:1", SOON, "waits", today=TODAY, at=AT
    ),
    "a row is pinned": lambda database: pins.pin(
        database, ANNA, "payment/p", "party:1", SOON, "board asks", at=AT
    ),
    "a customer is somebody's": lambda database: owning.assign(
        database, ANNA, "party:1", "lee", "a stand-in", at=AT
    ),
    "the rules are others": lambda database: ranking.at_once(
        database.conn, TODAY, ranking.chosen(database.conn).replace("points = 3", "points = 4")
    ),
    "nothing": lambda database: None,
}


@pytest.mark.parametrize("change", CHANGES)
async def test_a_window_is_never_older_than_the_last_change(house: House, change: str) -> None:
    """After the transaction everybody gets what it left, whatever was kept before."""
    before = {each.id: await house.shown(each) for each in (SUE, LEE)}
    assert before["sue"]["rows"]
    await house.change(CHANGES[change])
    for person in (SUE, LEE):
        for view in ("all", "payment", "mine", "snoozed"):
            asked = WindowRequest(view=view)
            assert await house.shown(person, asked) == await house.true(person, asked)


async def test_a_window_is_made_once_for_all_who_see_the_same(house: House) -> None:
    """The same bytes, whoever asks, until something is another."""
    first = await house.windows.window(LEE, WHOLE)
    assert await house.windows.window(LEE, WHOLE) is first
    assert await house.windows.window(KIM, WHOLE) is first
    await house.change(CHANGES["an item came"])
    assert await house.windows.window(KIM, WHOLE) is not first


async def test_nobody_gets_anothers_window(house: House) -> None:
    """What is handed to one person is in that person's windows and in a supervisor's; ``mine`` is each one's own."""
    await house.change(lambda database: owning.assign(database, ANNA, "party:1", "lee", "a stand-in", at=AT))
    await house.store.write(lambda database: database.conn.execute("UPDATE work SET owner = 'lee'"))
    await house.change(lambda database: came(database, item("k", "70.00")))
    mine = WindowRequest(view="mine")
    for person in (LEE, KIM, SUE, LEE):
        for asked in (WHOLE, mine):
            assert await house.shown(person, asked) == await house.true(person, asked)
    assert (await house.shown(LEE, mine))["rows"]
    assert not (await house.shown(KIM, mine))["rows"]


async def test_another_role_is_another_window(house: House) -> None:
    """A person whom the people file gives more sees more at once."""
    await house.store.write(lambda database: database.conn.execute("UPDATE work SET owner = 'kim'"))
    await house.store.write(
        lambda database: ranking.at_once(database.conn, TODAY, ranking.chosen(database.conn))
    )
    assert not (await house.shown(LEE))["rows"]
    assert (await house.shown(replace(LEE, roles=frozenset({Role.SUPERVISOR}))))["rows"]


async def test_a_new_day_is_another_window(house: House) -> None:
    """Ages count from it."""
    before = await house.shown()
    house.day = TODAY + timedelta(days=3)
    after = await house.shown()
    ages = [[row["age_days"] for row in each["rows"]] for each in (before, after)]
    assert ages[1] == [age + 3 for age in ages[0]]


async def test_a_window_that_was_made_beside_a_change_is_not_kept(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever asked meanwhile got the rows of before; whoever asks now gets those of after."""
    rows = house.painted.rows

    def meanwhile(listing: Listing, seqs: Any) -> bytes:
        monkeypatch.undo()
        work = lambda database: _change(database, house.day)  # noqa: E731
        house.store._writer.submit(house.store._in_transaction, work).result(30)
        return rows(listing, seqs)

    monkeypatch.setattr(house.painted, "rows", meanwhile)
    before = await house.shown()
    assert len((await house.shown())["rows"]) > 0
    assert await house.shown() == await house.true()
    assert before["generation"] < (await house.shown())["generation"]


def _change(database: Database, day: date) -> None:
    CHANGES["an item came"](database)
    queue.refresh(database, {"party:1"}, day, "EUR")


async def test_no_more_windows_are_kept_than_there_is_room_for(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each is still the right one."""
    monkeypatch.setattr(windows, "_ROOM", 3000)
    monkeypatch.setattr(windows, "_ROWS", 1)
    for limit in (1, 2, 3, 1, 2, 3):
        for offset in (0, 1):
            asked = WindowRequest(offset=offset, limit=limit)
            assert await house.shown(SUE, asked) == await house.true(SUE, asked)
    kept = house.windows._kept
    assert sum(len(each.body) for each in kept.values()) <= 3000
    assert len(house.painted._kept) == 1


async def test_what_nobody_waits_for_is_read_one_after_another(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many read ahead, a window that somebody waits for finds a reader; and the same one is made once."""
    rows, held, inside = house.painted.rows, threading.Event(), threading.Event()
    made: list[int] = []

    def slowly(listing: Listing, seqs: Any) -> bytes:
        made.append(len(seqs))
        if len(seqs) == 1:  # one that is read aside
            inside.set()
            assert held.wait(30)
        return rows(listing, seqs)

    monkeypatch.setattr(house.painted, "rows", slowly)
    aside = [WindowRequest(limit=1, aside=True) for _ in range(10)]
    waiting = [asyncio.create_task(house.shown(SUE, asked)) for asked in aside]
    assert await asyncio.to_thread(inside.wait, 30)
    assert await asyncio.wait_for(house.shown(), 30) == await house.true()
    assert made.count(1) == 1
    held.set()
    await asyncio.gather(*waiting)
    assert made.count(1) == 1
