"""Acting from the command line: apply, unapply, adjust, note, escalate. The broker decides, stores and sends."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import click

from arqueue.cli.asking import ask
from arqueue.cli.main import Context
from arqueue.cli.output import Output, format_option, say
from arqueue.errors import Invalid, NotFound, Offline, OutcomeUnknown, Refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from data.broker.client import BrokerClient

_PATIENCE_S = 120.0
_A_WHILE_S = 5.0
"""So long a ledger may be away before a command that waits says so and leaves it to the broker."""
_UNDER_WAY = ("queued", "sending")


def acting(function: Callable[..., None]) -> click.Command:
    """The options that every changing command takes."""
    for option in (
        click.option("--wait", is_flag=True, help="Until the outcome is final or unknown."),
        click.option("--intent", metavar="ID", help="The same intent twice is one command."),
        format_option,
        click.pass_obj,
    ):
        function = option(function)
    return function  # type: ignore[return-value]


@click.command("apply")
@click.argument("payment")
@click.option(
    "--to", "to", multiple=True, metavar="ITEM=AMOUNT", help="So much of this invoice; may be repeated."
)
@click.option("--suggestion", type=click.IntRange(1), help="Take that one of `arqueue suggest`.")
@acting
def apply_command(
    context: Context,
    payment: str,
    to: tuple[str, ...],
    suggestion: int | None,
    wait: bool,
    intent: str | None,
    form: str,
) -> None:
    """Apply a payment or credit to invoices."""
    if bool(to) == (suggestion is not None):
        raise click.UsageError("say either --to ITEM=AMOUNT (once or more) or --suggestion N")

    same, given = _intent(intent), [_line(each) for each in to]

    async def work(client: BrokerClient) -> dict[str, Any]:
        lines = given or await _suggested(client, payment, suggestion or 1)
        return await _submit(client, {"op": "apply", "payment": payment, "lines": lines}, same, wait)

    report(ask(context, work), wait=wait, form=form)


def _line(text: str) -> dict[str, str]:
    item, sign, amount = text.rpartition("=")
    if not sign or not item or not amount:
        raise Invalid(f"--to {text!r}: this is not ITEM=AMOUNT", "write it like --to INV-1004=120.50")
    return {"item": item, "amount": amount}


async def _suggested(client: BrokerClient, payment: str, rank: int) -> list[dict[str, str]]:
    found = await client.call("suggest", payment=payment, limit=50)
    for row in found["suggestions"]:
        if row["rank"] == rank:
            return [{"item": line["item"], "amount": line["amount"]} for line in row["lines"]]
    raise NotFound(f"there is no suggestion {rank} for {payment}", "see `arqueue suggest`")


@click.command("unapply")
@click.argument("allocation")
@acting
def unapply_command(context: Context, allocation: str, wait: bool, intent: str | None, form: str) -> None:
    """Take an allocation back. `arqueue show ITEM` lists them."""
    _run(context, {"op": "unapply", "allocation": allocation}, intent, wait, form)


@click.command("adjust")
@click.argument("item")
@click.option("--amount", required=True, help="Positive, in the item's currency.")
@click.option("--reason", required=True, metavar="CODE", help="A reason code: it decides the GL account.")
@click.option("--note", default="", help="Words for the record.")
@acting
def adjust_command(
    context: Context,
    item: str,
    amount: str,
    reason: str,
    note: str,
    wait: bool,
    intent: str | None,
    form: str,
) -> None:
    """Write a difference off."""
    command = {"op": "adjust", "item": item, "amount": amount, "reason": reason, "note": note}
    _run(context, command, intent, wait, form)


@click.command("note")
@click.argument("target")
@click.argument("text")
@acting
def note_command(context: Context, target: str, text: str, wait: bool, intent: str | None, form: str) -> None:
    """Put a note on an item or a customer."""
    _run(context, {"op": "annotate", "target": target, "text": text}, intent, wait, form)


@click.command("escalate")
@click.argument("item")
@click.option("--to", "to", required=True, metavar="PERSON|ROLE", help="Who is to decide.")
@click.option("--why", required=True, help="What is to be decided.")
@acting
def escalate_command(
    context: Context, item: str, to: str, why: str, wait: bool, intent: str | None, form: str
) -> None:
    """Hand a work item, item or customer up."""
    _run(context, {"op": "escalate", "target": item, "to": to, "why": why}, intent, wait, form)


def _run(context: Context, command: dict[str, Any], intent: str | None, wait: bool, form: str) -> None:
    same = _intent(intent)

    async def work(client: BrokerClient) -> dict[str, Any]:
        return await _submit(client, command, same, wait)

    report(ask(context, work), wait=wait, form=form)


def _intent(given: str | None) -> str:
    """One for the whole run, whatever becomes of the broker meanwhile."""
    return uuid.uuid4().hex if given is None else given


async def _submit(client: BrokerClient, command: dict[str, Any], intent: str, wait: bool) -> dict[str, Any]:
    done = await client.call("submit", intent=intent, command=command)
    row = await outcome(client, done["id"], wait=wait)
    return {**row, "repeated": done["repeated"]}


async def outcome(client: BrokerClient, command_id: str, *, wait: bool) -> dict[str, Any]:
    """The command as it is now, or when its outcome is final or unknown."""
    row: dict[str, Any] = (await client.call("command", id=command_id))["command"]
    waited = 0.0
    while wait and row["state"] in _UNDER_WAY and waited < _PATIENCE_S:
        row = await client.call("wait", id=command_id, timeout=_A_WHILE_S, timeout_s=_A_WHILE_S + 10)
        waited += _A_WHILE_S
        if row["state"] == "queued" and (error := (await client.call("status"))["sync"].get("error")):
            return {**row, "waits_for": error["message"]}
    return row


def report(row: dict[str, Any], *, wait: bool, form: str) -> None:
    """The command's id and state; its outcome decides the exit status when it was waited for."""
    if form == "table":
        click.echo(f"{row['id']}  {row['state']}")
        say(row["words"] + (f": {row['outcome']}" if row["outcome"] else ""))
        if row.get("repeated"):
            say("the same intent was given before: this is that command")
    else:
        Output(form).record(row)
    if not wait:
        return
    match row["state"]:
        case "unknown":
            raise OutcomeUnknown(
                f"unknown: {row['outcome']}", "it is looked up before it is sent again: see `arqueue outbox`"
            )
        case "rejected" | "conflict":
            raise Refused(
                f"{row['state']}: {row['outcome']}", "nothing was posted; look again and decide anew"
            )
        case "declined" | "expired":
            raise Refused(f"{row['state']}: {row['outcome']}", "nothing was posted")
        case "queued" if "waits_for" in row:
            raise Offline(
                f"queued, but {row['waits_for']}",
                "it is sent as soon as that is over; `arqueue undo` takes it back until then",
            )
        case "queued" | "sending":
            raise OutcomeUnknown(
                f"still {row['state']}", "it is sent when the accounting system answers: see `arqueue outbox`"
            )
        case "pending":
            say("it waits for approval by somebody with a sufficient limit")
