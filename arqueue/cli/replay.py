"""The queue as it was: what stood where and why, and who did what before."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from arqueue.cli.asking import settings_of
from arqueue.cli.main import Context
from arqueue.cli.output import Output, format_option
from arqueue.cli.stored import readable
from arqueue.errors import Invalid

if TYPE_CHECKING:
    import sqlite3

    from data.store.history import Queue

_ROWS = ("rank", "id", "kind", "party", "amount", "currency", "score", "assignee", "owner", "reasons")
_ACTS = ("at", "person", "what", "command", "words", "why")


@click.command("replay")
@click.option(
    "--as-of", "as_of", required=True, metavar="TIME", help="2026-11-20, or 2026-11-20T16:30 in your zone."
)
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1), help="So many rows.")
@click.option("--hours", default=24, show_default=True, type=click.IntRange(0), help="Acts so long before.")
@format_option
@click.pass_obj
def replay_command(context: Context, as_of: str, limit: int, hours: int, form: str) -> None:
    """Show the queue as it was at a time, and who acted before it and why.

    Reads the store itself, so it is for the broker's user. CSV has the rows alone."""
    from data.store import history
    from data.store.opening import open_reader

    settings = settings_of(context)
    at = _instant(as_of, ZoneInfo(settings.zone))
    with closing(open_reader(readable(settings)).conn) as connection:
        connection.execute("BEGIN")
        found = history.as_of(connection, _stamp(at))
        rows = _rows(connection, found, limit)
        acts = _acts(connection, at, hours)
    if form == "json":
        Output(form).record(
            {
                "as_of": _stamp(at),
                "business_date": found.day.isoformat(),
                "total": len(found.rows),
                "rows": rows,
                "acts": acts,
            }
        )
        return
    shown = [{**row, "reasons": [reason["words"] for reason in row["reasons"]]} for row in rows]
    Output(form).rows(shown, _ROWS, right=("rank", "amount", "score"))
    if form == "table":
        click.echo(
            f"\n{len(found.rows)} rows on business date {found.day}; what was done in {hours} hours before:"
        )
        Output(form).rows(
            [{**act, "at": act["at"][:19], "command": act["command"][:8]} for act in acts], _ACTS
        )


def _instant(text: str, zone: ZoneInfo) -> datetime:
    """A time of the company's zone unless it says another; a date alone is the end of that day. Raises Invalid."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise Invalid(f"--as-of: {text!r} is no time", "write it as 2026-11-20 or 2026-11-20T16:30") from None
    if len(text) == len("2026-11-20"):
        at = datetime.combine(at.date(), time.max)
    return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)


def _stamp(at: datetime) -> str:
    """As the store writes it."""
    return at.isoformat(timespec="microseconds")


def _rows(connection: sqlite3.Connection, found: Queue, limit: int) -> list[dict[str, Any]]:
    from arqueue.model.money import Money

    names = dict(connection.execute("SELECT id, name FROM party").fetchall())
    return [
        {
            "rank": rank,
            "id": row.columns["id"],
            "kind": row.columns["kind"],
            "subject": row.columns["subject"],
            "party": names.get(row.columns["party_id"], ""),
            "amount": str(Money(row.columns["amount"], row.columns["currency"])),
            "currency": row.columns["currency"],
            "score": row.score,
            "assignee": row.columns.get("assignee") or "",
            "owner": row.columns.get("owner") or "",
            "reasons": [
                {"rule": reason.rule, "points": reason.points, "words": reason.words}
                for reason in row.reasons
            ],
        }
        for rank, row in enumerate(found.rows[:limit], 1)
    ]


def _acts(connection: sqlite3.Connection, at: datetime, hours: int) -> list[dict[str, Any]]:
    """What people did in those hours, the newest last; ``why`` is what they said, where it was not erased."""
    found = connection.execute(
        "SELECT audit.at, audit.person, audit.what, audit.command_id, coalesce(command.words, ''),"
        " coalesce(audit_text.text, ''), coalesce(CAST(command.body AS TEXT), '')"
        " FROM audit LEFT JOIN audit_text ON audit_text.seq = audit.seq"
        " LEFT JOIN command ON command.id = audit.command_id"
        " WHERE audit.uid >= 0 AND audit.at > ? AND audit.at <= ? ORDER BY audit.seq",
        (_stamp(at - timedelta(hours=hours)), _stamp(at)),
    )
    return [
        {
            "at": moment,
            "person": person,
            "what": what,
            "command": command,
            "words": words,
            "why": said or _said_in(body),
        }
        for moment, person, what, command, words, said, body in found
    ]


def _said_in(body: str) -> str:
    """The reason or words in an order itself."""
    if not body:
        return ""
    command = json.loads(body)["command"]
    return str(
        command.get("note") or command.get("why") or command.get("reason") or command.get("text") or ""
    )
