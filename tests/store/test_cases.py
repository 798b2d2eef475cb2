"""What a payment could be for, out of the store: every column, of the right items, and the oldest where there are too many."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlite_utils import Database

from arqueue.model.ledger import Item, ItemKind, ItemState
from arqueue.model.money import Money
from data.store import cases
from data.store.rows import item_from, item_row
from tests.store.books import NOW, take
from tests.unit.books import TODAY, item, money

FULL = item(
    "7",
    "900",
    "JPY",
    kind=ItemKind.INSTALMENT,
    parent_id="item:6",
    residual_base=money("5.50"),
    reference='their "4711" \\ ü',
    purchase_order="PO-1",
    text="a\nb\u2028c",
    method="wire",
    payer="ACME",
    payer_account="XA1",
    dispute="price",
    returned="R01",
    dunning_level=2,
    modified_at=NOW,
)


def found(
    database: Database, side: str = "debits", currency: str = "EUR", limit: int = 50
) -> dict[str, Item]:
    """Items by id, in the order in which they come."""
    rows = cases.open_rows(database.conn, ["party:1", "party:2"], side, currency, limit)
    return {key: item_from(json.loads(text)) for key, text in rows}


@pytest.mark.parametrize("each", [FULL, item("1", "12.50"), item("h", "1.00", total=Money(2**63 - 1, "EUR"))])
def test_a_row_says_everything_that_an_item_is_made_of(database: Database, each: Item) -> None:
    """Amounts to the last unit, days, instants, texts, nothings."""
    take(database, each)
    assert found(database, currency=each.total.currency) == {each.id: each}


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), max_size=20))
def test_any_text_comes_out_as_it_stands_in_the_store(database: Database, text: str) -> None:
    """Whatever has to be escaped on the way; the same as is written from a row at hand."""
    database.conn.execute("DELETE FROM item")
    take(database, item("1", "12.50", version=f"v{text}"))
    database.conn.execute("UPDATE item SET text = ?", (text,))
    ((_, row),) = cases.open_rows(database.conn, ["party:1"], "debits", "EUR", 5)
    (each,) = found(database).values()
    assert each.text == text
    assert json.loads(row) == json.loads(cases.row_text(item_row(each)))


def test_each_side_has_its_own(database: Database) -> None:
    """Debits and credits in the payment's currency, debits in others; nothing closed, and nobody else's."""
    take(
        database,
        item("d", "5.00"),
        item("c", "-5.00"),
        item("f", "5.00", "USD"),
        item("g", "-5.00", "USD"),
        item("o", "5.00", party_id="party:2"),
        item("x", "5.00", party_id="party:3"),
        item("z", "0.00", total=money("5.00"), state=ItemState.CLOSED),
    )
    assert [sorted(found(database, side)) for side in ("debits", "credits", "foreign")] == [
        ["item:d", "item:o"],
        ["item:c"],
        ["item:f"],
    ]


def test_of_too_many_the_oldest_due_come(database: Database) -> None:
    """By their document's date where none is due; just as many as there may be is not too many."""
    days = (3, 9, 1, 7, 5)
    take(database, *(item(str(day), "1.00", due_date=TODAY - timedelta(days=day)) for day in days))
    take(database, item("8", "1.00", due_date=None, doc_date=TODAY - timedelta(days=8)), cursor="2")
    assert list(found(database, limit=3)) == ["item:9", "item:8", "item:7"]
    assert len(found(database, limit=6)) == 6
