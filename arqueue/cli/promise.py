"""Promises to pay: record what a customer promised, withdraw it, look at what stands. Kept by the broker, sent nowhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from arqueue.cli.asking import ask
from arqueue.cli.main import Context
from arqueue.cli.output import Output, format_option, say
from arqueue.cli.working import carry_out

if TYPE_CHECKING:
    from data.broker.client import BrokerClient

_COLUMNS = ("party_code", "party", "amount", "currency", "on", "state", "level", "person", "why")


@click.command("promise")
@click.argument("customer", required=False)
@click.option("--on", "on", metavar="DAY", help="By when it is paid: 3d, 5wd, fri, next month, 2026-12-01 …")
@click.option("--amount", default="", metavar="AMOUNT", help="How much; else all that is overdue.")
@click.option("--currency", default="", metavar="CODE", help="In which currency, for who owes in several.")
@click.option("--why", default="", help="Words for the record.")
@click.option("--withdraw", is_flag=True, help="It was none, or is none any more.")
@format_option
@click.pass_obj
def promise_command(
    context: Context,
    customer: str | None,
    on: str | None,
    amount: str,
    currency: str,
    why: str,
    withdraw: bool,
    form: str,
) -> None:
    """Record what a customer (or the one of a row or item) promised to pay by a day.

    With a customer alone: what it promised, and what became of it. Without one: everybody's promises.
    """
    if withdraw and (on or amount):
        raise click.UsageError("say either --on DAY or --withdraw")
    if amount and not on:
        raise click.UsageError("say by when: --on DAY")
    if (on or withdraw) and not customer:
        raise click.UsageError("say whose promise it is: the customer's code, or a row of the list")
    if on or withdraw:
        asked = {"id": customer, "on": on or "", "amount": amount, "currency": currency, "why": why}
        carry_out(context, form, "promise", **asked)
    else:
        _list(context, form, customer)


def _list(context: Context, form: str, customer: str | None) -> None:
    async def work(client: BrokerClient) -> dict[str, Any]:
        found: dict[str, Any] = await client.call("promises", id=customer)
        return found

    rows = ask(context, work)["rows"]
    if not rows and form == "table":
        say("nothing is promised")
        return
    Output(form).rows(rows, _COLUMNS if form == "table" else ("id", *_COLUMNS, "at"), right=("amount",))
