"""From the first store to authority: meta, mirror, queue, outbox, audit, escalations, cash, restore."""

from __future__ import annotations

from sqlite_utils import Database

from data.store.migrations.steps import migrations, script


@migrations()
def m001_meta(database: Database) -> None:
    """What the store is, and cursors: where each feed stands."""
    script(
        database,
        "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID",
        """CREATE TABLE cursor (
             feed TEXT PRIMARY KEY, value TEXT NOT NULL, moved_at TEXT NOT NULL) STRICT, WITHOUT ROWID""",
        "INSERT INTO meta VALUES ('store_id', lower(hex(randomblob(16)))), ('epoch', '1'), ('generation', '0')",
    )


@migrations()
def m002_mirror(database: Database) -> None:
    """The mirror of the ledger; amounts in minor units, signed (debit positive)."""
    script(
        database,
        """CREATE TABLE party (
             id TEXT PRIMARY KEY, code TEXT NOT NULL, name TEXT NOT NULL, parent_id TEXT, currency TEXT,
             limit_minor INTEGER, limit_currency TEXT, on_hold INTEGER NOT NULL, terms TEXT NOT NULL,
             emails TEXT NOT NULL, phones TEXT NOT NULL, active INTEGER NOT NULL, version TEXT NOT NULL,
             modified_at TEXT, gone INTEGER NOT NULL DEFAULT 0) STRICT""",
        "CREATE INDEX party_code ON party (code)",
        "CREATE INDEX party_parent ON party (parent_id) WHERE parent_id IS NOT NULL",
        """CREATE TABLE item (
             id TEXT PRIMARY KEY, kind TEXT NOT NULL, number TEXT NOT NULL, party_id TEXT NOT NULL,
             currency TEXT NOT NULL, total INTEGER NOT NULL, residual INTEGER NOT NULL,
             base_minor INTEGER, base_currency TEXT, doc_date TEXT NOT NULL, due_date TEXT, state TEXT NOT NULL,
             parent_id TEXT, reference TEXT NOT NULL, purchase_order TEXT NOT NULL, text TEXT NOT NULL,
             method TEXT NOT NULL, dispute TEXT NOT NULL, returned TEXT NOT NULL, version TEXT NOT NULL,
             modified_at TEXT) STRICT""",
        "CREATE INDEX item_open ON item (party_id, currency) WHERE state = 'open' AND residual <> 0",
        "CREATE INDEX item_number ON item (number)",
        """CREATE TABLE allocation (
             id TEXT PRIMARY KEY, credit_item TEXT NOT NULL, debit_item TEXT NOT NULL, amount INTEGER NOT NULL,
             currency TEXT NOT NULL, debit_minor INTEGER, debit_currency TEXT, on_date TEXT NOT NULL,
             version TEXT NOT NULL, void INTEGER NOT NULL) STRICT""",
        "CREATE INDEX allocation_credit ON allocation (credit_item)",
        "CREATE INDEX allocation_debit ON allocation (debit_item)",
        """CREATE TABLE note (
             id TEXT PRIMARY KEY, target TEXT NOT NULL, author TEXT NOT NULL, at TEXT NOT NULL, text TEXT NOT NULL,
             version TEXT NOT NULL, command_id TEXT NOT NULL) STRICT""",
        "CREATE INDEX note_target ON note (target, at)",
        """CREATE TABLE quarantine (
             entity_id TEXT PRIMARY KEY, reason TEXT NOT NULL, raw TEXT NOT NULL, seen_at TEXT NOT NULL) STRICT""",
    )


@migrations()
def m003_work(database: Database) -> None:
    """The queue: one row a work item, ranked by score, its reasons beside it."""
    script(
        database,
        """CREATE TABLE work (
             id TEXT PRIMARY KEY, kind TEXT NOT NULL, party_id TEXT, item_id TEXT, subject TEXT NOT NULL,
             amount INTEGER NOT NULL, currency TEXT NOT NULL, since TEXT NOT NULL, score INTEGER NOT NULL,
             reasons TEXT NOT NULL, owner TEXT, command_id TEXT) STRICT""",
        "CREATE INDEX work_rank ON work (score DESC, id)",
        "CREATE INDEX work_kind_rank ON work (kind, score DESC, id)",
        "CREATE INDEX work_party ON work (party_id)",
    )


