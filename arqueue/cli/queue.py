"""The queue on the command line: list, show, find, inbox."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from shlex import quote
from typing import TYPE_CHECKING, Any

import click

from arqueue.cli.asking import ask
from arqueue.cli.main import Context
from arqueue.cli.output import Output, format_option, say
from arqueue.errors import ArqueueError, Invalid, NotFound
from arqueue.work.filter import parse
from arqueue.work.views import COLUMNS, SORTS, checked_sort
from data.broker.protocol import VIEWS, WINDOW_CAP

if TYPE_CHECKING:
    from data.broker.client import BrokerClient

_COLUMNS = (
    "rank",
    "id",
    "kind",
    "party",
    "party_code",
    "amount",
    "currency",
    "age_days",
    "score",
    "reasons",
    "owner",
    "state",
    "subject",
    "party_id",
    "item_id",
    "command_id",
    "assignee",
    "snoozed_until",
    "pinned_until",
)
_TABLE = (
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
_FIELDS = {
    "age": ("age_days",),
    "amount": ("amount", "currency"),
    "customer": ("party",),
    "code": ("party_code",),
    "owner": ("assignee",),
    "about": ("subject", "reasons"),
}
"""What columns of a view are as fields of a row, where they have another name."""
_ITEM = ("number", "kind", "doc_date", "due_date", "total", "residual", "open", "currency", "dispute", "id")


_ITEM_TABLE = ("number", "kind", "due_date", "total", "residual", "open", "currency", "dispute")


@click.command("list")
@click.option(
    "--view",
    default="all",
    show_default=True,
    metavar="VIEW",
    help=f"One of {', '.join(name for name, _ in VIEWS)}, or one of your own (see arqueue view).",
)
@click.option(
    "--filter",
    "--where",
    "filter_",
    default="",
    metavar="FILTER",
    help="Words, and tests such as kind:dispute amount>5000 age>60 owner:me -tag:agency.",
)
@click.option(
    "--sort", default="", metavar="ORDER", help=f"{', '.join(SORTS)}; a minus before it turns it round."
)
@click.option(
    "--columns", default="", metavar="NAMES", help=f"Of {', '.join(COLUMNS)}, or any field of a row."
)
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1))
@click.option("--offset", default=0, show_default=True, type=click.IntRange(0))
@format_option
@click.pass_obj
def list_command(
    context: Context, view: str, filter_: str, sort: str, columns: str, limit: int, offset: int, form: str
) -> None:
    """The queue, best first. Or in another order, under a filter."""
    parse(filter_)
    _print_queue(
        context, Asked(view, filter_, sort and checked_sort(sort), _fields(columns)), limit, offset, form
    )


@click.command("inbox")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1))
@format_option
@click.pass_obj
def inbox_command(context: Context, limit: int, form: str) -> None:
    """What was escalated to you."""
    _print_queue(context, Asked("escalation"), limit, 0, form)


@dataclass(frozen=True, slots=True)
class Asked:
    """What of the queue is to be printed; fields empty are the usual ones."""

    view: str
    filter: str = ""
    sort: str = ""
    fields: tuple[str, ...] = ()

    async def resolved(self, client: BrokerClient) -> Asked:
        """The built-in view behind a name, and what one's own view adds. Raises UsageError."""
        for name, title in VIEWS:
            if self.view.casefold() in (name, title.casefold()):
                return replace(self, view=name, sort=self.sort or "rank")
        kept = {each["name"]: each for each in await client.call("views")}
        if self.view not in kept:
            names = ", ".join([*(name for name, _ in VIEWS), *kept])
            raise click.UsageError(f"There is no view {self.view!r}. There are {names}.")
        own = kept[self.view]
        filter_ = " ".join(part for part in (own["filter"], self.filter) if part)
        fields = self.fields or _fields(",".join(own["columns"]))
        return Asked(own["view"], filter_, self.sort or own["sort"], fields)


