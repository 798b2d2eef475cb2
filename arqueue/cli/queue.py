"""The queue on the command line: list, show, find, suggest, inbox."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from arqueue.cli.asking import ask
from arqueue.cli.main import Context
from arqueue.cli.output import Output, format_option

if TYPE_CHECKING:
    from data.broker.client import BrokerClient

_PAGE = 256
_COLUMNS = (
    "rank",
    "kind",
    "amount",
    "currency",
    "age_days",
    "party_code",
    "party",
    "subject",
    "score",
    "reasons",
)
_ITEM = ("number", "kind", "doc_date", "due_date", "total", "residual", "open", "currency", "dispute", "id")


@click.command("list")
@click.option(
    "--view", default="all", show_default=True, help="all, payment, dispute, overdue, escalation, failure."
)
@click.option("--where", "words", default="", metavar="WORDS", help="Only rows that hold all these words.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1))
@click.option("--offset", default=0, show_default=True, type=click.IntRange(0))
@format_option
@click.pass_obj
def list_command(context: Context, view: str, words: str, limit: int, offset: int, form: str) -> None:
    """The queue, best first."""
    _print_queue(context, view, words, limit, offset, form)


@click.command("inbox")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1))
@format_option
@click.pass_obj
def inbox_command(context: Context, limit: int, form: str) -> None:
    """What was escalated to you."""
    _print_queue(context, "escalation", "", limit, 0, form)


def _print_queue(context: Context, view: str, words: str, limit: int, offset: int, form: str) -> None:
    async def work(client: BrokerClient) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        while len(rows) < limit:
            part = await client.call(
                "window",
                view=view,
                filter=words,
                offset=offset + len(rows),
                limit=min(_PAGE, limit - len(rows)),
            )
            rows += part["rows"]
            if len(part["rows"]) < min(_PAGE, limit - len(rows) + len(part["rows"])) or not part["rows"]:
                break
        return rows

    rows = [{"rank": offset + n, **row} for n, row in enumerate(ask(context, work), 1)]
    Output(form).rows(rows, _COLUMNS, right=("rank", "amount", "age_days", "score"))


@click.command("show")
@click.argument("id_")
@click.option("--why", is_flag=True, help="The arithmetic of the score.")
@format_option
@click.pass_obj
def show_command(context: Context, id_: str, why: bool, form: str) -> None:
    """One work item, customer or open item, with its account."""

    async def work(client: BrokerClient) -> dict[str, Any]:
        shown: dict[str, Any] = await client.call("show", id=id_)
        return shown

    shown, output = ask(context, work), Output(form)
    if form != "table":
        output.record(shown)
        return
    if why and shown["work"]:
        _print_why(output, shown["work"])
        return
    _print_shown(output, shown)


def _print_why(output: Output, row: Mapping[str, Any]) -> None:
    output.rows(row["reasons"], ("points", "rule", "words"), right=("points",))
    output.lines(f"{row['score']} in all: the sum of the points above")


def _print_shown(output: Output, shown: Mapping[str, Any]) -> None:
    if work := shown["work"]:
        reasons = "; ".join(reason["words"] for reason in work["reasons"])
        output.lines(f"{work['kind'].upper()} {work['subject']}: {work['amount']} {work['currency']}")
        output.lines(f"score {work['score']}: {reasons}")
    if item := shown["item"]:
        output.record(
            {name: item[name] for name in (*_ITEM, "reference", "purchase_order", "text", "method")}
        )
        if shown["applied"]:
            output.lines("\napplied:")
            output.rows(shown["applied"], ("credit_number", "debit_number", "amount", "currency", "on", "id"))
    if account := shown["account"]:
        _print_account(output, account)


def _print_account(output: Output, account: Mapping[str, Any]) -> None:
    party = account["party"]
    hold = ", on credit hold" if party["on_hold"] else ""
    limit = f", limit {party['credit_limit']} {party['currency']}" if party["credit_limit"] else ""
    output.lines(f"\n{party['code']} {party['name']}{limit}{hold}  ({party['id']})")
    for row in account["ageing"]:
        parts = "  ".join(f"{bucket['words']} {bucket['amount']}" for bucket in row["buckets"])
        output.lines(f"{row['currency']}  {parts}  credits {row['credits']}  = {row['balance']}")
    output.lines(f"\n{account['items_total']} open items")
    output.rows(account["items"], _ITEM, right=("total", "residual", "open"))
    for note in account["notes"]:
        output.lines(f"{note['at'][:16]} {note['author']} ({note['state']}): {note['text']}")
    for command in account["commands"]:
        output.lines(f"{command['id'][:8]} {command['state']}: {command['words']}")


@click.command("find")
@click.argument("text")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 200))
@format_option
@click.pass_obj
def find_command(context: Context, text: str, limit: int, form: str) -> None:
    """Customers, items and payments by name, number, reference or amount."""

    async def work(client: BrokerClient) -> dict[str, Any]:
        found: dict[str, Any] = await client.call("find", text=text, limit=limit)
        return found

    found, output = ask(context, work), Output(form)
    if form == "json":
        output.record(found)
        return
    output.rows(found["parties"], ("code", "name", "id"))
    output.rows(found["items"], (*_ITEM, "party"), right=("total", "residual", "open"))


@click.command("suggest")
@click.argument("payment")
@click.option("--limit", default=9, show_default=True, type=click.IntRange(1, 50))
@format_option
@click.pass_obj
def suggest_command(context: Context, payment: str, limit: int, form: str) -> None:
    """Ways to apply a payment, best evidence first."""

    async def work(client: BrokerClient) -> list[dict[str, Any]]:
        found = await client.call("suggest", payment=payment, limit=limit)
        suggestions: list[dict[str, Any]] = found["suggestions"]
        return suggestions

    rows, output = ask(context, work), Output(form)
    if form == "table":
        for row in rows:
            row["lines"] = ", ".join(f"{line['number']}={line['amount']}" for line in row["lines"])
    output.rows(
        rows,
        ("rank", "kind", "applied", "left", "currency", "answers", "lines", "why"),
        right=("applied", "left"),
    )
