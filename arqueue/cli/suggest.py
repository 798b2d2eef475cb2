"""Ways to apply payments, on the command line; and what automatic application would do and did."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from arqueue.cash.remittance.files import LARGEST
from arqueue.cash.remittance.files.decoding import decoded
from arqueue.cli.asking import ask
from arqueue.cli.main import Context
from arqueue.cli.output import Output, format_option, say
from arqueue.errors import Invalid

if TYPE_CHECKING:
    from data.broker.client import BrokerClient

_WAYS = ("rank", "kind", "applied", "left", "currency", "difference", "answers", "lines", "why")
_PAYERS = ("rank", "kind", "party_code", "party", "why")
_SEEN = ("number", "party_code", "party", "amount", "currency", "would", "why", "lines")
_DAYS = ("day", "currency", "payments", "amount", "taken_back")
_PAGE = 20
_PATIENCE_S = 120.0


@click.command("suggest")
@click.argument("payment", required=False)
@click.option(
    "--limit", type=click.IntRange(1), help="At most so many; of one payment 9 unless said otherwise."
)
@click.option(
    "--remittance",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="FILE",
    help="What the payer sent beside the payment: CSV, ISO 20022, BAI2 or EDI 820.",
)
@click.option("--thorough", is_flag=True, help="Search for up to ten times as long; one payment.")
@click.option(
    "--payer", metavar="CODE", help="Look at this customer's items; for a payment of an unknown sender."
)
@click.option("--all", "every", is_flag=True, help="What automatic application would do with every payment.")
@format_option
@click.pass_obj
def suggest_command(
    context: Context,
    payment: str | None,
    limit: int | None,
    remittance: Path | None,
    thorough: bool,
    payer: str | None,
    every: bool,
    form: str,
) -> None:
    """Ways to apply a payment, best evidence first; for one whose sender is not known, who it may be."""
    if every == (payment is not None):
        raise click.UsageError("say either a PAYMENT or --all")
    if every:
        if remittance or payer or thorough:
            raise click.UsageError("--remittance, --payer and --thorough are about one PAYMENT")
        _print_all(context, limit, form)
        return
    asked: dict[str, Any] = {"payment": payment, "limit": min(limit or 9, 50)}
    if payer:
        asked["payer"] = payer
    if thorough:
        asked["thorough"] = True
    if remittance:
        asked["advice"] = advice_in(remittance)

    async def work(client: BrokerClient) -> dict[str, Any]:
        found: dict[str, Any] = await client.call("suggest", **asked)
        return found

    found = ask(context, work)
    for note in found["notes"]:
        say(note)
    if not found["complete"]:
        more = "" if thorough else "; --thorough searches longer"
        say(f"the time was over before the search was: there may be better ways{more}")
    if found["payment"]["open"].strip("-0.") == "":
        say(f"nothing of {found['payment']['number']} is left to apply")
    if found["unidentified"] and not payer:
        say("nobody knows yet who sent it; look at a customer's items with --payer CODE")
        _print_payers(found["payers"], form)
    else:
        _print_ways(found["suggestions"], form)


def advice_in(file: Path) -> dict[str, str]:
    """A remittance file as the broker takes it. Raises Invalid for one that is too large or is no text."""
    with file.open("rb") as advice:
        data = advice.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise Invalid(
            f"{file} is larger than {LARGEST >> 20} MiB", "give the part that is about this payment"
        )
    return {"name": file.name, "text": decoded(data, file.name)}


def _print_ways(rows: list[dict[str, Any]], form: str) -> None:
    if form != "json":
        for row in rows:
            row["lines"] = _lines(row)
            row["difference"] = _difference(row["difference"])
            row["answers"] = row["answers"] if row["counted"] else f"more than {row['answers']}"
    Output(form).rows(rows, _WAYS, right=("rank", "applied", "left", "answers"))


def _lines(row: Mapping[str, Any]) -> str:
    return ", ".join(f"{line['number']}={line['amount']}{_less(line)}" for line in row["lines"])


def _less(line: Mapping[str, Any]) -> str:
    """An early-payment discount or a shortage, where there is one."""
    parts = (("discount", "-"), ("short", " short "))
    return "".join(f"{sign}{line[part]}" for part, sign in parts if line[part].strip("0."))


def _difference(found: Mapping[str, Any]) -> str:
    return "" if found["kind"] == "none" else f"{found['kind']} {found['amount']}"


def _print_payers(payers: list[dict[str, Any]], form: str) -> None:
    rows = [
        {
            "rank": rank,
            "kind": "payer",
            "party": each["name"],
            "party_code": each["code"],
            "party_id": each["party_id"],
            "why": each["why"],
            "alias": each["alias"],
        }
        for rank, each in enumerate(payers, 1)
    ]
    Output(form).rows(rows, _PAYERS, right=("rank",))


def _print_all(context: Context, limit: int | None, form: str) -> None:
    async def work(client: BrokerClient) -> tuple[list[dict[str, Any]], int, bool]:
        rows: list[dict[str, Any]] = []
        while True:
            size = min(_PAGE, limit - len(rows)) if limit else _PAGE
            page = await client.call("auto_seen", offset=len(rows), limit=size, timeout_s=_PATIENCE_S)
            rows += page["rows"]
            if len(page["rows"]) < size or len(rows) >= page["total"] or len(rows) == limit:
                return rows, page["total"], page["enabled"]
            say(f"{len(rows)} of {page['total']}")

    rows, total, enabled = ask(context, work)
    would = [row for row in rows if row["would"]]
    does = "applies" if enabled else "would apply (it is switched off)"
    seen = f"{total}" if len(rows) == total else f"the first {len(rows)} of {total}"
    say(f"of {seen} unapplied payments automatic application {does} {len(would)}")
    if form != "json":
        for row in rows:
            row["lines"] = _lines(row["suggestion"]) if row["would"] else ""
    Output(form).rows(rows, _SEEN, right=("amount",))


@click.command("auto")
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), help="This business date alone; else the last 30.")
@format_option
@click.pass_obj
def auto_command(context: Context, day: datetime | None, form: str) -> None:
    """What was applied without a person, by business date and currency."""
    asked: dict[str, Any] = {"day": day.date().isoformat()} if day else {}

    async def work(client: BrokerClient) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = await client.call("auto", **asked)
        return found

    Output(form).rows(ask(context, work), _DAYS, right=("payments", "amount", "taken_back"))
