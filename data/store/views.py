"""The views that a person keeps, in the order in which they were first saved."""

from __future__ import annotations

import sqlite3

from sqlite_utils import Database

from arqueue.errors import Invalid, NotFound
from arqueue.work.filter import FilterInvalid, parse
from arqueue.work.views import SAVED_CAP, SavedView


def of_person(connection: sqlite3.Connection, person: str) -> list[SavedView]:
    """All views of a person."""
    rows = connection.execute(
        "SELECT name, view, filter, sort, columns, digit FROM saved_view WHERE person = ? ORDER BY place, name",
        (person,),
    )
    return [
        SavedView(name, view, parse(filter_), sort, tuple(columns.split(",")) if columns else (), digit)
        for name, view, filter_, sort, columns, digit in rows
        if _readable(filter_)
    ]


def save(database: Database, person: str, view: SavedView) -> None:
    """Keep a view; one of the same name is replaced and keeps its place and digit. Raises Invalid beyond the
    most that one may keep."""
    kept = {each.name for each in of_person(database.conn, person)}
    if view.name not in kept and len(kept) >= SAVED_CAP:
        raise Invalid(f"name: you keep {len(kept)} views, and that is the most", "remove one first")
    database.conn.execute(
        "INSERT INTO saved_view (person, name, view, filter, sort, columns, place) VALUES (?, ?, ?, ?, ?, ?,"
        " (SELECT coalesce(max(place), 0) + 1 FROM saved_view WHERE person = ?))"
        " ON CONFLICT (person, name) DO UPDATE SET view = excluded.view, filter = excluded.filter,"
        " sort = excluded.sort, columns = excluded.columns",
        (person, view.name, view.view, str(view.filter), view.sort, ",".join(view.columns), person),
    )


def change(database: Database, person: str, name: str, to: str, digit: int) -> None:
    """Give a view another name and a digit, which whoever had it loses. Raises NotFound, Invalid."""
    kept = {each.name for each in of_person(database.conn, person)}
    if name not in kept:
        raise _no_view(database, person, name)
    if to != name and to in kept:
        raise Invalid(f"name: you keep a view {to!r} already", "choose another name, or remove that one")
    execute = database.conn.execute
    if digit:
        execute("UPDATE saved_view SET digit = 0 WHERE person = ? AND digit = ?", (person, digit))
    execute(
        "UPDATE saved_view SET name = ?, digit = ? WHERE person = ? AND name = ?", (to, digit, person, name)
    )


def remove(database: Database, person: str, name: str) -> None:
    """Forget a view. Raises NotFound."""
    gone = database.conn.execute("DELETE FROM saved_view WHERE person = ? AND name = ?", (person, name))
    if not gone.rowcount:
        raise _no_view(database, person, name)


def _no_view(database: Database, person: str, name: str) -> NotFound:
    names = ", ".join(each.name for each in of_person(database.conn, person))
    return NotFound(f"you keep no view {name!r}", f"you keep {names}" if names else "you keep none")


def _readable(filter_: str) -> bool:
    """A view that an older version wrote may hold what this one does not read."""
    try:
        parse(filter_)
    except FilterInvalid:
        return False
    return True
