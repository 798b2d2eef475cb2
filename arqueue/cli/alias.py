"""Names and accounts by which payers are recognised: what was learned, and forgetting it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from arqueue.cli.asking import ask
from arqueue.cli.main import Context
from arqueue.cli.output import Output, format_option, say

if TYPE_CHECKING:
    from data.broker.client import BrokerClient

_COLUMNS = ("id", "alias", "kind", "party_code", "party", "uses", "learned_by", "learned_at")


@click.group("alias")
def alias_command() -> None:
    """By what payers are recognised; learned with `arqueue identify`."""


@alias_command.command("list")
@click.option("--customer", metavar="CODE", help="Only what belongs to this customer.")
@click.option("--limit", default=500, show_default=True, type=click.IntRange(1, 5000))
@format_option
@click.pass_obj
def list_(context: Context, customer: str | None, limit: int, form: str) -> None:
    """What was learned, the newest first."""

    async def work(client: BrokerClient) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = await client.call("aliases", limit=limit, party=customer)
        return found

    rows = ask(context, work)
    if form == "table":
        rows = [{**row, "learned_at": row["learned_at"][:16]} for row in rows]
    Output(form).rows(rows, _COLUMNS, right=("uses",))


@alias_command.command("forget")
@click.argument("id_", metavar="ID")
@format_option
@click.pass_obj
def forget(context: Context, id_: str, form: str) -> None:
    """Strike one out: the next payment of that name has to be identified again."""

    async def work(client: BrokerClient) -> dict[str, Any]:
        gone: dict[str, Any] = await client.call("forget_alias", id=id_)
        return gone

    gone = ask(context, work, again=False)
    if form == "table":
        say(f"forgotten: {gone['alias']} was {gone['party_code']} {gone['party']}")
    else:
        Output(form).record(gone)
