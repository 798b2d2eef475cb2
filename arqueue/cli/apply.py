"""Cash application from the command line: apply with all that belongs to it, unapply, move, dispute, identify."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from arqueue.cli.act import acting, run, run_order
from arqueue.cli.main import Context
from arqueue.cli.output import say
from arqueue.cli.suggest import advice_in
from arqueue.errors import Invalid, NotFound

if TYPE_CHECKING:
    from data.broker.client import BrokerClient

_SHORT = re.compile(r"(.+?)=(open|dispute|writeoff)(?::(.*))?", re.DOTALL)


@click.command("apply")
@click.argument("payment")
@click.option(
    "--to", "to", multiple=True, metavar="ITEM=AMOUNT", help="So much of this invoice; may be repeated."
)
@click.option(
    "--suggestion",
    type=click.IntRange(1),
    help="Take that one of `arqueue suggest`, with its credits and discounts.",
)
@click.option(
    "--remittance",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="FILE",
    help="What the payer sent beside the payment, as for `arqueue suggest`; with --suggestion.",
)
@click.option("--thorough", is_flag=True, help="As for `arqueue suggest`; with --suggestion.")
@click.option(
    "--discount", multiple=True, metavar="ITEM=AMOUNT", help="Early-payment discount granted on an invoice."
)
@click.option(
    "--credit", multiple=True, metavar="ITEM=AMOUNT", help="So much of a credit note, netted by the payer."
)
@click.option(
    "--short",
    multiple=True,
    metavar="ITEM=HOW:REASON",
    help="What becomes of an invoice's rest: open, dispute:WORDS or writeoff:CODE.",
)
@click.option(
    "--rest",
    type=click.Choice(["on_account", "refund"]),
    default="on_account",
    show_default=True,
    help="What becomes of what is left of the payment.",
)
@click.option("--note", default="", help="Words for the record.")
@acting
def apply_command(
    context: Context,
    payment: str,
    to: tuple[str, ...],
    suggestion: int | None,
    remittance: Path | None,
    thorough: bool,
    discount: tuple[str, ...],
    credit: tuple[str, ...],
    short: tuple[str, ...],
    rest: str,
    note: str,
    wait: bool,
    intent: str | None,
    form: str,
) -> None:
    """Apply a payment or credit to invoices, with discounts, netted credits and what becomes of each difference: all or nothing
    of it is stored."""
    if bool(to) == (suggestion is not None):
        raise click.UsageError("say either --to ITEM=AMOUNT (once or more) or --suggestion N")
    if (remittance or thorough) and to:
        raise click.UsageError("--remittance and --thorough are for --suggestion N")
    asked: dict[str, Any] = {"payment": payment, **({"advice": advice_in(remittance)} if remittance else {})}
    if thorough:
        asked["thorough"] = True
    given = [_line("--to", each) for each in to]
    discounts = [_line("--discount", each) for each in discount]
    credits = [_line("--credit", each) for each in credit]
    shorts = [_short(each) for each in short]

    async def order(client: BrokerClient) -> dict[str, Any]:
        lines, netted = (given, []) if given else await _suggested(client, asked, suggestion or 1)
        for item, amount in ((each["item"], each["amount"]) for each in discounts):
            _named(lines, "--discount", item)["discount"] = amount
        for item, what in shorts:
            _named(lines, "--short", item)["short"] = what
        netted += credits
        plain = [{"item": line["item"], "amount": line["amount"]} for line in lines]
        full = [{key: line[key] for key in line if key != "number"} for line in lines]
        if full == plain and not netted and rest == "on_account" and not note:
            return {"op": "apply", "payment": payment, "lines": plain}
        more = {"credits": netted, "rest": rest, "note": note}
        return {"op": "settle", "payment": payment, "lines": full, **more}

    run_order(context, order, intent, wait, form)


def _line(option: str, text: str) -> dict[str, Any]:
    item, sign, amount = text.rpartition("=")
    if not sign or not item or not amount:
        raise Invalid(
            f"{option} {text!r}: this is not ITEM=AMOUNT", f"write it like {option} INV-1004=120.50"
        )
    return {"item": item, "amount": amount}


def _short(text: str) -> tuple[str, dict[str, str]]:
    match = _SHORT.fullmatch(text)
    if match is None:
        raise Invalid(
            f"--short {text!r}: this is not ITEM=open, ITEM=dispute:WORDS or ITEM=writeoff:CODE",
            "write it like --short INV-1004=writeoff:SMALL",
        )
    item, how, reason = match[1], match[2], (match[3] or "").strip()
    if how != "open" and not reason:
        given = "WORDS for what the customer objects to" if how == "dispute" else "the CODE of a reason"
        raise Invalid(f"--short {text!r}: it says no reason", f"write --short {item}={how}: and {given}")
    return item, {"how": how, "reason": reason}


def _named(lines: list[dict[str, Any]], option: str, item: str) -> dict[str, Any]:
    """The line of that item."""
    for line in lines:
        if item in (line["item"], line.get("number")):
            return line
    known = ", ".join(line.get("number") or line["item"] for line in lines)
    raise Invalid(f"{option} {item}: nothing is applied to it", f"name one of {known}")


async def _suggested(
    client: BrokerClient, asked: dict[str, Any], rank: int
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Debits with their discounts, and the credits that are netted."""
    found = await client.call("suggest", **asked, limit=50)
    for note in found["notes"] if "advice" in asked else ():
        say(note)
    for row in found["suggestions"]:
        if row["rank"] == rank:
            break
    else:
        raise NotFound(f"there is no suggestion {rank} for {asked['payment']}", "see `arqueue suggest`")
    lines: list[dict[str, Any]] = []
    netted: list[dict[str, Any]] = []
    for line in row["lines"]:
        if line["amount"].startswith("-"):
            netted.append({"item": line["item"], "amount": line["amount"][1:]})
            continue
        lines.append({"item": line["item"], "number": line["number"], "amount": line["amount"]})
        if line["discount"].strip("0."):
            lines[-1]["discount"] = line["discount"]
    return lines, netted


