"""Disputes as cases of ours: opened with the command that says so, closed when the ledger has taken the resolution."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence

from arqueue.control.commands import Dispute, Order, Resolve
from arqueue.control.states import IN_FLIGHT, CommandState

_FLYING = ", ".join(f"'{state.value}'" for state in sorted(IN_FLIGHT))
_AT_ONCE = 500
_FAILED = frozenset(
    {
        CommandState.CANCELLED,
        CommandState.DECLINED,
        CommandState.EXPIRED,
        CommandState.REJECTED,
        CommandState.CONFLICT,
    }
)


def open_case(
    connection: sqlite3.Connection, command_id: str, command: Dispute, party_id: str, person: str, on: str
) -> None:
    """The case begins with its command, in one transaction. Raises IntegrityError for a second one on an item, which the rules
    refuse before."""
    connection.execute(
        "INSERT INTO dispute (id, item_id, party_id, amount, currency, reason, note, opened_by, opened_on)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            command_id,
            command.item,
            party_id,
            command.amount.minor,
            command.amount.currency,
            command.reason,
            command.note,
            person,
            on,
        ),
    )


def follow(connection: sqlite3.Connection, order: Order, to: CommandState, *, person: str, on: str) -> None:
    """What a command's new state means for the case: withdrawn with a dispute that comes to nothing, closed by a resolution that
    is posted."""
    command = order.command
    if isinstance(command, Dispute) and to in _FAILED:
        state, where, key = "withdrawn", "id", order.id
    elif isinstance(command, Resolve) and to is CommandState.POSTED:
        state, where, key = command.outcome, "item_id", command.item
    else:
        return
    connection.execute(
        f"UPDATE dispute SET state = ?, closed_by = ?, closed_on = ? WHERE {where} = ? AND state = 'open'",
        (state, person, on, key),
    )


def open_on(connection: sqlite3.Connection, items: Sequence[str], *, but: str = "") -> dict[str, str]:
    """Item → reason of its open case; ``but`` is a command whose own case does not count."""
    found: dict[str, str] = {}
    for some in _slices(items):
        marks = ", ".join("?" * len(some))
        rows = connection.execute(
            f"SELECT item_id, reason FROM dispute WHERE state = 'open' AND id <> ? AND item_id IN ({marks})",
            (but, *some),
        )
        found |= dict(rows.fetchall())
    return found


def being_resolved(connection: sqlite3.Connection, items: Sequence[str], *, but: str = "") -> set[str]:
    """Items on which an order to end the dispute is under way; ``but`` is a command that does not count."""
    found: set[str] = set()
    for some in _slices(items):
        marks = ", ".join("?" * len(some))
        rows = connection.execute(
            f"SELECT target FROM command WHERE op = 'resolve' AND state IN ({_FLYING}) AND id <> ?"
            f" AND target IN ({marks})",
            (but, *some),
        )
        found |= {row[0] for row in rows}
    return found


def _slices(items: Sequence[str]) -> Iterable[Sequence[str]]:
    return (items[start : start + _AT_ONCE] for start in range(0, len(items), _AT_ONCE))
