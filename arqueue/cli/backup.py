"""Safety: a backup of the store while the broker works, and putting one back."""

from __future__ import annotations

import os
import pwd
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from arqueue.cli.asking import settings_of
from arqueue.cli.main import Context
from arqueue.cli.output import Output, format_option
from arqueue.cli.stored import readable
from arqueue.errors import NotFound

if TYPE_CHECKING:
    from data.store.backup import Totals


@click.command("backup")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--force", is_flag=True, help="Replace FILE if it is there.")
@format_option
@click.pass_obj
def backup_command(context: Context, file: Path, force: bool, form: str) -> None:
    """Copy the store into FILE while the broker works, check the copy, and print its control totals.

    For the broker's user, who alone may enter the store's folder."""
    from data.store.backup import back_up

    settings, begun = settings_of(context), time.perf_counter()
    readable(settings)
    totals = back_up(settings.store_file, file, replace=force)
    row = {"file": str(file), **_row(totals), "bytes": file.stat().st_size}
    row["seconds"] = round(time.perf_counter() - begun, 3)
    _print(row, form)


@click.command("restore")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--yes", is_flag=True, help="Do not ask.")
@format_option
@click.pass_obj
def restore_command(context: Context, file: Path, yes: bool, form: str) -> None:
    """Put a backup in the store's place. The store that is there is kept beside it.

    The broker must not run. When it starts again it first asks the ledger about everything that was on its way and about what was
    posted since the backup; until that is done everybody can look and nobody can act."""
    from arqueue.model.clock import system_clock
    from data.broker.lock import sole_owner
    from data.store import backup, heads

    settings = settings_of(context)
    if not file.is_file():
        raise NotFound(f"there is no file {file}", "name a file that `arqueue backup` made")
    store, heads_file = settings.store_file, settings.heads_file
    with sole_owner(settings.store_dir), backup.staged(file, store) as copy:
        totals = backup.check(copy, name=str(file))
        known = list(heads.read(heads_file)) if heads_file.exists() else []
        agreed = backup.check_heads(copy, known, heads.public_file(store.with_name(heads.KEY_FILE)))
        here = backup.totals_here(store)
        if not yes:
            _confirm(file, totals, here)
        restored = backup.put_in_place(
            copy,
            store,
            totals,
            name=file.name,
            heads_file=heads_file,
            known=known,
            actor=_actor(),
            clock=system_clock(),
        )
    row = {"file": str(file), **_row(restored.totals), "epoch": restored.epoch, "held": restored.held}
    row |= {"signed_heads": agreed, "kept": str(restored.aside) if restored.aside else ""}
    _print(row, form)
    click.echo(
        "start the broker: it asks the ledger about what was on its way, then opens for actions (`arqueue broker status`)",
        err=True,
    )


def _confirm(file: Path, totals: Totals, here: Totals | None) -> None:
    """Say what is lost by it."""
    said = f"{file} holds {totals.audit_rows} audit rows up to {totals.last_at[:19] or 'nothing'}"
    if here is not None:
        said += f"; the store here {here.audit_rows} up to {here.last_at[:19]}"
    click.echo(said, err=True)
    click.confirm("Put it in the store's place?", abort=True, err=True)


def _actor() -> Any:
    """Whoever put it back, as the kernel knows them."""
    from data.store.audit import Actor

    uid = os.getuid()
    try:
        return Actor(pwd.getpwuid(uid).pw_name, uid)
    except KeyError:
        return Actor(f"uid:{uid}", uid)


def _row(totals: Totals) -> dict[str, Any]:
    return {
        "store_id": totals.store_id,
        "epoch": totals.epoch,
        "last_at": totals.last_at,
        "audit_rows": totals.audit_rows,
        "audit_head": totals.audit_head,
        "commands": totals.commands,
        "open": {each.currency: str(each) for each in totals.open},
        "mirror": totals.mirror,
    }


def _print(row: dict[str, Any], form: str) -> None:
    if form != "json":
        row = {name: _flat(value) for name, value in row.items()}
    Output(form).record(row)


def _flat(value: Any) -> Any:
    """A row of its own for programs is a line of words for people."""
    return ", ".join(f"{name} {each}" for name, each in value.items()) if isinstance(value, dict) else value
