"""Commands and their outcomes: outbox, undo, retry, approve, decline, dismiss."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from arqueue.cli.act import acting, outcome, report
from arqueue.cli.asking import ask
from arqueue.cli.main import Context
from arqueue.cli.output import Output, format_option
from arqueue.control.states import CommandState

if TYPE_CHECKING:
    from data.broker.client import BrokerClient

_COLUMNS = (
    "id",
    "state",
    "op",
    "amount",
    "currency",
    "actor",
    "created_at",
    "approved_by",
    "attempts",
    "words",
    "outcome",
)


@click.command("outbox")
@click.option(
    "--state",
    "states",
    multiple=True,
    type=click.Choice([state.value for state in CommandState]),
    help="Only these states; may be repeated.",
)
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 500))
@click.option("--offset", default=0, show_default=True, type=click.IntRange(0))
@format_option
@click.pass_obj
def outbox_command(context: Context, states: tuple[str, ...], limit: int, offset: int, form: str) -> None:
    """Commands, newest first."""

    async def work(client: BrokerClient) -> list[dict[str, Any]]:
        found = await client.call("outbox", states=list(states), limit=limit, offset=offset)
        rows: list[dict[str, Any]] = found["rows"]
        return rows

    rows = ask(context, work)
    if form == "table":
        rows = [{**row, "id": row["id"][:8], "created_at": row["created_at"][:16]} for row in rows]
    rows = [{**row, "approved_by": [each["person"] for each in row["approvals"]]} for row in rows]
    Output(form).rows(rows, _COLUMNS, right=("amount", "attempts"))


def _step(context: Context, method: str, *, wait: bool, form: str, **params: Any) -> None:
    """One step on a stored command. The command itself is the intent: taken twice it is one step."""

    async def work(client: BrokerClient) -> dict[str, Any]:
        row: dict[str, Any] = await client.call(method, **params)
        return await outcome(client, row["id"], wait=True) if wait else row

    report([ask(context, work)], wait=wait, form=form)


@click.command("undo")
@click.argument("command")
@acting
def undo_command(context: Context, command: str, wait: bool, intent: str | None, form: str) -> None:
    """Take a command back while nothing of it was sent, with the unsent rest of the same order."""
    _step(context, "undo", wait=wait, form=form, id=command)


@click.command("retry")
@click.argument("command")
@acting
def retry_command(context: Context, command: str, wait: bool, intent: str | None, form: str) -> None:
    """Try an unknown command now; it is looked up first."""
    _step(context, "retry", wait=wait, form=form, id=command)


@click.command("approve")
@click.argument("command")
@click.option(
    "--break-glass", is_flag=True, help="It is above everybody's limit: two supervisors let it through."
)
@click.option("--why", default="", help="Why the glass is broken; it stands in the audit.")
@acting
def approve_command(
    context: Context,
    command: str,
    break_glass: bool,
    why: str,
    wait: bool,
    intent: str | None,
    form: str,
) -> None:
    """Let somebody else's pending command go."""
    if bool(why) is not break_glass:
        raise click.UsageError("--break-glass and --why go together: `--break-glass --why TEXT`")
    _step(context, "approve", wait=wait, form=form, id=command, break_glass=break_glass, why=why)


@click.command("decline")
@click.argument("command")
@click.option("--why", required=True, help="What the maker is to read.")
@acting
def decline_command(
    context: Context, command: str, why: str, wait: bool, intent: str | None, form: str
) -> None:
    """Say no to somebody else's pending command."""
    _step(context, "decline", wait=False, form=form, id=command, why=why)


@click.command("dismiss")
@click.argument("command")
@acting
def dismiss_command(context: Context, command: str, wait: bool, intent: str | None, form: str) -> None:
    """Put away what failed or was escalated. It leaves the queue, not the outbox."""
    _step(context, "dismiss", wait=False, form=form, id=command.rpartition("/")[2])