@migrations()
def m004_outbox(database: Database) -> None:
    """Commands are immutable and their states move only along the drawn edges, by trigger."""
    script(
        database,
        """CREATE TABLE command (
             seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, intent TEXT NOT NULL UNIQUE,
             op TEXT NOT NULL, target TEXT NOT NULL, party_id TEXT, words TEXT NOT NULL,
             amount INTEGER NOT NULL, currency TEXT NOT NULL, body BLOB NOT NULL, body_sha TEXT NOT NULL,
             person TEXT NOT NULL, uid INTEGER NOT NULL, created_at TEXT NOT NULL, epoch INTEGER NOT NULL,
             state TEXT NOT NULL, updated_at TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0,
             fence INTEGER NOT NULL DEFAULT 0, first_boot_s REAL, last_boot_s REAL, boot_id TEXT,
             not_before_boot_s REAL, outcome TEXT NOT NULL DEFAULT '', refs TEXT NOT NULL DEFAULT '[]',
             seen INTEGER NOT NULL DEFAULT 0) STRICT""",
        "CREATE INDEX command_state ON command (state, seq)",
        "CREATE INDEX command_party ON command (party_id, seq)",
        """CREATE TABLE effect (
             command_id TEXT NOT NULL REFERENCES command (id), item_id TEXT NOT NULL, amount INTEGER NOT NULL,
             PRIMARY KEY (command_id, item_id)) STRICT, WITHOUT ROWID""",
        "CREATE INDEX effect_item ON effect (item_id)",
        """CREATE TABLE attempt (
             command_id TEXT NOT NULL REFERENCES command (id), n INTEGER NOT NULL, at TEXT NOT NULL,
             outcome TEXT NOT NULL, words TEXT NOT NULL, PRIMARY KEY (command_id, n)) STRICT, WITHOUT ROWID""",
        """CREATE TRIGGER command_immutable BEFORE UPDATE ON command
             WHEN new.id IS NOT old.id OR new.intent IS NOT old.intent OR new.op IS NOT old.op
               OR new.target IS NOT old.target OR new.amount IS NOT old.amount OR new.currency IS NOT old.currency
               OR new.body IS NOT old.body OR new.body_sha IS NOT old.body_sha OR new.person IS NOT old.person
               OR new.uid IS NOT old.uid OR new.epoch IS NOT old.epoch
             BEGIN SELECT RAISE(ABORT, 'a command is immutable'); END""",
        "CREATE TRIGGER command_kept BEFORE DELETE ON command BEGIN SELECT RAISE(ABORT, 'a command is kept'); END",
        """CREATE TRIGGER command_edges BEFORE UPDATE OF state ON command
             WHEN new.state IS NOT old.state AND old.state || '>' || new.state NOT IN (
               'pending>queued', 'pending>declined', 'pending>expired', 'pending>cancelled',
               'queued>sending', 'queued>cancelled',
               'sending>posted', 'sending>rejected', 'sending>conflict', 'sending>unknown',
               'unknown>sending', 'unknown>posted')
             BEGIN SELECT RAISE(ABORT, 'no such step in the life of a command'); END""",
        """CREATE TRIGGER command_cancel BEFORE UPDATE OF state ON command
             WHEN new.state = 'cancelled' AND old.attempts > 0
             BEGIN SELECT RAISE(ABORT, 'what was sent cannot be cancelled'); END""",
    )


