"""What of a posted command nothing has reversed yet: allocations that stand, an open dispute, a credit not applied anew."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from arqueue.control.commands import Adjust, ApplyPayment, Command, Dispute, Resolve, Unapply
from arqueue.control.states import IN_FLIGHT, CommandState
from data.store.stored import Stored, coming_back, many

_LIVE = ", ".join(f"'{state.value}'" for state in (*sorted(IN_FLIGHT), CommandState.POSTED))
_LOOKED_AT, _RECENT = 200, 20_000
"""A person's newest commands, and everybody's among which they are looked for: more than a day brings."""
_BEST = " AND allocation.void = 0 ORDER BY allocation.amount <> ?, allocation.on_date DESC, allocation.id"


def newest_unsent(connection: sqlite3.Connection, person: str) -> Stored | None:
    """A person's newest command that can still be taken back."""
    where = "state IN ('queued', 'pending') AND attempts = 0 AND person = ? ORDER BY seq DESC LIMIT 1"
    return next(iter(many(connection, where, (person,))), None)


def newest_live(connection: sqlite3.Connection, person: str, since: str) -> Sequence[Stored]:
    """A person's newest commands since an instant (UTC, ISO 8601) that did not fail, newest first; at most 200."""
    where = (
        f"seq > (SELECT coalesce(max(seq), 0) - {_RECENT} FROM command) AND +state IN ({_LIVE})"
        f" AND person = ? AND created_at >= ? ORDER BY seq DESC LIMIT {_LOOKED_AT}"
    )
    return many(connection, where, (person, since))


def standing(connection: sqlite3.Connection, row: Stored) -> tuple[str, ...]:
    """The allocations of a posted command that nothing takes back: as the ledger named them, else what they must be."""
    marks = ", ".join("?" * len(row.refs))
    named = connection.execute(f"SELECT id, void FROM allocation WHERE id IN ({marks})", row.refs).fetchall()
    found = [key for key, void in named if not void] if named else _alike(connection, row.order.command)
    going = coming_back(connection)
    return tuple(key for key in dict.fromkeys(found) if key not in going)


def _alike(connection: sqlite3.Connection, command: Command) -> list[str]:
    """Between the same items, the same amount first, the newest first."""
    match command:
        case ApplyPayment():
            where = f"SELECT id FROM allocation WHERE credit_item = ? AND debit_item = ?{_BEST} LIMIT 1"
            pairs = [(command.payment, line.item, line.amount.minor) for line in command.lines]
            return [key for pair in pairs for (key,) in connection.execute(where, pair)]
        case Adjust(item=item):
            where = (
                "SELECT allocation.id FROM allocation JOIN item ON item.kind = 'journal' AND item.id ="
                " CASE credit_item WHEN ? THEN debit_item ELSE credit_item END"
                f" WHERE (credit_item = ? OR debit_item = ?){_BEST} LIMIT 1"
            )
            found = connection.execute(where, (item, item, item, command.amount.minor))
            return [key for (key,) in found]
        case _:
            return []


def is_disputed(connection: sqlite3.Connection, row: Stored, command: Dispute) -> bool:
    """Whether the dispute that this command opened is open, and nobody is answering it."""
    case = "SELECT 1 FROM dispute WHERE id = ? AND state = 'open'"
    if connection.execute(case, (row.id,)).fetchone() is None:
        return False
    return not _followed(connection, row, Resolve.op, command.item)


def is_applied_anew(connection: sqlite3.Connection, row: Stored, command: Unapply) -> bool:
    """Whether a later order puts the credit on the same debit."""
    return _followed(connection, row, ApplyPayment.op, command.credit_item, command.debit_item)


def _followed(connection: sqlite3.Connection, row: Stored, op: str, target: str, moved: str = "") -> bool:
    where = f"target = ? AND op = ? AND state IN ({_LIVE}) AND seq > (SELECT seq FROM command WHERE id = ?)"
    values = [target, op, row.id]
    if moved:
        where += " AND EXISTS (SELECT 1 FROM effect WHERE command_id = command.id AND item_id = ?)"
        values.append(moved)
    return connection.execute(f"SELECT 1 FROM command WHERE {where}", values).fetchone() is not None
