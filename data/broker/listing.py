"""Windows of the ranked queue, from one snapshot: which rows a view holds for a person, and where each stands."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from arqueue.control.states import IN_FLIGHT
from arqueue.model.people import Person
from arqueue.model.work import WorkKind
from data.broker import protocol
from data.broker.painting import queue_row
from data.store import queue

_FLYING = ", ".join(f"'{state.value}'" for state in sorted(IN_FLIGHT))
QUEUE = (
    "SELECT work.*, party.name AS party_name, party.code AS party_code, party.gone AS party_gone,"
    " EXISTS (SELECT 1 FROM command WHERE command.party_id = work.party_id AND command.target = coalesce(work.item_id,"
    f" work.party_id) AND command.state IN ({_FLYING})) AS flying,"
    " (SELECT person FROM command WHERE command.id = work.command_id) AS maker"
    " FROM work LEFT JOIN party ON party.id = work.party_id"
)
"""A row of the queue with its customer and what is under way on it."""


def visible(person: Person) -> tuple[str, tuple[Any, ...]]:
    """Work for somebody else is not shown, but supervisors and auditors see all."""
    if person.sees_all:
        return "1", ()
    mine = (person.id, *(role.value for role in sorted(person.roles)))
    return f"(work.owner IS NULL OR work.owner IN ({', '.join('?' * len(mine))}))", mine


def like(word: str) -> str:
    """A pattern that holds the word anywhere."""
    escaped = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


@dataclass(frozen=True, slots=True)
class Listing:
    """A snapshot, who looks, and the business date."""

    connection: sqlite3.Connection
    person: Person
    today: date

    def window(self, view: str, words: str, offset: int, limit: int) -> protocol.Window:
        """Rows of a view in rank order."""
        where, values = self._where(view, words)
        total = self._count(where, values)
        every = total if not words.strip() else self._count(*self._where(view, ""))
        rows = self.rows(
            f"{QUEUE} WHERE {where} ORDER BY work.score DESC, work.id LIMIT ? OFFSET ?",
            (*values, limit, offset),
        )
        return {
            "rows": [queue_row(row, self.today) for row in rows],
            "offset": offset,
            "total": total,
            "all": every,
            "generation": queue.generation(self.connection),
        }

    def locate(self, view: str, words: str, work_id: str) -> dict[str, Any]:
        """The position of a work item in a view, None when it is not in it."""
        where, values = self._where(view, words)
        total = self._count(where, values)
        here = self.rows(f"{QUEUE} WHERE {where} AND work.id = ?", (*values, work_id))
        position: int | None = None
        if here:
            score = here[0]["score"]
            before = "(work.score > ? OR (work.score = ? AND work.id < ?))"
            position = self._count(f"{where} AND {before}", (*values, score, score, work_id))
        return {"position": position, "total": total, "generation": queue.generation(self.connection)}

    def counts(self) -> dict[str, int]:
        """How many rows each view holds for this person."""
        seen, values = visible(self.person)
        found = self.connection.execute(f"SELECT kind, count(*) FROM work WHERE {seen} GROUP BY kind", values)
        by_kind = dict(found.fetchall())
        counts = {name: int(by_kind.get(name, 0)) for name, _ in protocol.VIEWS}
        return {**counts, "all": sum(by_kind.values())}

    def _where(self, view: str, words: str) -> tuple[str, tuple[Any, ...]]:
        seen, values = visible(self.person)
        parts, all_values = [seen], list(values)
        if view != "all":
            parts.append("work.kind = ?")
            all_values.append(WorkKind(view).value)
        for word in words.split():
            wanted = like(word)
            parts.append(
                "(party.name LIKE ? ESCAPE '\\' OR party.code LIKE ? ESCAPE '\\' OR work.subject LIKE ? ESCAPE '\\'"
                " OR work.kind LIKE ? ESCAPE '\\' OR work.currency LIKE ? ESCAPE '\\')"
            )
            all_values += [wanted] * 5
        return " AND ".join(parts), tuple(all_values)

    def _count(self, where: str, values: Sequence[Any]) -> int:
        join = "LEFT JOIN party ON party.id = work.party_id" if "party." in where else ""
        (count,) = self.connection.execute(
            f"SELECT count(*) FROM work {join} WHERE {where}", values
        ).fetchone()
        return int(count)

    def rows(self, sql: str, values: Sequence[Any]) -> list[sqlite3.Row]:
        """By column name."""
        cursor = self.connection.cursor()
        cursor.row_factory = sqlite3.Row
        return cursor.execute(sql, values).fetchall()
