"""Commands and their outcomes: outbox, undo, retry, approve, decline."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from arqueue.cli.asking import ask
from arqueue.cli.main import Context
from arqueue.cli.output import Output, format_option, say

if TYPE_CHECKING:
    from data.broker.client import BrokerClient

_COLUMNS = ("id", "state", "op", "amount", "currency", "actor", "created_at", "attempts", "words", "outcome")


@click.command("outbox")
@click.option("--state", "states", multiple=True, help="Only these states; may be repeated.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 500))
@format_option
@click.pass_obj
def outbox_command(context: Context, states: tuple[str, ...], limit: int, form: str) -> None:
    """Commands, newest first."""

    async def work(client: BrokerClient) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = (await client.call("outbox", states=list(states), limit=limit))["rows"]
        return rows

    rows = ask(context, work)
    if form == "table":
        rows = [{**row, "id": row["id"][:8], "created_at": row["created_at"][:16]} for row in rows]
    Output(form).rows(rows, _COLUMNS, right=("amount", "attempts"))


def _step(context: Context, method: str, form: str, **params: Any) -> None:
    async def work(client: BrokerClient) -> dict[str, Any]:
        row: dict[str, Any] = await client.call(method, **params)
        return row

    row = ask(context, work)
    if form == "table":
        click.echo(f"{row['id']}  {row['state']}")
        say(row["words"])
    else:
        Output(form).record(row)


@click.command("undo")
@click.argument("command")
@format_option
@click.pass_obj
def undo_command(context: Context, command: str, form: str) -> None:
    """Take a command back while nothing of it was sent."""
    _step(context, "undo", form, id=command)


@click.command("retry")
@click.argument("command")
@format_option
@click.pass_obj
def retry_command(context: Context, command: str, form: str) -> None:
    """Try an unknown command now; it is looked up first."""
    _step(context, "retry", form, id=command)


@click.command("approve")
@click.argument("command")
@format_option
@click.pass_obj
def approve_command(context: Context, command: str, form: str) -> None:
    """Let somebody else's pending command go."""
    _step(context, "approve", form, id=command)


@click.command("decline")
@click.argument("command")
@click.option("--why", required=True)
@format_option
@click.pass_obj
def decline_command(context: Context, command: str, why: str, form: str) -> None:
    """Say no to somebody else's pending command."""
    _step(context, "decline", form, id=command, why=why)
