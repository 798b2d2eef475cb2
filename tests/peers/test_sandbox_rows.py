"""Rows from outside: whatever arrives is either an entity that is safe to store, or set aside with the reason."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arqueue.model.ledger import Allocation, Item, ItemKind, Note, Party
from arqueue.model.money import Money
from data.peers.contract import Known
from data.peers.sandbox.rows import RAW_LIMIT, take_rows, unchanged_rows

PARTY: dict[str, Any] = {
    "kind": "party",
    "id": "party:1",
    "version": "3",
    "code": "C-1",
    "name": "ACME",
    "parent_id": "party:2",
    "currency": "JPY",
    "credit_limit": "5000",
    "on_hold": True,
    "terms": "net 30",
    "emails": ["a@b.example"],
    "phones": [],
    "active": True,
    "modified_at": "2026-11-20T10:00:00+01:00",
}
ITEM: dict[str, Any] = {
    "kind": "item",
    "id": "item:7",
    "version": "1",
    "type": "payment",
    "number": "PAY-7",
    "party_id": "party:1",
    "currency": "EUR",
    "total": "-12.50",
    "residual": "-2.50",
    "residual_base": "-2.70",
    "base_currency": "USD",
    "doc_date": "2026-11-01",
    "due_date": None,
    "state": "open",
    "parent_id": None,
    "reference": "R",
    "purchase_order": "PO",
    "text": "two\nlines",
    "method": "wire",
    "dispute": "",
    "returned": "",
    "modified_at": "2026-11-20T10:00:00+00:00",
}
ALLOCATION: dict[str, Any] = {
    "kind": "allocation",
    "id": "allocation:1",
    "version": "2",
    "credit_item": "item:7",
    "debit_item": "item:8",
    "amount": "10.00",
    "currency": "EUR",
    "on": "2026-11-02",
    "void": True,
    "command_id": "",
}
NOTE: dict[str, Any] = {
    "kind": "note",
    "id": "note:1",
    "version": "1",
    "target": "item:7",
    "author": "ann",
    "at": "2026-11-20T10:00:00+00:00",
    "text": "hello",
    "command_id": "abc",
}
ROWS = (PARTY, ITEM, ALLOCATION, NOTE)


def test_each_kind_of_row_becomes_its_entity() -> None:
    """Amounts in minor units, dates as dates, stamps in UTC."""
    taken = take_rows(ROWS)
    assert not taken.quarantined
    party, item, allocation, note = taken.upserts
    assert isinstance(party, Party)
    assert isinstance(item, Item)
    assert isinstance(allocation, Allocation)
    assert isinstance(note, Note)
    assert (party.credit_limit, party.parent_id) == (Money(5000, "JPY"), "party:2")
    assert party.modified_at == datetime(2026, 11, 20, 9, tzinfo=UTC)
    assert (item.kind, item.total, item.residual) == (
        ItemKind.PAYMENT,
        Money(-1250, "EUR"),
        Money(-250, "EUR"),
    )
    assert (item.residual_base, item.doc_date, item.due_date) == (Money(-270, "USD"), date(2026, 11, 1), None)
    assert (allocation.amount, allocation.void) == (Money(1000, "EUR"), True)
    assert note.command_id == "abc"


def test_an_extra_field_is_no_error() -> None:
    """An API may grow."""
    assert not take_rows([{**PARTY, "colour": "blue"}]).quarantined


def test_hostile_text_is_taken_in_cleaned() -> None:
    """Escapes become visible marks, the row is good."""
    payer = {"payer": "AC\x1bME\nLTD", "payer_account": "XA1\u202e2"}
    party, item = take_rows([{**PARTY, "name": "AC\x1b[31mME\u202e"}, {**ITEM, **payer}]).upserts
    assert isinstance(party, Party)
    assert isinstance(item, Item)
    assert party.name == "AC\ufffd[31mME\ufffd"
    assert (item.payer, item.payer_account) == ("AC\ufffdME LTD", "XA1\ufffd2")


def test_a_ledger_need_not_know_who_paid() -> None:
    """A house's own ledger may leave both fields out."""
    (item,) = take_rows([ITEM]).upserts
    assert isinstance(item, Item)
    assert (item.payer, item.payer_account) == ("", "")


