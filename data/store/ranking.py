"""The order of the queue, kept beside it: one entry a row, counted by lane and score, so that a position is looked up.

Each order (*generation*) belongs to a strategy and a business date, and every entry follows from its row and these two alone. So
what a row's entry was is known without looking for it: a change takes out the entry that the row had and puts in the one it has.
While a new order is built beside the current one, changes go to both, and the rows that moved are left out of what is copied.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Final, NamedTuple

from arqueue.strategy_file import default_text, read
from arqueue.work.strategy import Strategy
from data.store import scoring

CURRENT, BUILDING, OLD = "current", "building", "old"
SORT: Final = "CASE WHEN work.promise_state <> 'kept' THEN 'promise' ELSE work.kind END"
"""What sort of work a row of ``work`` is to views, as SQL: its kind, but for an overdue account whose promise is not over."""
_INLINE: Final = 20_000
"""So many rows are ranked anew at once, in the transaction that finds another date; more are a background's work."""
_DELETED: Final = 2_000
_KEYS: Final = {"rank": "down, small, seq", "band": "down, band, lane", "tally": "lane, down"}
"""What an order consists of, each with its key within the order."""


@dataclass(frozen=True, slots=True)
class Ranking:
    """One order: its number, the business date and the strategy that it follows."""

    gen: int
    day: date
    text: str

    @property
    def strategy(self) -> Strategy:
        """The rules."""
        return read(self.text, kept=True)

    @property
    def score(self) -> str:
        """The score of a row of ``work`` as an expression of SQL."""
        return _score(self.text, self.day)

    @property
    def source(self) -> str:
        """``work`` with its score as a column, for a FROM."""
        return f"(SELECT work.*, {self.score} AS score FROM work) AS work"  # flattened: it costs where it is asked for


@lru_cache(maxsize=32)
def _score(text: str, day: date) -> str:
    return scoring.score(read(text, kept=True), day)


class Lane(NamedTuple):
    """What views choose by; empty where there is nobody."""

    kind: str
    owner: str
    assignee: str
    asleep: int


class Entry(NamedTuple):
    """A row's place, ascending."""

    down: int
    small: int
    seq: int
    lane: Lane


def current(connection: sqlite3.Connection) -> Ranking | None:
    """The order that is shown; None before the first row."""
    found = _rankings(connection, CURRENT)
    return found[0] if found else None


def shown(connection: sqlite3.Connection, today: date) -> Ranking:
    """The order that is shown; an empty store has one that nothing is in."""
    return current(connection) or Ranking(0, today, default_text())


def begin(connection: sqlite3.Connection, today: date) -> Ranking:
    """The order that changes go to. A short one follows the date at once. To be called inside a transaction."""
    ranking = current(connection)
    if ranking is None:
        text = chosen(connection)
        connection.execute("INSERT INTO ranking VALUES (1, ?, ?, ?)", (today.isoformat(), text, CURRENT))
        return Ranking(1, today, text)
    if ranking.day != today and not _rankings(connection, BUILDING) and size(connection, ranking) <= _INLINE:
        return at_once(connection, today, ranking.text)
    return ranking


_CHOSEN: Final = "strategy"


def choose(connection: sqlite3.Connection, text: str) -> None:
    """The strategy that is wanted from now on; the next order follows it."""
    connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (_CHOSEN, text))


def chosen(connection: sqlite3.Connection) -> str:
    """The strategy's text that is wanted; without one, that which ships."""
    found = connection.execute("SELECT value FROM meta WHERE key = ?", (_CHOSEN,)).fetchone()
    return str(found[0]) if found else default_text()


def at_once(connection: sqlite3.Connection, day: date, text: str) -> Ranking:
    """A whole new order in the caller's transaction, for few rows."""
    new = start(connection, day, text)
    copy(connection, new, computed(connection, new))
    flip(connection, new)
    while not clear(connection):
        pass
    return new


def start(connection: sqlite3.Connection, day: date, text: str) -> Ranking:
    """Begin to build an order; from now on changes go to it as well."""
    abandon(connection)
    (gen,) = connection.execute("SELECT coalesce(max(gen), 0) + 1 FROM ranking").fetchone()
    connection.execute("INSERT INTO ranking VALUES (?, ?, ?, ?)", (gen, day.isoformat(), text, BUILDING))
    return Ranking(gen, day, text)


