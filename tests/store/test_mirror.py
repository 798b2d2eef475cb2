"""The mirror: pages go in whole or not at all, and however often and in whatever pieces, it ends as the ledger is."""

from __future__ import annotations

import sqlite3
import tempfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlite_utils import Database

from arqueue.control.commands import Escalate
from arqueue.control.states import CommandState
from arqueue.model.ledger import Allocation, Entity, Item, ItemKind, ItemState, Note
from arqueue.model.money import Money
from data.peers.contract import Page, Quarantined
from data.store import mirror, queue
from data.store.opening import open_writer, transaction
from data.store.rows import allocation_of, item_of, note_of, party_of
from tests.store.books import (
    AT,
    INVOICE,
    NOW,
    PAYMENT,
    add,
    adjust,
    company,
    dump,
    forget_work,
    move,
    start,
    take,
)
from tests.unit.books import TODAY, item, money, party

TABLES = ("party", "item", "allocation", "note", "work", "cursor", "quarantine")


def allocation(key: str = "1", **changes: Any) -> Allocation:
    """The payment on the invoice."""
    values: dict[str, Any] = {
        "id": f"allocation:{key}",
        "credit_item": PAYMENT,
        "debit_item": INVOICE,
        "amount": money("10.00"),
        "on": TODAY,
        "version": "1",
    }
    return Allocation(**(values | changes))


def note(key: str = "1", **changes: Any) -> Note:
    """A remark."""
    values: dict[str, Any] = {
        "id": f"note:{key}",
        "target": INVOICE,
        "author": "anna",
        "at": NOW,
        "text": "called",
        "version": "1",
    }
    return Note(**(values | changes))


def one(database: Database, table: str, key: str) -> sqlite3.Row:
    """A row by its id."""
    cursor = database.conn.cursor()
    cursor.row_factory = sqlite3.Row
    found: sqlite3.Row = cursor.execute(f"SELECT * FROM {table} WHERE id = ?", (key,)).fetchone()
    return found


def work_ids(database: Database) -> set[str]:
    """What is in the queue."""
    return {row[0] for row in database.conn.execute("SELECT id FROM work")}


FULL = (
    party(
        parent_id="party:9",
        currency="JPY",
        credit_limit=Money(5000, "JPY"),
        on_hold=True,
        terms="30 days",
        emails=("a@example.org", "ü@example.org"),
        phones=("+49 30 1",),
        tags=("agency", "key-account"),
        active=False,
        modified_at=datetime(2026, 11, 20, 23, 59, 59, 999999, tzinfo=UTC),
    ),
    item(
        "7",
        "900",
        "JPY",
        kind=ItemKind.INSTALMENT,
        parent_id="item:6",
        residual_base=money("5.50"),
        reference="their 4711",
        purchase_order="PO-1",
        text="a\nb",
        method="wire",
        payer="ACME",
        payer_account="XA1",
        dispute="price",
        returned="R01",
        dunning_level=2,
        modified_at=NOW,
    ),
    allocation(amount_debit=money("1100", "JPY"), void=True),
    note(command_id="abc"),
)


def test_every_field_comes_out_as_it_went_in(database: Database) -> None:
    """Amounts, dates, instants, lists, nothings."""
    take(database, *FULL)
    take(database, *company()[1:], cursor="2")
    assert party_of(one(database, "party", "party:1")) == FULL[0]
    assert item_of(one(database, "item", "item:7")) == FULL[1]
    assert allocation_of(one(database, "allocation", "allocation:1")) == FULL[2]
    assert note_of(one(database, "note", "note:1")) == FULL[3]
    for each in company()[1:]:
        assert item_of(one(database, "item", each.id)) == each


@pytest.mark.parametrize("minor", [2**63 - 1, -(2**63) + 1])
def test_the_largest_amounts_fit(database: Database, minor: int) -> None:
    """To the last unit."""
    huge = Money(minor, "EUR")
    take(database, item("h", "1.00", total=huge))
    assert item_of(one(database, "item", "item:h")).total == huge


def test_page_cursor_and_work_are_one_transaction(books: Database) -> None:
    """An error anywhere in it leaves all three as they were."""
    before = dump(books.conn, *TABLES)
    page = Page("2", False, (item("k", "70.00"), allocation()), (INVOICE,), (Quarantined("x", "y", "z"),))

    def work() -> None:
        with transaction(books):
            touched = mirror.store_page(books, page, feed=True, at=AT)
            assert mirror.read_cursor(books.conn) == "2"
            queue.refresh(books, touched.parties, TODAY, "EUR")
            raise RuntimeError("middle")

    with pytest.raises(RuntimeError, match="middle"):
        work()
    assert dump(books.conn, *TABLES) == before