def _fields(columns: str) -> tuple[str, ...]:
    """Fields of a row by the names of columns, or by their own. Raises Invalid."""
    names = [name.strip() for name in columns.split(",") if name.strip()]
    for name in names:
        if name not in _COLUMNS and name not in _FIELDS:
            raise Invalid(
                f"columns: there is no column {name[:40]!r}", f"there are {', '.join([*COLUMNS, *_COLUMNS])}"
            )
    return tuple(dict.fromkeys(field for name in names for field in _FIELDS.get(name, (name,))))


def _print_queue(context: Context, wanted: Asked, limit: int, offset: int, form: str) -> None:
    async def work(client: BrokerClient) -> tuple[list[dict[str, Any]], int, tuple[str, ...]]:
        _say_age((await client.call("status"))["sync"])
        asked = await wanted.resolved(client)
        shown: dict[str, Any] = {"view": asked.view, "filter": asked.filter, "sort": asked.sort}
        rows: list[dict[str, Any]] = []
        while True:
            size = min(WINDOW_CAP, limit - len(rows))
            part = await client.call("window", **shown, offset=offset + len(rows), limit=size)
            rows += part["rows"]
            if len(part["rows"]) < size or len(rows) >= limit:
                break
        if not part["total"]:
            await _say_how_to_widen(client, asked, part["all"])
        return rows, part["total"], asked.fields

    found, total, fields = ask(context, work)
    if offset + len(found) < total:
        say(f"{len(found)} of {total}: see --limit and --offset")
    rows = [{"rank": offset + n, **row} for n, row in enumerate(found, 1)]
    if form == "table":
        for row in rows:
            if row["state"] != "open":
                row["reasons"] = [row["state"].upper(), *row["reasons"]]
    if fields and form == "json":
        rows = [{name: row[name] for name in fields} for row in rows]
    columns = fields or (_TABLE if form == "table" else _COLUMNS)
    Output(form).rows(rows, columns, right=("rank", "amount", "age_days", "score"))


async def _say_how_to_widen(client: BrokerClient, asked: Asked, every: int) -> None:
    """A list without rows says what holds them back."""
    if asked.filter and every:
        say(f"no row matches {asked.filter}; view {asked.view} holds {every} without it")
        try:
            ways: list[dict[str, Any]] = await client.call("widen", view=asked.view, filter=asked.filter)
        except ArqueueError as error:
            if error.code != "overtaken":
                raise
            return  # it would have taken too long
        for way in ways:
            rows = f"{way['rows']}{'+' if way['more'] else ''} row{'' if way['rows'] == 1 else 's'}"
            alone = "" if len(way["without"]) == 1 else "no single term does it; "
            say(f"  {alone}wider: --filter {quote(way['filter'])} ({rows})")
        terms = len(parse(asked.filter).terms)
        if not ways and terms > 1:
            say(f"  without one{' or two' if terms > 2 else ''} of its terms there is no row either")
    elif asked.view != "all":
        say(f"view {asked.view} is empty; --view all shows everything")


def _say_age(sync: Mapping[str, Any]) -> None:
    """A list that may be old says so."""
    if sync["state"] == "first":
        say("nothing was synced yet: see `arqueue sync --wait`")
    elif error := sync.get("error"):
        age = (
            f"this is {sync['age_s'] // 60} min old"
            if sync["age_s"] is not None
            else "nothing was ever synced"
        )
        say(f"{age}: {error['message']}")


@click.command("show")
@click.argument("id_", metavar="ID")
@click.option("--why", is_flag=True, help="The arithmetic of its score.")
@format_option
@click.pass_obj
def show_command(context: Context, id_: str, why: bool, form: str) -> None:
    """One work item, customer or open item. With its account; as CSV its open items."""

    async def work(client: BrokerClient) -> dict[str, Any]:
        shown: dict[str, Any] = await client.call("show", id=id_)
        return shown

    shown, output = ask(context, work), Output(form)
    if why:
        _print_why(output, id_, shown["work"])
    elif form == "json":
        output.record(shown)
    elif form == "csv":
        items = shown["account"]["items"] if shown["account"] else []
        output.rows(items, (*_ITEM, "state", "reference", "purchase_order", "text", "method"))
    else:
        _print_shown(output, shown)


