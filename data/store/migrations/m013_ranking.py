"""What a row's rank is made of, as columns: conditions and filters are plain SQL."""

from __future__ import annotations

from sqlite_utils import Database

from data.store.migrations.steps import migrations, script

_KEPT = "id, kind, party_id, item_id, subject, amount, currency, since, score, reasons, owner, command_id"


@migrations()
def m013_ranking(database: Database) -> None:
    """Facts of a row of the queue; dates are business dates, so that a new day changes none. ``owner`` is for whom a row is
    visible, ``assignee`` who works it. Unknown is NULL."""
    script(
        database,
        "DROP INDEX work_rank",
        "DROP INDEX work_kind_rank",
        "DROP INDEX work_party",
        "ALTER TABLE work RENAME TO work_before",
        """CREATE TABLE work (
             seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, party_id TEXT, item_id TEXT,
             subject TEXT NOT NULL, amount INTEGER NOT NULL, currency TEXT NOT NULL, since TEXT NOT NULL,
             score INTEGER NOT NULL, reasons TEXT NOT NULL, owner TEXT, command_id TEXT,
             assignee TEXT, snoozed_until TEXT, pinned_until TEXT, base_minor INTEGER, due TEXT, tags TEXT) STRICT""",
        f"INSERT INTO work ({_KEPT}) SELECT {_KEPT} FROM work_before",
        "DROP TABLE work_before",
        "CREATE INDEX work_rank ON work (score DESC, id)",
        "CREATE INDEX work_kind_rank ON work (kind, score DESC, id)",
        "CREATE INDEX work_party ON work (party_id)",
    )
