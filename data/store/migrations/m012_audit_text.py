"""Free text of the audit in a table of its own, so that it can be erased while rows and chain stay."""

from __future__ import annotations

from sqlite_utils import Database

from data.store.migrations.steps import migrations, script

_FINAL = "('posted', 'rejected', 'conflict', 'cancelled', 'declined', 'expired')"
_SAYS = "('annotate', 'escalate', 'dispute', 'resolve')"
"""Orders that move no money: what is in their bytes may be erased when nobody will send them again."""


@migrations()
def m012_audit_text(database: Database) -> None:
    """What a row says in free words leaves the row. A new row (form 2) chains the salted hash of it; a row of before (form 1)
    goes on being checked by its old formula, with the text taken from here. What the program reads back (hashes, ids, epochs)
    stays in the row. ``erasure`` says which commands' words were erased and by which audit row, ``erased_text`` which texts; what
    holds a copy of the words is fixed but for that."""
    script(
        database,
        """CREATE TABLE audit_text (
             seq INTEGER PRIMARY KEY, salt BLOB NOT NULL, text TEXT NOT NULL) STRICT""",
        """CREATE TABLE erasure (
             seq INTEGER NOT NULL, command_id TEXT NOT NULL,
             PRIMARY KEY (command_id, seq)) STRICT, WITHOUT ROWID""",
        """CREATE TABLE erased_text (
             seq INTEGER PRIMARY KEY, by_seq INTEGER NOT NULL, seal TEXT NOT NULL) STRICT""",
        "ALTER TABLE audit ADD COLUMN form INTEGER NOT NULL DEFAULT 1",
        "ALTER TABLE audit ADD COLUMN text_hash TEXT NOT NULL DEFAULT ''",
        "DROP TRIGGER audit_fixed",
        """INSERT INTO audit_text SELECT audit.seq, x'', audit.detail FROM audit
             JOIN command ON command.id = audit.command_id
             WHERE audit.detail <> '' AND audit.detail <> command.body_sha
               AND (audit.what LIKE command.op || ' %' AND audit.what NOT LIKE '% ordered')""",
        "UPDATE audit SET detail = '' WHERE seq IN (SELECT seq FROM audit_text)",
        "CREATE TRIGGER audit_fixed BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END",
        """CREATE TRIGGER audit_text_fixed BEFORE UPDATE ON audit_text
             BEGIN SELECT RAISE(ABORT, 'what was said is erased or kept, not changed'); END""",
        """CREATE TRIGGER audit_text_kept BEFORE DELETE ON audit_text
             WHEN NOT EXISTS (SELECT 1 FROM erased_text WHERE erased_text.seq = old.seq)
             BEGIN SELECT RAISE(ABORT, 'only an erasure takes words out of the audit'); END""",
        *(
            f"""CREATE TRIGGER {table}_{name} BEFORE {event} ON {table}
             BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END"""
            for table in ("erasure", "erased_text")
            for name, event in (("fixed", "UPDATE"), ("kept", "DELETE"))
        ),
        "DROP TRIGGER approval_fixed",
        """CREATE TRIGGER approval_fixed BEFORE UPDATE ON approval
             WHEN new.why <> '(erased)' OR new.command_id IS NOT old.command_id OR new.person IS NOT old.person
               OR new.uid IS NOT old.uid OR new.body_sha IS NOT old.body_sha OR new.glass IS NOT old.glass
               OR new.at IS NOT old.at OR new.boot_s IS NOT old.boot_s OR new.boot_id IS NOT old.boot_id
               OR NOT EXISTS (SELECT 1 FROM erasure WHERE command_id = old.command_id)
             BEGIN SELECT RAISE(ABORT, 'what was let through stays as it was'); END""",
        "DROP TRIGGER command_final",
        f"""CREATE TRIGGER command_final BEFORE UPDATE ON command
             WHEN old.state IN {_FINAL}
               AND (new.refs IS NOT old.refs OR new.attempts IS NOT old.attempts
                 OR new.fence IS NOT old.fence OR new.updated_at IS NOT old.updated_at
                 OR new.outcome IS NOT old.outcome
                   AND (new.outcome <> '(erased)' OR NOT EXISTS (SELECT 1 FROM erasure WHERE command_id = old.id)))
             BEGIN SELECT RAISE(ABORT, 'what is final stays as it is'); END""",
        "DROP TRIGGER command_immutable",
        f"""CREATE TRIGGER command_immutable BEFORE UPDATE ON command
             WHEN new.id IS NOT old.id OR new.intent IS NOT old.intent OR new.op IS NOT old.op
               OR new.target IS NOT old.target OR new.amount IS NOT old.amount OR new.currency IS NOT old.currency
               OR new.body_sha IS NOT old.body_sha OR new.person IS NOT old.person
               OR new.uid IS NOT old.uid OR new.epoch IS NOT old.epoch
               OR new.body IS NOT old.body AND (old.state NOT IN {_FINAL} OR old.op NOT IN {_SAYS}
                 OR NOT EXISTS (SELECT 1 FROM erasure WHERE command_id = old.id))
             BEGIN SELECT RAISE(ABORT, 'a command is immutable'); END""",
        "DROP TRIGGER command_grows",
        f"""CREATE TRIGGER command_grows BEFORE UPDATE ON command
             WHEN new.seq IS NOT old.seq OR new.created_at IS NOT old.created_at
               OR new.attempts < old.attempts OR new.fence < old.fence
               OR new.words IS NOT old.words AND (old.state NOT IN {_FINAL} OR old.op NOT IN {_SAYS}
                 OR NOT EXISTS (SELECT 1 FROM erasure WHERE command_id = old.id))
             BEGIN SELECT RAISE(ABORT, 'a command is immutable'); END""",
    )