@click.command("unapply")
@click.argument("allocation")
@acting
def unapply_command(context: Context, allocation: str, wait: bool, intent: str | None, form: str) -> None:
    """Take an allocation back. `arqueue show ITEM` lists them."""
    run(context, {"op": "unapply", "allocation": allocation}, intent, wait, form)


@click.command("move")
@click.argument("allocation")
@click.option("--to", "to", required=True, metavar="ITEM", help="The invoice that it belongs to.")
@click.option("--amount", help="So much of it; all without.")
@acting
def move_command(
    context: Context,
    allocation: str,
    to: str,
    amount: str | None,
    wait: bool,
    intent: str | None,
    form: str,
) -> None:
    """Move an allocation to another invoice: taken back and applied anew in one go."""
    command = {"op": "move", "allocation": allocation, "to": to} | ({"amount": amount} if amount else {})
    run(context, command, intent, wait, form)


class _OpenUnlessSaid(click.Group):
    """`arqueue dispute INV-1 …` opens one; only `resolve` is a word of its own."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in self.commands:
            args = ["open", *args]
        return super().resolve_command(ctx, args)


@click.group("dispute", cls=_OpenUnlessSaid, context_settings={"ignore_unknown_options": True})
def dispute_command() -> None:
    """Disputes: `arqueue dispute ITEM --reason CODE` opens one, `arqueue dispute resolve ITEM` ends it."""


@dispute_command.command("open")
@click.argument("item")
@click.option("--reason", required=True, metavar="CODE", help="What the customer objects to.")
@click.option("--amount", help="So much of it; all that is open without.")
@click.option("--note", default="", help="Words for the record.")
@acting
def dispute_open_command(
    context: Context,
    item: str,
    reason: str,
    amount: str | None,
    note: str,
    wait: bool,
    intent: str | None,
    form: str,
) -> None:
    """Mark an invoice as disputed: it is not chased while it is. The word `open` may be left out."""
    command = {"op": "dispute", "item": item, "reason": reason, "note": note}
    run(context, command | ({"amount": amount} if amount else {}), intent, wait, form)


@dispute_command.command("resolve")
@click.argument("item")
@click.option(
    "--as",
    "--outcome",
    "ended",
    required=True,
    type=click.Choice(["valid", "invalid"]),
    help="Whether the customer was right.",
)
@click.option("--note", default="", help="Words for the record.")
@acting
def dispute_resolve_command(
    context: Context, item: str, ended: str, note: str, wait: bool, intent: str | None, form: str
) -> None:
    """End the dispute on an invoice."""
    run(context, {"op": "resolve", "item": item, "outcome": ended, "note": note}, intent, wait, form)


@click.command("identify")
@click.argument("payment")
@click.option("--customer", required=True, metavar="PARTY", help="Who really sent it.")
@acting
def identify_command(
    context: Context, payment: str, customer: str, wait: bool, intent: str | None, form: str
) -> None:
    """Move an unapplied payment to the account of the customer who sent it."""
    run(context, {"op": "identify", "payment": payment, "party": customer}, intent, wait, form)
