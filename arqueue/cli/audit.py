"""Evidence: whether the audit's chain holds."""

from __future__ import annotations

import os
import sqlite3
from dataclasses import dataclass
from pathlib import Path

import click

from arqueue.cli.asking import settings_of
from arqueue.cli.main import Context
from arqueue.cli.output import Output, format_option
from arqueue.errors import StoreRefused


@click.group("audit")
def audit_command() -> None:
    """The audit: append-only, hash-chained."""


@audit_command.command("verify")
@click.option(
    "--key",
    type=click.Path(path_type=Path),
    help="The public key that was kept elsewhere; else audit.pub beside the store.",
)
@format_option
@click.pass_obj
def verify(context: Context, key: Path | None, form: str) -> None:
    """Recompute every hash and check every signed head; name the first bad row.

    Reads the store itself, so the broker need not be trusted."""
    settings = settings_of(context)
    file = settings.store_file
    if not os.access(file, os.R_OK | os.W_OK):
        raise StoreRefused(
            f"{file} cannot be read by you" if file.parent.exists() else f"there is no store {file}",
            "run it as the broker's user, who alone may enter the store's folder",
        )
    try:
        found = _verify(file, settings.heads_file, key)
    except sqlite3.DatabaseError as error:
        raise StoreRefused(
            f"{file} cannot be read: {error}", "keep the file, and put the newest backup in its place"
        ) from None
    if found.wrong:
        raise StoreRefused(found.wrong, "keep the file, restore a backup, ask who had access")
    if form == "table":
        click.echo(f"{found.rows} rows, the chain holds; {found.heads} signed heads agree")
        if found.left_behind:
            click.echo(
                f"{found.left_behind} signed rows of before the restore are not here: the store was put back from a backup"
                f" ({found.restored})"
            )
    else:
        Output(form).record(
            {
                "rows": found.rows,
                "holds": True,
                "head": found.head,
                "signed_heads": found.heads,
                "left_behind": found.left_behind,
                "restored": found.restored,
            }
        )


@dataclass(frozen=True, slots=True)
class _Found:
    """What a verification saw; ``wrong`` is empty when all is as it was written."""

    rows: int
    head: str
    heads: int
    wrong: str
    left_behind: int
    """Rows that were signed and came after a backup that was put back since."""
    restored: str
    """When a backup was put back last; UTC, empty where never."""


def _verify(file: Path, heads_file: Path, key: Path | None) -> _Found:
    from data.store import heads
    from data.store.audit import first_bad_row
    from data.store.opening import open_reader

    database = open_reader(file)
    try:
        rows, head = database.conn.execute(
            "SELECT count(*), coalesce((SELECT hash FROM audit ORDER BY seq DESC LIMIT 1), '') FROM audit"
        ).fetchone()
        bad = first_bad_row(database)
        wrong = f"audit row {bad} is not what was written" if bad is not None else ""
        signed = list(heads.read(heads_file)) if heads_file.exists() else []
        if signed and not wrong:
            public = heads.load_public(key or heads.public_file(file.with_name(heads.KEY_FILE)))
            wrong = heads.first_wrong(database.conn, signed, public) or ""
        left_behind = heads.left_behind(database.conn, signed)
        (restored,) = database.conn.execute(
            "SELECT coalesce(max(at), '') FROM audit WHERE what = ?", (heads.RESTORED,)
        ).fetchone()
    finally:
        database.conn.close()
    return _Found(rows, head, len(signed), wrong, left_behind, restored)
