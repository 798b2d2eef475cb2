"""What a keystroke in the filter line costs on so many documents, and what the index of texts costs: size, time, writes."""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from arqueue.strategy_file import default_text
from arqueue.work.filter import FilterInvalid, parse
from benchmarks.ranks import _COLUMNS, _SUE, TODAY, figures, work
from data.broker.finding import Question, Search, searched
from data.broker.indexing import PIECES, next_piece
from data.broker.listing import Listing
from data.broker.reading import Reader
from data.broker.reranking import Reranker
from data.store import ranking, searching
from data.store.store import Store

LINES = (
    "bright 004453",
    "INV-2026-0044",
    "kind:dispute amount>5000 age>60",
    "overdue -bright",
    "party:acme currency:EUR due<2026-10-01",
    "thanks",
    "C-012345",
    "zzz nothing",
)
_NAMES = ("Acme Industries", "Brightwater Foods", "Castell Söhne", "Dunmore Logistics", "Eastgate Retail")
_WORDS = "wire transfer invoice march april thanks less charges order goods services trading".split()


def items(count: int, chance: random.Random) -> Iterator[tuple[Any, ...]]:
    """Documents with numbers as ledgers give them; every tenth is a payment with a text."""
    for n in range(count):
        paid = n % 10 == 9
        text = f"RE INV {chance.randrange(count)} {' '.join(chance.sample(_WORDS, 3))}" if paid else ""
        yield (
            *(f"item:{n}", "payment" if paid else "invoice", f"{'PAY' if paid else 'INV'}-2026-{n:06}"),
            *(f"party:{n // 10}", "EUR", 1000, -1000 if paid else 1000, "2026-08-01", "open"),
            *(f"REF{chance.randrange(10**7)}" if n % 3 == 0 else "", f"PO-{n:06}" if n % 2 else "", text),
        )


async def fill(store: Store, count: int) -> None:
    """Customers, documents and three tenths as many rows of work."""
    chance = random.Random(7)
    parties = [
        (f"party:{n}", f"C-{n:06}", f"{_NAMES[n % 5]} {n}", 0, "", "[]", "[]", 1, "1")
        for n in range(count // 10)
    ]
    names, marks = ", ".join(_COLUMNS), ", ".join("?" * len(_COLUMNS))

    def write(database: Any) -> None:
        execute = database.conn.executemany
        execute(
            "INSERT INTO party (id, code, name, on_hold, terms, emails, phones, active, version)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            parties,
        )
        execute(
            "INSERT INTO item (id, kind, number, party_id, currency, total, residual, doc_date, state, reference,"
            " purchase_order, text, method, dispute, returned, version)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '', '', '', '1')",
            items(count, chance),
        )
        execute(f"INSERT INTO work ({names}) VALUES ({marks})", work(count * 3 // 10, chance))
        ranking.begin(database.conn, TODAY - timedelta(days=2))

    await store.write(write)
    rank = Reranker(store, lambda delta: None)
    await rank._build(TODAY - timedelta(days=1), default_text())
    await rank.rank(TODAY)


async def index(store: Store) -> None:
    """Read everything into the index, as the broker does."""
    took, before, piece = [], store.path.stat().st_size, PIECES[1]

    def read_on(database: Any) -> float:
        began = time.perf_counter()
        searching.read_on(database, piece)
        return time.perf_counter() - began

    while await store.read(searching.unread):
        started = time.perf_counter()
        piece = next_piece(piece, await store.write(read_on))
        took.append(time.perf_counter() - started)
    await store.write(lambda database: database.conn.execute("ANALYZE"))
    grown = (store.path.stat().st_size - before) / 1e6
    figures("index, a piece", took, s=round(sum(took), 1), mb=round(grown))


def keystrokes(connection: Any) -> None:
    """Each line typed letter by letter, each letter a search from nothing, so that no key profits from the one before: until the
    first rows can be shown, and until all are known."""
    listing = Listing(connection, _SUE, TODAY)
    for whole in (False, True):
        what = "all rows" if whole else "first rows"
        everything, busy = [], []
        for line in LINES:
            took, rows = [], 0
            for end in range(1, len(line) + 1):
                try:
                    asked = parse(line[:end])
                except FilterInvalid:
                    continue
                started, began = time.perf_counter(), time.thread_time()
                found = searched(listing, Search(Question("all", asked, "rank")), None, whole=whole)
                listing.rows_of(found.seqs[:64])
                took.append(time.perf_counter() - started)
                busy.append(time.thread_time() - began)
                rows = len(found.seqs)
            everything += took
            figures(f"{what}: {line}", took, rows=rows)
        figures(f"{what}: all keystrokes", everything)
        figures(f"{what}: all keystrokes, CPU", busy)
    took = []
    for text in ("004453", "Brightwater Foods 77", "REF12345", "thanks"):
        started = time.perf_counter()
        Reader(connection, _SUE, TODAY).find(text, 20)
        took.append(time.perf_counter() - started)
    figures("find", took)


async def run(count: int, folder: Path) -> None:
    """Fill, index, type."""
    store = Store(folder / "store" / "arqueue.sqlite")
    await fill(store, count)
    await index(store)
    await store.read(keystrokes)
    store.close()


def main() -> None:
    """``python -m benchmarks.filters --items 1000000``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=100_000)
    with tempfile.TemporaryDirectory() as folder:
        asked = parser.parse_args()
        print(json.dumps({"items": asked.items}))
        (Path(folder) / "store").mkdir(mode=0o700)
        asyncio.run(run(asked.items, Path(folder)))


if __name__ == "__main__":
    main()
