"""Finding rows by what they say, and the views that people keep."""

from __future__ import annotations

from typing import Final

from sqlite_utils import Database

from data.store.migrations.steps import migrations, script

_TEXTS: Final = {
    "party": ("name", "code"),
    "item": ("number", "reference", "purchase_order", "text", "payer"),
    "note": ("text",),
}


def _text_of(mirror: str, columns: tuple[str, ...]) -> tuple[str, ...]:
    """Whichever way a row changes, it is known that its text has to be looked at again. An insertion costs nothing: new rows lie
    above what was read. A table from which rows are deleted hands their numbers out again."""
    differs = " OR ".join(f"new.{name} IS NOT old.{name}" for name in columns)
    # an upsert's own conflict clause would overrule an OR IGNORE in here
    again = (
        f"INSERT INTO text_stale SELECT '{mirror}', new.rowid WHERE NOT EXISTS"
        f" (SELECT 1 FROM text_stale WHERE mirror = '{mirror}' AND row = new.rowid)"
    )
    changed = f"AFTER UPDATE OF {', '.join(columns)} ON {mirror} WHEN {differs}"
    again_at = (
        f"AFTER INSERT ON {mirror} WHEN new.rowid <= (SELECT upto FROM text_read WHERE mirror = '{mirror}')"
    )
    options = "content='', detail=none, columnsize=0, tokenize='trigram'"
    made = (
        f"CREATE VIRTUAL TABLE {mirror}_text USING fts5 (text, {options})",
        f"INSERT INTO text_read VALUES ('{mirror}', 0)",
        f"CREATE TRIGGER {mirror}_text_changed {changed} BEGIN {again}; END",
    )
    if mirror != "note":
        return made
    return (*made, f"CREATE TRIGGER {mirror}_text_again {again_at} BEGIN {again}; END")


@migrations()
def m014_search(database: Database) -> None:
    """Trigrams of the mirror's texts, without positions and without the texts themselves: a fifth of the size of a full index,
    and what it finds is looked at in the mirror before it counts. So it may lag behind (``text_read``: up to which row it was
    read; ``text_stale``: what changed since) and never lies. And each person's own views."""
    script(
        database,
        "CREATE TABLE text_read (mirror TEXT PRIMARY KEY, upto INTEGER NOT NULL) STRICT, WITHOUT ROWID",
        """CREATE TABLE text_stale (
             mirror TEXT NOT NULL, row INTEGER NOT NULL, PRIMARY KEY (mirror, row)) STRICT, WITHOUT ROWID""",
        *(each for mirror, columns in _TEXTS.items() for each in _text_of(mirror, columns)),
        "CREATE INDEX work_tells ON work (kind) WHERE kind IN ('failure', 'escalation')",
        """CREATE TABLE saved_view (
             person TEXT NOT NULL, name TEXT NOT NULL, view TEXT NOT NULL, filter TEXT NOT NULL, sort TEXT NOT NULL,
             columns TEXT NOT NULL, place INTEGER NOT NULL, PRIMARY KEY (person, name)) STRICT, WITHOUT ROWID""",
    )
