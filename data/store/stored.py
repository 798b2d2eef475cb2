"""Commands as they are stored, read back: one by id or intent, those of one order, lists for people."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from arqueue.control.commands import Order, Unapply, subjects_of, unseal
from arqueue.control.states import FAILED, IN_FLIGHT, CommandState
from arqueue.errors import NotFound
from arqueue.model.money import Money


@dataclass(frozen=True, slots=True)
class Stored:
    """A command's row."""

    id: str
    intent: str
    op: str
    target: str
    party_id: str | None
    words: str
    amount: Money
    body: bytes
    person: str
    created_at: str
    updated_at: str
    state: CommandState
    attempts: int
    fence: int
    first_boot_s: float | None
    last_boot_s: float | None
    boot_id: str | None
    not_before_boot_s: float | None
    sent_boot_s: float | None
    sent_boot_id: str | None
    """When its bytes may last have left, by the clock of that boot; None while they never did."""
    outcome: str
    refs: tuple[str, ...]
    epoch: int
    batch: str
    """The id of the first command of the same order, where one order became several; else empty."""

    @property
    def is_unsent(self) -> bool:
        """Whether it can still be taken back."""
        return self.state in (CommandState.QUEUED, CommandState.PENDING) and not self.attempts

    @property
    def order(self) -> Order:
        """What is sent, from the stored bytes."""
        return unseal(self.body)


_COLUMNS = (
    "id, intent, op, target, party_id, words, amount, currency, body, person, created_at, updated_at, state, attempts,"
    " fence, first_boot_s, last_boot_s, boot_id, not_before_boot_s, sent_boot_s, sent_boot_id, outcome, refs, epoch,"
    " batch"
)


def of_intent(connection: sqlite3.Connection, intent: str) -> Stored | None:
    """The command that this intent became before, if any: the same intent twice is one command."""
    return _one(connection, "intent = ?", (intent,))


def get(connection: sqlite3.Connection, command_id: str) -> Stored:
    """By id, or by the start of an id that only one has. Raises NotFound."""
    found = _one(connection, "id = ?", (command_id,))
    if found is None and len(command_id) >= 4 and command_id.isalnum():
        several = many(connection, "id GLOB ? LIMIT 2", (f"{command_id}*",))
        found = several[0] if len(several) == 1 else None
    if found is None:
        raise NotFound(f"there is no command {command_id!r}", "see `arqueue outbox`")
    return found


def mates(connection: sqlite3.Connection, row: Stored) -> list[Stored]:
    """All commands of the same order, in the order in which they are sent."""
    return many(connection, "batch = ? ORDER BY seq", (row.batch,)) if row.batch else [row]


def stands_on(connection: sqlite3.Connection, row: Stored) -> list[Stored]:
    """The commands before it in the same order that are about the same records and not posted: it was decided as if they were
    done."""
    if not row.batch or row.id == row.batch:
        return []
    where = "batch = ? AND seq < (SELECT seq FROM command WHERE id = ?) AND state <> 'posted' ORDER BY seq"
    about = set(subjects_of(row.order.command))
    return [
        earlier
        for earlier in many(connection, where, (row.batch, row.id))
        if about & set(subjects_of(earlier.order.command))
    ]


def coming_back(connection: sqlite3.Connection, *, but: str = "") -> set[str]:
    """Allocations that orders under way take back; ``but`` is a command that does not count."""
    flying = ", ".join(f"'{state.value}'" for state in sorted(IN_FLIGHT))
    rows = many(connection, f"op = 'unapply' AND state IN ({flying}) AND id <> ?", (but,))
    commands = [row.order.command for row in rows]
    return {command.allocation for command in commands if isinstance(command, Unapply)}


def counts(connection: sqlite3.Connection) -> dict[str, int]:
    """How many commands stand in each state that somebody should know of; failed ones only while not looked at."""
    found = dict(connection.execute("SELECT state, count(*) FROM command WHERE seen = 0 GROUP BY state"))
    names = {state.value: int(found.get(state.value, 0)) for state in IN_FLIGHT}
    failed = sum(int(found.get(state.value, 0)) for state in FAILED)
    return {**names, "failed": failed}


def listing(
    connection: sqlite3.Connection,
    states: Sequence[str],
    limit: int,
    offset: int,
    party_id: str | None = None,
) -> tuple[list[Stored], int]:
    """Commands, newest first, and how many there are."""
    where, values = _where(states, party_id)
    (total,) = connection.execute(f"SELECT count(*) FROM command WHERE {where}", values).fetchone()
    rows = many(connection, f"{where} ORDER BY seq DESC LIMIT ? OFFSET ?", (*values, limit, offset))
    return rows, total


def attempts(connection: sqlite3.Connection, command_id: str) -> list[tuple[int, str, str, str]]:
    """Each try: number, when, outcome, words."""
    found = connection.execute(
        "SELECT n, at, outcome, words FROM attempt WHERE command_id = ? ORDER BY n", (command_id,)
    )
    return [tuple(row) for row in found]


def _where(states: Sequence[str], party_id: str | None) -> tuple[str, tuple[Any, ...]]:
    parts: list[str] = ["1"]
    values: list[Any] = []
    if states:
        parts.append(f"state IN ({', '.join('?' * len(states))})")
        values += states
    if party_id is not None:
        parts.append("party_id = ?")
        values.append(party_id)
    return " AND ".join(parts), tuple(values)


def _one(connection: sqlite3.Connection, where: str, values: Iterable[Any]) -> Stored | None:
    found = many(connection, where, values)
    return found[0] if found else None


def many(connection: sqlite3.Connection, where: str, values: Iterable[Any]) -> list[Stored]:
    """Commands by an SQL condition of the store's own."""
    cursor = connection.cursor()
    cursor.row_factory = sqlite3.Row
    rows = cursor.execute(f"SELECT {_COLUMNS} FROM command WHERE {where}", tuple(values))
    return [_stored(row) for row in rows.fetchall()]


def _stored(row: sqlite3.Row) -> Stored:
    values = dict(row)
    values["amount"] = Money(values.pop("amount"), values.pop("currency"))
    values["state"] = CommandState(values["state"])
    values["refs"] = tuple(json.loads(values["refs"]))
    values["body"] = bytes(values["body"])
    return Stored(**values)
