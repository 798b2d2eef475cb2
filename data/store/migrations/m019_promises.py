"""Promises to pay."""

from __future__ import annotations

from sqlite_utils import Database

from data.store.migrations.steps import migrations, script


@migrations()
def m019_promises(database: Database) -> None:
    """Each promise is a row of its own: the newest of a customer and a currency counts, and one without an amount takes back.
    ``basis`` is what it is about and what was there already, ``before`` what had become of the one that it follows. ``until`` is
    the last business date on which it is open."""
    script(
        database,
        """CREATE TABLE promise (
             seq INTEGER PRIMARY KEY AUTOINCREMENT, party_id TEXT NOT NULL, currency TEXT NOT NULL,
             amount INTEGER CHECK (amount > 0), on_date TEXT, until TEXT, level INTEGER NOT NULL, basis TEXT NOT NULL,
             before TEXT NOT NULL, why TEXT NOT NULL, person TEXT NOT NULL, at TEXT NOT NULL,
             CHECK ((amount IS NULL) = (on_date IS NULL) AND (amount IS NULL) = (until IS NULL))) STRICT""",
        "CREATE INDEX promise_party ON promise (party_id, currency, seq)",
        "CREATE INDEX promise_until ON promise (until) WHERE until IS NOT NULL",
        """CREATE TRIGGER promise_fixed BEFORE UPDATE OF party_id, currency, amount, on_date, until, level, basis, before,
             person, at ON promise BEGIN SELECT RAISE(ABORT, 'what was decided stays as it was'); END""",
        """CREATE TRIGGER promise_kept BEFORE DELETE ON promise
             BEGIN SELECT RAISE(ABORT, 'what was decided is kept'); END""",
        """CREATE TRIGGER promise_words BEFORE UPDATE OF why ON promise WHEN new.why <> ''
             BEGIN SELECT RAISE(ABORT, 'words can only be erased'); END""",
        "ALTER TABLE work ADD COLUMN promise_words TEXT",
    )
