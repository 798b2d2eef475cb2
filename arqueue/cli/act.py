"""Acting from the command line: what every changing command does, and adjust, note, escalate. The broker decides, stores and
sends."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import click

from arqueue.cli.asking import ask
from arqueue.cli.main import Context
from arqueue.cli.output import Output, format_option, say
from arqueue.errors import ArqueueError, Offline, OutcomeUnknown, Refused

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

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
    run(context, command, intent, wait, form)


@click.command("note")
@click.argument("target")
@click.argument("text")
@acting
def note_command(context: Context, target: str, text: str, wait: bool, intent: str | None, form: str) -> None:
    """Put a note on an item or a customer."""
    run(context, {"op": "annotate", "target": target, "text": text}, intent, wait, form)


@click.command("escalate")
@click.argument("item")
@click.option("--to", "to", required=True, metavar="PERSON|ROLE", help="Who is to decide.")
@click.option("--why", required=True, help="What is to be decided.")
@acting
def escalate_command(
    context: Context, item: str, to: str, why: str, wait: bool, intent: str | None, form: str
) -> None:
    """Hand a work item, item or customer up."""
    run(context, {"op": "escalate", "target": item, "to": to, "why": why}, intent, wait, form)


def run(context: Context, command: dict[str, Any], intent: str | None, wait: bool, form: str) -> None:
    """Submit one order, and report what becomes of it."""

    async def order(_: BrokerClient) -> dict[str, Any]:
        return command

    run_order(context, order, intent, wait, form)


def run_order(
    context: Context,
    order: Callable[[BrokerClient], Awaitable[dict[str, Any]]],
    intent: str | None,
    wait: bool,
    form: str,
) -> None:
    """The same for an order that is put together with what the broker says. Its intent is one for the whole run, whatever becomes
    of the broker meanwhile."""
    same = uuid.uuid4().hex if intent is None else intent

    async def work(client: BrokerClient) -> list[dict[str, Any]]:
        return await _submit(client, await order(client), same, wait)

    report(ask(context, work), wait=wait, form=form)


async def _submit(
    client: BrokerClient, command: dict[str, Any], intent: str, wait: bool
) -> list[dict[str, Any]]:
    """The commands that the order became, in the order in which they are sent."""
    done = await client.call("submit", intent=intent, command=command)
    rows: list[dict[str, Any]] = []
    for command_id in done["ids"]:
        away = next((row["waits_for"] for row in rows if "waits_for" in row), None)
        row = await outcome(client, command_id, wait=wait and away is None)
        if away is not None and row["state"] == "queued":
            row["waits_for"] = away
        rows.append({**row, "repeated": done["repeated"]})
    return rows


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


def report(rows: list[dict[str, Any]], *, wait: bool, form: str) -> None:
    """Id and state of each command; the worst outcome decides the exit status when it was waited for."""
    _print(rows, form)
    if not wait:
        return
    failures = [error for row in rows if (error := _failure(row)) is not None]
    if failures:
        raise max(failures, key=lambda error: error.exit_status)
    if any(row["state"] == "pending" for row in rows):
        say("it waits for approval by somebody with a sufficient limit")


def _print(rows: list[dict[str, Any]], form: str) -> None:
    """One record a command; as JSON an order of several is the first one with all of them in ``commands``."""
    if form == "csv" and len(rows) > 1:
        Output(form).rows(rows, list(rows[0]))
    elif form != "table":
        Output(form).record(rows[0] if len(rows) == 1 else {**rows[0], "commands": rows})
    if form != "table":
        return
    for row in rows:
        click.echo(f"{row['id']}  {row['state']}")
        say(row["words"] + (f": {row['outcome']}" if row["outcome"] else ""))
        for words in row.get("taken_back", ()):
            if words != row["words"]:
                say(f"taken back with it: {words}")
    if any(row.get("repeated") for row in rows):
        say("the same intent was given before: this is that command")


def _failure(row: dict[str, Any]) -> ArqueueError | None:
    """Why a command that was waited for is not done; None for one that is, or waits for approval."""
    match row["state"]:
        case "unknown":
            return OutcomeUnknown(
                f"unknown: {row['outcome']}", "it is looked up before it is sent again: see `arqueue outbox`"
            )
        case "rejected" | "conflict":
            return Refused(
                f"{row['state']}: {row['outcome']}", "nothing was posted; look again and decide anew"
            )
        case "declined" | "expired":
            return Refused(f"{row['state']}: {row['outcome']}", "nothing was posted")
        case "queued" if "waits_for" in row:
            return Offline(
                f"queued, but {row['waits_for']}",
                "it is sent as soon as that is over; `arqueue undo` takes it back until then",
            )
        case "queued" | "sending":
            return OutcomeUnknown(
                f"still {row['state']}", "it is sent when the accounting system answers: see `arqueue outbox`"
            )
        case _:
            return None