def test_an_identical_page_writes_nothing(books: Database) -> None:
    """The overlap repeats rows every time; not one is written, nothing is derived."""
    before = books.conn.total_changes
    with transaction(books):
        touched = mirror.store_page(books, Page("1", False, company()), feed=False, at=AT)
        delta = queue.refresh(books, touched.parties, TODAY, "EUR")
    assert books.conn.total_changes == before
    assert (touched.changed, touched.parties, delta.ids) == (0, set(), ())


def test_a_page_by_id_leaves_the_cursor(books: Database) -> None:
    """Only the feed moves it."""
    with transaction(books):
        mirror.store_page(books, Page("99", False), feed=False, at=AT)
    assert mirror.read_cursor(books.conn) == "1"
    with transaction(books):
        mirror.forget_cursor(books)
    assert mirror.read_cursor(books.conn) is None


def test_another_version_is_taken_in_even_if_it_looks_smaller(books: Database) -> None:
    """Versions are opaque: a ledger restored from a backup goes back, and is still right."""
    take(books, item("i", "75.00", version="9"))
    take(books, item("i", "80.00", version="2"))
    assert item_of(one(books, "item", INVOICE)).residual == money("80.00")


def test_the_last_word_of_a_page_counts(books: Database) -> None:
    """Where an entity stands in it twice."""
    take(books, item("i", "75.00", version="2"), item("i", "74.00", version="3"))
    assert item_of(one(books, "item", INVOICE)).residual == money("74.00")


def test_what_an_orders_outcome_brought_is_not_overwritten(books: Database) -> None:
    """A page that was on its way meanwhile may be older: those rows are left and named, the others come in."""
    take(books, item("i", "70.00", version="2"))
    stale = Page("2", False, (item("i", "80.00", version="1"), item("j", "45.00", version="2")))
    with transaction(books):
        touched = mirror.store_page(books, stale, feed=True, at=AT, newer={INVOICE})
    assert touched.skipped == (INVOICE,)
    assert item_of(one(books, "item", INVOICE)).residual == money("70.00")
    assert item_of(one(books, "item", "item:j")).residual == money("45.00")


def test_a_tombstone_closes_an_item_and_keeps_the_row(books: Database) -> None:
    """Commands and audit rows may point to it; its money and its work are gone. Once is enough."""
    assert f"payment/{PAYMENT}" in work_ids(books)
    take(books, tombstones=(PAYMENT,), cursor="2")
    found = item_of(one(books, "item", PAYMENT))
    assert (found.state, found.residual.minor, found.residual_base) == (ItemState.VOID, 0, None)
    assert f"payment/{PAYMENT}" not in work_ids(books)
    again = take(books, tombstones=(PAYMENT,), cursor="3")
    assert (again.changed, again.parties) == (0, set())


def test_a_tombstone_of_a_customer_keeps_its_items_at_work(books: Database) -> None:
    """The money is still owed; the record says that it is gone, until it comes back."""
    take(books, tombstones=("party:1",), cursor="2")
    assert not party_of(one(books, "party", "party:1")).active
    assert f"payment/{PAYMENT}" in work_ids(books)
    take(books, party(), cursor="3")
    assert party_of(one(books, "party", "party:1")).active


def test_tombstones_of_allocations_notes_and_strangers(books: Database) -> None:
    """The first two go, the last is no error."""
    take(books, allocation(), note(), cursor="2")
    touched = take(books, tombstones=("allocation:1", "note:1", "item:never", "\ud800"), cursor="3")
    assert touched.changed == 2
    assert dump(books.conn, "allocation", "note") == {"allocation": [], "note": []}


def test_items_of_a_merged_customer_move_with_their_work(books: Database) -> None:
    """Also what failed on them and what was handed up: nothing stays with a customer who is gone."""
    failed = start(books, add(books, adjust("10.00")))
    move(books, failed, CommandState.REJECTED, outcome="closed period")
    add(books, Escalate(PAYMENT, "sue", "whose is it?"))
    moved = [replace(each, party_id="party:2", version="2") for each in company() if isinstance(each, Item)]
    take(books, party("2"), *moved, tombstones=("party:1",), cursor="2")
    rows = books.conn.execute("SELECT id, party_id FROM work").fetchall()
    assert {row[1] for row in rows} == {"party:2"}
    kinds = {row[0].split("/")[0] for row in rows}
    assert kinds == {"payment", "overdue", "failure", "escalation"}


