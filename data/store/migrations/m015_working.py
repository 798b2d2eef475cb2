"""How people share the list: what sleeps until when, what is done on which day, whose a customer is, who stands in for whom, what
is on top today, and what was typed and not yet ordered."""

from __future__ import annotations

from sqlite_utils import Database

from data.store.migrations.steps import migrations, script

_FIXED = {
    "snooze": "work_id, party_id, until, seen, person, at",
    "follow_up": "work_id, party_id, on_date, person, at",
    "assignment": "party_id, assignee, person, at",
    "pin": "work_id, party_id, until, person, at",
    "absence": "person, first, last, stand_in, swap, by, at",
    "absence_ended": "absence, by, at",
}
_WORDS = {"snooze": "why", "follow_up": "why", "assignment": "why", "pin": "reason"}


@migrations()
def m015_working(database: Database) -> None:
    """Each change of mind is a row of its own, the newest of its key counts and an empty date or person takes back: what was
    decided, when and by whom is history that nobody rewrites; the words of it can only be erased. Rules of ownership are the
    people file's, copied so that the ranking knows them inside its transaction. Only a draft is a person's own and goes with the
    order that it became."""
    script(
        database,
        """CREATE TABLE snooze (
             seq INTEGER PRIMARY KEY AUTOINCREMENT, work_id TEXT NOT NULL, party_id TEXT NOT NULL, until TEXT,
             why TEXT NOT NULL, seen TEXT NOT NULL, person TEXT NOT NULL, at TEXT NOT NULL) STRICT""",
        "CREATE INDEX snooze_party ON snooze (party_id, seq)",
        "CREATE INDEX snooze_until ON snooze (until) WHERE until IS NOT NULL",
        """CREATE TABLE follow_up (
             seq INTEGER PRIMARY KEY AUTOINCREMENT, work_id TEXT NOT NULL, party_id TEXT NOT NULL, on_date TEXT,
             why TEXT NOT NULL, person TEXT NOT NULL, at TEXT NOT NULL) STRICT""",
        "CREATE INDEX follow_up_work ON follow_up (work_id, person, seq)",
        "CREATE INDEX follow_up_date ON follow_up (on_date) WHERE on_date IS NOT NULL",
        """CREATE TABLE assignment (
             seq INTEGER PRIMARY KEY AUTOINCREMENT, party_id TEXT NOT NULL, assignee TEXT, why TEXT NOT NULL,
             person TEXT NOT NULL, at TEXT NOT NULL) STRICT""",
        "CREATE INDEX assignment_party ON assignment (party_id, seq)",
        """CREATE TABLE pin (
             seq INTEGER PRIMARY KEY AUTOINCREMENT, work_id TEXT NOT NULL, party_id TEXT NOT NULL, until TEXT,
             reason TEXT NOT NULL, person TEXT NOT NULL, at TEXT NOT NULL) STRICT""",
        "CREATE INDEX pin_party ON pin (party_id, seq)",
        """CREATE TABLE absence (
             seq INTEGER PRIMARY KEY AUTOINCREMENT, person TEXT NOT NULL, first TEXT NOT NULL, last TEXT NOT NULL,
             stand_in TEXT NOT NULL, swap INTEGER NOT NULL CHECK (swap IN (0, 1)), by TEXT NOT NULL,
             at TEXT NOT NULL, CHECK (first <= last), CHECK (person <> stand_in)) STRICT""",
        """CREATE TABLE absence_ended (
             absence INTEGER PRIMARY KEY REFERENCES absence (seq), by TEXT NOT NULL, at TEXT NOT NULL) STRICT""",
        """CREATE TABLE owner_rule (
             n INTEGER PRIMARY KEY, assignee TEXT NOT NULL, first TEXT NOT NULL, last TEXT NOT NULL,
             at_least INTEGER, at_most INTEGER) STRICT""",
        """CREATE TABLE draft (
             person TEXT NOT NULL, op TEXT NOT NULL, target TEXT NOT NULL, typed TEXT NOT NULL, at TEXT NOT NULL,
             PRIMARY KEY (person, op, target)) STRICT, WITHOUT ROWID""",
        *(
            f"""CREATE TRIGGER {table}_fixed BEFORE UPDATE OF {columns} ON {table}
             BEGIN SELECT RAISE(ABORT, 'what was decided stays as it was'); END"""
            for table, columns in _FIXED.items()
        ),
        *(
            f"""CREATE TRIGGER {table}_kept BEFORE DELETE ON {table}
             BEGIN SELECT RAISE(ABORT, 'what was decided is kept'); END"""
            for table in _FIXED
        ),
        *(
            f"""CREATE TRIGGER {table}_words BEFORE UPDATE OF {column} ON {table} WHEN new.{column} <> ''
             BEGIN SELECT RAISE(ABORT, 'words can only be erased'); END"""
            for table, column in _WORDS.items()
        ),
    )
