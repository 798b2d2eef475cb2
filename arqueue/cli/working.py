"""Working the list together: snooze, follow up, assign, pin, and the next free row. Done in the broker, sent nowhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from arqueue.cli.asking import ask
from arqueue.cli.main import Context
from arqueue.cli.output import Output, format_option, say
from arqueue.errors import NotFound

if TYPE_CHECKING:
    from data.broker.client import BrokerClient

_DAY = "3d, 5wd, fri, next month, 2026-12-01 …"


@click.command("snooze")
@click.argument("item")
@click.option("--until", required=True, metavar="DAY", help=_DAY)
@click.option("--why", default="", help="What is waited for.")
@format_option
@click.pass_obj
def snooze_command(context: Context, item: str, until: str, why: str, form: str) -> None:
    """Let a row sleep until a day. It comes back by itself, or at once when something new happens."""
    carry_out(context, form, "snooze", id=item, until=until, why=why)


@click.command("wake")
@click.argument("item")
@format_option
@click.pass_obj
def wake_command(context: Context, item: str, form: str) -> None:
    """Bring a row back that sleeps."""
    carry_out(context, form, "snooze", id=item)


@click.command("follow-up")
@click.argument("item")
@click.option("--on", "on", metavar="DAY", help=_DAY)
@click.option("--why", default="", help="What is to be done.")
@click.option("--done", "is_done", is_flag=True, help="It was done: off the agenda.")
@format_option
@click.pass_obj
def follow_up_command(
    context: Context,
    item: str,
    on: str | None,
    why: str,
    is_done: bool,
    form: str,
) -> None:
    """Plan to look at a row on a day. It stays in the list, and stands on your agenda."""
    if bool(on) == is_done:
        raise click.UsageError("say either --on DAY or --done")
    carry_out(context, form, "follow_up", id=item, on=on or "", why=why)


@click.command("assign")
@click.argument("item")
@click.option("--to", "to", metavar="PERSON", help="Who has the customer from now on.")
@click.option("--by-rules", is_flag=True, help="Whoever the rules of the people file name.")
@click.option("--why", default="", help="Words for the record.")
@format_option
@click.pass_obj
def assign_command(
    context: Context,
    item: str,
    to: str | None,
    by_rules: bool,
    why: str,
    form: str,
) -> None:
    """Give the customer of a row, item or code to somebody, with all its rows."""
    if bool(to) == by_rules:
        raise click.UsageError("say either --to PERSON or --by-rules")
    carry_out(context, form, "assign", id=item, to=to, why=why)


@click.command("pin")
@click.argument("item")
@click.option("--why", default="", help="Why it is on top.")
@click.option("--off", is_flag=True, help="Let it go.")
@format_option
@click.pass_obj
def pin_command(context: Context, item: str, why: str, off: bool, form: str) -> None:
    """Keep a row on top until tomorrow."""
    if bool(why.strip()) == off:
        raise click.UsageError("say either --why WORDS or --off")
    carry_out(context, form, "pin", id=item, reason=why)


def carry_out(context: Context, form: str, method: str, **asked: Any) -> None:
    """Ask for it and say what came of it. Nothing is sent, so there is nothing to wait for; and the same wish twice is one,
    without an intent."""

    async def work(client: BrokerClient) -> dict[str, Any]:
        done: dict[str, Any] = await client.call(method, **asked)
        return done

    done = ask(context, work)
    if form != "table":
        Output(form).record(done)
        return
    click.echo(f"{done['id']}  {done['state']}")
    say(done["words"] + (" (it was so already)" if done["repeated"] else ""))


@click.command("next")
@format_option
@click.pass_obj
def next_command(context: Context, form: str) -> None:
    """Claim the best row that is nobody else's. Nobody else is given it for a quarter of an hour."""

    async def work(client: BrokerClient) -> dict[str, Any]:
        found: dict[str, Any] = await client.call("next", keep=True)
        return found

    found = ask(context, work, again=False)
    row = found["row"]
    if row is None:
        raise NotFound("nothing is free", "all that is left is somebody's, claimed, or was yours just now")
    if form != "table":
        Output(form).record({**row, "claimed_minutes": found["minutes"]})
        return
    output = Output(form)
    output.lines(f"{row['id']}  {row['kind'].upper()} {row['subject']}: {row['amount']} {row['currency']}")
    output.lines(f"{row['party_code']} {row['party']}".strip())
    say(f"yours for {found['minutes']} minutes")
