"""The queue as it is stored: derived again for each touched customer, in the transaction that touched it."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlite_utils import Database

from arqueue.cash.covering import covers
from arqueue.control.states import FAILED, CommandState
from arqueue.model.money import Money
from arqueue.model.people import Role
from arqueue.model.work import WorkItem, WorkKind
from arqueue.work.derive import Customer, Trouble, derive
from data.store import automatic, differences, knowing, promises, ranking
from data.store.overlay import Overlay, expected, open_amount, overlay, pending, with_open
from data.store.rows import item_of, party_of
from data.store.standing import Standing, standings

__all__ = [
    "AUTO",
    "QUARANTINE",
    "Delta",
    "Overlay",
    "all_parties",
    "customer",
    "expected",
    "family",
    "generation",
    "open_amount",
    "overlay",
    "parties_of",
    "pending",
    "refresh",
    "slices",
    "with_open",
]

_FAILED = ", ".join(f"'{state.value}'" for state in sorted(FAILED))
_TRIES = 20
"""After so many tries that proved nothing, a command is somebody's work, as after a day without an outcome; it is looked up
further."""
QUARANTINE = "quarantine"
"""The stand-in customer of rows that could not be taken in."""
AUTO = "auto"
"""The stand-in customer of what is told of automatic application."""


@dataclass(frozen=True, slots=True)
class Delta:
    """What a piece of work did to the queue."""

    ids: tuple[str, ...]
    generation: int


def refresh(database: Database, parties: Iterable[str], today: date, base_currency: str) -> Delta:
    """Derive the work of these customers again, and of those of their families whose debts some payment covers or covered;
    write what differs. To be called inside a transaction."""
    changed: list[str] = []
    touched, connection = set(parties), database.conn
    ranking.begin(connection, today)
    for stand_in, found in ((QUARANTINE, _quarantine), (AUTO, _automatic)):
        if stand_in in touched:
            changed += _write(connection, found(connection, today, base_currency), today, base_currency)
    for members in _families(connection, touched - {QUARANTINE, AUTO}):
        for each in _customers(connection, members, touched, today):
            changed += _write(connection, each, today, base_currency)
    generation = _generation(connection, grow=bool(changed))
    return Delta(tuple(changed), generation)


def family(connection: sqlite3.Connection, party_id: str) -> list[str]:
    """The customer, its head office and all of that one's branches: who pays for whom."""
    found = connection.execute(
        "SELECT parent_id FROM party WHERE id = ? AND gone = 0", (party_id,)
    ).fetchone()
    head = found[0] if found and found[0] else party_id
    rows = connection.execute("SELECT id FROM party WHERE gone = 0 AND parent_id = ? ORDER BY id", (head,))
    return list(dict.fromkeys([party_id, head, *(row[0] for row in rows)]))


def _families(connection: sqlite3.Connection, parties: Iterable[str]) -> Iterator[list[str]]:
    """Each family once."""
    done: set[str] = set()
    for party_id in sorted(parties):
        if party_id not in done:
            members = family(connection, party_id)
            done.update(members)
            yield members


def _customers(
    connection: sqlite3.Connection, members: Sequence[str], touched: Collection[str], today: date
) -> list[Customer]:
    """The touched ones of a family, and those whose cover may be another than it was. The others are not even looked at while
    the family has no unapplied money."""
    looked_at = set(members) & set(touched)
    if len(members) > 1:
        looked_at |= _covered_before(connection, members)
    has_cash = _has_cash(connection, members)
    found = [customer(connection, each, today) for each in members if has_cash or each in looked_at]
    if not has_cash:
        return found
    found_covers = covers([item for each in found for item in each.items], today)
    looked_at |= {item.item.party_id for cover in found_covers for item in cover.items}
    return [replace(each, covers=found_covers) for each in found if each.party_id in looked_at]


def _has_cash(connection: sqlite3.Connection, members: Sequence[str]) -> bool:
    return any(
        connection.execute(
            "SELECT 1 FROM item WHERE party_id = ? AND state = 'open' AND residual <> 0 AND residual < 0"
            " AND kind IN ('payment', 'journal') LIMIT 1",
            (party_id,),
        ).fetchone()
        for party_id in members
    )


def _covered_before(connection: sqlite3.Connection, members: Sequence[str]) -> set[str]:
    """Whose row in the queue says that a payment probably covers it, or what was promised of it."""
    return {
        member
        for member in members
        if connection.execute(
            "SELECT 1 FROM work WHERE party_id = ? AND (cover IN ('paid', 'part paid') OR promise_state = 'covered')"
            " LIMIT 1",
            (member,),
        ).fetchone()
    }


def all_parties(connection: sqlite3.Connection) -> list[str]:
    """Every customer that has anything open, or has rows in the queue."""
    return [party for slice_ in slices(connection, 1) for party in slice_]


