"""The views that a person keeps."""

from __future__ import annotations

import pytest
from sqlite_utils import Database

from arqueue.errors import Invalid, NotFound
from arqueue.work.views import SAVED_CAP, saved_view
from data.store import views


def test_each_person_keeps_their_own(database: Database) -> None:
    """In the order in which they were saved first; saving again replaces."""
    late, large = (
        saved_view("late", "overdue", "age>60", "age", "kind,age"),
        saved_view("large", "all", "", "amount", ""),
    )
    views.save(database, "anna", late)
    views.save(database, "anna", large)
    views.save(database, "lee", saved_view("late", "all", "", "rank", ""))
    later = saved_view("late", "overdue", "age>90", "due", "")
    views.save(database, "anna", later)
    assert views.of_person(database.conn, "anna") == [later, large]
    assert [each.name for each in views.of_person(database.conn, "lee")] == ["late"]


def test_a_view_can_be_forgotten(database: Database) -> None:
    """Once; and nobody else's."""
    views.save(database, "anna", saved_view("late", "all", "", "rank", ""))
    with pytest.raises(NotFound, match="'late'"):
        views.remove(database, "lee", "late")
    views.remove(database, "anna", "late")
    with pytest.raises(NotFound) as caught:
        views.remove(database, "anna", "late")
    assert caught.value.hint == "you keep none"


def test_there_is_a_most(database: Database) -> None:
    """More views than one can choose from are a mistake."""
    for number in range(SAVED_CAP):
        views.save(database, "anna", saved_view(f"view {number}", "all", "", "rank", ""))
    with pytest.raises(Invalid, match="that is the most"):
        views.save(database, "anna", saved_view("one more", "all", "", "rank", ""))
    views.save(database, "anna", saved_view("view 3", "overdue", "", "rank", ""))


def test_a_filter_that_nobody_can_read_any_more_is_left_out(database: Database) -> None:
    """It may be of another version; the others are shown."""
    views.save(database, "anna", saved_view("late", "all", "", "rank", ""))
    database.conn.execute(
        "INSERT INTO saved_view VALUES ('anna', 'odd', 'all', 'colour:red', 'rank', '', 9, 0)"
    )
    assert [each.name for each in views.of_person(database.conn, "anna")] == ["late"]
