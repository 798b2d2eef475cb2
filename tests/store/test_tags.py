"""Tags and reminders of the ledger: they rank a customer in the transaction that stored them; an older store reads them once."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from pathlib import Path

from sqlite_utils import Database

from arqueue.model.people import OwnerRule
from data.peers.contract import Page
from data.store import mirror, owning, ranking
from data.store.customers import beginning, tags
from data.store.migrations import migrations
from data.store.opening import open_writer, transaction
from tests.store.books import ANNA, AT, take
from tests.unit.books import TODAY, item, party

LATE = TODAY - timedelta(days=40)


def place(database: Database, work_id: str = "overdue/party:1/EUR") -> int:
    """The score that a row stands at in the order."""
    order = ranking.current(database.conn)
    assert order is not None
    found = ranking.entry(database.conn, order, work_id)
    assert found is not None
    kept = database.conn.execute(
        "SELECT 1 FROM rank WHERE gen = ? AND down = ? AND small = ? AND seq = ?", (order.gen, *found[:3])
    )
    assert kept.fetchone(), "the kept order has the row elsewhere"
    return -found.down


def test_a_tag_ranks_its_customer_in_the_same_transaction(database: Database) -> None:
    """At the agency it is not chased, and it is again when the ledger takes the tag away."""
    take(database, party(), item("i", "500.00", due_date=LATE))
    before = place(database)
    take(database, party(version="2", tags=("agency", "export")), cursor="2")
    assert place(database) == before - 400
    take(database, party(version="3", tags=("export",)), cursor="3")
    assert place(database) == before
    assert tags(database.conn) == ["export"]


def test_a_tag_gives_its_customer_to_whoever_has_the_segment(database: Database) -> None:
    """As of the transaction that stored it; the first rule that fits counts."""
    rules = (OwnerRule("sue", tag="key-account"), OwnerRule("anna", "A", "Z"))
    with transaction(database):
        assert owning.take_over(database, ANNA, rules, at=AT)
        assert not owning.take_over(database, ANNA, rules, at=AT)
    take(database, party(), item("i", "500.00", due_date=LATE))
    whose = "SELECT assignee FROM work"
    assert database.conn.execute(whose).fetchall() == [("anna",)]
    take(database, party(version="2", tags=("key-account",)), cursor="2")
    assert database.conn.execute(whose).fetchall() == [("sue",)]


def test_the_highest_reminder_of_what_is_open_counts(database: Database) -> None:
    """Not that of what was paid meanwhile; a ledger that says nothing of reminders leaves it open."""
    take(database, party(), item("i", "500.00", due_date=LATE), item("j", "10.00", due_date=LATE))
    level = "SELECT dunning_level FROM work"
    assert database.conn.execute(level).fetchall() == [(None,)]
    before = place(database)
    last = item("i", "500.00", due_date=LATE, version="2", dunning_level=3)
    first = item("j", "10.00", due_date=LATE, version="2", dunning_level=1)
    take(database, last, first, cursor="2")
    assert database.conn.execute(level).fetchall() == [(3,)]
    assert place(database) == before + 10
    take(database, item("i", "0.00", version="3", dunning_level=3), cursor="3")
    assert database.conn.execute(level).fetchall() == [(1,)]


def test_a_store_of_before_reads_everything_once_more(path: Path) -> None:
    """Its customers have tags that no row's version tells of; nothing else of it is lost, and what is recorded stays so."""
    path.parent.mkdir(mode=0o700)
    path.touch(mode=0o600)
    old = Database(sqlite3.connect(path, isolation_level=None), execute_plugins=False)
    migrations.apply(old, stop_before="m018_tags")
    old.conn.execute(
        "INSERT INTO party (id, code, name, on_hold, terms, emails, phones, active, version)"
        " VALUES ('party:1', 'C1', 'Acme', 0, '', '[]', '[]', 1, '1')"
    )
    old.conn.execute("INSERT INTO cursor VALUES ('peer', '17', 't')")
    old.conn.execute("INSERT INTO meta VALUES ('loaded', 't')")
    old.conn.execute(
        "INSERT INTO work (id, kind, subject, amount, currency, since) VALUES ('w', 'overdue', 's', 1, 'EUR', 't')"
    )
    old.close()
    database = open_writer(path)
    assert mirror.read_cursor(database.conn) is None
    assert mirror.is_sweeping(database.conn)
    assert mirror.is_loaded(database.conn)
    assert database.conn.execute("SELECT name, tags FROM party").fetchall() == [("Acme", "[]")]
    assert database.conn.execute("SELECT id, tags, dunning_level FROM work").fetchall() == [("w", None, None)]
    database.conn.execute("INSERT INTO history_began VALUES (1, 't')")
    database.conn.execute("UPDATE work SET tags = ' vip '")
    assert database.conn.execute("SELECT work_id, tags FROM work_history").fetchall() == [("w", None)]
    database.close()


def test_a_new_store_has_nothing_to_read_again(database: Database) -> None:
    """Its first load marks nothing."""
    assert not mirror.is_sweeping(database.conn)


def test_customers_are_offered_by_how_they_begin(database: Database) -> None:
    """By name and by code, in capitals or not, in the order of the alphabet; who is gone is not."""
    names = ["Acme", "acorn & Sons", "Backer", "Ölmühle", "100% Acid"]
    take(database, *(party(str(n), name=name, code=f"AC-{n}") for n, name in enumerate(names)))
    assert beginning(database.conn, "ac", 20) == ["Acme", "acorn & Sons", *(f"AC-{n}" for n in range(5))]
    assert beginning(database.conn, "öl", 20) == ["Ölmühle"]
    assert beginning(database.conn, "100%", 20) == ["100% Acid"]
    assert beginning(database.conn, "%", 20) == []
    assert beginning(database.conn, "ac", 1) == ["Acme", "AC-0"]
    with transaction(database):
        mirror.store_page(database, Page("2", False, tombstones=("party:0",)), feed=True, at=AT)
    assert beginning(database.conn, "acm", 20) == []


def test_nobody_reads_all_customers_for_a_prefix(database: Database) -> None:
    """An index does, on both columns; the tags have one as well."""
    asked: list[str] = []
    database.conn.set_trace_callback(asked.append)
    beginning(database.conn, "ac", 20)
    tags(database.conn)
    database.conn.set_trace_callback(None)
    assert len(asked) == 3
    for sql in asked:
        plan = " ".join(row[3] for row in database.conn.execute(f"EXPLAIN QUERY PLAN {sql}"))
        assert "USING COVERING INDEX party_" in plan or "USING INDEX party_" in plan, plan
        assert "SCAN party " not in plan or "INDEX party_tags" in plan, plan
