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
_SHORT = ("kind", "party", "amount", "currency", "score", "reasons")
"""Of these a row of either top fits 80 columns; its other facts are in CSV and JSON."""
_GAINS = ("person", "higher", "lower", "top now", "top then")


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
    """What a file would do: how many rows move, the top before and after, who gains work. Nothing is changed."""
    found = _call(context, "try_strategy", text=_text(file))
    if form == "json":
        Output(form).record(found)
        return
    say(f"{found['name']}: {found['moved']:,} of {found['total']:,} rows would move")
    if found["unknown"]:
        say(f"no row has {', '.join(found['unknown'])}: a rule that asks for it never holds")
    places = {row["id"]: row for row in found["places"]}
    if form == "csv":
        staying = {row["id"] for row in found["after"]}
        rows = [*found["after"], *(row for row in found["before"] if row["id"] not in staying)]
        Output(form).rows([_placed(row, places) for row in rows], _TOP)
    else:
        _compare(found, places)


def _placed(row: dict[str, Any], places: dict[str, Any]) -> dict[str, Any]:
    """A row with its place then and now, and its reasons as words."""
    place = places[row["id"]]
    words = [reason["words"] for reason in row["reasons"]]
    return {**row, "rank": place["then"], "was": place["now"], "reasons": words}


def _compare(found: dict[str, Any], places: dict[str, Any]) -> None:
    """The top now and then, what leaves and what is new marked with its other place; then whose rows rise and fall."""
    out = Output("table")
    for when, rows, here, there, other in (
        ("now", found["before"], "now", "then", "out"),
        ("then", found["after"], "then", "now", "new"),
    ):
        top, shown = len(rows), []
        for row in rows:
            place = places[row["id"]]
            away = place[there] > top
            first = row["reasons"][0]["words"] if row["reasons"] else ""
            where = f"{other} {place[there]:,}" if away else place[there]
            shown.append({**row, here: place[here], there: where, "reasons": first})
        moving = sum(isinstance(row[there], str) for row in shown)
        one, many = ("leaves it", "leave it") if other == "out" else ("is new", "are new")
        out.lines(f"The top {top} {when}: {moving} {one if moving == 1 else many}")
        out.rows(shown, (here, there, *_SHORT), right=("amount",))
        out.lines("")
    gains = [
        {
            "person": gain["person"] or "nobody",
            "higher": gain["up"],
            "lower": gain["down"],
            "top now": gain["before"],
            "top then": gain["after"],
        }
        for gain in sorted(found["gains"], key=lambda gain: (gain["down"] - gain["up"], gain["person"]))
    ]
    out.lines("Whose rows would rise and fall, and how many of the top they have")
    out.rows(gains, _GAINS, right=_GAINS[1:])


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
