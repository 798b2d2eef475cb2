"""What was applied without a person, from the outbox: its commands are told by their intent and by whose they are."""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlite_utils import Database

from arqueue.control.states import FAILED, CommandState
from arqueue.model.money import Money

INTENT = "auto:"
_TOLD_DAYS = 7
_PERSON = "auto_person"
_NOTHING = ", ".join(f"'{state.value}'" for state in sorted(FAILED))
_CANCELLED = CommandState.CANCELLED.value


@dataclass(frozen=True, slots=True)
class Day:
    """One business date in one currency; what was taken back since is among the payments."""

    day: date
    amount: Money
    payments: int
    taken_back: int


def remember_person(database: Database, person: str) -> None:
    """As whom it posts."""
    database.conn.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (_PERSON, person))


def days(connection: sqlite3.Connection, since: date, until: date) -> list[Day]:
    """By day and currency, the newest day first; an order that came to nothing does not count."""
    found = connection.execute(
        "SELECT on_date, currency, amount, back FROM ("
        " SELECT json_extract(CAST(body AS TEXT), '$.command.on') AS on_date, currency, amount, state = ? OR EXISTS ("
        "  SELECT 1 FROM command AS later WHERE later.party_id = command.party_id AND later.seq > command.seq"
        f"  AND later.op = 'unapply' AND later.target = command.target AND later.state NOT IN ({_NOTHING}, ?)) AS back"
        " FROM command WHERE intent >= ? AND intent < ? AND person = (SELECT value FROM meta WHERE key = ?)"
        f" AND op = 'apply' AND state NOT IN ({_NOTHING})) WHERE on_date BETWEEN ? AND ?",
        (
            _CANCELLED,
            _CANCELLED,
            INTENT,
            f"{INTENT}~",
            _PERSON,
            since.isoformat(),
            until.isoformat(),
        ),
    )
    amounts: Counter[tuple[str, str]] = Counter()
    payments: Counter[tuple[str, str]] = Counter()
    back: Counter[tuple[str, str]] = Counter()
    for on, currency, amount, is_back in found:
        key = (on, currency)
        amounts[key] += amount
        payments[key] += 1
        back[key] += is_back
    return [
        Day(
            date.fromisoformat(on),
            Money(amounts[on, currency], currency),
            payments[on, currency],
            back[on, currency],
        )
        for on, currency in sorted(amounts, key=lambda key: (-date.fromisoformat(key[0]).toordinal(), key[1]))
    ]


def touched_before(connection: sqlite3.Connection, party_id: str, payment: str) -> bool:
    """Whether anybody ever decided on this payment: what was taken back is not done again without a person."""
    return (
        connection.execute(
            "SELECT 1 FROM command WHERE party_id = ? AND target = ? AND op IN ('apply', 'unapply') LIMIT 1",
            (party_id, payment),
        ).fetchone()
        is not None
    )


def words(of_a_day: Sequence[Day]) -> str:
    """A business date in one line, for whoever supervises."""
    amounts = ", ".join(f"{each.amount.decimal:,} {each.amount.currency}" for each in of_a_day)
    payments = sum(each.payments for each in of_a_day)
    back = sum(each.taken_back for each in of_a_day)
    noun = "payment" if payments == 1 else "payments"
    return f"applied {payments} {noun} without a person: {amounts}" + (f"; {back} taken back" if back else "")


def lately(connection: sqlite3.Connection, today: date) -> list[Day]:
    """What supervisors are told of: the last days."""
    return days(connection, today - timedelta(days=_TOLD_DAYS - 1), today)


def by_day(found: Sequence[Day]) -> dict[date, list[Day]]:
    """The rows of each day."""
    grouped: dict[date, list[Day]] = defaultdict(list)
    for each in found:
        grouped[each.day].append(each)
    return grouped


def waiting(connection: sqlite3.Connection) -> dict[str, str]:
    """Each unapplied payment, the best-ranked first, and a sign of everything that it could be applied to: while that is the
    same, so is the answer."""
    found = connection.execute(
        "WITH family AS (SELECT id, coalesce(parent_id, id) AS head FROM party WHERE gone = 0),"
        " state AS (SELECT head, count(*) AS items, sum(residual) AS owed, max(coalesce(modified_at, '')) AS last"
        "  FROM item JOIN family ON family.id = item.party_id WHERE state = 'open' AND residual <> 0 GROUP BY head)"
        " SELECT item.id, item.version, state.items, owed, last FROM rank JOIN work ON work.seq = rank.seq"
        " JOIN item ON item.id = work.item_id"
        " JOIN family ON family.id = item.party_id JOIN state ON state.head = family.head"
        " WHERE rank.gen = (SELECT gen FROM ranking WHERE state = 'current') AND work.kind = 'payment'"
        " ORDER BY rank.down, rank.small, rank.seq"
    )
    return {row[0]: repr(row[1:]) for row in found}
