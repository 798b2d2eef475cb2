"""The views that one keeps, on the command line; `arqueue list --view NAME` shows one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from arqueue.cli.asking import ask
from arqueue.cli.main import Context
from arqueue.cli.output import Output, format_option, say
from arqueue.work.views import COLUMNS, SORTS, checked_name, saved_view
from data.broker.protocol import VIEWS

if TYPE_CHECKING:
    from data.broker.client import BrokerClient

_COLUMNS = ("name", "view", "filter", "sort", "columns", "digit")


@click.group("view")
def view_command() -> None:
    """Views of your own: a kind of work, a filter, an order and columns under a name."""


@view_command.command("list")
@format_option
@click.pass_obj
def list_command(context: Context, form: str) -> None:
    """The views that you keep."""
    Output(form).rows(_call(context, "views"), _COLUMNS)


@view_command.command("save")
@click.argument("name")
@click.option("--view", default="all", show_default=True, type=click.Choice([name for name, _ in VIEWS]))
@click.option("--filter", "filter_", default="", metavar="FILTER", help="As in arqueue list.")
@click.option("--sort", default="rank", show_default=True, metavar="ORDER", help=f"{', '.join(SORTS)}.")
@click.option("--columns", default="", metavar="NAMES", help=f"Of {', '.join(COLUMNS)}.")
@format_option
@click.pass_obj
def save_command(
    context: Context, name: str, view: str, filter_: str, sort: str, columns: str, form: str
) -> None:
    """Keep a view under NAME, or replace it."""
    saved_view(name.strip(), view, filter_, sort, columns)
    kept = _call(context, "save_view", name=name, view=view, filter=filter_, sort=sort, columns=columns)
    Output(form).record(next(each for each in kept if each["name"] == name.strip()))


@view_command.command("change")
@click.argument("name")
@click.option("--name", "to", metavar="NEW", help="Another name.")
@click.option(
    "--digit", type=click.IntRange(0, 9), help="The key that shows it on the screen; 0 takes it back."
)
@format_option
@click.pass_obj
def change_command(context: Context, name: str, to: str | None, digit: int | None, form: str) -> None:
    """Rename the view NAME. Or give it a key of the screen."""
    if to is None and digit is None:
        raise click.UsageError("Say what changes: --name or --digit.")
    called = checked_name(name if to is None else to.strip())
    asked = {"to": to, "digit": digit}
    given = {field: value for field, value in asked.items() if value is not None}
    kept = _call(context, "change_view", name=name, **given)
    Output(form).record(next(each for each in kept if each["name"] == called))


@view_command.command("remove")
@click.argument("name")
@format_option
@click.pass_obj
def remove_command(context: Context, name: str, form: str) -> None:
    """Forget the view NAME."""
    left = _call(context, "remove_view", name=name)
    say(f"{name} is no longer kept; {len(left)} left")
    if form == "json":
        Output(form).rows(left, _COLUMNS)


def _call(context: Context, method: str, **given: Any) -> list[dict[str, Any]]:
    async def work(client: BrokerClient) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = await client.call(method, **given)
        return found

    return ask(context, work)
