"""The rules that rank the queue, asked for, tried and changed by faces."""

from __future__ import annotations

import asyncio
import hashlib
import sqlite3
from dataclasses import dataclass
from datetime import date
from operator import itemgetter
from typing import Annotated, TypedDict

import structlog
from pydantic import Field
from sqlite_utils import Database

from arqueue.errors import Refused
from arqueue.model.people import Person, Role
from arqueue.strategy_file import default_text, read
from arqueue.work.facts import FACTS
from arqueue.work.strategy import Strategy
from data.broker import protocol
from data.broker.core import Core
from data.broker.listing import Listing, visible
from data.broker.requests import Nothing, Request, Text
from data.broker.session import Session
from data.store import audit, ranking
from data.store.ranking import Ranking

log = structlog.get_logger()
TOP = 50
"""How much of the list is compared row by row."""
_MAY = frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR})


class StrategyRequest(Request):
    """A strategy file's text."""

    text: Annotated[Text, Field(max_length=100_000)]


class StrategyShown(TypedDict):
    """The strategy that ranks now, and the business date that it ranks for."""

    name: str
    text: str
    business_date: str
    default: bool


class Gain(TypedDict):
    """How many rows of the top somebody has, before and after, and of how many of all the place would be higher or lower;
    ``person`` is empty for rows that nobody has."""

    person: str
    before: int
    after: int
    up: int
    down: int


class Places(TypedDict):
    """At which places, from 1, a row stands now and then."""

    id: str
    now: int
    then: int


class Tried(TypedDict):
    """What another strategy would do: how many of ``total`` rows would stand elsewhere, and the top of the list, with the
    ``places`` of each row of either. Rows that sleep, or are for others, have no place. ``unknown`` are facts and tags that it
    asks for and no row has: such a rule never holds."""

    name: str
    moved: int
    total: int
    before: list[protocol.QueueRow]
    after: list[protocol.QueueRow]
    places: list[Places]
    gains: list[Gain]
    unknown: list[str]


class Strategies:
    """Methods about the strategy."""

    def __init__(self, core: Core) -> None:
        self._core = core

    async def show(self, _: Session, __: Nothing) -> StrategyShown:
        """What ranks now."""
        today = self._core.today()
        now = await self._core.store.read(lambda connection: ranking.shown(connection, today))
        return {
            "name": now.strategy.name,
            "text": now.text,
            "business_date": now.day.isoformat(),
            "default": now.text == default_text(),
        }

    async def try_(self, session: Session, asked: StrategyRequest) -> Tried:
        """What a strategy would change; nothing is stored. Raises StrategyInvalid."""
        today, person = self._core.today(), session.person

        def look(connection: sqlite3.Connection) -> Tried:
            strategy = read(asked.text)
            listing = Listing(connection, person, today)
            now = listing.ranking
            then = Ranking(now.gen, now.day, asked.text)
            compared = _Compared.of(connection, now, then, person)
            return {
                "name": strategy.name,
                "moved": compared.moved,
                "total": compared.total,
                "before": listing.rows_of(compared.before),
                "after": listing.rows_of(compared.after, then),
                "places": compared.places,
                "gains": compared.gains,
                "unknown": _unknown(connection, strategy),
            }

        return await self._core.store.read(look)

    async def use(self, session: Session, asked: StrategyRequest) -> StrategyShown:
        """Rank by this from now on, with an audit row; all faces see it when the new order is complete. Raises StrategyInvalid,
        and Refused for who is neither supervisor nor administrator."""
        if not session.person.roles & _MAY:
            raise Refused(
                "only supervisors and administrators change the ranking",
                "try it with `arqueue strategy try FILE`, and show them what it does",
                rule="who may change the strategy",
            )
        core, at = self._core, self._core.clock.stamp()
        core.require_open()
        digest = hashlib.sha256(asked.text.encode()).hexdigest()[:16]
        strategy = await core.store.read(lambda connection: _usable(connection, asked.text, core.today()))

        def work(database: Database) -> None:
            ranking.choose(database.conn, asked.text)
            audit.write(database, session.actor, "strategy", at=at, detail=f"{strategy.name} {digest}")

        await core.store.write(work)
        await core.reranker.rank(core.today(), asked.text)
        try:
            await asyncio.to_thread(_keep, core, asked.text)
        except OSError as error:
            log.warning("no copy of the strategy beside the store", error=type(error).__name__)
        return await self.show(session, Nothing())


def _usable(connection: sqlite3.Connection, text: str, day: date) -> Strategy:
    """The strategy, which SQLite can rank by: what is chosen has to rank after a restart as well. Raises StrategyInvalid."""
    strategy = read(text)
    connection.execute(f"EXPLAIN SELECT work.score FROM {Ranking(0, day, text).source}")
    return strategy


def _unknown(connection: sqlite3.Connection, strategy: Strategy) -> list[str]:
    """What it asks for in vain; a tag that nobody has is told by its name, even where others have some."""

    def any_row(where: str, *values: str) -> bool:
        return connection.execute(f"SELECT 1 FROM work WHERE {where} LIMIT 1", values).fetchone() is not None

    facts = [name for name in strategy.asked if not any_row(f"{FACTS[name].column} IS NOT NULL")]
    if "tag" in facts:
        return facts
    return [*facts, *(f"tag {tag}" for tag in strategy.tags if not any_row("instr(tags, ?) > 0", f" {tag} "))]


def _keep(core: Core, text: str) -> None:
    """A copy beside the store, to be read by people."""
    file = core.settings.store_dir / "strategy.toml"
    new = file.with_suffix(".new")
    new.write_text(text, "utf-8")
    new.replace(file)


@dataclass(frozen=True, slots=True)
class _Compared:
    """Two orders of the rows that a person sees: what moves, for whom, and who stands at the top of either."""

    moved: int
    total: int
    gains: list[Gain]
    places: list[Places]
    before: list[int]
    after: list[int]

    @classmethod
    def of(cls, connection: sqlite3.Connection, now: Ranking, then: Ranking, person: Person) -> _Compared:
        """All of it in one pass over the rows."""
        seen, values = visible(person)
        place = "row_number() OVER (ORDER BY -{score}, -coalesce(work.base_minor, 0), work.seq)"
        placed = (
            f"WITH placed AS MATERIALIZED (SELECT work.seq, work.id, coalesce(work.assignee, '') AS person,"
            f" {place.format(score=now.score)} AS one, {place.format(score=then.score)} AS other"
            f" FROM work WHERE {seen} AND NOT {ranking.asleep(now)})"
        )
        found = connection.execute(
            f"{placed} SELECT person, count(*), sum(one <> other), sum(other < one), sum(other > one),"
            " sum(one <= ?), sum(other <= ?) FROM placed GROUP BY person UNION ALL"
            " SELECT id, seq, one, other, NULL, NULL, NULL FROM placed WHERE min(one, other) <= ?",
            (*values, TOP, TOP, TOP),
        ).fetchall()
        people = [row for row in found if row[-1] is not None]
        top = [row for row in found if row[-1] is None]
        return cls(
            sum(row[2] for row in people),
            sum(row[1] for row in people),
            [
                Gain(person=who, before=one, after=other, up=up, down=down)
                for who, _, _, up, down, one, other in people
            ],
            [Places(id=key, now=one, then=other) for key, _, one, other, *_ in top],
            [row[1] for row in sorted(top, key=itemgetter(2)) if row[2] <= TOP],
            [row[1] for row in sorted(top, key=itemgetter(3)) if row[3] <= TOP],
        )
