"""Drafts: what was typed survives the face it was typed in."""

from __future__ import annotations

from typing import Any

from sqlite_utils import Database

from arqueue.model.text import clean
from data.broker import working_requests
from data.broker.core import Core
from data.broker.protocol.working import DraftRow
from data.broker.requests import Nothing
from data.broker.session import Session
from data.store import drafts
from data.store.drafts import Draft

_LIMIT = 8000


class Drafting:
    """The methods that keep and give back what a person typed."""

    def __init__(self, core: Core) -> None:
        self._core = core

    async def keep(self, session: Session, asked: working_requests.DraftRequest) -> dict[str, str]:
        """Keep it, cleaned. Raises Invalid for what may not be stored."""
        person, at = session.person.id, self._core.clock.stamp()
        typed: dict[str, Any] = _cleaned(asked.typed)

        def work(database: Database) -> None:
            drafts.keep(database, person, asked.op, asked.target, typed, at=at)

        await self._core.store.write(work)
        return {"at": at}

    async def get(self, session: Session, asked: working_requests.DraftKeyRequest) -> DraftRow | None:
        """What was left of one form."""
        person = session.person.id
        found = await self._core.store.read(
            lambda connection: drafts.of(connection, person, asked.op, asked.target)
        )
        return _row(found) if found else None

    async def all(self, session: Session, _: Nothing) -> list[DraftRow]:
        """Everything that was left."""
        person = session.person.id
        return [
            _row(each)
            for each in await self._core.store.read(lambda connection: drafts.all_of(connection, person))
        ]

    async def drop(self, session: Session, asked: working_requests.DraftKeyRequest) -> dict[str, bool]:
        """Forget it."""
        person = session.person.id
        return {
            "dropped": await self._core.store.write(
                lambda database: drafts.drop(database, person, asked.op, asked.target)
            )
        }


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return clean(value, limit=_LIMIT, lines=500)
    if isinstance(value, dict):
        return {clean(str(key), limit=200, lines=1): _cleaned(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_cleaned(each) for each in value]
    return value


def _row(draft: Draft) -> DraftRow:
    return {"op": draft.op, "target": draft.target, "typed": draft.typed, "at": draft.at}
