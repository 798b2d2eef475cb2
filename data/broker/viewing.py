"""The views that a face can show: those that everybody has, and the person's own."""

from __future__ import annotations

from pydantic import Field
from sqlite_utils import Database

from arqueue.errors import Invalid
from arqueue.model.people import Person
from arqueue.work.views import SavedView, checked_name, saved_view
from data.broker.core import Core
from data.broker.protocol import VIEWS, SavedViewRow
from data.broker.requests import Filter, Query, Request, View
from data.broker.session import Session
from data.store import views


class SaveViewRequest(Request):
    """A view under a name of one's own."""

    name: Filter
    view: View = "all"
    filter: Query = ""
    sort: Filter = "rank"
    columns: Filter = ""


class RemoveViewRequest(Request):
    """One of one's own views."""

    name: Filter


class ChangeViewRequest(Request):
    """Another name or digit for one of one's own views; what is left out stays."""

    name: Filter
    to: Filter | None = None
    digit: int | None = Field(default=None, ge=0, le=9)


class Viewing:
    """A person's own views; nobody sees another's."""

    def __init__(self, core: Core) -> None:
        self._core = core

    async def views(self, session: Session, _: object) -> list[SavedViewRow]:
        """All that this person keeps."""
        person: Person = session.person
        return [row_of(each) for each in await self._core.store.read(lambda c: views.of_person(c, person.id))]

    async def save_view(self, session: Session, asked: SaveViewRequest) -> list[SavedViewRow]:
        """Keep it, or replace the one of that name. Raises Invalid, naming the field."""
        view = saved_view(asked.name.strip(), asked.view, asked.filter, asked.sort, asked.columns)
        _require_own_name(view.name)
        person = session.person.id
        await self._core.store.write(lambda database: views.save(database, person, view))
        return await self.views(session, None)

    async def change_view(self, session: Session, asked: ChangeViewRequest) -> list[SavedViewRow]:
        """Rename it, or give it a digit. Raises NotFound, Invalid."""
        person = session.person.id
        to = checked_name(asked.name if asked.to is None else asked.to.strip())
        _require_own_name(to)

        def work(database: Database) -> None:
            digits = {each.name: each.digit for each in views.of_person(database.conn, person)}
            digit = digits.get(asked.name, 0) if asked.digit is None else asked.digit
            views.change(database, person, asked.name, to, digit)

        await self._core.store.write(work)
        return await self.views(session, None)

    async def remove_view(self, session: Session, asked: RemoveViewRequest) -> list[SavedViewRow]:
        """Forget it. Raises NotFound."""
        person = session.person.id
        await self._core.store.write(lambda database: views.remove(database, person, asked.name))
        return await self.views(session, None)


def row_of(view: SavedView) -> SavedViewRow:
    """A view for the wire."""
    return {
        "name": view.name,
        "view": view.view,
        "filter": str(view.filter),
        "sort": view.sort,
        "columns": list(view.columns),
        "digit": view.digit,
    }


def _require_own_name(name: str) -> None:
    taken = {each.casefold() for pair in VIEWS for each in pair}
    if name.casefold() in taken:
        raise Invalid(f"name: {name!r} is a view that everybody has", "choose another name")
