"""What the ledger says of a customer beside its money: its tags, by which rules of ranking and ownership go, and how far its open
items are dunned; and customers by how their names begin."""

from __future__ import annotations

from sqlite_utils import Database

from data.store.migrations.steps import migrations, script

_RECORDED = ("work_began", "work_changed", "work_ended")


@migrations()
def m018_tags(database: Database) -> None:
    """A store of before never read them, though no row's version need be another: the feed is read from its start once. What
    cash is expected follows from the habit and the date, and needs no column."""
    script(
        database,
        "ALTER TABLE party ADD COLUMN tags TEXT NOT NULL DEFAULT '[]'",
        "ALTER TABLE item ADD COLUMN dunning_level INTEGER",
        "ALTER TABLE owner_rule ADD COLUMN tag TEXT NOT NULL DEFAULT ''",
        # the triggers name every column, and are made anew once all steps are done
        *(f"DROP TRIGGER IF EXISTS {name}" for name in _RECORDED),
        "ALTER TABLE work DROP COLUMN expected_minor",
        "CREATE INDEX party_tags ON party (tags) WHERE tags <> '[]' AND gone = 0",
        "CREATE INDEX party_begins ON party (name COLLATE NOCASE) WHERE gone = 0",
        "CREATE INDEX party_code_begins ON party (code COLLATE NOCASE) WHERE gone = 0",
    )
    if database.conn.execute("DELETE FROM cursor").rowcount > 0:
        script(
            database,
            "DELETE FROM met",
            "INSERT OR REPLACE INTO meta VALUES ('sweeping', '1')",
        )
