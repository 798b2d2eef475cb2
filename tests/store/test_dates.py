"""Another business date: looking at those whose work it changes is as good as looking at everybody."""

from __future__ import annotations

import tempfile
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlite_utils import Database

from arqueue.model.ledger import Item, ItemKind
from arqueue.work.promises import Promise
from data.store import dates, promises, queue
from data.store.opening import open_writer, transaction
from tests.store.books import ANNA, AT, dump, take
from tests.unit.books import TODAY, item, money, party

DAYS = st.integers(-3, 3)
PROMISE = st.tuples(st.sampled_from("123"), st.sampled_from(["5.00", "20.00"]), DAYS)
DEBIT = st.tuples(st.sampled_from("123"), st.sampled_from(["10.00", "20.00", "30.00"]), DAYS)
CREDIT = st.tuples(
    st.sampled_from("123"), st.sampled_from(["-10.00", "-20.00", "-30.00"]), DAYS, st.booleans()
)


@pytest.mark.parametrize("before,after", [(0, 1), (1, 0), (0, 30), (30, 0)])
def test_a_new_date_looks_at_whose_items_become_due(database: Database, before: int, after: int) -> None:
    """Either way, and at nobody else, wherever money waits."""
    due = {"party:1": TODAY, "party:2": TODAY + timedelta(days=40), "party:3": TODAY - timedelta(days=1)}
    take(database, *(item(key, "10.00", party_id=key, due_date=day) for key, day in due.items()))
    take(database, item("p", "-10.00", party_id="party:3"), cursor="2")
    found = dates.changing(database.conn, TODAY + timedelta(days=before), TODAY + timedelta(days=after))
    assert found == [queue.QUARANTINE, queue.AUTO, "party:1"]


@given(st.lists(DEBIT, max_size=6), st.lists(CREDIT, max_size=3), st.lists(PROMISE, max_size=2), DAYS)
@settings(deadline=None, max_examples=40)
def test_the_rows_are_those_of_a_queue_that_is_derived_anew(
    debits: list[tuple[str, str, int]],
    credits: list[tuple[str, str, int, bool]],
    promised: list[tuple[str, str, int]],
    days: int,
) -> None:
    """Whatever becomes due or old, before or after, or was promised, in a family whose money pays for each other."""
    items = [
        item(f"d{n}", amount, party_id=f"party:{key}", due_date=TODAY + timedelta(days=due))
        for n, (key, amount, due) in enumerate(debits)
    ] + [_credit(n, *each) for n, each in enumerate(credits)]
    then = TODAY + timedelta(days=days)
    with tempfile.TemporaryDirectory() as folder:
        database = open_writer(Path(folder) / "store" / "arqueue.sqlite")
        take(database, party("1"), party("2", parent_id="party:1"), party("3"), *items)
        with transaction(database):
            for key, amount, until in promised:
                _promise(database, f"party:{key}", amount, until, items)
            queue.refresh(database, {f"party:{key}" for key, *_ in promised}, TODAY, "EUR")
            queue.refresh(database, dates.changing(database.conn, TODAY, then), then, "EUR")
        found = dump(database.conn, "work")
        with transaction(database):
            queue.refresh(database, queue.all_parties(database.conn), then, "EUR")
        assert dump(database.conn, "work") == found
        database.close()


def _promise(database: Database, party_id: str, amount: str, until: int, items: list[Item]) -> None:
    """Of all that the customer owes."""
    day = TODAY + timedelta(days=until)
    debits = {
        each.id: each.residual.minor
        for each in items
        if each.party_id == party_id and each.residual.minor > 0
    }
    promise = Promise(money(amount), day, day, 0, debits, frozenset())
    promises.record(database, ANNA, party_id, promise, before="", why="", at=AT)


def _credit(number: int, key: str, amount: str, days: int, is_payment: bool) -> Item:
    """A payment, or a credit note that is about to be old."""
    old = TODAY - timedelta(days=90)
    kind = ItemKind.PAYMENT if is_payment else ItemKind.CREDIT
    return item(f"c{number}", amount, party_id=f"party:{key}", kind=kind, doc_date=old + timedelta(days=days))