def slices(connection: sqlite3.Connection, items: int) -> list[list[str]]:
    """The same, in slices of so many open items (or one family with more): what one transaction may look at again. Families
    stay together, since their payments cover each other's debts."""
    found = connection.execute(
        "SELECT coalesce(party.parent_id, seen.party_id) AS head, seen.party_id, sum(n) FROM ("
        "SELECT party_id, count(*) AS n FROM item WHERE state = 'open' AND residual <> 0 GROUP BY party_id"
        " UNION ALL SELECT DISTINCT party_id, 1 FROM work WHERE party_id IS NOT NULL) AS seen"
        " LEFT JOIN party ON party.id = seen.party_id AND party.gone = 0 GROUP BY seen.party_id ORDER BY head"
    )
    done: list[list[str]] = []
    room = 0
    for _, rows in groupby(found, key=itemgetter(0)):
        members = list(rows)
        count = sum(n for _, _, n in members)
        if count > room:
            done.append([])
            room = max(items, count)
        done[-1] += [party_id for _, party_id, _ in members]
        room -= count
    return done


def generation(connection: sqlite3.Connection) -> int:
    """How often the queue has changed."""
    return _generation(connection, grow=False)


def customer(connection: sqlite3.Connection, party_id: str, today: date) -> Customer:
    """Everything that decides a customer's work."""
    cursor = connection.cursor()
    cursor.row_factory = sqlite3.Row
    party = cursor.execute("SELECT * FROM party WHERE id = ?", (party_id,)).fetchone()
    items = cursor.execute(
        "SELECT * FROM item WHERE party_id = ? AND state = 'open' AND residual <> 0 ORDER BY id", (party_id,)
    )
    rows = [item_of(row) for row in items]
    return Customer(
        party_id,
        party_of(party) if party and not party["gone"] else None,
        with_open(connection, rows),
        [
            *_failures(cursor, party_id),
            *_escalations(cursor, party_id),
            *_approvals(cursor, party_id),
            *differences.troubles(connection, party_id),
        ],
        disputed=knowing.disputed(connection, [each.id for each in rows]),
        bounced=knowing.bounced(connection, party_id),
        known=knowing.known(connection, party_id, today),
        promises=promises.standing(connection, party_id),
    )


def _failures(cursor: sqlite3.Cursor, party_id: str) -> list[Trouble]:
    found = cursor.execute(
        f"SELECT * FROM command WHERE party_id = ? AND seen = 0 AND (state IN ({_FAILED}) OR state = 'unknown' AND"
        " attempts >= ? OR state IN ('queued', 'unknown') AND id IN (SELECT command_id FROM told))",
        (party_id, _TRIES),
    )
    return [
        Trouble(
            id=f"failure/{row['id']}",
            kind=WorkKind.FAILURE,
            item_id=row["target"] or None,
            subject=row["op"],
            words=_failure_words(row),
            amount=Money(row["amount"], row["currency"]),
            since=date.fromisoformat(row["created_at"][:10]),
            owner=row["person"],
            command_id=row["id"],
        )
        for row in found.fetchall()
    ]


def _failure_words(row: sqlite3.Row) -> str:
    if row["state"] == CommandState.UNKNOWN.value:
        return f"{row['op']}: outcome not known after {row['attempts']} tries: {row['outcome']}"
    return f"{row['op']} {row['state']}: {row['outcome']}"


def _escalations(cursor: sqlite3.Cursor, party_id: str) -> list[Trouble]:
    found = cursor.execute("SELECT * FROM escalation WHERE party_id = ? AND closed = 0", (party_id,))
    return [
        Trouble(
            id=f"escalation/{row['id']}",
            kind=WorkKind.ESCALATION,
            item_id=row["item_id"],
            subject=f"from {row['from_person']}",
            words=row["why"],
            amount=Money(row["amount"], row["currency"]),
            since=date.fromisoformat(row["on_date"]),
            owner=row["to_whom"],
            command_id=row["command_id"],
        )
        for row in found.fetchall()
    ]


def _approvals(cursor: sqlite3.Cursor, party_id: str) -> list[Trouble]:
    """What waits for another person's approval is work of the supervisors."""
    found = cursor.execute("SELECT * FROM command WHERE party_id = ? AND state = 'pending'", (party_id,))
    return [
        Trouble(
            id=f"approval/{row['id']}",
            kind=WorkKind.ESCALATION,
            item_id=row["target"],
            subject=f"from {row['person']}",
            words=f"asks approval: {row['words']}",
            amount=Money(row["amount"], row["currency"]),
            since=date.fromisoformat(row["created_at"][:10]),
            owner=Role.SUPERVISOR.value,
            command_id=row["id"],
        )
        for row in found.fetchall()
    ]


