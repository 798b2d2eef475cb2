"""Filters over a real store: which rows they show, and what they find of what was only just read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlite_utils import Database

from arqueue.control.commands import Annotate, Command, Escalate
from arqueue.control.states import CommandState
from arqueue.model.ledger import Entity, ItemState, Note
from arqueue.model.people import Person, Role
from arqueue.work.filter import parse
from data.peers.contract import Page
from data.store import filtering, mirror, outbox, queue, searching
from data.store.audit import Actor
from data.store.migrations import migrations
from data.store.opening import open_writer, transaction
from data.store.stored import Stored
from tests.store.books import AT, NOW, move, new_command, start
from tests.unit.books import TODAY, item, party

ANNA = Person("anna", "Anna", frozenset({Role.COLLECTOR}))
COLUMNS = (
    "id, kind, party_id, item_id, subject, amount, currency, since, owner, command_id, assignee, due, tags"
)
ROWS: tuple[tuple[Any, ...], ...] = (
    ("pay", "payment", "party:1", "item:p", "PAY-7", -125_000, "EUR", "2026-11-01", 60, "anna", None, ""),
    ("late", "overdue", "party:1", None, "2 invoices", 500_000, "EUR", "2026-08-01", 40, None, "2026-08-01", "agency vip"),
    ("case", "dispute", "party:2", "item:d", "INV-9000", 5_000_001, "JPY", "2026-11-20", 50, "lee", "2026-12-24", "vip"),
    ("oops", "failure", "party:2", None, "adjust", 99, "KWD", "2026-11-19", 90, None, None, None),
)  # fmt: skip

_POINTS = " ".join(f"WHEN '{row[0]}' THEN {row[8]}" for row in ROWS)
SCORED = f"(SELECT work.*, CASE id {_POINTS} END AS score FROM work) AS work"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """Two customers, their documents and notes, and four rows of work."""
    opened = open_writer(tmp_path_factory.mktemp("filtering") / "store" / "arqueue.sqlite")
    fill(opened)
    yield opened
    opened.close()


def fill(database: Database) -> None:
    """Known rows, whatever the strategy would make of them."""
    note = Note(id="note:1", target="item:i", author="Kim", at=NOW, text="pays on Friday", version="1")
    entities: list[Entity] = [
        party("1", name="Acme Industries GmbH", code="C-1001"),
        party("2", name="Färber Möbelhaus", code="C-2002"),
        item("p", "-1250.00", number="PAY-7", text="RE 4711 THANKS", payer="ACME TREASURY"),
        item("i", "3000.00", number="INV-2026-004453", reference="REF-88"),
        item("j", "2000.00", number="INV-2026-004454", purchase_order="PO/99_x"),
        item("d", "90.00", number="INV-9000", party_id="party:2"),
        item("old", "0.00", number="INV-1066", party_id="party:2", state=ItemState.CLOSED),
        note,
    ]
    with transaction(database):
        mirror.store_page(database, Page("1", False, tuple(entities)), feed=True, at=AT)
        marks = ", ".join("?" * 13)
        for row in ROWS:
            key, kind, customer, document, subject, amount, currency, since, _, who, due, tags = row
            values = (key, kind, customer, document, subject, amount, currency, since, None, None)
            database.conn.execute(
                f"INSERT INTO work ({COLUMNS}) VALUES ({marks})", (*values, who, due, tags or None)
            )


def found(database: Database, text: str) -> list[str]:
    """The rows that a filter shows, as they were made: the same whichever way they are looked for."""
    ways = [
        filtering.clause(parse(text), TODAY, ANNA),
        filtering.clause(parse(text), TODAY, ANNA, looking=database.conn),
        filtering.clause(parse(text), TODAY, ANNA, one_by_one=True),
    ]
    shown = [_found(database, *way) for way in ways]
    assert shown[0] == shown[1] == shown[2]
    return shown[0]


def _found(database: Database, sql: str, values: tuple[Any, ...]) -> list[str]:
    rows = database.conn.execute(
        f"SELECT work.id FROM {SCORED} LEFT JOIN party ON party.id = work.party_id WHERE {sql}", values
    )
    shown = {row[0] for row in rows}
    return [row[0] for row in ROWS if row[0] in shown]


CASES = [
    ("", "pay late case oops"),
    ("kind:payment,dispute", "pay case"),
    ("-kind:payment", "late case oops"),
    ("amount>1250", "late case"),
    ("amount>=1250", "pay late case"),
    ("amount:1250", "pay"),
    ("amount:0.099", "oops"),
    ("amount<0.1", "oops"),
    ("amount:5000..6000000", "late case"),
    ("amount>5000000.5", "case"),
    ("age>60", "late"),
    ("age<=2", "case oops"),
    ("age:1..30", "pay case oops"),
    ("late>30", "late"),
    ("due<2026-10-01", "late"),
    ("due:2026-12-24", "case"),
    ("due:none", "pay oops"),
    ("currency:eur", "pay late"),
    ("party:acme", "pay late"),
    ("party:c-2002", "case oops"),
    ("party:MÖBEL", "case oops"),
    ('party:"industries gmbh"', "pay late"),
    ("owner:me", "pay"),
    ("mine", "pay"),
    ("owner:none", "late oops"),
    ("owner:none,lee", "late case oops"),
    ("tag:agency", "late"),
    ("-tag:agency", "pay case oops"),
    ("tag:none", "pay oops"),
    ("score>=50", "pay case oops"),
    ("note:friday", "late"),
    ("acme", "pay late"),
    ("ACME thanks", "pay late"),
    ("treasury", "pay late"),
    ("004453", "late"),
    ("inv-2026-004453", "late"),
    ("ref-88", "late"),
    ("99_x", "late"),
    ("99%x", ""),
    ("-004453", "pay case oops"),
    ("4711", "pay late"),
    ("INV-9000", "case oops"),
    ("1066", ""),
    ("friday", "late"),
    ("dispute", "case"),
    ("JPY", "case"),
    ("adjust", "oops"),
    ("a", "pay late case oops"),
    ("-ac", "case oops"),
    ("fä", "case oops"),
    ("färber", "case oops"),
    ("ac", "pay late"),
    ("zzz", ""),
    ('"\' OR 1 --"', ""),
]


@pytest.mark.parametrize("text, rows", CASES)
def test_a_filter_shows_what_it_says(store: Database, text: str, rows: str) -> None:
    """Before the index has read anything: then the mirror is read row by row."""
    assert searching.unread(store.conn) > 0
    assert found(store, text) == rows.split()


@pytest.fixture(scope="module")
def indexed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """The same after the index has read everything, in pieces of two rows."""
    opened = open_writer(tmp_path_factory.mktemp("indexed") / "store" / "arqueue.sqlite")
    fill(opened)
    while searching.unread(opened.conn):
        with transaction(opened):
            assert searching.read_on(opened, 2) in (1, 2)
    yield opened
    opened.close()


@pytest.mark.parametrize("text, rows", CASES)
def test_the_index_finds_the_same(indexed: Database, text: str, rows: str) -> None:
    """Nothing is lost and nothing is added by it."""
    assert searching.unread(indexed.conn) == 0
    assert found(indexed, text) == rows.split()


def test_what_changes_is_found_as_it_is_now(path: Path) -> None:
    """A document gets another number: the old one finds nothing, at once and after the index has read it again."""
    database = open_writer(path)
    fill(database)
    with transaction(database):
        searching.read_on(database, 1000)
    changed = item("i", "3000.00", number="INV-5555", version="2")
    with transaction(database):
        mirror.store_page(database, Page("2", False, (changed,)), feed=True, at=AT)
    assert searching.unread(database.conn) == 1
    for _ in range(2):
        assert found(database, "5555") == ["late"]
        assert found(database, "004453") == []
        with transaction(database):
            searching.read_on(database, 1000)
    assert searching.unread(database.conn) == 0
    database.close()


def test_a_figure_that_changes_is_nothing_to_read_again(path: Path) -> None:
    """Payments come in all day; what documents say stays."""
    database = open_writer(path)
    fill(database)
    with transaction(database):
        searching.read_on(database, 1000)
        mirror.store_page(
            database, Page("2", False, (item("i", "1.00", number="INV-2026-004453", reference="REF-88", version="2"),)),
            feed=True, at=AT,
        )  # fmt: skip
    assert searching.unread(database.conn) == 0
    database.close()


def test_a_note_that_takes_the_place_of_a_deleted_one_is_found(path: Path) -> None:
    """The number of its row was used before."""
    database = open_writer(path)
    fill(database)
    with transaction(database):
        searching.read_on(database, 1000)
        mirror.store_page(database, Page("2", False, (), tombstones=("note:1",)), feed=True, at=AT)
        note = Note(id="note:2", target="item:j", author="Kim", at=NOW, text="promised Monday", version="1")
        mirror.store_page(database, Page("3", False, (note,)), feed=True, at=AT)
    assert found(database, "monday") == ["late"]
    assert found(database, "friday") == []
    with transaction(database):
        searching.read_on(database, 1000)
    assert found(database, "monday") == ["late"]
    database.close()


def remark(database: Database, command: Command) -> Stored:
    """An order that says something, stored as the broker does; the queue stays as it is."""
    with transaction(database):
        new = new_command(database.conn, command)
        outbox.add(database, new, Actor("anna", 1000), at=AT)
    return outbox.get(database.conn, new.order.id)


def test_a_remark_is_found_before_the_ledger_has_it_and_once_after(path: Path) -> None:
    """On a customer, a document or one of an account's; whoever takes it back finds it no more."""
    database = open_writer(path)
    fill(database)
    generation = queue.generation(database.conn)
    on_party = remark(database, Annotate("party:2", "Überweisung kommt Dienstag"))
    on_item = remark(database, Annotate("item:j", 'asked for "proof" of delivery'))
    handed_up = remark(database, Escalate("item:p", "supervisor", "wants a discount"))
    assert queue.generation(database.conn) == generation + 3
    for text, rows in (
        ("note:dienstag", ["case", "oops"]),
        ("ÜBERWEISUNG", ["case", "oops"]),
        ("dienstag kommt", ["case", "oops"]),
        ('note:"proof"', ["late"]),
        ("delivery", ["late"]),
        ("discount", ["pay", "late"]),
        ("annotate", []),
    ):
        assert found(database, text) == rows, text
    move(database, handed_up, CommandState.CANCELLED)
    assert found(database, "discount") == []
    assert queue.generation(database.conn) > generation + 3
    move(database, start(database, on_item), CommandState.POSTED)
    note = Note(
        id="note:9", target="item:j", author="Anna", at=NOW, text="asked for proof of delivery", version="1"
    )
    with transaction(database):
        mirror.store_page(database, Page("2", False, (note,)), feed=True, at=AT)
    assert found(database, "delivery") == ["late"]
    assert found(database, "dienstag") == ["case", "oops"]
    assert on_party.is_unsent
    database.close()