@migrations()
def m005_audit(database: Database) -> None:
    """Who did what, append-only, each row chained to the one before by its hash."""
    script(
        database,
        """CREATE TABLE audit (
             seq INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, person TEXT NOT NULL, uid INTEGER NOT NULL,
             what TEXT NOT NULL, command_id TEXT NOT NULL, detail TEXT NOT NULL, prev TEXT NOT NULL,
             hash TEXT NOT NULL UNIQUE) STRICT""",
        "CREATE INDEX audit_command ON audit (command_id)",
        "CREATE TRIGGER audit_fixed BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END",
        "CREATE TRIGGER audit_kept BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END",
    )


@migrations()
def m006_escalation(database: Database) -> None:
    """What was handed to somebody who can decide it; ours, the ledger has a note."""
    script(
        database,
        """CREATE TABLE escalation (
             id TEXT PRIMARY KEY, command_id TEXT NOT NULL UNIQUE REFERENCES command (id), target TEXT NOT NULL,
             party_id TEXT, item_id TEXT, work_id TEXT NOT NULL, from_person TEXT NOT NULL, to_whom TEXT NOT NULL,
             why TEXT NOT NULL, on_date TEXT NOT NULL, amount INTEGER NOT NULL, currency TEXT NOT NULL,
             closed INTEGER NOT NULL DEFAULT 0) STRICT""",
        "CREATE INDEX escalation_party ON escalation (party_id) WHERE closed = 0",
    )


@migrations()
def m007_sent(database: Database) -> None:
    """When the bytes of a command may last have left: a look-up that finds nothing is not believed for a while after that.
    What is final stays as it is, counters only grow, and a command begins unsent."""
    script(
        database,
        "ALTER TABLE command ADD COLUMN sent_boot_s REAL",
        "ALTER TABLE command ADD COLUMN sent_boot_id TEXT",
        "UPDATE command SET sent_boot_s = last_boot_s, sent_boot_id = boot_id WHERE state IN ('sending', 'unknown')",
        "CREATE INDEX command_due ON command (seq) WHERE state IN ('queued', 'unknown')",
        "CREATE INDEX command_target ON command (target)",
        """CREATE TRIGGER command_born BEFORE INSERT ON command
             WHEN new.state NOT IN ('pending', 'queued') OR new.attempts <> 0 OR new.fence <> 0
             BEGIN SELECT RAISE(ABORT, 'a command begins unsent'); END""",
        """CREATE TRIGGER command_grows BEFORE UPDATE ON command
             WHEN new.seq IS NOT old.seq OR new.words IS NOT old.words OR new.created_at IS NOT old.created_at
               OR new.attempts < old.attempts OR new.fence < old.fence
             BEGIN SELECT RAISE(ABORT, 'a command is immutable'); END""",
        """CREATE TRIGGER command_final BEFORE UPDATE ON command
             WHEN old.state IN ('posted', 'rejected', 'conflict', 'cancelled', 'declined', 'expired')
               AND (new.outcome IS NOT old.outcome OR new.refs IS NOT old.refs OR new.attempts IS NOT old.attempts
                 OR new.fence IS NOT old.fence OR new.updated_at IS NOT old.updated_at)
             BEGIN SELECT RAISE(ABORT, 'what is final stays as it is'); END""",
        """CREATE TRIGGER effect_fixed BEFORE UPDATE ON effect
             BEGIN SELECT RAISE(ABORT, 'what a command moves is immutable'); END""",
        "CREATE INDEX escalation_item ON escalation (item_id) WHERE closed = 0",
        "ALTER TABLE quarantine ADD COLUMN last_seen TEXT NOT NULL DEFAULT ''",
    )


