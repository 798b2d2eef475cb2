"""What sleeps until a day, what it had seen when it fell asleep, and what wakes it before."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlite_utils import Database

from arqueue.control.states import FAILED
from arqueue.model.money import Money
from arqueue.work.promises import PromiseState, words
from data.store import audit, promises
from data.store.audit import Actor

_BACK = timedelta(days=90)
"""A payment whose document is older than so when the row is snoozed is no news."""
_FAILED = ", ".join(f"'{state.value}'" for state in sorted(FAILED))


@dataclass(frozen=True, slots=True)
class Snooze:
    """A row that sleeps, or slept; ``woke`` says what woke it before its day, empty while nothing did."""

    work_id: str
    party_id: str
    until: date
    why: str
    person: str
    at: str
    woke: str


def snooze(
    database: Database,
    actor: Actor,
    work_id: str,
    party_id: str,
    until: date | None,
    why: str,
    *,
    today: date,
    at: str,
) -> None:
    """Let a row sleep until a business date, or with None wake it; in the caller's transaction, with its audit row."""
    seen = json.dumps(_seen(database.conn, party_id, today - _BACK))
    database.conn.execute(
        "INSERT INTO snooze (work_id, party_id, until, why, seen, person, at) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (work_id, party_id, until.isoformat() if until else None, why, seen, actor.person, at),
    )
    what, detail = ("snoozed", f"{work_id} until {until}") if until else ("woken", work_id)
    audit.write(database, actor, what, at=at, detail=detail, text=why)


Promised = Mapping[str, str | None]
"""What became of promises, by the row of the account: a promise that is broken while the row sleeps is news."""
NONE: Promised = {}


def asleep(
    connection: sqlite3.Connection, party_id: str, today: date, promised: Promised = NONE
) -> dict[str, date]:
    """Which of a customer's rows sleep on ``today``, and until when."""
    found = of_party(connection, party_id, today, promised)
    return {each.work_id: each.until for each in found if not each.woke}


def of_party(
    connection: sqlite3.Connection, party_id: str, today: date, promised: Promised = NONE
) -> list[Snooze]:
    """The snoozes whose day has not come, with those that something new has ended."""
    newest = {
        row[0]: row
        for row in connection.execute(
            "SELECT work_id, until, why, person, at, seen FROM snooze WHERE party_id = ? ORDER BY seq",
            (party_id,),
        )
    }
    return [
        Snooze(
            work_id,
            party_id,
            date.fromisoformat(until),
            why,
            person,
            at,
            _news(connection, work_id, party_id, json.loads(seen), at)
            or _broken(connection, work_id, party_id, json.loads(seen), promised.get(work_id)),
        )
        for work_id, until, why, person, at, seen in newest.values()
        if until is not None and until > today.isoformat()
    ]


def _seen(connection: sqlite3.Connection, party_id: str, since: date) -> dict[str, object]:
    """What there is of a customer that would be news if it were not there yet."""
    return {
        "since": since.isoformat(),
        "credits": [key for key, *_ in _credits(connection, party_id, since)],
        "marked": dict(_marked(connection, party_id)),
    }


def _credits(
    connection: sqlite3.Connection, party_id: str, since: date
) -> list[tuple[str, str, str, int, str]]:
    return connection.execute(
        "SELECT id, number, kind, total, currency FROM item"
        " WHERE party_id = ? AND total < 0 AND doc_date >= ? ORDER BY doc_date, id",
        (party_id, since.isoformat()),
    ).fetchall()


def _marked(connection: sqlite3.Connection, party_id: str) -> list[tuple[str, str]]:
    """Open items that are disputed or whose payment came back, with what the ledger says of them."""
    return connection.execute(
        "SELECT id, dispute || '/' || returned FROM item"
        " WHERE party_id = ? AND state = 'open' AND residual <> 0 AND (dispute <> '' OR returned <> '') ORDER BY id",
        (party_id,),
    ).fetchall()


def _broken(
    connection: sqlite3.Connection, work_id: str, party_id: str, seen: dict[str, object], state: str | None
) -> str:
    """That the promise was broken since, in words; one that was broken when the row fell asleep is no news."""
    promise = promises.standing(connection, party_id).get(work_id.rpartition("/")[2]) if state else None
    if promise is None or state not in (PromiseState.BROKEN, PromiseState.PARTLY):
        return ""
    if promise.until < date.fromisoformat(str(seen["since"])) + _BACK:
        return ""
    return (
        f"the promise of {words(promise.amount, promise.on, Money.zero(promise.amount.currency))} is {state}"
    )


def _news(
    connection: sqlite3.Connection, work_id: str, party_id: str, seen: dict[str, object], at: str
) -> str:
    """What happened since, in words; empty when nothing did. Another payment is no news to the row of a payment."""
    known, since = seen["credits"], date.fromisoformat(str(seen["since"]))
    assert isinstance(known, list)
    if not work_id.startswith("payment/"):
        for key, number, kind, total, currency in _credits(connection, party_id, since):
            if key not in known:
                amount = Money(-total, currency)
                return f"{kind.replace('_', ' ')} {number} of {amount.decimal:,} {currency} came in"
    before = seen["marked"]
    assert isinstance(before, dict)
    for key, mark in _marked(connection, party_id):
        if before.get(key) != mark:
            number, dispute, returned = connection.execute(
                "SELECT number, dispute, returned FROM item WHERE id = ?", (key,)
            ).fetchone()
            if returned and not str(before.get(key, "/")).endswith(f"/{returned}"):
                return f"the payment of {number} came back: {returned}"
            return f"{number} is disputed: {dispute}"
    failed = connection.execute(
        f"SELECT words FROM command WHERE party_id = ? AND state IN ({_FAILED}) AND updated_at > ? ORDER BY seq LIMIT 1",
        (party_id, at),
    ).fetchone()
    return f"an order did not work: {failed[0]}" if failed else ""
