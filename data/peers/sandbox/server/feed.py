"""What arqueue reads: the change feed, rows by id, the census of open items, and the ledger's own control figures.

A row of the feed is an entity as it is now, at the place of its last change; what is gone keeps its place as a tombstone.
"""

from __future__ import annotations

import json
import re
import sqlite3
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from arqueue.errors import Invalid
from arqueue.model.money import Money
from data.peers.sandbox.server.ledger import read_company
from data.peers.sandbox.server.refusal import LedgerRefused
from data.peers.sandbox.server.schema import CONTROL
from data.peers.sandbox.wire import (
    AllocationRow,
    CensusPage,
    ChangesPage,
    GoneRow,
    ItemRow,
    NoteRow,
    PartyRow,
    Row,
)

OVERLAP_S = 60
"""The last page's cursor points back by this much: a reader repeats what is fresh, and no late row is lost."""

_CURSOR_PLACE = re.compile("[0-9]{1,18}")
_TABLES = {"party": "party", "item": "item", "allocation": "allocation", "note": "note"}


def changes(connection: sqlite3.Connection, cursor: str, limit: int) -> ChangesPage:
    """The feed after a cursor (empty: from the beginning). Raises LedgerRefused for a cursor that is not ours."""
    ledger_id = connection.execute("SELECT ledger_id FROM company").fetchone()["ledger_id"]
    start, high = read_cursor(cursor, ledger_id)
    found = connection.execute(
        "SELECT seq, kind, key FROM change WHERE seq > ? ORDER BY seq LIMIT ?", (start, limit + 1)
    ).fetchall()
    more, found = len(found) > limit, found[:limit]
    place = found[-1]["seq"] if found else start
    high = max(high, place)
    rows = entities(connection, [(row["kind"], row["key"]) for row in found])
    end = connection.execute("SELECT coalesce(max(seq), 0) AS seq FROM change").fetchone()["seq"]
    return {
        "rows": rows,
        "count": len(rows),
        "cursor": f"{ledger_id}.{high}.{place if more else _settled(connection, high)}",
        "more": more,
        "remaining": max(0, end - place) if more else 0,
    }


def read_cursor(cursor: str, ledger_id: str) -> tuple[int, int]:
    """Where to start reading, and how far the reader has ever been (which never falls). Raises LedgerRefused for a cursor of
    another ledger, or of this one before it was replaced."""
    if not cursor:
        return 0, 0
    parts = cursor.split(".")
    if (
        len(parts) != 3
        or parts[0] != ledger_id
        or not all(_CURSOR_PLACE.fullmatch(part) for part in parts[1:])
    ):
        raise LedgerRefused(
            "cursor_unknown", "that cursor is not one of this ledger", "start again without a cursor"
        )
    return int(parts[2]), int(parts[1])