def computed(connection: sqlite3.Connection, ranking: Ranking) -> Iterable[Entry]:
    """All entries of an order as the rows are now, in order."""
    return (_entry(row) for row in connection.execute(f"{_select(ranking)} ORDER BY 1, 2, 3"))


def copy(connection: sqlite3.Connection, ranking: Ranking, entries: Iterable[Entry]) -> None:
    """Put computed entries in, but for rows that changed since the order was begun."""
    moved = {row[0] for row in connection.execute("SELECT seq FROM rank_moved")}
    _put(connection, ranking.gen, [each for each in entries if each.seq not in moved])


def flip(connection: sqlite3.Connection, ranking: Ranking) -> None:
    """Show this order from now on."""
    connection.execute("UPDATE ranking SET state = ? WHERE state = ?", (OLD, CURRENT))
    connection.execute("UPDATE ranking SET state = ? WHERE gen = ?", (CURRENT, ranking.gen))
    connection.execute("DELETE FROM rank_moved")
    connection.execute("UPDATE meta SET value = value + 1 WHERE key = 'generation'")


def abandon(connection: sqlite3.Connection) -> None:
    """Nobody builds an order any more: what a crash cut short goes the way of what is old."""
    connection.execute("UPDATE ranking SET state = ? WHERE state = ?", (OLD, BUILDING))
    connection.execute("DELETE FROM rank_moved")


def clear(connection: sqlite3.Connection, limit: int = _DELETED) -> bool:
    """Delete some of what is no longer shown; True when nothing is left. What a crash cut short counts as that."""
    found = connection.execute("SELECT gen FROM ranking WHERE state = ? LIMIT 1", (OLD,)).fetchone()
    if found is None:
        return True
    (gen,) = found
    for table, key in _KEYS.items():
        last = connection.execute(
            f"SELECT {key} FROM {table} WHERE gen = ? ORDER BY {key} LIMIT 1 OFFSET ?", (gen, limit)
        ).fetchone()
        upto = f" AND ({key}) <= ({', '.join('?' * len(last))})" if last else ""
        if connection.execute(f"DELETE FROM {table} WHERE gen = ?{upto}", (gen, *(last or ()))).rowcount:
            return False
    connection.execute("DELETE FROM ranking WHERE gen = ?", (gen,))
    return False


def size(connection: sqlite3.Connection, ranking: Ranking) -> int:
    """How many rows it holds."""
    found = connection.execute(
        "SELECT coalesce(sum(n), 0) FROM tally WHERE gen = ?", (ranking.gen,)
    ).fetchone()
    return int(found[0])


def asleep(ranking: Ranking) -> str:
    """Whether a row of ``work`` is snoozed in that order, as SQL."""
    return scoring.asleep(ranking.day)


def entry(connection: sqlite3.Connection, ranking: Ranking, work_id: str) -> Entry | None:
    """A row's place; None for one that is not there."""
    found = connection.execute(f"{_select(ranking)} WHERE work.id = ?", (work_id,)).fetchone()
    return _entry(found) if found else None


# ---- changes


Entries = Mapping[int, frozenset[Entry]]


def entries(connection: sqlite3.Connection, party_id: str, coming: Sequence[str] = ()) -> Entries:
    """The entries of a customer's rows, and of those ``coming`` that may be another's still, in each order that changes go to, by
    its number."""
    where, values = "work.party_id = ?", [party_id]
    if coming:
        where, values = (
            f"({where} OR work.id IN (SELECT value FROM json_each(?)))",
            [party_id, json.dumps(coming)],
        )
    return {
        ranking.gen: frozenset(map(_entry, connection.execute(f"{_select(ranking)} WHERE {where}", values)))
        for state in (CURRENT, BUILDING)
        for ranking in _rankings(connection, state)
    }


def follow(connection: sqlite3.Connection, before: Entries, after: Entries) -> None:
    """Bring each order from what a customer's rows were to what they are."""
    building = {ranking.gen for ranking in _rankings(connection, BUILDING)}
    for gen, now in after.items():
        then = before.get(gen, frozenset())
        _take(connection, gen, then - now)
        _put(connection, gen, [*(now - then)])
        if gen in building:
            moved = {(each.seq,) for each in then ^ now}
            connection.executemany("INSERT OR IGNORE INTO rank_moved VALUES (?)", moved)


