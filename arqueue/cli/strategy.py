"""The rules that rank the queue: show them, check a file, see what it would do, and use it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from arqueue.cli.asking import ask
from arqueue.cli.main import Context
from arqueue.cli.output import Output, format_option, say
from arqueue.errors import Invalid

if TYPE_CHECKING:
    from data.broker.client import BrokerClient

_PATIENCE_S = 600.0
_TOP = ("rank", "was", "id", "party", "amount", "currency", "score", "reasons", "assignee")


@click.group("strategy")
def strategy_command() -> None:
    """The rules that rank the queue."""


@strategy_command.command("show")
@format_option
@click.pass_obj
def show(context: Context, form: str) -> None:
    """Print the file that ranks now."""
    found = _call(context, "strategy")
    if form == "table":
        click.echo(found["text"], nl=False)
    else:
        Output(form).record(found)


@strategy_command.command("facts")
@format_option
def facts(form: str) -> None:
    """What rules may ask for."""
    from arqueue.work.facts import FACTS  # only here: other commands start faster without it

    columns = ("name", "type", "unit", "words")
    rows = [
        {"name": each.name, "type": each.type.value, "unit": each.unit, "words": each.words}
        for each in FACTS.values()
    ]
    Output(form).rows(rows, columns)


@strategy_command.command("check")
@click.argument("file", type=click.Path(path_type=Path))
@format_option
def check(file: Path, form: str) -> None:
    """Look for mistakes in a file; each is named with its line and its field."""
    from arqueue.strategy_file import read  # only here: other commands start faster without it

    strategy = read(_text(file))
    if form == "table":
        say(f"{strategy.name}: {len(strategy.rules)} rules, no mistakes")
    else:
        Output(form).record({"name": strategy.name, "rules": len(strategy.rules)})


@strategy_command.command("try")
@click.argument("file", type=click.Path(path_type=Path))
@format_option
@click.pass_obj
def try_command(context: Context, file: Path, form: str) -> None:
    """What a file would do: how many rows move, the top before and after, whose rows those are. Nothing is changed."""
    found = _call(context, "try_strategy", text=_text(file))
    before = {row["id"]: place for place, row in enumerate(found["before"], start=1)}
    after = [
        {
            **row,
            "rank": place,
            "was": before.get(row["id"], ""),
            "reasons": [r["words"] for r in row["reasons"]],
        }
        for place, row in enumerate(found["after"], start=1)
    ]
    if form == "json":
        Output(form).record(found)
        return
    say(f"{found['name']}: {found['moved']:,} of {found['total']:,} rows would move")
    for gain in found["gains"]:
        if gain["before"] != gain["after"]:
            say(f"{gain['person'] or 'nobody'}: {gain['before']} of the top now, {gain['after']} then")
    if found["unknown"]:
        say(f"no row has {', '.join(found['unknown'])}: a rule that asks for it never holds")
    if left := [each for each in before if each not in {row["id"] for row in after}]:
        say(f"{len(left)} of the top {len(before)} would leave it")
    Output(form).rows(after, _TOP)


@strategy_command.command("use")
@click.argument("file", type=click.Path(path_type=Path))
@format_option
@click.pass_obj
def use(context: Context, file: Path, form: str) -> None:
    """Rank by a file from now on; for supervisors and administrators. It is written down in the audit."""
    found = _call(context, "use_strategy", text=_text(file))
    if form == "table":
        say(f"the queue is ranked by {found['name']}")
    else:
        Output(form).record(found)


def _call(context: Context, method: str, **params: Any) -> dict[str, Any]:
    async def work(client: BrokerClient) -> dict[str, Any]:
        found: dict[str, Any] = await client.call(method, timeout_s=_PATIENCE_S, **params)
        return found

    return ask(context, work)


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid(f"{file} cannot be read: {error}", "name a file of TOML in UTF-8") from None