def quarantine(database: Database) -> dict[str, str]:
    """What is set aside, and why."""
    return dict(database.conn.execute("SELECT entity_id, reason FROM quarantine").fetchall())


def test_a_bad_row_goes_into_quarantine_and_out_again(books: Database) -> None:
    """The good rows of the page come in; the row leaves when it comes well, even with the version that is here."""
    touched = take(books, item("k", "1.00"), cursor="2", quarantined=(Quarantined(INVOICE, "amount", "{}"),))
    assert touched.quarantine
    assert quarantine(books) == {INVOICE: "amount"}
    assert one(books, "item", "item:k") is not None
    touched = take(books, item("i", "80.00"), cursor="3")
    assert (touched.quarantine, touched.changed) == (True, 0)
    assert quarantine(books) == {}


def test_a_row_that_is_gone_leaves_the_quarantine(books: Database) -> None:
    """A tombstone is an answer too."""
    take(books, cursor="2", quarantined=(Quarantined("item:z", "amount", "{}"),))
    assert take(books, cursor="3", tombstones=("item:z",)).quarantine
    assert quarantine(books) == {}


def test_one_out_and_one_in_is_a_change(books: Database) -> None:
    """Their number alone would not show it."""
    take(books, cursor="2", quarantined=(Quarantined("item:z", "amount", "{}"),))
    touched = take(
        books, cursor="3", tombstones=("item:z",), quarantined=(Quarantined("item:y", "date", "{}"),)
    )
    assert touched.quarantine
    assert quarantine(books) == {"item:y": "date"}


def test_rows_without_an_id_are_told_apart(books: Database) -> None:
    """By what they say; the same one twice is one."""
    rows = (Quarantined("", "id", "{1}"), Quarantined("", "id", "{2}"), Quarantined("", "id", "{1}"))
    take(books, cursor="2", quarantined=rows)
    assert len(quarantine(books)) == 2


def test_age_in_quarantine_counts_from_the_first_time(books: Database) -> None:
    """And a reading of everything that does not meet the row again forgets it."""
    for at in (AT, "2026-11-25T00:00:00.000000+00:00"):
        with transaction(books):
            page = Page("2", False, quarantined=(Quarantined("item:z", "amount", "{}"),))
            mirror.store_page(books, page, feed=True, at=at)
    assert books.conn.execute("SELECT seen_at FROM quarantine").fetchone() == (AT,)
    with transaction(books):
        assert not mirror.clear_quarantine(books, "2026-11-25T00:00:00.000000+00:00")
        assert mirror.clear_quarantine(books, "2026-11-26T00:00:00.000000+00:00")
    assert quarantine(books) == {}


@pytest.mark.parametrize(
    "bad",
    [
        item("z", "1.00", text="\ud800 half a character"),
        item("z\udfff", "1.00"),
        item("z", "1.00", party_id="party:\ud800"),
        item("z", "1.00", number=None),
        note(text="\udcff"),
        allocation(debit_item=None),
        party("z", name="\ud83d"),
    ],
)
def test_a_row_that_sqlite_cannot_hold_spoils_no_page(books: Database, bad: Entity) -> None:
    """Whatever a connector let through: the others come in, it is set aside, and what is kept of it can be shown."""
    touched = take(books, item("k", "1.00"), bad, item("l", "2.00"), cursor="2")
    assert len(quarantine(books)) == 1
    assert touched.quarantine
    assert one(books, "item", "item:k") is not None
    assert one(books, "item", "item:l") is not None
    assert mirror.read_cursor(books.conn) == "2"
    for (raw,) in books.conn.execute("SELECT raw FROM quarantine"):
        raw.encode()


def test_raw_rows_are_kept_spelled_out_and_bounded(books: Database) -> None:
    """Half characters, zero bytes and a megabyte of text are somebody's bad row, not our error."""
    row = Quarantined("item:\ud800", "why \0 not", "\udcff\0" + "x" * 1_000_000)
    take(books, cursor="2", quarantined=(row,))
    key, reason, raw = books.conn.execute("SELECT entity_id, reason, raw FROM quarantine").fetchone()
    assert (key, reason) == ("item:\\ud800", "why \\x00 not")
    assert raw.startswith("\\udcff\\x00xxx")
    assert len(raw) < 5000


