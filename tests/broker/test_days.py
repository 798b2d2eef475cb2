"""Another business date: the queue follows the company's own midnight, with the ledger or without it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlite_utils import Database
from structlog.testing import capture_logs

from arqueue.model.clock import Clock
from arqueue.work.promises import Promise
from data.broker.days import Days, began
from data.broker.reranking import Reranker
from data.peers.contract import Page
from data.store import mirror, promises, queue, ranking
from data.store.audit import Actor
from data.store.queue import Delta
from data.store.store import Store
from data.sync.health import Health
from data.sync.pull import Puller
from tests.broker.company import company, until
from tests.store.books import AT, forget_work
from tests.sync.scripted_peer import ScriptedPeer
from tests.unit.books import item, money, party

ZONE = "Pacific/Auckland"
MIDNIGHT = datetime(2026, 11, 21, 11, tzinfo=UTC)
"""The 22nd begins there, thirteen hours before UTC's."""
DAY = timedelta(days=1)


@dataclass(slots=True)
class Office:
    """A store, and a clock that a test sets; the ledger is never asked. ``knows`` is what the ledger once said of itself."""

    path: Path
    now: datetime = MIDNIGHT - timedelta(seconds=1)
    knows: bool = True
    store: Store = field(init=False)
    days: Days = field(init=False)
    deltas: list[Delta] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.store = Store(self.path)
        self.begin()

    def begin(self) -> None:
        """A broker starts."""
        puller = Puller(
            self.store,
            ScriptedPeer(now=lambda: 0.0, wait=lambda seconds: None),
            self._clock(),
            Health(),
            today=self.today,
            base_currency=lambda: "EUR",
            changed=self.deltas.append,
        )
        rank = Reranker(self.store, self.deltas.append)
        self.days = Days(self.store, puller, rank, self.today, is_ready=lambda: self.knows)

    def _clock(self) -> Clock:
        return Clock(now=lambda: self.now, boot_s=lambda: 0.0, boot_id="boot")

    def today(self) -> date:
        """In the company's zone."""
        return self._clock().today(ZONE)

    async def load(self) -> None:
        """The first load: of one customer an invoice is due today, of the other one was due long ago."""
        due = {"party:1": date(2026, 11, 21), "party:2": date(2026, 9, 1)}
        items = [item(key[-1], "10.00", party_id=key, due_date=day) for key, day in due.items()]
        page = Page("1", False, (party("1"), party("2"), *items))

        def work(database: Database) -> None:
            mirror.store_page(database, page, feed=True, at=AT)
            queue.refresh(database, due, self.today(), "EUR")
            mirror.mark_loaded(database, AT)

        await self.store.write(work)

    async def rows(self) -> set[str]:
        """Who is in the queue."""
        return {
            row[0]
            for row in await self.store.read(lambda c: c.execute("SELECT party_id FROM work").fetchall())
        }

    async def order(self) -> date | None:
        """The date that the order follows."""
        found = await self.store.read(ranking.current)
        return found.day if found else None


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """A second before midnight, nothing loaded."""
    made = Office(tmp_path / "store" / "arqueue.sqlite")
    yield made
    made.store.close()


@pytest.mark.parametrize(
    "zone, now, begins",
    [
        (ZONE, MIDNIGHT, "2026-11-21T11:00"),
        (ZONE, MIDNIGHT - timedelta(microseconds=1), "2026-11-20T11:00"),
        ("America/Los_Angeles", datetime(2026, 11, 22, 7, 59, 59, tzinfo=UTC), "2026-11-21T08:00"),
        ("Europe/Berlin", datetime(2026, 10, 25, 20, tzinfo=UTC), "2026-10-24T22:00"),
        # that day begins at one o'clock there, and on this one midnight comes twice
        ("America/Sao_Paulo", datetime(2018, 11, 4, 12, tzinfo=UTC), "2018-11-04T03:00"),
        ("America/Havana", datetime(2026, 11, 1, 5, 30, tzinfo=UTC), "2026-11-01T04:00"),
    ],
)
def test_a_day_begins_at_midnight_in_the_companys_zone(zone: str, now: datetime, begins: str) -> None:
    """Whatever the machine's own zone, and on days when the clocks change."""
    assert began(now, zone) == f"{begins}:00.000000+00:00"