@settings(max_examples=60)
@given(st.text(st.characters(codec="utf-8", exclude_characters="\0\n"), min_size=3, max_size=12), st.data())
def test_any_part_of_any_name_is_found(name: str, data: st.DataObject) -> None:
    """Whatever characters a customer's name and a search have."""
    start = data.draw(st.integers(0, len(name) - 3))
    part = name[start : data.draw(st.integers(start + 3, len(name)))]
    database = Database(memory=True)
    migrations.apply(database)
    database.conn.execute(
        "INSERT INTO party (id, code, name, on_hold, terms, emails, phones, active, version)"
        " VALUES ('p', 'C', ?, 0, '', '', '', 1, '1')",
        (name,),
    )
    searching.read_on(database, 10)
    sql, values = searching.holding("party", part, "id")
    assert database.conn.execute(sql, values).fetchall() == [("p",)]
    database.close()


def test_nothing_that_is_typed_is_part_of_the_statement(store: Database) -> None:
    """Every value is bound."""
    line = "kind:dispute amount>5000 age>60 owner:zora party:zorro note:zorro tag:zorro due<2026-10-01 zorro currency:JPY"
    sql, values = filtering.clause(parse(line), TODAY, ANNA)
    assert not re.search("zor|5000|2026", sql)
    assert sql.count("?") == len(values)