@migrations()
def m008_cash(database: Database) -> None:
    """Who sent a payment, what belongs to one order, disputes, and the names by which payers are recognised. ``batch`` is the id
    of the first command of an order that became several; they are decided and stored together."""
    script(
        database,
        "ALTER TABLE item ADD COLUMN payer TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE item ADD COLUMN payer_account TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE command ADD COLUMN batch TEXT NOT NULL DEFAULT ''",
        "CREATE INDEX command_batch ON command (batch, seq) WHERE batch <> ''",
        """CREATE TRIGGER command_batch_fixed BEFORE UPDATE OF batch ON command
             WHEN new.batch IS NOT old.batch
             BEGIN SELECT RAISE(ABORT, 'a command is immutable'); END""",
        """CREATE TABLE dispute (
             id TEXT PRIMARY KEY REFERENCES command (id), item_id TEXT NOT NULL, party_id TEXT NOT NULL,
             amount INTEGER NOT NULL, currency TEXT NOT NULL, reason TEXT NOT NULL, note TEXT NOT NULL,
             opened_by TEXT NOT NULL, opened_on TEXT NOT NULL,
             state TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'valid', 'invalid', 'withdrawn')),
             closed_by TEXT, closed_on TEXT) STRICT""",
        "CREATE UNIQUE INDEX dispute_open ON dispute (item_id) WHERE state = 'open'",
        """CREATE TABLE payer_alias (
             id TEXT PRIMARY KEY, alias TEXT NOT NULL, kind TEXT NOT NULL CHECK (kind IN ('name', 'account')),
             party_id TEXT NOT NULL, learned_by TEXT NOT NULL, learned_at TEXT NOT NULL, command_id TEXT NOT NULL,
             uses INTEGER NOT NULL DEFAULT 0, last_used TEXT, UNIQUE (alias, kind, party_id)) STRICT""",
    )


@migrations()
def m009_credits(database: Database) -> None:
    """A customer's payments and credit notes of the last years, open or not: by them its habit is learned."""
    script(database, "CREATE INDEX item_credits ON item (party_id, doc_date) WHERE total < 0")


@migrations()
def m010_restore(database: Database) -> None:
    """A store that was put back from a backup: a command that is held goes only where the ledger says. What a reading of all met,
    so that the rest leaves the mirror. Where ledger and outbox differ; a row of that is kept for good."""
    script(
        database,
        "ALTER TABLE command ADD COLUMN held INTEGER NOT NULL DEFAULT 0",
        "CREATE INDEX command_held ON command (seq) WHERE held = 1",
        "DROP TRIGGER command_edges",
        """CREATE TRIGGER command_edges BEFORE UPDATE OF state ON command
             WHEN new.state IS NOT old.state AND old.held = 0 AND old.state || '>' || new.state NOT IN (
               'pending>queued', 'pending>declined', 'pending>expired', 'pending>cancelled',
               'queued>sending', 'queued>cancelled',
               'sending>posted', 'sending>rejected', 'sending>conflict', 'sending>unknown',
               'unknown>sending', 'unknown>posted')
             BEGIN SELECT RAISE(ABORT, 'no such step in the life of a command'); END""",
        """CREATE TRIGGER command_held_edges BEFORE UPDATE OF state ON command
             WHEN new.state IS NOT old.state AND old.held = 1 AND (old.state NOT IN ('pending', 'queued', 'unknown')
               OR new.state NOT IN ('posted', 'rejected', 'conflict'))
             BEGIN SELECT RAISE(ABORT, 'it is held until the ledger was asked about it'); END""",
        "CREATE TABLE met (id TEXT PRIMARY KEY) STRICT, WITHOUT ROWID",
        """CREATE TABLE difference (
             command_id TEXT PRIMARY KEY, kind TEXT NOT NULL CHECK (kind IN ('orphan', 'ghost', 'amount')),
             op TEXT NOT NULL, party_id TEXT, item_id TEXT, amount INTEGER NOT NULL, currency TEXT NOT NULL,
             words TEXT NOT NULL, person TEXT NOT NULL, posted_at TEXT NOT NULL, found_at TEXT NOT NULL,
             seen INTEGER NOT NULL DEFAULT 0) STRICT, WITHOUT ROWID""",
        "CREATE INDEX difference_party ON difference (party_id) WHERE seen = 0",
        """CREATE TRIGGER difference_kept BEFORE DELETE ON difference
             BEGIN SELECT RAISE(ABORT, 'what was found is kept'); END""",
    )