async def test_what_is_due_today_is_overdue_at_midnight_in_the_companys_zone(office: Office) -> None:
    """UTC has another date then; a second look finds nothing to do."""
    await office.load()
    assert await office.days.follow()
    assert await office.rows() == {"party:2"}
    office.now = MIDNIGHT
    assert await office.days.follow()
    assert (await office.rows(), await office.order()) == ({"party:1", "party:2"}, date(2026, 11, 22))
    assert not await office.days.follow()


async def test_midnight_in_the_companys_zone_breaks_a_promise(office: Office) -> None:
    """Not UTC's: by its own clock the promised day is over, and the ledger is not asked."""
    await office.load()
    promise = Promise(money("10.00"), office.today(), office.today(), 0, {"item:2": 1000}, frozenset())
    actor = Actor("anna", 1000)
    await office.store.write(
        lambda database: promises.record(database, actor, "party:2", promise, before="", why="", at=AT)
    )
    await office.store.write(lambda database: queue.refresh(database, {"party:2"}, office.today(), "EUR"))
    states = "SELECT promise_state FROM work WHERE party_id = 'party:2'"
    for now, state in ((office.now, "open"), (MIDNIGHT, "broken")):
        office.now = now
        await office.days.follow()
        assert await office.store.read(lambda c: c.execute(states).fetchall()) == [(state,)]


@pytest.mark.parametrize("jump", [-DAY, -400 * DAY, 400 * DAY])
async def test_a_clock_that_jumps_is_survived_and_logged(office: Office, jump: timedelta) -> None:
    """The rows and their order are those of the date that it shows, and of the right one when it is put right."""
    await office.load()
    await office.days.follow()
    right, office.now = office.now, office.now + jump
    with capture_logs() as logs:
        assert await office.days.follow()
    assert [each["event"] for each in logs].count("the business date jumped") == 1
    assert (await office.order(), await office.rows()) == (office.today(), due_before(office.today()))
    office.now = right
    assert await office.days.follow()
    assert (await office.order(), await office.rows()) == (date(2026, 11, 21), {"party:2"})


async def test_a_day_ahead_and_back_leaves_nothing_behind(office: Office) -> None:
    """A day forward is a day like any; back is told."""
    await office.load()
    await office.days.follow()
    with capture_logs() as logs:
        for step in (DAY, -DAY):
            office.now += step
            assert await office.days.follow()
    assert [each["event"] for each in logs].count("the business date jumped") == 1
    assert (await office.order(), await office.rows()) == (date(2026, 11, 21), {"party:2"})


@pytest.mark.parametrize("said", [None, "2026-11-21", "2026-11-21 0"])
async def test_rows_derived_another_way_are_derived_anew_at_the_start(
    office: Office, said: str | None
) -> None:
    """Without the ledger: an upgrade shows its queue at once."""
    await office.load()
    await office.store.write(lambda database: upgrade(database, said))
    assert await office.rows() == set()
    office.begin()
    assert await office.days.follow()
    assert (await office.rows(), await office.order()) == ({"party:2"}, date(2026, 11, 21))


async def test_nothing_is_derived_before_the_first_load_or_before_the_ledger_said_what_it_is(
    office: Office,
) -> None:
    """The load itself derives everything, once."""
    assert not await office.days.follow()
    await office.load()
    office.knows = False
    assert not await office.days.follow()
    office.knows, seen = True, len(office.deltas)
    assert await office.days.follow()
    assert not any(delta.ids for delta in office.deltas[seen:])


def test_a_broker_upgraded_while_the_ledger_is_away_shows_its_queue(tmp_path: Path) -> None:
    """Nothing is pulled, all of it is there."""
    with company(tmp_path / "firm") as firm:
        before = firm.ask("status")["counts"]
        firm.stop()
        with sqlite3.connect(firm.settings.store_dir / "arqueue.sqlite") as connection:
            upgrade(Database(connection), None)
        connection.close()
        firm.start_broker()
        until(lambda: firm.ask("status")["counts"] == before, "the queue is derived")


def upgrade(database: Database, said: str | None) -> None:
    """What a migration leaves: no rows, and who derived the last ones."""
    forget_work(database)
    database.conn.execute("DELETE FROM meta WHERE key = 'derived_on'")
    if said is not None:
        database.conn.execute("INSERT INTO meta VALUES ('derived_on', ?)", (said,))


def due_before(today: date) -> set[str]:
    """Who owes something that was due before that day."""
    due = {"party:1": date(2026, 11, 21), "party:2": date(2026, 9, 1)}
    return {key for key, day in due.items() if day < today}
