"""What is due on which day, also as a calendar file; and who is away when."""

from __future__ import annotations

import os
import sys
import tempfile
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from arqueue.cli.asking import ask
from arqueue.cli.main import Context
from arqueue.cli.output import Output, format_option, say

if TYPE_CHECKING:
    from data.broker.client import BrokerClient

_COLUMNS = ("on", "kind", "late_days", "party_code", "party", "subject", "amount", "currency", "why", "id")
_AWAY = ("id", "person", "first", "last", "stand_in", "swap", "by")
_DATE = click.DateTime(["%Y-%m-%d"])


@click.command("agenda")
@click.option("--days", default=14, show_default=True, type=click.IntRange(1, 731), help="How far ahead.")
@click.option("--person", metavar="PERSON", help="Somebody else's; for supervisors.")
@click.option("--ics", "file", metavar="FILE", help="Write it as a calendar file (RFC 5545); - is stdout.")
@format_option
@click.pass_obj
def agenda_command(context: Context, days: int, person: str | None, file: str | None, form: str) -> None:
    """What is due today and in the next days: rows that come back, and what you said you would follow up."""
    if file is not None:
        _write_calendar(context, person, file)
        return

    async def work(client: BrokerClient) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await client.call("agenda", person=person, days=days))["rows"]
        return found

    rows = ask(context, work)
    if not rows and form == "table":
        say(f"nothing is due in the next {days} days")
        return
    Output(form).rows(rows, _COLUMNS, right=("late_days", "amount"))


def _write_calendar(context: Context, person: str | None, file: str) -> None:
    async def work(client: BrokerClient) -> str:
        return str((await client.call("calendar", person=person))["ics"])

    text = ask(context, work)
    if file == "-":
        sys.stdout.buffer.write(text.encode())
        return
    _put(Path(file), text)
    count = text.count("BEGIN:VEVENT")
    say(f"{count} {'entry' if count == 1 else 'entries'} in {file}")


def _put(file: Path, text: str) -> None:
    """Whole or not at all; names of customers are for nobody else on this machine (0600)."""
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(text.encode())
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


@click.group("absence", invoke_without_command=True)
@format_option
@click.pass_context
def absence_command(ctx: click.Context, form: str) -> None:
    """Who is away when, and who has the rows meanwhile."""
    if ctx.invoked_subcommand is None:
        _print_all(ctx.obj, form)


@absence_command.command("list")
@format_option
@click.pass_obj
def list_absences(context: Context, form: str) -> None:
    """Who is away today or later."""
    _print_all(context, form)


def _print_all(context: Context, form: str) -> None:
    async def work(client: BrokerClient) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = await client.call("absences")
        return found

    rows = ask(context, work)
    if not rows and form == "table":
        say("nobody is away")
        return
    Output(form).rows(rows, _AWAY)


@absence_command.command("add")
@click.argument("person")
@click.argument("first", metavar="FROM", type=_DATE)
@click.argument("last", metavar="TO", type=_DATE)
@click.option("--to", "stand_in", required=True, metavar="PERSON", help="Who has the rows meanwhile.")
@format_option
@click.pass_obj
def add(context: Context, person: str, first: datetime, last: datetime, stand_in: str, form: str) -> None:
    """PERSON is away from FROM to TO, both included (2026-12-24)."""
    _note(context, person, first.date(), last.date(), stand_in, swap=False, form=form)


@absence_command.command("swap")
@click.argument("person")
@click.argument("other")
@click.argument("first", metavar="FROM", type=_DATE)
@click.argument("last", metavar="TO", type=_DATE)
@format_option
@click.pass_obj
def swap(context: Context, person: str, other: str, first: datetime, last: datetime, form: str) -> None:
    """PERSON and OTHER have each other's rows from FROM to TO."""
    _note(context, person, first.date(), last.date(), other, swap=True, form=form)


def _note(
    context: Context, person: str, first: date, last: date, stand_in: str, *, swap: bool, form: str
) -> None:
    asked: dict[str, Any] = {
        "person": person,
        "first": f"{first}",
        "last": f"{last}",
        "stand_in": stand_in,
        "swap": swap,
    }

    async def work(client: BrokerClient) -> dict[str, Any]:
        noted: dict[str, Any] = await client.call("absence", **asked)
        return noted

    _print(ask(context, work, again=False), "noted", form)


@absence_command.command("end")
@click.argument("number", type=click.IntRange(1))
@format_option
@click.pass_obj
def end(context: Context, number: int, form: str) -> None:
    """Take an absence back, or end it early, by its number."""

    async def work(client: BrokerClient) -> dict[str, Any]:
        ended: dict[str, Any] = await client.call("end_absence", id=number)
        return ended

    _print(ask(context, work, again=False), "ended", form)


def _print(row: dict[str, Any], state: str, form: str) -> None:
    if form != "table":
        Output(form).record({**row, "state": state})
        return
    click.echo(f"{row['id']}  {state}")
    how = "swaps with" if row["swap"] else "is away, with the rows at"
    say(f"{row['person']} {how} {row['stand_in']} from {row['first']} to {row['last']}")
