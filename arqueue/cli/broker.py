"""The broker in the foreground, and what it says of itself."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import click

from arqueue.cli.asking import ask, settings_of
from arqueue.cli.main import Context
from arqueue.cli.output import Output, format_option, say

if TYPE_CHECKING:
    from data.broker.client import BrokerClient


@click.group("broker", invoke_without_command=True)
@click.pass_context
def broker_command(ctx: click.Context) -> None:
    """Run the broker in the foreground (for systemd, or by the first face on demand)."""
    if ctx.invoked_subcommand is not None:
        return
    from data.broker.logs import to_stderr
    from data.broker.process import run

    settings = settings_of(ctx.obj)
    to_stderr()
    asyncio.run(run(settings, on_ready=lambda: say(f"broker ready at {settings.socket}")))


@broker_command.command("status")
@format_option
@click.pass_obj
def status(context: Context, form: str) -> None:
    """Sync, outbox and counts."""

    async def work(client: BrokerClient) -> dict[str, Any]:
        found: dict[str, Any] = await client.call("status")
        return found

    found = ask(context, work)
    if form == "json":
        Output(form).record(found)
        return
    sync, outbox = found["sync"], found["outbox"]
    flat = {
        "business_date": found["business_date"],
        "sync": sync["state"],
        "last_ok": sync["last_ok"],
        "error": sync.get("error", {}).get("message", ""),
        **{f"outbox_{name}": number for name, number in outbox.items()},
        **{f"view_{name}": number for name, number in found["counts"].items()},
    }
    Output(form).record(flat)
