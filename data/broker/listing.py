"""Windows of the ranked queue, from one snapshot: which rows a view holds for a person, and where each stands.

A plain view is read by position from the kept order. A filter is a condition over the rows: where many satisfy it they are met on
a walk along the order, where few do they are found first and put in order.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, Final

from arqueue.control.states import IN_FLIGHT
from arqueue.model.people import Person
from arqueue.model.work import WorkKind
from arqueue.work.filter import Condition, Filter, parse
from arqueue.work.judge import judge
from arqueue.work.views import DONE
from data.broker import protocol
from data.broker.painting import queue_row
from data.store import filtering, places, queue, ranking
from data.store.places import Order
from data.store.ranking import Entry, Lane, Ranking

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


def _of_kind(term: Condition) -> bool:
    return term.key == "kind" and not term.negated


def _kinds(lane: Lane) -> tuple[str, ...]:
    """Of which kinds the rows of a lane are: an account that promised is overdue as well."""
    return (lane.kind, WorkKind.OVERDUE.value) if lane.kind == WorkKind.PROMISE.value else (lane.kind,)


ALL, MINE, SNOOZED = "all", "mine", "snoozed"
_SLICE: Final = 200
"""So many rows are looked at at once."""
_COMMON: Final = 50
"""A filter that one of so many rows satisfies is met soon enough along the order."""


@dataclass(frozen=True)
class Listing:
    """A snapshot, who looks, and the business date."""

    connection: sqlite3.Connection
    person: Person
    today: date

    def window(self, view: str, words: str, offset: int, limit: int) -> protocol.Window:
        """Rows of a view in rank order. Raises Invalid for a filter that cannot be read."""
        order = self.order(view)
        if words.strip():
            total, seqs = self._filtered(view, words, order, offset, limit)
        else:
            total, seqs = order.total, order.window(offset, limit)
        return {
            "rows": self.rows_of(seqs),
            "offset": offset,
            "total": total,
            "all": order.total,
            "generation": queue.generation(self.connection),
        }

    def locate(self, view: str, words: str, work_id: str) -> dict[str, Any]:
        """The position of a work item in a view, None when it is not in it."""
        order, entry = self.order(view), self._entry(work_id)
        total, position = order.total, None
        if words.strip():
            where, values = self._where(view, parse(words))
            total = self._count(where, values)
            if entry and self._count(f"{where} AND work.id = ?", (*values, work_id)):
                before = "(-work.score, -coalesce(work.base_minor, 0), work.seq) < (?, ?, ?)"
                position = self._count(f"{where} AND {before}", (*values, *entry[:3]))
        elif entry and self._holds(view, entry.lane):
            position = order.position(entry)
        return {"position": position, "total": total, "generation": queue.generation(self.connection)}

    def counts(self) -> dict[str, int]:
        """How many rows each view holds for this person."""
        held, lanes = places.totals(self.connection, self.ranking), self._lanes
        names = dict.fromkeys([*(name for name, _ in protocol.VIEWS if name != DONE), ALL])
        return {
            name: sum(n for number, n in held.items() if self._holds(name, lanes[number])) for name in names
        }

    def counts_of(self, view: str) -> int:
        """How many rows one view holds."""
        return self.order(view).total

    def seq_of(self, work_id: str) -> int | None:
        """The number that a row has in the store; None for one that is not there."""
        found = self.connection.execute("SELECT seq FROM work WHERE id = ?", (work_id,)).fetchone()
        return int(found[0]) if found else None

    def still_seen(self, ids: Sequence[str]) -> list[int]:
        """The numbers of those of these rows that there still are for this person, asleep or not."""
        seen, values = visible(self.person)
        found = self.connection.execute(
            f"SELECT seq FROM work WHERE id IN (SELECT value FROM json_each(?)) AND {seen}",
            (json.dumps(list(ids)), *values),
        )
        return [seq for (seq,) in found]

    def rows_of(self, seqs: Sequence[int], order: Ranking | None = None) -> list[protocol.QueueRow]:
        """Rows by their numbers, in that sequence, as another order would judge them where one is given."""
        return [self.paint(facts, order) for facts in self.facts_of(seqs)]

    def facts_of(self, seqs: Sequence[int]) -> list[sqlite3.Row]:
        """All that decides what these rows show, but for the date and the order."""
        cursor = self.connection.cursor()
        cursor.row_factory = sqlite3.Row
        found = cursor.execute(
            f"{QUEUE} WHERE work.seq IN (SELECT value FROM json_each(?))", (json.dumps(list(seqs)),)
        )
        rows = {row["seq"]: row for row in found}
        return [rows[seq] for seq in seqs]

    def condition(self, view: str, asked_for: Filter) -> tuple[str, str, tuple[Any, ...]]:
        """What a view holds under a filter, in SQL: whence, which, and the values."""
        return (self._source, *self._where(view, asked_for))

    def count_to(self, most: int, view: str, asked_for: Filter) -> int:
        """How many rows a view holds under a filter, counted to so many."""
        source, where, values = self.condition(view, asked_for)
        counted = f"SELECT count(*) FROM (SELECT 1 FROM {source} WHERE {where} LIMIT ?)"
        (count,) = self.connection.execute(counted, (*values, most)).fetchone()
        return int(count)

    def met(self, view: str, asked_for: Filter, among: Sequence[int] | None = None) -> Iterator[int]:
        """The same rows one after another, each looked at by itself: along the kept order, or ``among`` these in theirs."""
        where, values = self._where(view, asked_for, one_by_one=True)
        if among is None:
            along = self.connection.execute(
                f"SELECT work.seq FROM rank CROSS JOIN {self._source} WHERE work.seq = rank.seq AND rank.gen = ?"
                f" AND rank.lane IN ({self._held_in(view, asked_for)}) AND {where} ORDER BY rank.down, rank.small, rank.seq",
                (self.ranking.gen, *values),
            )
            yield from (seq for (seq,) in along)
            return
        some = f"SELECT work.seq FROM {self._source} WHERE work.seq IN (SELECT value FROM json_each(?)) AND {where}"
        for start in range(0, len(among), _SLICE):
            piece = among[start : start + _SLICE]
            held = {seq for (seq,) in self.connection.execute(some, (json.dumps(list(piece)), *values))}
            yield from (seq for seq in piece if seq in held)

    def _held_in(self, view: str, asked_for: Filter) -> str:
        """The lanes of these rows: those of other kinds are passed by without a look at them."""
        kinds = [
            set(each.values) for each in asked_for.terms if isinstance(each, Condition) and _of_kind(each)
        ]
        lanes = (
            number
            for number, lane in self._lanes.items()
            if self._holds(view, lane) and all(not wanted.isdisjoint(_kinds(lane)) for wanted in kinds)
        )
        return ", ".join(map(str, lanes)) or "NULL"

    def walk(self, found: Collection[int]) -> Iterator[int]:
        """These rows in the order of their rank, met along the kept order."""
        walked = self.connection.execute(
            "SELECT seq FROM rank WHERE gen = ? ORDER BY down, small, seq", (self.ranking.gen,)
        )
        return (seq for (seq,) in walked if seq in found)

    def ranked(self, found: Collection[int]) -> Iterator[int]:
        """These few rows in the order of their rank."""
        ordered = self.connection.execute(
            f"SELECT work.seq FROM {self.ranking.source} WHERE work.seq IN (SELECT value FROM json_each(?))"
            " ORDER BY -work.score, -coalesce(work.base_minor, 0), work.seq",
            (json.dumps(list(found)),),
        )
        return (seq for (seq,) in ordered)

    @property
    def _source(self) -> str:
        return f"{self.ranking.source} LEFT JOIN party ON party.id = work.party_id"

    def paint(self, row: sqlite3.Row, order: Ranking | None = None) -> protocol.QueueRow:
        """A row with its reasons, as the rules judged it for the order that is shown."""
        by = order or self.ranking
        facts = dict(zip(row.keys(), row, strict=True))
        return queue_row(row, self.today, judge(by.strategy, facts, by.day))

    def rank_of(self, row: sqlite3.Row) -> tuple[int, str]:
        """By which rows can be compared: the best is the least."""
        return -self.paint(row)["score"], row["id"]

    @cached_property
    def ranking(self) -> Ranking:
        """The order that is shown."""
        return ranking.shown(self.connection, self.today)

    @cached_property
    def _lanes(self) -> dict[int, Lane]:
        return places.lanes(self.connection)

    def order(self, view: str) -> Order:
        """The rows that a plain view holds, in order."""
        chosen = (number for number, lane in self._lanes.items() if self._holds(view, lane))
        return Order.of(self.connection, self.ranking, chosen)

    def _holds(self, view: str, lane: Lane) -> bool:
        """Whether a view shows this person the rows of a lane."""
        mine = (self.person.id, *(role.value for role in self.person.roles))
        if lane.owner and lane.owner not in mine and not self.person.sees_all:
            return False
        if bool(lane.asleep) != (view == SNOOZED):
            return False
        if view == MINE:
            return lane.assignee == self.person.id
        return view in (ALL, SNOOZED) or WorkKind(view).value in _kinds(lane)

    def _entry(self, work_id: str) -> Entry | None:
        return ranking.entry(self.connection, self.ranking, work_id)

    def _filtered(
        self, view: str, words: str, order: Order, offset: int, limit: int
    ) -> tuple[int, list[int]]:
        where, values = self._where(view, parse(words))
        total = self._count(where, values)
        if offset >= total:
            return total, []
        rows = self._source
        if total * _COMMON >= order.every:
            sql = (
                f"SELECT work.seq FROM rank CROSS JOIN {rows} WHERE work.seq = rank.seq AND rank.gen = ? AND {where}"
                " ORDER BY rank.down, rank.small, rank.seq LIMIT ? OFFSET ?"
            )
            values = (self.ranking.gen, *values)
        else:
            sql = (
                f"SELECT work.seq FROM {rows} WHERE {where}"
                " ORDER BY -work.score, -coalesce(work.base_minor, 0), work.seq LIMIT ? OFFSET ?"
            )
        return total, [seq for (seq,) in self.connection.execute(sql, (*values, limit, offset))]

    def _where(
        self, view: str, asked_for: Filter, *, one_by_one: bool = False
    ) -> tuple[str, tuple[Any, ...]]:
        """What a view and a filter ask of a row, in SQL."""
        seen, values = visible(self.person)
        sleeping = ranking.asleep(self.ranking)
        parts, bound = [seen, sleeping if view == SNOOZED else f"NOT {sleeping}"], list(values)
        if view == MINE:
            parts.append("work.assignee = ?")
            bound.append(self.person.id)
        elif view not in (ALL, SNOOZED):
            parts.append(f"{ranking.SORT if view == WorkKind.PROMISE.value else 'work.kind'} = ?")
            bound.append(WorkKind(view).value)
        asked, more = filtering.clause(
            asked_for, self.today, self.person, looking=self.connection, one_by_one=one_by_one
        )
        return " AND ".join([*parts, asked]), (*bound, *more)

    def _count(self, where: str, values: Sequence[Any]) -> int:
        join = " LEFT JOIN party ON party.id = work.party_id" if "party." in where else ""
        (count,) = self.connection.execute(
            f"SELECT count(*) FROM {self.ranking.source}{join} WHERE {where}", values
        ).fetchone()
        return int(count)
