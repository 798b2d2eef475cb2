"""Where rows stand in an order: any position and any row by a few look-ups, whatever the size."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from heapq import merge
from itertools import islice
from typing import Final

from data.store.ranking import Entry, Lane, Ranking, band, edges

_DENSE: Final = 8
"""A choice of lanes that holds one of so many rows is met by walking the order; one that holds fewer, lane by lane."""
_Key = tuple[int, int, int]


def lanes(connection: sqlite3.Connection) -> dict[int, Lane]:
    """All lanes that rows were ever in."""
    return {
        number: Lane(*lane)
        for number, *lane in connection.execute("SELECT id, kind, owner, assignee, asleep FROM lane")
    }


def totals(connection: sqlite3.Connection, ranking: Ranking) -> dict[int, int]:
    """How many rows each lane holds."""
    found = connection.execute("SELECT lane, sum(n) FROM tally WHERE gen = ? GROUP BY lane", (ranking.gen,))
    return dict(found.fetchall())


@dataclass(frozen=True, slots=True)
class Order:
    """The rows of some lanes, in order. ``total`` of them, ``every`` in all lanes."""

    connection: sqlite3.Connection
    gen: int
    lanes: tuple[int, ...]
    total: int
    every: int

    @classmethod
    def of(cls, connection: sqlite3.Connection, ranking: Ranking, chosen: Iterable[int]) -> Order:
        """The order of these lanes; those without rows are left out."""
        held = totals(connection, ranking)
        used = tuple(sorted(set(chosen) & held.keys()))
        return cls(connection, ranking.gen, used, sum(held[lane] for lane in used), sum(held.values()))

    def window(self, offset: int, limit: int) -> list[int]:
        """The rows (``seq``) from a position on."""
        if offset >= self.total:
            return []
        down, rest = self._walk("SELECT down, sum(n) FROM tally WHERE gen = ?", "down", (self.gen,), offset)
        number, rest = self._walk(
            "SELECT band, sum(n) FROM band WHERE gen = ? AND down = ?", "band", (self.gen, down), rest
        )
        start = (down, edges(number)[0], 0)
        if self.total * _DENSE >= self.every:
            found = self.connection.execute(
                f"SELECT seq FROM rank WHERE gen = ? AND (down, small, seq) >= (?, ?, ?){self._mine}"
                " ORDER BY down, small, seq LIMIT ? OFFSET ?",
                (self.gen, *start, limit, rest),
            )
            return [seq for (seq,) in found]
        return [seq for *_, seq in islice(self._merged(start), rest, rest + limit)]

    def position(self, entry: Entry) -> int:
        """Where a row of these lanes stands."""
        down, small, seq, _ = entry
        number = band(small)
        low = edges(number)[0]
        (above,) = self.connection.execute(
            f"SELECT coalesce(sum(n), 0) FROM tally WHERE gen = ? AND down < ?{self._mine}", (self.gen, down)
        ).fetchone()
        (larger,) = self.connection.execute(
            f"SELECT coalesce(sum(n), 0) FROM band WHERE gen = ? AND down = ? AND band < ?{self._mine}",
            (self.gen, down, number),
        ).fetchone()
        (beside,) = self.connection.execute(
            "SELECT count(*) FROM rank WHERE gen = ? AND (down, small, seq) >= (?, ?, 0)"
            f" AND (down, small, seq) < (?, ?, ?){self._mine}",
            (self.gen, down, low, down, small, seq),
        ).fetchone()
        return int(above) + int(larger) + int(beside)

    def _walk(self, select: str, column: str, values: tuple[int, ...], offset: int) -> tuple[int, int]:
        """The group that a position lies in, and how far into it."""
        rest = offset
        for key, n in self.connection.execute(
            f"{select}{self._mine} GROUP BY {column} ORDER BY {column}", values
        ):
            if rest < n:
                return int(key), rest
            rest -= n
        raise AssertionError("the counts of the order do not add up")

    @property
    def _mine(self) -> str:
        return f" AND lane IN ({', '.join(map(str, self.lanes)) or 'NULL'})"

    def _merged(self, start: _Key) -> Iterator[_Key]:
        by_lane = (
            self.connection.execute(
                "SELECT down, small, seq FROM rank INDEXED BY rank_lane WHERE gen = ? AND lane = ?"
                " AND (down, small, seq) >= (?, ?, ?) ORDER BY down, small, seq",
                (self.gen, lane, *start),
            )
            for lane in self.lanes
        )
        return merge(*by_lane)
