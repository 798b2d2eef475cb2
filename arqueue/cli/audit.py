"""Evidence: whether the audit's chain holds."""

from __future__ import annotations

import os
import sqlite3

import click

from arqueue.cli.asking import settings_of
from arqueue.cli.main import Context
from arqueue.cli.output import Output, format_option
from arqueue.errors import StoreRefused


@click.group("audit")
def audit_command() -> None:
    """The audit: append-only, hash-chained."""


@audit_command.command("verify")
@format_option
@click.pass_obj
def verify(context: Context, form: str) -> None:
    """Recompute every hash; name the first bad row. Reads the store itself, so the broker need not be trusted."""
    from data.store.audit import first_bad_row
    from data.store.opening import open_reader

    file = settings_of(context).store_file
    if not os.access(file, os.R_OK | os.W_OK):
        raise StoreRefused(
            f"{file} cannot be read by you" if file.parent.exists() else f"there is no store {file}",
            "run it as the broker's user, who alone may enter the store's folder",
        )
    try:
        database = open_reader(file)
        try:
            bad = first_bad_row(database)
            rows, head = database.conn.execute(
                "SELECT count(*), coalesce((SELECT hash FROM audit ORDER BY seq DESC LIMIT 1), '') FROM audit"
            ).fetchone()
        finally:
            database.conn.close()
    except sqlite3.DatabaseError as error:
        raise StoreRefused(
            f"{file} cannot be read: {error}", "keep the file, and put the newest backup in its place"
        ) from None
    if bad is not None:
        raise StoreRefused(
            f"audit row {bad} is not what was written", "keep the file, restore a backup, ask who had access"
        )
    if form == "table":
        click.echo(f"{rows} rows, the chain holds")
    else:
        Output(form).record({"rows": rows, "holds": True, "head": head})