# ---- however the pages come

KEYS = [f"item:{n}" for n in range(4)]
OWNERS = ["party:1", "party:2"]


@st.composite
def histories(draw: st.DrawFn) -> list[tuple[str, Item | None]]:
    """What happened in a ledger: an item is written (a new version) or deleted."""
    events: list[tuple[str, Item | None]] = []
    for version in range(draw(st.integers(1, 12))):
        key = draw(st.sampled_from(KEYS))
        if draw(st.integers(0, 4)) == 0:
            events.append((key, None))
            continue
        residual = draw(st.integers(-300, 300))
        made = item(
            key.removeprefix("item:"),
            "1.00",
            kind=draw(st.sampled_from([ItemKind.INVOICE, ItemKind.PAYMENT])),
            party_id=draw(st.sampled_from(OWNERS)),
            dispute=draw(st.sampled_from(["", "price"])),
        )
        amount = Money(residual, "EUR")
        state = ItemState.OPEN if residual else ItemState.CLOSED
        events.append((key, replace(made, total=amount, residual=amount, version=str(version), state=state)))
    return events


class Feed:
    """A ledger's change feed: an entity as it is now, at the place of its last change; a reader may be sent back any way."""

    def __init__(self, events: list[tuple[str, Item | None]]) -> None:
        self.events = events

    def page(self, until: int, start: int, size: int) -> Page:
        """From a place on, as things stood at a moment."""
        last = {key: place for place, (key, _) in enumerate(self.events[:until])}
        places = sorted(place for place in last.values() if place >= start)[:size]
        found = [self.events[place] for place in places]
        end = places[-1] + 1 if places else max(start, until)
        upserts = tuple(each for _, each in found if each is not None)
        return Page(str(end), bool(places), upserts, tuple(key for key, each in found if each is None))


def fresh(directory: str, name: str) -> Database:
    """An empty store."""
    return open_writer(Path(directory) / name / "arqueue.sqlite")


def state_of(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """What counts: open items and their work."""
    items = database.conn.execute("SELECT * FROM item WHERE version <> 'gone' ORDER BY id").fetchall()
    return {"item": items, **dump(database.conn, "work")}


@settings(max_examples=40)
@given(histories(), st.data())
def test_any_reading_of_the_feed_ends_as_the_ledger_is(
    events: list[tuple[str, Item | None]], data: st.DataObject
) -> None:
    """Pages of any size, read while the ledger moves on, started over at any earlier place, each stored up to twice, end in
    the same mirror and the same queue as one reading of everything."""
    feed = Feed(events)
    with tempfile.TemporaryDirectory() as directory:
        whole, pieces = fresh(directory, "whole"), fresh(directory, "pieces")
        page = feed.page(len(events), 0, 1000)
        take(whole, *page.upserts, tombstones=page.tombstones)
        until, place = 0, 0
        for _ in range(200):
            until = min(len(events), until + data.draw(st.integers(0, 4)))
            page = feed.page(until, place, data.draw(st.integers(1, 3)))
            for _ in range(data.draw(st.integers(1, 2))):
                take(pieces, *page.upserts, tombstones=page.tombstones, cursor=page.cursor)
            place = int(page.cursor)
            if until == len(events) and not page.more:
                break
            if data.draw(st.integers(0, 5)) == 0:
                place = data.draw(st.integers(0, place))
        else:
            until, place = len(events), 0
            while (page := feed.page(until, place, 3)).more:
                take(pieces, *page.upserts, tombstones=page.tombstones)
                place = int(page.cursor)
        assert state_of(pieces) == state_of(whole)
        whole.close()
        pieces.close()


@settings(max_examples=40)
@given(histories())
def test_the_queue_is_what_deriving_everything_anew_would_give(events: list[tuple[str, Item | None]]) -> None:
    """After each page: work is patched, never out of step."""
    with tempfile.TemporaryDirectory() as directory:
        database = fresh(directory, "store")
        for key, made in events:
            take(database, *([made] if made else []), tombstones=() if made else (key,))
            patched = dump(database.conn, "work")
            with transaction(database):
                forget_work(database)
                queue.refresh(database, OWNERS, TODAY, "EUR")
            assert dump(database.conn, "work") == patched
        database.close()
