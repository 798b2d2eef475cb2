"""A number for what the queue shows: another after every change of it, the same after everything else."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import pytest_asyncio
from sqlite_utils import Database

from data.peers.contract import Page
from data.store import mirror, outbox, queue
from data.store import store as threads
from data.store.opening import open_writer, transaction
from data.store.store import Store
from tests.store.books import ANNA, adjust, company, new_command, take
from tests.unit.books import TODAY, party


@pytest_asyncio.fixture
async def store(path: Path, books: Database) -> AsyncIterator[Store]:
    """A store with a customer."""
    books.close()
    opened = Store(path)
    yield opened
    opened.close()


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE work SET amount = amount + 1",
        "DELETE FROM work",
        "UPDATE party SET name = 'Another'",
        "INSERT INTO ranking VALUES (9, '2026-11-21', '', 'old')",
        "UPDATE meta SET value = value + 1 WHERE key = 'generation'",
    ],
)
async def test_a_change_of_what_is_shown_is_another_number(store: Store, change: str) -> None:
    """Whichever table it is in."""
    before = store.shown
    await store.write(lambda database: database.conn.execute(change))
    assert store.shown not in (before, None)


async def test_an_order_is_another_number(store: Store) -> None:
    """Its row says that something is under way, though nothing else of it is another."""
    before = store.shown
    await store.write(
        lambda database: outbox.add(database, new_command(database.conn, adjust("1.00")), ANNA, at="t")
    )
    assert store.shown not in (before, None)


async def test_a_page_that_brings_nothing_new_is_the_same_number(store: Store) -> None:
    """A whole sync of an unchanged ledger leaves what was made of the queue as it is."""
    before = store.shown

    def again(database: Database) -> None:
        page = Page("2", False, company())
        touched = mirror.store_page(database, page, feed=True, at="t")
        queue.refresh(database, touched.parties, TODAY, "EUR")

    await store.write(again)
    assert store.shown == before


async def test_what_is_rolled_back_was_no_change(store: Store) -> None:
    """The store holds what it held."""
    before = store.shown

    def fail(database: Database) -> None:
        database.conn.execute("DELETE FROM work")
        raise RuntimeError("middle")

    with pytest.raises(RuntimeError):
        await store.write(fail)
    assert store.shown == before


async def test_there_is_no_number_while_a_change_is_committed(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Readers may meet the store before it or after."""
    seen: list[int | None] = []

    @contextmanager
    def watched(database: Database) -> Iterator[Database]:
        with transaction(database):
            yield database
            seen.append(store.shown)

    monkeypatch.setattr(threads, "transaction", watched)
    await store.write(lambda database: database.conn.execute("DELETE FROM work"))
    assert seen == [None]
    assert store.shown is not None


def test_counting_leaves_nothing_in_the_file(path: Path, books: Database) -> None:
    """It is the connection's own; others neither see nor need it."""
    books.close()
    Store(path).close()
    database = open_writer(path)
    assert not list(database.query("SELECT name FROM sqlite_schema WHERE name LIKE 'shown%'"))
    take(database, party(name="Another", version="2"), cursor="2")
    database.close()
