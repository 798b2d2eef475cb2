"""The report on exceptions: every order that went above everybody's limit because two supervisors broke the glass."""

from __future__ import annotations

from collections import Counter
from contextlib import closing
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from arqueue.cli.asking import settings_of
from arqueue.cli.main import Context
from arqueue.cli.output import Output, format_option
from arqueue.cli.stored import readable
from arqueue.control.authority import GLASS_EYES
from arqueue.errors import Invalid
from arqueue.model.money import Money

if TYPE_CHECKING:
    from data.store.glass import Broken

_COLUMNS = ("at", "command", "party", "amount", "currency", "person", "first", "second", "state", "why")


@click.command("break-glass")
@click.option("--since", metavar="DATE", help="From this day on, in your zone; else all.")
@click.option("--until", metavar="DATE", help="To this day, with it; else today.")
@format_option
@click.pass_obj
def glass_command(context: Context, since: str | None, until: str | None, form: str) -> None:
    """Report every break-glass: whose order, which two let it through and why, and what became of it.

    Reads the store itself, so it is for the broker's user."""
    from data.store.glass import broken
    from data.store.opening import open_reader

    settings = settings_of(context)
    zone = ZoneInfo(settings.zone)
    first, last = _day("--since", since, date.min), _day("--until", until, date.max)
    if first > last:
        raise Invalid(f"--since: {first} is after --until", "turn the two around")
    with closing(open_reader(readable(settings)).conn) as connection:
        found = broken(connection, _begin(first, zone), _begin(_after(last), zone))
    rows = [_row(each, zone) for each in found]
    Output(form).rows(rows, _COLUMNS, right=("amount",))
    if form == "table" and found:
        click.echo(_sum(found))


def _day(option: str, text: str | None, usual: date) -> date:
    try:
        return date.fromisoformat(text) if text else usual
    except ValueError:
        raise Invalid(f"{option}: {text!r} is no date", "write it as 2026-11-20") from None


def _after(day: date) -> date:
    return day if day == date.max else day + timedelta(days=1)


def _begin(day: date, zone: ZoneInfo) -> str:
    """When a day begins, as the store writes times; what sorts before or after all of them where there is no such end."""
    if day in (date.min, date.max):
        return "" if day == date.min else "~"
    return datetime.combine(day, time.min, zone).astimezone(UTC).isoformat(timespec="microseconds")


def _row(each: Broken, zone: ZoneInfo) -> dict[str, Any]:
    given = [
        {"person": person, "at": _local(at, zone), "why": why} for person, at, why in each.given[:GLASS_EYES]
    ]
    names = [given_by["person"] for given_by in given]
    return {
        "at": given[0]["at"],
        "command": each.command_id[:8],
        "id": each.command_id,
        "op": each.op,
        "words": each.words,
        "party": each.party,
        "amount": str(each.amount),
        "currency": each.amount.currency,
        "person": each.person,
        "ordered_at": _local(each.ordered_at, zone),
        "first": names[0],
        "second": names[1] if len(names) > 1 else "",
        "given": given,
        "state": each.state,
        "outcome": each.outcome,
        "why": " · ".join(given_by["why"] for given_by in given),
    }


def _local(at: str, zone: ZoneInfo) -> str:
    return datetime.fromisoformat(at).astimezone(zone).strftime("%Y-%m-%d %H:%M")


def _sum(found: list[Broken]) -> str:
    """How many, and for how much of what was let through by both."""
    through = [each for each in found if len(each.given) >= GLASS_EYES]
    minor: Counter[str] = Counter()
    for each in through:
        minor[each.amount.currency] += abs(each.amount.minor)
    sums = ", ".join(f"{Money(total, currency)} {currency}" for currency, total in sorted(minor.items()))
    half = len(found) - len(through)
    words = f"\n{len(through)} let through by two{': ' + sums if sums else ''}"
    return words + (f"; {half} with one voice only" if half else "")
