"""What customers promised to pay: a row each, the newest of a customer and a currency counts."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlite_utils import Database

from arqueue.model.money import Money
from arqueue.work.promises import Promise, words
from data.store import audit
from data.store.audit import Actor

_COLUMNS = "seq, party_id, currency, amount, on_date, until, level, basis, before, why, person, at"


@dataclass(frozen=True, slots=True)
class Recorded:
    """A promise as it was recorded, or with None that the one before it was withdrawn; ``before`` is what had become of that."""

    party_id: str
    currency: str
    promise: Promise | None
    level: int
    before: str
    why: str
    person: str
    at: str


def record(
    database: Database, actor: Actor, party_id: str, promise: Promise, *, before: str, why: str, at: str
) -> None:
    """Keep a promise, in the caller's transaction, with its audit row; ``before`` is the state of the one that it follows."""
    basis = {"debits": dict(promise.debits), "credits": sorted(promise.credits)}
    amount, days = promise.amount, (promise.on.isoformat(), promise.until.isoformat())
    _put(
        database,
        (party_id, amount.currency, amount.minor, *days, promise.level, json.dumps(basis), before),
        (why, actor.person, at),
    )
    said = words(amount, promise.on, Money.zero(amount.currency))
    audit.write(database, actor, "promised", at=at, detail=f"{party_id}: {said}", text=why)


def withdraw(
    database: Database, actor: Actor, party_id: str, promise: Promise, *, before: str, why: str, at: str
) -> None:
    """Take back the promise that stands, in the same way."""
    currency = promise.amount.currency
    _put(
        database, (party_id, currency, None, None, None, promise.level, "{}", before), (why, actor.person, at)
    )
    said = words(promise.amount, promise.on, Money.zero(currency))
    audit.write(database, actor, "promise withdrawn", at=at, detail=f"{party_id}: {said}", text=why)


def _put(database: Database, decided: tuple[Any, ...], said: tuple[str, str, str]) -> None:
    database.conn.execute(
        "INSERT INTO promise (party_id, currency, amount, on_date, until, level, basis, before, why, person, at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (*decided, *said),
    )


def standing(connection: sqlite3.Connection, party_id: str) -> dict[str, Promise]:
    """A customer's promises that were not withdrawn, by currency."""
    newest = {each.currency: each.promise for each in of_party(connection, party_id)}
    return {currency: promise for currency, promise in newest.items() if promise}


def newest(connection: sqlite3.Connection, party_id: str, currency: str) -> Recorded | None:
    """What was recorded last in a currency."""
    found = [each for each in of_party(connection, party_id) if each.currency == currency]
    return found[-1] if found else None


def of_party(connection: sqlite3.Connection, party_id: str) -> list[Recorded]:
    """All that was recorded of a customer, in its turn."""
    rows = connection.execute(f"SELECT {_COLUMNS} FROM promise WHERE party_id = ? ORDER BY seq", (party_id,))
    return [_recorded(row) for row in rows]


def all_standing(connection: sqlite3.Connection, limit: int) -> list[Recorded]:
    """Everybody's that were not withdrawn, the latest promised days first."""
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM promise WHERE amount IS NOT NULL AND NOT EXISTS (SELECT 1 FROM promise AS later"
        " WHERE later.party_id = promise.party_id AND later.currency = promise.currency AND later.seq > promise.seq)"
        " ORDER BY on_date DESC, seq LIMIT ?",
        (limit,),
    )
    return [_recorded(row) for row in rows]


def _recorded(row: Any) -> Recorded:
    _, party_id, currency, amount, on, until, level, basis, before, why, person, at = row
    promise = None
    if amount is not None:
        about = json.loads(basis)
        promise = Promise(
            Money(amount, currency),
            date.fromisoformat(on),
            date.fromisoformat(until),
            level,
            about["debits"],
            frozenset(about["credits"]),
        )
    return Recorded(party_id, currency, promise, level, before, why, person, at)
