"""Asking for a sync, and a demo company's business date."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from arqueue.cli.asking import ask
from arqueue.cli.main import Context
from arqueue.cli.output import Output, format_option, say

if TYPE_CHECKING:
    from data.broker.client import BrokerClient

_PATIENCE_S = 3600.0


@click.command("sync")
@click.option("--full", is_flag=True, help="Read everything again.")
@click.option("--wait", is_flag=True, help="Return when pull and push are done.")
@format_option
@click.pass_obj
def sync_command(context: Context, full: bool, wait: bool, form: str) -> None:
    """Ask for a pull and a push."""

    async def work(client: BrokerClient) -> dict[str, Any] | None:
        def tell(push: dict[str, Any]) -> None:
            sync = push.get("status", {}).get("sync", {})
            if sync.get("state") == "pulling":
                left = f", {sync['remaining']} to come" if sync.get("remaining") else ""
                say(f"{sync['done']} rows{left}")

        client.on_push(tell)
        done: dict[str, Any] | None = await client.call("sync", full=full, wait=wait, timeout_s=_PATIENCE_S)
        return done

    done = ask(context, work)
    if done is not None:
        Output(form).record(done)
        return
    say("asked; `arqueue sync --wait` returns when it is done")
    if form != "table":
        Output(form).record({"asked": True})


@click.group("clock")
def clock_command() -> None:
    """A demo company's business date."""


def _clock(context: Context, form: str, *, again: bool = True, **params: Any) -> None:
    async def work(client: BrokerClient) -> str:
        day: str = (await client.call("clock", timeout_s=_PATIENCE_S, **params))["business_date"]
        return day

    day = ask(context, work, again=again)
    if form == "table":
        click.echo(day)
    else:
        Output(form).record({"business_date": day})


@clock_command.command("show")
@format_option
@click.pass_obj
def show(context: Context, form: str) -> None:
    """The business date."""
    _clock(context, form)


@clock_command.command("advance", context_settings={"ignore_unknown_options": True})
@click.argument("days", type=click.IntRange(1, 3660))
@format_option
@click.pass_obj
def advance(context: Context, days: int, form: str) -> None:
    """So many days on."""
    _clock(context, form, again=False, advance=days)


@clock_command.command("set")
@click.argument("day", metavar="DATE")
@format_option
@click.pass_obj
def set_(context: Context, day: str, form: str) -> None:
    """To this date, which must not be earlier."""
    _clock(context, form, set=day)
