"""The broker in the foreground, and what it says of itself."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import click

from arqueue.cli.asking import ask, settings_of
from arqueue.cli.main import Context
from arqueue.cli.output import Output, format_option, say
from arqueue.errors import BrokerUnreachable, Refused

if TYPE_CHECKING:
    from data.broker.client import BrokerClient


@click.group("broker", invoke_without_command=True)
@click.pass_context
def broker_command(ctx: click.Context) -> None:
    """Run the broker in the foreground. For systemd; a personal one is started by the first command."""
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
    """How fresh the data is, and what waits. Of a broker that runs: none is started for this."""
    from data.broker.launch import answers

    settings = settings_of(context)
    if not answers(settings.socket):
        raise BrokerUnreachable(
            f"no broker answers at {settings.socket}",
            "the next command starts a personal one; a team's is started by an administrator",
        )

    async def work(client: BrokerClient) -> dict[str, Any]:
        found: dict[str, Any] = await client.call("status")
        return found

    found = ask(context, work)
    if form == "json":
        Output(form).record(found)
        return
    sync, outbox = found["sync"], found["outbox"]
    Output(form).record(
        {
            "business_date": found["business_date"],
            "sync": sync["state"],
            "last_ok": sync["last_ok"],
            "age_s": sync["age_s"],
            "quarantined": sync["quarantined"],
            "error": sync.get("error", {}).get("message", ""),
            "remedy": sync.get("error", {}).get("hint", ""),
            **{f"outbox_{name}": number for name, number in outbox.items()},
            **{f"view_{name}": number for name, number in found["counts"].items()},
        }
    )


@broker_command.command("stop")
@click.pass_obj
def stop(context: Context) -> None:
    """End your personal broker. After an upgrade, or when people or settings have changed; what waits is kept."""
    from data.broker.launch import end

    settings = settings_of(context)
    if not settings.broker.idle_minutes:
        raise Refused(
            "this is a team's broker: no command would start it again",
            "restart it where it is kept running, for example `systemctl restart arqueue`",
            rule="personal brokers only",
        )
    if end(settings):
        say("the broker has ended; the next command starts it again")
    else:
        say("no broker runs")
