"""Evidence: whether the audit's chain holds."""

from __future__ import annotations

import click

from arqueue.cli.asking import settings_of
from arqueue.cli.main import Context
from arqueue.errors import StoreRefused


@click.group("audit")
def audit_command() -> None:
    """The audit: append-only, hash-chained."""


@audit_command.command("verify")
@click.pass_obj
def verify(context: Context) -> None:
    """Recompute every hash; name the first bad row."""
    from data.store.audit import first_bad_row
    from data.store.opening import open_reader

    settings = settings_of(context)
    database = open_reader(settings.store_file)
    try:
        bad = first_bad_row(database)
        (rows,) = database.conn.execute("SELECT count(*) FROM audit").fetchone()
    finally:
        database.conn.close()
    if bad is not None:
        raise StoreRefused(
            f"audit row {bad} is not what was written", "keep the file, restore a backup, ask who had access"
        )
    click.echo(f"{rows} rows, the chain holds")
