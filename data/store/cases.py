"""What a payment could be for: items as one JSON text a row, which is cheap to read, to hand over and to compare, and says
everything that an entity is made of; customers as plain rows. A family may have more members than a statement parameters, so ids
travel as one JSON list."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from typing import Any

from data.store.rows import ITEM, PARTY

Row = tuple[Any, ...]
PARTY_AND_GONE = (*PARTY, "gone")
_ITEM, _PARTY = ", ".join(ITEM), ", ".join(PARTY_AND_GONE)
_LISTED = "SELECT value FROM json_each(?)"
_OPEN = f"FROM item WHERE party_id IN ({_LISTED}) AND state = 'open' AND residual <> 0"
_SIDES = {
    "debits": "residual > 0 AND currency = ?",
    "credits": "residual < 0 AND currency = ?",
    "foreign": "residual > 0 AND currency <> ?",
}


def item_row(connection: sqlite3.Connection, item_id: str) -> Row:
    """One item that there is."""
    found: Row = connection.execute(f"SELECT {_ITEM} FROM item WHERE id = ?", (item_id,)).fetchone()
    return found


def open_rows(
    connection: sqlite3.Connection, parties: Sequence[str], side: str, currency: str, limit: int
) -> list[tuple[str, str]]:
    """Id and row of open ``debits`` or ``credits`` in a currency, or ``foreign`` debits in the others, in no order: putting wide
    rows in order takes SQLite as long as reading them. Where there are more than the limit, those that were due first."""
    wanted = f"SELECT id, json_array({_ITEM}) {_OPEN} AND {_SIDES[side]}"
    given = (json.dumps(parties), currency)
    found = connection.execute(f"{wanted} LIMIT ?", (*given, limit + 1)).fetchall()
    if len(found) > limit:
        oldest = f"{wanted} ORDER BY coalesce(due_date, doc_date), doc_date, id LIMIT ?"
        found = connection.execute(oldest, (*given, limit)).fetchall()
    return found


def some_open(connection: sqlite3.Connection, party: str, limit: int) -> list[Row]:
    """So many open items of one customer, whichever."""
    return connection.execute(f"SELECT {_ITEM} {_OPEN} LIMIT ?", (json.dumps([party]), limit)).fetchall()


def row_text(row: Row) -> str:
    """One row in the order of ITEM as ``open_rows`` has it."""
    return json.dumps(row, ensure_ascii=False, separators=(",", ":"))


def count_debits(connection: sqlite3.Connection, parties: Sequence[str], currency: str) -> int:
    """How many there are in all."""
    (count,) = connection.execute(
        f"SELECT count(*) {_OPEN} AND {_SIDES['debits']}", (json.dumps(parties), currency)
    ).fetchone()
    return int(count)


def party_rows(connection: sqlite3.Connection, parties: Sequence[str]) -> list[Row]:
    """These customers, in the order of ``PARTY_AND_GONE``."""
    return connection.execute(
        f"SELECT {_PARTY} FROM party WHERE id IN ({_LISTED})", (json.dumps(parties),)
    ).fetchall()


def everybody_but(connection: sqlite3.Connection, codes: Sequence[str]) -> list[tuple[str, str, str]]:
    """Id, code and name of all customers but those."""
    return connection.execute(
        f"SELECT id, code, name FROM party WHERE gone = 0 AND code NOT IN ({_LISTED})", (json.dumps(codes),)
    ).fetchall()


def equal_amounts(connection: sqlite3.Connection, minor: int, currency: str) -> dict[str, int]:
    """How many open items of each customer come to just this."""
    found = connection.execute(
        "SELECT party_id, count(*) FROM item WHERE state = 'open' AND residual <> 0 AND residual = ? AND currency = ?"
        " GROUP BY party_id",
        (minor, currency),
    )
    return dict(found.fetchall())
