"""Digits for the views that people keep."""

from __future__ import annotations

from sqlite_utils import Database

from data.store.migrations.steps import migrations, script


@migrations()
def m017_view_digits(database: Database) -> None:
    """A view of one's own may have a digit, in the place of the view that everybody has there; 0 is none."""
    script(
        database,
        "ALTER TABLE saved_view ADD COLUMN digit INTEGER NOT NULL DEFAULT 0 CHECK (digit BETWEEN 0 AND 9)",
    )
