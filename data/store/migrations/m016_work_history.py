"""What the queue was before it changed."""

from __future__ import annotations

from sqlite_utils import Database

from data.store.migrations.steps import migrations, script


@migrations()
def m016_work_history(database: Database) -> None:
    """Each row of the queue as it was before a change (``was`` 0: it was not there yet), and each order that was shown. It
    begins with the first sync that came to its end: what a first load brings is recorded nowhere, and costs nothing. The columns
    of ``work`` and the triggers on it are added in data/store/recording.py, whatever they are."""
    script(
        database,
        """CREATE TABLE work_history (
             n INTEGER PRIMARY KEY, at TEXT NOT NULL, work_id TEXT NOT NULL, was INTEGER NOT NULL) STRICT""",
        "CREATE INDEX work_history_at ON work_history (at)",
        "CREATE TABLE history_began (one INTEGER PRIMARY KEY CHECK (one = 1), at TEXT NOT NULL) STRICT",
        """CREATE TABLE order_history (
             n INTEGER PRIMARY KEY, at TEXT NOT NULL, day TEXT NOT NULL, strategy TEXT NOT NULL) STRICT""",
    )