def _quarantine(connection: sqlite3.Connection, today: date, base_currency: str) -> Customer:
    """Rows that could not be taken in are somebody's work too."""
    troubles = [
        Trouble(
            id=f"failure/quarantine/{entity_id}",
            kind=WorkKind.FAILURE,
            item_id=None,
            subject=entity_id,
            words=f"not taken in: {reason}",
            amount=Money.zero(base_currency),
            since=min(date.fromisoformat(seen_at[:10]), today),
            owner=None,
            command_id=None,
        )
        for entity_id, reason, seen_at in connection.execute(
            "SELECT entity_id, reason, seen_at FROM quarantine"
        )
    ]
    return Customer(QUARANTINE, None, (), troubles)


def _automatic(connection: sqlite3.Connection, today: date, base_currency: str) -> Customer:
    """A line for each of the last business dates, for supervisors; it goes by itself after some days."""
    troubles = [
        Trouble(
            id=f"escalation/auto/{day.isoformat()}",
            kind=WorkKind.ESCALATION,
            item_id=None,
            subject=f"auto {day.isoformat()}",
            words=automatic.words(found),
            amount=sum(
                (each.amount for each in found if each.amount.currency == base_currency),
                Money.zero(base_currency),
            ),
            since=day,
            owner=Role.SUPERVISOR.value,
            command_id=None,
        )
        for day, found in automatic.by_day(automatic.lately(connection, today)).items()
    ]
    return Customer(AUTO, None, (), troubles)


def _write(connection: sqlite3.Connection, customer: Customer, today: date, base_currency: str) -> list[str]:
    """Write what differs of a customer's rows, and its place in the order with it."""
    party_id = customer.party_id
    names = ", ".join(_COLUMNS)
    before = {
        row[0]: row for row in connection.execute(f"SELECT {names} FROM work WHERE party_id = ?", (party_id,))
    }
    fresh = derive(customer, today, base_currency=base_currency)
    promised = {item.id: state for item in fresh if isinstance(state := item.facts.get("promise_state"), str)}
    standing = standings(connection, party_id, today, promised) if fresh else None
    after = {item.id: _row(item, standing(item.id)) for item in fresh} if standing else {}
    gone = [key for key in before if key not in after]
    new = [row for key, row in after.items() if before.get(key) != row]
    if not gone and not new:
        return []
    then = ranking.entries(connection, party_id, [row[0] for row in new])
    connection.executemany("DELETE FROM work WHERE id = ?", [(key,) for key in gone])
    connection.executemany(_PUT, new)
    ranking.follow(connection, then, ranking.entries(connection, party_id))
    return [*gone, *(row[0] for row in new)]


_STANDING = ("assignee", "snoozed_until", "pinned_until", "pin_reason")
_FACTS = (
    *("id", "kind", "party_id", "item_id", "subject", "amount", "currency", "since", "owner", "command_id"),
    *(
        "base_minor",
        "base_currency",
        "due",
        "items",
        "words",
        "names_open",
        "equals_open",
        "cover",
        "cover_words",
    ),
    *(
        "dispute",
        "dispute_state",
        "disputed_on",
        "returned",
        "on_hold",
        "over_limit",
        "credit_use",
        "credit_limit",
    ),
    *("code", "terms", "tags", "dunning_level", "contacted_on", "habit_days", "habit_count"),
    *("promise_state", "promise_level", "promised_on", "promise_words"),
)
_COLUMNS = (*_FACTS, *_STANDING)
_PUT = (
    f"INSERT INTO work ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))}) ON CONFLICT (id) DO UPDATE SET "
    + ", ".join(f"{each} = excluded.{each}" for each in _COLUMNS[1:])
)


def _row(item: WorkItem, standing: Standing) -> tuple[Any, ...]:
    facts = item.row()
    return (
        *(facts.get(name) for name in _FACTS),
        standing.assignee,
        standing.snoozed_until.isoformat() if standing.snoozed_until else None,
        standing.pinned_until.isoformat() if standing.pinned_until else None,
        standing.pin_reason or None,
    )


def _generation(connection: sqlite3.Connection, *, grow: bool) -> int:
    if grow:
        connection.execute("UPDATE meta SET value = value + 1 WHERE key = 'generation'")
    return int(connection.execute("SELECT value FROM meta WHERE key = 'generation'").fetchone()[0])


def parties_of(connection: sqlite3.Connection, items: Sequence[str]) -> set[str]:
    """The customers of these items."""
    if not items:
        return set()
    marks = ", ".join("?" * len(items))
    return {
        row[0]
        for row in connection.execute(f"SELECT DISTINCT party_id FROM item WHERE id IN ({marks})", items)
    }
