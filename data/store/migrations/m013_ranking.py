"""What a row's rank is made of, as columns, and the order itself."""

from __future__ import annotations

from sqlite_utils import Database

from data.store.migrations.steps import migrations, script


@migrations()
def m013_ranking(database: Database) -> None:
    """Facts of a row of the queue: dates are business dates, so that a new day changes none; unknown is NULL. ``owner`` is for
    whom a row is visible, ``assignee`` who works it. The rows are derived, so they begin empty.

    ``rank`` holds the order twice while a new one is built (``gen``): ``down`` is the negated score and ``small`` the negated
    size, so that the order is ascending throughout. ``lane`` is what views choose by. ``tally`` and ``band`` count each lane's
    rows by score, and by score and band of sizes: by them a position is found without counting rows."""
    script(
        database,
        "DROP TABLE work",
        """CREATE TABLE work (
             seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, party_id TEXT, item_id TEXT,
             subject TEXT NOT NULL, amount INTEGER NOT NULL, currency TEXT NOT NULL, since TEXT NOT NULL,
             owner TEXT, command_id TEXT, assignee TEXT, snoozed_until TEXT, pinned_until TEXT, pin_reason TEXT,
             base_minor INTEGER, base_currency TEXT, due TEXT, tags TEXT, items INTEGER, words TEXT,
             names_open INTEGER, equals_open INTEGER, cover TEXT, cover_words TEXT,
             dispute TEXT, dispute_state TEXT, disputed_on TEXT, returned TEXT,
             on_hold INTEGER, over_limit INTEGER, credit_use INTEGER, credit_limit INTEGER, code TEXT, terms TEXT,
             promise_state TEXT, promise_level INTEGER, promised_on TEXT, contacted_on TEXT, dunning_level INTEGER,
             habit_days INTEGER, habit_count INTEGER, expected_minor INTEGER) STRICT""",
        "CREATE INDEX work_party ON work (party_id)",
        "CREATE INDEX work_item ON work (item_id) WHERE item_id IS NOT NULL",
        """CREATE TABLE ranking (
             gen INTEGER PRIMARY KEY, day TEXT NOT NULL, strategy TEXT NOT NULL,
             state TEXT NOT NULL CHECK (state IN ('current', 'building', 'old'))) STRICT""",
        "CREATE UNIQUE INDEX ranking_current ON ranking (state) WHERE state = 'current'",
        """CREATE TABLE lane (
             id INTEGER PRIMARY KEY, kind TEXT NOT NULL, owner TEXT NOT NULL, assignee TEXT NOT NULL,
             asleep INTEGER NOT NULL, UNIQUE (kind, owner, assignee, asleep)) STRICT""",
        """CREATE TABLE rank (
             gen INTEGER NOT NULL, down INTEGER NOT NULL, small INTEGER NOT NULL, seq INTEGER NOT NULL,
             lane INTEGER NOT NULL, PRIMARY KEY (gen, down, small, seq)) STRICT, WITHOUT ROWID""",
        "CREATE INDEX rank_lane ON rank (gen, lane, down, small, seq)",
        """CREATE TABLE tally (
             gen INTEGER NOT NULL, lane INTEGER NOT NULL, down INTEGER NOT NULL, n INTEGER NOT NULL,
             PRIMARY KEY (gen, lane, down)) STRICT, WITHOUT ROWID""",
        """CREATE TABLE band (
             gen INTEGER NOT NULL, down INTEGER NOT NULL, band INTEGER NOT NULL, lane INTEGER NOT NULL,
             n INTEGER NOT NULL, PRIMARY KEY (gen, down, band, lane)) STRICT, WITHOUT ROWID""",
        "CREATE TABLE rank_moved (seq INTEGER PRIMARY KEY) STRICT",
        "CREATE TABLE habit (party_id TEXT PRIMARY KEY, days INTEGER NOT NULL, n INTEGER NOT NULL) STRICT, WITHOUT ROWID",
        "CREATE INDEX item_due ON item (due_date, party_id) WHERE state = 'open' AND residual > 0",
        "CREATE INDEX item_returned ON item (party_id) WHERE returned <> ''",
        "CREATE INDEX item_paid ON item (party_id, due_date) WHERE state = 'closed' AND total > 0",
    )