BAD: list[tuple[dict[str, Any], dict[str, Any]]] = [
    (ITEM, {"total": total})
    for total in ("12,50", "1_2", "1e3", "-0", "١", "", "1.005", " 1", "+1", 12, 12.5, None, True, "9" * 30)
] + [
    (ITEM, {"currency": "XXX"}),
    (ITEM, {"currency": "eur"}),
    (ITEM, {"type": "prepayment"}),
    (ITEM, {"state": "void?"}),
    (ITEM, {"doc_date": "20261101"}),
    (ITEM, {"doc_date": "2026-02-30"}),
    (ITEM, {"doc_date": None}),
    (ITEM, {"version": "one"}),
    (ITEM, {"version": 1}),
    (ITEM, {"version": "-1"}),
    (ITEM, {"party_id": ""}),
    (ITEM, {"text": "nul\0"}),
    (ITEM, {"text": "half \ud800"}),
    (ITEM, {"payer": None}),
    (ITEM, {"payer_account": 7}),
    (ITEM, {"payer": "nul\0"}),
    (ITEM, {"modified_at": "2026-11-20T10:00:00"}),
    (ITEM, {"id": "item:\x1b[2J"}),
    (ITEM, {"id": "x" * 101}),
    (ITEM, {"id": None}),
    (ITEM, {"kind": "widget"}),
    (ITEM, {"kind": ["item"]}),
    (PARTY, {"on_hold": 1}),
    (PARTY, {"on_hold": "false"}),
    (PARTY, {"emails": "a@b.example"}),
    (PARTY, {"emails": ["a\0"]}),
    (PARTY, {"credit_limit": "12.5"}),
    (ALLOCATION, {"amount": "0.00"}),
    (ALLOCATION, {"amount": "-1.00"}),
    (ALLOCATION, {"debit_item": 8}),
    (NOTE, {"at": "yesterday"}),
    (NOTE, {"target": "a\nb"}),
]


@pytest.mark.parametrize("row, changed", BAD, ids=[f"{row['kind']} {changed!a}" for row, changed in BAD])
def test_a_bad_field_sets_its_row_aside_and_no_other(row: dict[str, Any], changed: dict[str, Any]) -> None:
    """Its neighbours are taken, and the raw text and the reason are kept."""
    taken = take_rows([NOTE, {**row, **changed}, PARTY])
    assert [entity.id for entity in taken.upserts] == ["note:1", "party:1"]
    (bad,) = taken.quarantined
    assert bad.reason
    assert bad.raw.isascii()


def test_what_is_kept_of_a_bad_row_is_bounded() -> None:
    """A huge row does not fill the store."""
    (bad,) = take_rows([{**ITEM, "total": "x" * 10**6}]).quarantined
    assert len(bad.raw) == RAW_LIMIT
    assert len(bad.reason) < 300


def test_a_deleted_row_is_a_tombstone() -> None:
    """Of whatever kind, also one not known here."""
    assert take_rows([{"kind": "widget", "id": "widget:1", "deleted": True}]).tombstones == ["widget:1"]


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters())
    | st.sampled_from(["item:1", "1.00", "EUR"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(st.sampled_from(ROWS), st.data())
def test_whatever_stands_in_a_row_it_is_never_an_error(row: dict[str, Any], data: st.DataObject) -> None:
    """Any field of any row may hold anything: an entity or a quarantine comes of it."""
    fields = data.draw(st.lists(st.sampled_from(sorted(row)), min_size=1, max_size=3))
    changed = {**row, **{name: data.draw(VALUES) for name in fields}}
    taken = take_rows([changed])
    assert len(taken.upserts) + len(taken.tombstones) + len(taken.quarantined) == 1
    for bad in taken.quarantined:
        assert json.dumps(bad.raw).isascii()


@given(st.lists(VALUES, max_size=5))
def test_rows_that_are_no_rows_are_set_aside(rows: list[Any]) -> None:
    """Numbers, texts, nested things: counted and kept."""
    taken = take_rows(rows)
    assert len(taken.quarantined) + len(taken.tombstones) == len(rows)


def known(**versions: str) -> Known:
    """What is here, by kind and id."""

    async def ask(kind: str, ids: Sequence[str]) -> Mapping[str, str]:
        return {each: versions[kind] for each in ids if kind in versions}

    return ask


async def test_a_row_in_a_version_that_is_here_is_not_read() -> None:
    """Only that one: of the same kind, and in no other version."""
    newer = ITEM | {"id": "item:8", "version": "2"}
    rows = [PARTY, ITEM, newer]
    found = await unchanged_rows(rows, known(party="2", item="1"))
    assert found == {id(ITEM): "item:7"}


@pytest.mark.parametrize(
    "rows",
    [
        [ITEM | {"deleted": True}],
        [ITEM, ITEM | {"text": "other"}],
        [ITEM | {"version": 1}],
        [ITEM | {"kind": "invoice"}],
        [ITEM | {"kind": ["item"]}],
        ["item:7", None, 7],
    ],
)
async def test_what_is_odd_is_read(rows: list[Any]) -> None:
    """Deleted, there twice, its version or kind no text, no row at all: the reader has its say."""
    assert await unchanged_rows(rows, known(item="1", invoice="1")) == {}