def _settled(connection: sqlite3.Connection, last: int) -> int:
    """The last place in the feed that is older than the overlap."""
    row = connection.execute(
        "SELECT seq FROM change WHERE at < ? AND seq <= ? ORDER BY seq DESC LIMIT 1",
        (time.time_ns() // 1000 - OVERLAP_S * 1_000_000, last),
    ).fetchone()
    return row["seq"] if row else 0


def entities(connection: sqlite3.Connection, wanted: Sequence[tuple[str, int]]) -> list[Row]:
    """Rows as they are now, in the order asked for; what is not there comes back as gone."""
    base = read_company(connection).currency
    shown: dict[tuple[str, int], Row] = {}
    for kind, table in _TABLES.items():
        keys = [key for wanted_kind, key in wanted if wanted_kind == kind]
        show: Callable[[Any, str], Row] = _SHOW[kind]
        for row in _by_keys(connection, table, keys):
            if kind != "party" or not row["gone"]:
                shown[kind, row["id"]] = show(row, base)
    return [shown.get((kind, key)) or _gone(kind, key) for kind, key in wanted]


def _by_keys(connection: sqlite3.Connection, table: str, keys: Sequence[int]) -> Iterable[Any]:
    if not keys:
        return ()
    # The table's name is one of ours; the keys travel as one JSON array, whatever their number.
    sql = f"SELECT * FROM {table} WHERE id IN (SELECT value FROM json_each(?))"
    return connection.execute(sql, (json.dumps(keys),)).fetchall()


def _gone(kind: str, key: int) -> GoneRow:
    return {"kind": kind, "id": f"{kind}:{key}", "deleted": True}


def parse_id(entity_id: str) -> tuple[str, int] | None:
    """``item:12`` as kind and key; None for what cannot be an id of ours."""
    kind, _, key = entity_id.partition(":")
    return (kind, int(key)) if kind in _TABLES and key.isascii() and key.isdigit() and len(key) < 19 else None


def by_ids(connection: sqlite3.Connection, ids: Sequence[str]) -> list[Row]:
    """Rows by their ids; what does not exist, or never could, comes back as gone."""
    wanted = [(entity_id, parse_id(entity_id)) for entity_id in ids]
    found = iter(entities(connection, [key for _, key in wanted if key is not None]))
    return [
        next(found) if key is not None else {"kind": "unknown", "id": entity_id, "deleted": True}
        for entity_id, key in wanted
    ]


def census(connection: sqlite3.Connection, after: str, limit: int) -> CensusPage:
    """Open items after an id; a page is one moment, the whole census is not. Raises Invalid."""
    key = parse_id(after) if after else ("item", 0)
    if key is None or key[0] != "item":
        raise Invalid(f"after: {after[:40]!a} is not an item", "start again without it")
    found = connection.execute(
        "SELECT id, version, residual, currency FROM item WHERE residual <> 0 AND id > ? ORDER BY id LIMIT ?",
        (key[1], limit + 1),
    ).fetchall()
    more, found = len(found) > limit, found[:limit]
    rows = [
        (f"item:{row['id']}", str(row["version"]), _amount(row["residual"], row["currency"]), row["currency"])
        for row in found
    ]
    return {"rows": rows, "count": len(rows), "after": rows[-1][0] if rows else after, "more": more}


def trial_balance(connection: sqlite3.Connection) -> dict[str, Any]:
    """Every account's balance in the company's currency, and whether receivables agree with the open items."""
    base = read_company(connection).currency
    sums = connection.execute(
        "SELECT a.code, a.name, a.kind, coalesce(sum(l.debit_base), 0) AS debit,"
        " coalesce(sum(l.credit_base), 0) AS credit FROM gl_account a LEFT JOIN journal_line l ON l.account = a.code"
        " GROUP BY a.code ORDER BY a.code"
    ).fetchall()
    accounts = [
        {
            "account": row["code"],
            "name": row["name"],
            "kind": row["kind"],
            "debit": _amount(row["debit"], base),
            "credit": _amount(row["credit"], base),
            "balance": _amount(row["debit"] - row["credit"], base),
        }
        for row in sums
    ]
    control = sum(row["debit"] - row["credit"] for row in sums if row["code"] == CONTROL)
    items = connection.execute("SELECT coalesce(sum(residual_base), 0) AS sum FROM item").fetchone()["sum"]
    return {
        "currency": base,
        "accounts": accounts,
        "total": _amount(sum(row["debit"] - row["credit"] for row in sums), base),
        "receivables": _amount(control, base),
        "open_items": _amount(items, base),
        "agrees": control == items and not _differences(connection),
    }


def _differences(connection: sqlite3.Connection) -> bool:
    """Whether any customer's control lines differ from its open items, in any currency."""
    return (
        connection.execute(
            "SELECT 1 FROM (SELECT party_id, currency, residual AS amount, residual_base AS base FROM item UNION ALL"
            " SELECT party_id, currency, credit - debit, credit_base - debit_base FROM journal_line WHERE account = ?)"
            " GROUP BY party_id, currency HAVING sum(amount) <> 0 OR sum(base) <> 0 LIMIT 1",
            (CONTROL,),
        ).fetchone()
        is not None
    )


def _amount(minor: int, currency: str) -> str:
    return Money(minor, currency).text


def show_party(row: Any, base: str) -> PartyRow:
    """A customer as the API says it."""
    limit = row["credit_limit"]
    return {
        "kind": "party",
        "id": f"party:{row['id']}",
        "version": str(row["version"]),
        "code": row["code"],
        "name": row["name"],
        "parent_id": f"party:{row['parent_id']}" if row["parent_id"] else None,
        "currency": row["currency"],
        "credit_limit": None if limit is None else _amount(limit, row["currency"]),
        "on_hold": bool(row["on_hold"]),
        "terms": row["terms"],
        "emails": json.loads(row["emails"]),
        "phones": json.loads(row["phones"]),
        "tags": json.loads(row["tags"]),
        "active": bool(row["active"]),
        "modified_at": row["modified_at"],
    }


def show_item(row: Any, base: str) -> ItemRow:
    """An item as the API says it."""
    currency = row["currency"]
    return {
        "kind": "item",
        "id": f"item:{row['id']}",
        "version": str(row["version"]),
        "type": row["kind"],
        "number": row["number"],
        "party_id": f"party:{row['party_id']}",
        "currency": currency,
        "total": _amount(row["total"], currency),
        "residual": _amount(row["residual"], currency),
        "residual_base": _amount(row["residual_base"], base),
        "base_currency": base,
        "doc_date": row["doc_date"],
        "due_date": row["due_date"],
        "state": "open" if row["residual"] else "closed",
        "parent_id": f"item:{row['parent_id']}" if row["parent_id"] else None,
        "reference": row["reference"],
        "purchase_order": row["purchase_order"],
        "text": row["text"],
        "method": row["method"],
        "payer": row["payer"],
        "payer_account": row["payer_account"],
        "dispute": row["dispute"],
        "returned": row["returned"],
        "dunning_level": row["dunning_level"],
        "modified_at": row["modified_at"],
    }


def show_allocation(row: Any, base: str) -> AllocationRow:
    """An allocation as the API says it; its currency is that of its items."""
    return {
        "kind": "allocation",
        "id": f"allocation:{row['id']}",
        "version": str(row["version"]),
        "credit_item": f"item:{row['credit_item']}",
        "debit_item": f"item:{row['debit_item']}",
        "amount": _amount(row["amount"], row["currency"]),
        "currency": row["currency"],
        "on": row["made_on"],
        "void": bool(row["void"]),
        "command_id": row["command_id"],
    }


def show_note(row: Any, base: str) -> NoteRow:
    """A note as the API says it."""
    return {
        "kind": "note",
        "id": f"note:{row['id']}",
        "version": str(row["version"]),
        "target": row["target"],
        "author": row["author"],
        "at": row["at"],
        "text": row["text"],
        "command_id": row["command_id"],
    }


_SHOW: dict[str, Callable[[Any, str], Any]] = {
    "party": show_party,
    "item": show_item,
    "allocation": show_allocation,
    "note": show_note,
}
