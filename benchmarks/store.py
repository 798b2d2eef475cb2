"""How fast the store takes pages in and hands windows out, as ratios to sqlite-utils' own upsert in the same run."""

from __future__ import annotations

import argparse
import json
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path

from sqlite_utils import Database

from arqueue.model.ledger import Entity, Item, ItemKind, ItemState, Party
from arqueue.model.money import Money
from arqueue.model.people import Person, Role
from data.broker.reading import Reader
from data.peers.contract import Page
from data.store import bulk, mirror, queue
from data.store.opening import open_reader, open_writer, transaction
from data.store.rows import ITEM, item_row

TODAY = date(2026, 11, 20)
_PAGE = 500
_LOOKS = 300
_ANN = Person("ann", "Ann", frozenset({Role.SUPERVISOR}))


def entities(rows: int) -> Iterator[Sequence[Entity]]:
    """Pages of customers with ten open items each, every tenth a payment."""
    page: list[Entity] = []
    for number in range(rows):
        party = f"party:{number // 10}"
        if number % 10 == 0:
            page.append(
                Party(id=party, code=f"C{number // 10:06}", name=f"Customer {number // 10}", version="1")
            )
        paid = number % 10 == 9
        amount = Money((-1 if paid else 1) * (1000 + number * 7919 % 900_000), "EUR")
        page.append(
            Item(
                id=f"item:{number}",
                kind=ItemKind.PAYMENT if paid else ItemKind.INVOICE,
                number=f"{'PAY' if paid else 'INV'}-{number:07}",
                party_id=party,
                total=amount,
                residual=amount,
                residual_base=amount,
                doc_date=date(2026, 1 + number % 9, 1 + number % 28),
                due_date=None if paid else date(2026, 1 + number % 10, 1 + number % 28),
                state=ItemState.OPEN,
                version="1",
            )
        )
        if len(page) >= _PAGE:
            yield page
            page = []
    if page:
        yield page


def seconds(work: Callable[[], object]) -> float:
    """How long one call takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def ours(database: Database, pages: Sequence[Page], *, first: bool) -> None:
    """Every page in a transaction of its own, cursor included, as the puller does; a first load makes the indexes at its end."""
    if first:
        with transaction(database):
            bulk.begin(database)
    for page in pages:
        with transaction(database):
            mirror.store_page(database, page, feed=True, at="2026-11-20T00:00:00+00:00")
    for statement in bulk.pending(database.conn):
        with transaction(database):
            bulk.restore(database, statement)


def theirs(path: Path, made: Sequence[Page]) -> tuple[float, float]:
    """sqlite-utils' upsert_all over the same items as dictionaries, with the same indexes, twice."""
    database = Database(sqlite3.connect(path, isolation_level=None))
    database.conn.execute("PRAGMA journal_mode=wal")
    database.conn.execute("PRAGMA synchronous=FULL")
    pages = [
        [dict(zip(ITEM, item_row(row), strict=True)) for row in page.upserts if isinstance(row, Item)]
        for page in made
    ]

    def run() -> None:
        for page in pages:
            database["item"].upsert_all(page, pk="id")  # type: ignore[union-attr]

    database["item"].insert_all(pages[0], pk="id")  # type: ignore[union-attr]
    database["item"].create_index(["party_id", "currency"])  # type: ignore[union-attr]
    database["item"].create_index(["number"])  # type: ignore[union-attr]
    return seconds(run), seconds(run)


def looks(path: Path) -> dict[str, float]:
    """Milliseconds (median) for a window at the top, one deep down, and for finding where a row stands."""
    reader = Reader(open_reader(path).conn, _ANN, TODAY)
    total = reader.window("all", "", 0, 1)["total"]
    deep = reader.window("all", "", max(0, total - 64), 64)["rows"][0]["id"]

    def median(work: Callable[[], object]) -> float:
        return statistics.median(seconds(work) for _ in range(_LOOKS)) * 1000

    return {
        "rows in the queue": total,
        "top window ms": median(lambda: reader.window("all", "", 0, 64)),
        "last window ms": median(lambda: reader.window("all", "", max(0, total - 64), 64)),
        "locate ms": median(lambda: reader.locate("all", "", deep)),
    }


def main() -> None:
    """Run and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=50_000)
    rows = parser.parse_args().rows
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "store.sqlite"
        Path(folder).chmod(0o700)
        database = open_writer(path)
        pages = [Page("c", True, tuple(page)) for page in entities(rows)]
        first = seconds(lambda: ours(database, pages, first=True))
        again = seconds(lambda: ours(database, pages, first=False))
        parties = queue.all_parties(database.conn)

        def derive() -> None:
            for start in range(0, len(parties), 200):
                with transaction(database):
                    queue.refresh(database, parties[start : start + 200], TODAY, "EUR")

        ranked = seconds(derive)
        naive_first, naive_again = theirs(Path(folder) / "naive.sqlite", pages)
        result = {
            "items": rows,
            "first load, rows/s": round(rows / first),
            "first load / upsert_all": round(naive_first / first, 2),
            "unchanged, rows/s": round(rows / again),
            "unchanged / upsert_all": round(naive_again / again, 2),
            "customers derived/s": round(len(parties) / ranked),
            **{name: round(value, 3) for name, value in looks(path).items()},
        }
        database.conn.close()
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