def _take(connection: sqlite3.Connection, gen: int, gone: Iterable[Entry]) -> None:
    """An entry that was not copied yet is not there."""
    counted = []
    for each in gone:
        found = connection.execute(
            "DELETE FROM rank WHERE gen = ? AND down = ? AND small = ? AND seq = ?", (gen, *each[:3])
        )
        if found.rowcount:
            counted.append(each)
    _count(connection, gen, counted, -1)


def _put(connection: sqlite3.Connection, gen: int, new: Sequence[Entry]) -> None:
    if not new:
        return
    lanes = {lane: _lane(connection, lane) for lane in {each.lane for each in new}}
    connection.executemany(
        "INSERT INTO rank (gen, down, small, seq, lane) VALUES (?, ?, ?, ?, ?)",
        [(gen, down, small, seq, lanes[lane]) for down, small, seq, lane in new],
    )
    _count(connection, gen, new, 1)


def _count(connection: sqlite3.Connection, gen: int, moved: Sequence[Entry], by: int) -> None:
    if not moved:
        return
    lanes = {lane: _lane(connection, lane) for lane in {each.lane for each in moved}}
    tally = Counter((lanes[each.lane], each.down) for each in moved)
    bands = Counter((each.down, band(each.small), lanes[each.lane]) for each in moved)
    connection.executemany(
        "INSERT INTO tally VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET n = n + excluded.n",
        [(gen, *key, n * by) for key, n in tally.items()],
    )
    connection.executemany(
        "INSERT INTO band VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET n = n + excluded.n",
        [(gen, *key, n * by) for key, n in bands.items()],
    )
    if by < 0:
        connection.executemany(
            "DELETE FROM tally WHERE gen = ? AND lane = ? AND down = ? AND n = 0",
            [(gen, *key) for key in tally],
        )
        connection.executemany(
            "DELETE FROM band WHERE gen = ? AND down = ? AND band = ? AND lane = ? AND n = 0",
            [(gen, *key) for key in bands],
        )


def _lane(connection: sqlite3.Connection, lane: Lane) -> int:
    found = connection.execute(
        "SELECT id FROM lane WHERE kind = ? AND owner = ? AND assignee = ? AND asleep = ?", lane
    ).fetchone()
    if found is None:
        found = connection.execute(
            "INSERT INTO lane (kind, owner, assignee, asleep) VALUES (?, ?, ?, ?) RETURNING id", lane
        ).fetchone()
    return int(found[0])


# ---- bands of sizes


_BITS: Final = 5


def band(small: int) -> int:
    """The band that a negated size lies in, ascending with it: sixteen to each doubling."""
    size = abs(small)
    shift = max(0, size.bit_length() - _BITS)
    found = (shift << _BITS) + (size >> shift)
    return -found if small < 0 else found


def edges(number: int) -> tuple[int, int]:
    """The least and the greatest negated size of a band."""
    shift, part = abs(number) >> _BITS, abs(number) & ((1 << _BITS) - 1)
    low, high = part << shift, ((part + 1) << shift) - 1
    return (-high, -low) if number < 0 else (low, high)


def _rankings(connection: sqlite3.Connection, state: str) -> list[Ranking]:
    return [
        Ranking(gen, date.fromisoformat(day), text)
        for gen, day, text in connection.execute(
            "SELECT gen, day, strategy FROM ranking WHERE state = ?", (state,)
        )
    ]


def _select(ranking: Ranking) -> str:
    return (
        f"SELECT -{ranking.score}, -coalesce(work.base_minor, 0), work.seq, {SORT}, coalesce(work.owner, ''),"
        f" coalesce(work.assignee, ''), {scoring.asleep(ranking.day)} FROM work"
    )


def _entry(row: Sequence[int | str]) -> Entry:
    down, small, seq, kind, owner, assignee, asleep = row
    return Entry(int(down), int(small), int(seq), Lane(str(kind), str(owner), str(assignee), int(asleep)))
