"""Evidence: whether the chain holds, the audit as a file for others, words erased, the queue as it was, broken glass."""

from __future__ import annotations

import os
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from arqueue.cli.asking import ask, settings_of
from arqueue.cli.glass import glass_command
from arqueue.cli.main import Context
from arqueue.cli.output import Output, format_option, say
from arqueue.cli.replay import replay_command
from arqueue.cli.stored import readable
from arqueue.errors import StoreRefused
from arqueue.settings import Settings

if TYPE_CHECKING:
    from sqlite_utils import Database

    from data.broker.client import BrokerClient
    from data.store.evidence import Erasure, Proof
    from data.store.heads import SignedHead

_CHANGED = "keep the file, restore a backup, ask who had access"


@click.group("audit")
def audit_command() -> None:
    """The audit: append-only, hash-chained."""


audit_command.add_command(replay_command)
audit_command.add_command(glass_command)


@audit_command.command("verify")
@click.option(
    "--key",
    type=click.Path(path_type=Path),
    help="The public key that was kept elsewhere; else audit.pub beside the store.",
)
@click.option(
    "--file",
    "export",
    type=click.Path(path_type=Path),
    metavar="EXPORT",
    help="Verify what `arqueue audit export` wrote, without the store; needs --key.",
)
@click.option("--ledger", is_flag=True, help="Compare the heads in the ledger's postings with the chain too.")
@format_option
@click.pass_obj
def verify(context: Context, key: Path | None, export: Path | None, ledger: bool, form: str) -> None:
    """Recompute every hash and check every signed head; name the first bad row.

    Reads the store itself, so the broker need not be trusted."""
    if export is not None:
        if key is None or ledger:
            raise click.UsageError("--file goes with --key, and without --ledger")
        _tell(_of_export(export, key), form)
        return
    settings = settings_of(context)
    file = readable(settings)
    try:
        found = _of_store(settings, key)
        witnessed = _witnessed(settings) if ledger and not found.wrong else None
    except sqlite3.DatabaseError as error:
        raise StoreRefused(
            f"{file} cannot be read: {error}", "keep the file, and put the newest backup in its place"
        ) from None
    _tell(found, form, witnessed)


@audit_command.command("export")
@click.option(
    "--output", "target", type=click.Path(path_type=Path), metavar="FILE", help="A new file, else stdout."
)
@click.option("--format", "form", type=click.Choice(("json", "csv")), default="json", show_default=True)
@click.pass_obj
def export(context: Context, target: Path | None, form: str) -> None:
    """Write every row with its words and salt, every erasure and every signed head.

    A line each, as JSON or CSV. Whoever has audit.pub can verify it: `arqueue audit verify --file FILE --key audit.pub`.
    It has names and notes in it: the file is readable by you alone."""
    from data.store import audit, exporting

    settings = settings_of(context)
    readable(settings)
    with closing(_opened(settings).conn) as connection:
        signed = _signed(settings)
        if not audit.keeps_words_apart(connection):
            raise StoreRefused("the store was last opened by an older arqueue", "start the broker once")
        connection.execute("BEGIN")
        if target is None:
            rows = exporting.write(connection, signed, sys.stdout, form)
        else:
            handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            with os.fdopen(handle, "w", encoding="utf-8", newline="") as out:
                rows = exporting.write(connection, signed, out, form)
    say(f"{rows} rows, {len(signed)} signed heads")


@audit_command.command("erase")
@click.option("--command", "command_id", default="", metavar="ID", help="What was said about this command.")
@click.option("--party", default="", metavar="CODE", help="What was said about every command of a customer.")
@click.option("--why", required=True, help="Who asked for it; it stands in the audit.")
@format_option
@click.pass_obj
def erase(context: Context, command_id: str, party: str, why: str, form: str) -> None:
    """Erase words (notes, reasons, outcomes) for good. Rows, hashes and signed heads stay; administrators only.

    What moved money keeps the bytes that were sent. Backups and exports of before still have the words."""
    if bool(command_id) is bool(party):
        raise click.UsageError("name either --command or --party")

    async def work(client: BrokerClient) -> dict[str, Any]:
        found: dict[str, Any] = await client.call("erase", command=command_id, party=party, why=why)
        return found

    done = ask(context, work, again=False)
    if form != "table":
        Output(form).record(done)
        return
    click.echo(
        f"{done['texts']} texts of {done['commands']} commands erased; audit row {done['row']} says so"
    )
    if done["left"]:
        click.echo(f"{done['left']} commands are still under way: erase again when they are final")


def _tell(found: Proof, form: str, witnessed: int | None = None) -> None:
    """What a verification saw. Raises StoreRefused with what is wrong."""
    if found.wrong:
        raise StoreRefused(found.wrong, _CHANGED)
    if form != "table":
        record = {
            "rows": found.rows,
            "holds": True,
            "head": found.head,
            "signed_heads": found.heads,
            "left_behind": found.left_behind,
            "restored": found.restored,
            "erased": [_erasure_row(each) for each in found.erasures],
        }
        Output(form).record(record if witnessed is None else {**record, "postings": witnessed})
        return
    click.echo(f"{found.rows} rows, the chain holds; {found.heads} signed heads agree")
    if found.left_behind:
        click.echo(
            f"{found.left_behind} signed rows of before the restore are not here: the store was put back from a backup"
            f" ({found.restored})"
        )
    for each in found.erasures:
        words = f"row {each.row}: {each.texts} texts about {each.subject} erased on {each.at[:10]} by {each.person}"
        Output(form).lines(f"{words}: {each.why}" if each.why else words)
    if not found.heads:
        say("no head was signed: the chain agrees with itself, and nothing else vouches for it")
    if witnessed is not None:
        click.echo(f"{witnessed} postings in the ledger agree with the chain")


def _erasure_row(each: Erasure) -> dict[str, Any]:
    return {
        "row": each.row,
        "at": each.at,
        "by": each.person,
        "why": each.why,
        "texts": each.texts,
        "subject": each.subject,
        "words": f"row {each.row} by {each.person}",
    }


def _opened(settings: Settings) -> Database:
    from data.store.opening import open_reader

    return open_reader(settings.store_file)


def _signed(settings: Settings) -> list[SignedHead]:
    from data.store import heads

    return list(heads.read(settings.heads_file)) if settings.heads_file.exists() else []


def _of_store(settings: Settings, key: Path | None) -> Proof:
    from data.store import heads
    from data.store.evidence import prove

    signed = _signed(settings)
    default = heads.public_file(settings.store_file.with_name(heads.KEY_FILE))
    database = _opened(settings)
    with closing(database.conn):
        database.conn.execute("BEGIN")  # all of it as it was at one instant
        return prove(database, signed, heads.load_public(key or default) if signed else None)


def _of_export(file: Path, key: Path) -> Proof:
    from data.store import exporting, heads
    from data.store.evidence import prove

    database, signed = exporting.read(file)
    with closing(database.conn):
        return prove(database, signed, heads.load_public(key))


def _witnessed(settings: Settings) -> int:
    """How many of the ledger's postings agree with the chain. Raises StoreRefused for one that does not."""
    import asyncio

    from data.store.evidence import first_denied
    from data.sync.witnessed import heads_in_ledger

    said = asyncio.run(heads_in_ledger(settings))
    with closing(_opened(settings).conn) as connection:
        agreed, wrong = first_denied(connection, said)
    if wrong:
        raise StoreRefused(wrong, _CHANGED)
    return agreed