def _print_why(output: Output, key: str, row: Mapping[str, Any] | None) -> None:
    if row is None:
        raise NotFound(f"{key!r} is nobody's work now", "see what is with `arqueue list`")
    if output.form == "json":
        output.record({name: row[name] for name in ("id", "kind", "score", "reasons")})
        return
    output.rows(row["reasons"], ("points", "rule", "words"), right=("points",))
    if output.form == "table":
        output.lines(f"{row['score']:>6}  in all: {row['kind']} {row['subject']}")


def _print_shown(output: Output, shown: Mapping[str, Any]) -> None:
    if work := shown["work"]:
        reasons = "; ".join(reason["words"] for reason in work["reasons"])
        output.lines(f"{work['kind'].upper()} {work['subject']}: {work['amount']} {work['currency']}")
        output.lines(f"score {work['score']}: {reasons}\n")
    if item := shown["item"]:
        output.record(
            {name: item[name] for name in (*_ITEM, "reference", "purchase_order", "text", "method")}
        )
        if shown["applied"]:
            output.lines("\napplied:")
            output.rows(
                shown["applied"],
                ("credit_number", "debit_number", "amount", "currency", "on", "id"),
                right=("amount",),
            )
    if account := shown["account"]:
        _print_account(output, account)


def _print_account(output: Output, account: Mapping[str, Any]) -> None:
    party = account["party"]
    hold = ", on credit hold" if party["on_hold"] else ""
    limit = f", limit {party['credit_limit']} {party['currency']}" if party["credit_limit"] else ""
    name = party["name"] or "vanished from the accounting system"
    output.lines(f"\n{party['code']} {name}{limit}{hold}  ({party['id']})")
    for row in account["ageing"]:
        parts = "  ".join(f"{bucket['words']} {bucket['amount']}" for bucket in row["buckets"])
        output.lines(f"{row['currency']}  {parts}  credits {row['credits']}  = {row['balance']}")
    output.lines(f"\n{account['items_total']} open items")
    if account["items"]:
        output.rows(account["items"], _ITEM_TABLE, right=("total", "residual", "open"))
    for title, lines in (
        ("notes", [_note_line(note) for note in account["notes"]]),
        ("commands", [f"{each['id'][:8]} {each['state']}: {each['words']}" for each in account["commands"]]),
        ("family", [f"{each['code']} {each['name']}" for each in account["family"]]),
    ):
        if lines:
            output.lines("\n".join([f"\n{title}:", *lines]))


def _note_line(note: Mapping[str, Any]) -> str:
    waiting = "" if note["state"] == "posted" else f" ({note['state']})"
    words = note["text"].replace("\n", " / ")
    return f"{note['at'][:16]} {note['author']}{waiting}: {words}"


@click.command("find")
@click.argument("text")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 200))
@format_option
@click.pass_obj
def find_command(context: Context, text: str, limit: int, form: str) -> None:
    """Search customers, items and payments. By name, number, reference or amount."""

    async def work(client: BrokerClient) -> dict[str, Any]:
        found: dict[str, Any] = await client.call("find", text=text, limit=limit)
        return found

    found, output = ask(context, work), Output(form)
    if form == "json":
        output.record(found)
        return
    if form == "csv":
        parties = [
            {"kind": "party", "number": each["code"], **each, "party": each["name"]}
            for each in found["parties"]
        ]
        output.rows([*parties, *found["items"]], (*_ITEM, "party"))
        return
    if found["parties"]:
        output.rows(found["parties"], ("code", "name", "id"))
    if found["items"] or not found["parties"]:
        output.rows(found["items"], (*_ITEM_TABLE, "party"), right=("total", "residual", "open"))
