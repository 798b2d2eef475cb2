"""How fast the order of the queue answers and is built anew, with in-place scores and LIMIT/OFFSET in the same run beside it."""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import resource
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from arqueue.model.people import Person, Role
from arqueue.strategy_file import default_text
from data.broker.listing import Listing
from data.broker.reranking import Reranker
from data.store import ranking
from data.store.store import Store

TODAY = date(2026, 11, 20)
_KINDS = ("overdue", "overdue", "overdue", "overdue", "payment", "payment", "dispute", "credit")
_COLUMNS = (
    *(
        "id",
        "kind",
        "party_id",
        "subject",
        "amount",
        "currency",
        "since",
        "assignee",
        "base_minor",
        "base_currency",
    ),
    *("due", "items", "names_open", "equals_open", "on_hold", "over_limit", "cover", "cover_words", "code"),
    *("habit_days", "habit_count", "contacted_on", "dispute"),
)
_VIEWS = ("all", "payment", "overdue", "dispute", "mine", "failure")
_SUE = Person("sue", "Sue", frozenset({Role.SUPERVISOR}))


def work(rows: int, chance: random.Random) -> Iterator[tuple[Any, ...]]:
    """Rows of the queue of a company with many customers; amounts are log-normal, a third of the dates lies near."""
    people = [None, *(f"person{n}" for n in range(19)), "sue"]
    for number in range(rows):
        kind = chance.choice(_KINDS)
        minor = int(chance.lognormvariate(11, 1.6)) + 100
        due = TODAY - timedelta(days=int(chance.expovariate(1 / 40)) + 1)
        overdue = kind == "overdue"
        yield (
            *(f"{kind}/{number}", kind, f"party:{number // 3}", f"INV-{number:07}", minor, "EUR"),
            *((due - timedelta(days=30)).isoformat(), people[(number // 3) % len(people)], minor, "EUR"),
            *(due.isoformat() if overdue else None, chance.randint(1, 9), chance.randint(0, 1), 0),
            *(int(chance.random() < 0.05), int(chance.random() < 0.1)),
            *(("part", "C 10.00") if overdue and chance.random() < 0.05 else (None, None)),
            *(f"C-{number // 3:06}", chance.randint(-5, 40), chance.randint(0, 30)),
            *(
                (TODAY - timedelta(days=chance.randint(0, 60))).isoformat(),
                "price" if kind == "dispute" else None,
            ),
        )


def figures(name: str, took: list[float], **more: Any) -> None:
    """One line: median, 99th percentile and worst, in milliseconds."""
    took.sort()
    found = {"p50": statistics.median(took), "p99": took[int(len(took) * 0.99)], "max": took[-1]}
    ms = {key: round(value * 1000, 3) for key, value in found.items()}
    print(json.dumps({"what": name, "n": len(took), **ms, **more}))


def timed(times: int, work_: Callable[[], Any]) -> list[float]:
    """Seconds of each call."""
    took = []
    for _ in range(times):
        started = time.perf_counter()
        work_()
        took.append(time.perf_counter() - started)
    return took


async def run(rows: int, folder: Path) -> None:
    """Fill, rank, look, change, and compare."""
    chance = random.Random(7)
    store = Store(folder / "store" / "arqueue.sqlite")
    names, marks = ", ".join(_COLUMNS), ", ".join("?" * len(_COLUMNS))
    await store.write(
        lambda database: database.conn.executemany(
            f"INSERT INTO work ({names}) VALUES ({marks})", work(rows, chance)
        )
    )
    await store.write(lambda database: ranking.begin(database.conn, TODAY - timedelta(days=2)))
    rank = Reranker(store, lambda delta: None)
    # an empty order is small: the first is built in the background all the same
    started = time.perf_counter()
    await rank._build(TODAY - timedelta(days=1), default_text())
    print(json.dumps({"what": "first order", "rows": rows, "s": round(time.perf_counter() - started, 2)}))
    started = time.perf_counter()
    await rank.rank(TODAY)
    whole = time.perf_counter() - started
    print(
        json.dumps(
            {
                "what": "full re-rank",
                "s": round(whole, 2),
                "longest_write_ms": round(rank.longest_write_s * 1000, 1),
                "rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            }
        )
    )
    await store.read(lambda connection: _looks(connection, chance))
    await store.write(lambda database: _changes(database, rows, chance))
    await store.write(lambda database: _in_place(database))
    store.close()


def _look(connection: Any, view: str, total: int, chance: random.Random) -> None:
    Listing(connection, _SUE, TODAY).window(view, "", chance.randrange(max(1, total)), 64)


def _looks(connection: Any, chance: random.Random) -> None:
    listing = Listing(connection, _SUE, TODAY)
    for view in _VIEWS:
        total = listing.counts_of(view)
        took = timed(300, partial(_look, connection, view, total, chance))
        figures("window at any position", took, view=view, total=total)
    ids = [f"{_KINDS[0]}/{chance.randrange(10_000)}" for _ in range(300)]
    figures("locate", timed(300, lambda: Listing(connection, _SUE, TODAY).locate("all", "", ids.pop())))
    figures("counts of all views", timed(100, lambda: Listing(connection, _SUE, TODAY).counts()))


def _changes(database: Database, rows: int, chance: random.Random) -> None:
    connection = database.conn

    def change() -> None:
        party = f"party:{chance.randrange(rows // 3)}"
        before = ranking.entries(connection, party)
        connection.execute("UPDATE work SET base_minor = base_minor * 3 WHERE party_id = ?", (party,))
        ranking.follow(connection, before, ranking.entries(connection, party))

    figures("a customer ranked again", timed(300, change))


def _in_place(database: Database) -> None:
    """What it costs otherwise: a score column with two indexes, and OFFSET."""
    connection = database.conn
    current = ranking.current(connection)
    assert current is not None
    connection.execute("CREATE TABLE plain (seq INTEGER PRIMARY KEY, kind TEXT, score INTEGER)")
    connection.execute("INSERT INTO plain SELECT seq, kind, 0 FROM work")
    connection.execute("CREATE INDEX plain_rank ON plain (score DESC, seq)")
    connection.execute("CREATE INDEX plain_kind ON plain (kind, score DESC, seq)")
    update = f"UPDATE plain SET score = (SELECT {current.score} FROM work WHERE work.seq = plain.seq)"
    took = timed(1, lambda: connection.execute(update))
    print(json.dumps({"what": "in place: one UPDATE holds the writer", "s": round(took[0], 2)}))
    (n,) = connection.execute("SELECT count(*) FROM plain").fetchone()
    chance = random.Random(8)
    far = "SELECT seq FROM plain ORDER BY score DESC, seq LIMIT 64 OFFSET ?"
    figures(
        "in place: OFFSET", timed(100, lambda: connection.execute(far, (chance.randrange(n),)).fetchall())
    )


def main() -> None:
    """From the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(run(given.rows, Path(folder)))


if __name__ == "__main__":
    main()