@migrations()
def m011_authority(database: Database) -> None:
    """Whose limit an order used, what waits for approval since when, who approved what, and what a supervisor was told of. An
    order whose authority went is declined before anything of it was sent. Approvals of before are taken over from the audit."""
    script(
        database,
        """CREATE TABLE charge (
             command_id TEXT PRIMARY KEY REFERENCES command (id), person TEXT NOT NULL, action TEXT NOT NULL,
             currency TEXT NOT NULL, amount INTEGER NOT NULL, reason TEXT NOT NULL, party_id TEXT NOT NULL,
             seq INTEGER NOT NULL, at TEXT NOT NULL, boot_s REAL NOT NULL, boot_id TEXT NOT NULL) STRICT""",
        "CREATE INDEX charge_boot ON charge (person, action, currency, boot_id, boot_s)",
        "CREATE INDEX charge_at ON charge (person, action, currency, at)",
        """CREATE TABLE waiting (
             command_id TEXT PRIMARY KEY REFERENCES command (id), at TEXT NOT NULL, boot_s REAL NOT NULL,
             boot_id TEXT NOT NULL) STRICT, WITHOUT ROWID""",
        """CREATE TABLE approval (
             command_id TEXT NOT NULL REFERENCES command (id), person TEXT NOT NULL, uid INTEGER NOT NULL,
             body_sha TEXT NOT NULL, glass INTEGER NOT NULL, why TEXT NOT NULL, at TEXT NOT NULL,
             boot_s REAL NOT NULL, boot_id TEXT NOT NULL, PRIMARY KEY (command_id, person, glass)) STRICT, WITHOUT ROWID""",
        "CREATE TABLE told (command_id TEXT PRIMARY KEY REFERENCES command (id), at TEXT NOT NULL) STRICT, WITHOUT ROWID",
        """CREATE TRIGGER approval_other BEFORE INSERT ON approval
             WHEN new.person = (SELECT person FROM command WHERE id = new.command_id)
               OR new.body_sha IS NOT (SELECT body_sha FROM command WHERE id = new.command_id)
             BEGIN SELECT RAISE(ABORT, 'another person approves the very order'); END""",
        *(
            f"""CREATE TRIGGER {table}_{name} BEFORE {event} ON {table}
             BEGIN SELECT RAISE(ABORT, 'what was let through stays as it was'); END"""
            for table in ("charge", "waiting", "approval")
            for name, event in (("fixed", "UPDATE"), ("kept", "DELETE"))
        ),
        """INSERT OR IGNORE INTO approval
             SELECT command.id, audit.person, audit.uid, command.body_sha, 0, '', audit.at, 0, ''
             FROM command JOIN audit ON audit.command_id = command.id
             WHERE command.state IN ('queued', 'sending', 'unknown') AND audit.what = command.op || ' queued'
               AND audit.person <> command.person ORDER BY audit.seq""",
        """INSERT INTO waiting SELECT id, created_at, 0, '' FROM command WHERE state = 'pending'""",
        "DROP TRIGGER command_edges",
        """CREATE TRIGGER command_edges BEFORE UPDATE OF state ON command
             WHEN new.state IS NOT old.state AND old.held = 0 AND old.state || '>' || new.state NOT IN (
               'pending>queued', 'pending>declined', 'pending>expired', 'pending>cancelled',
               'queued>sending', 'queued>cancelled', 'queued>declined',
               'sending>posted', 'sending>rejected', 'sending>conflict', 'sending>unknown',
               'unknown>sending', 'unknown>posted')
             BEGIN SELECT RAISE(ABORT, 'no such step in the life of a command'); END""",
        """CREATE TRIGGER command_turned_back BEFORE UPDATE OF state ON command
             WHEN old.state = 'queued' AND new.state = 'declined' AND old.attempts > 0
             BEGIN SELECT RAISE(ABORT, 'what was sent cannot be declined'); END""",
    )
